//! The head of the page: what was evaluated, what came of it in one sentence, and the figures that matter.

use super::html::{escape, number, percent, whole};
use super::{Metric, Page, score};
use crate::evaluation::report::Report;

pub fn section(page: &Page<'_>) -> String {
    let best = page.best();
    let data = &best.data;
    let task = format!("{:?}", data.task).to_lowercase();
    let several = if page.is_comparison() { format!(" · {} pipelines", page.reports.len()) } else { String::new() };
    let facts = format!("{} rows · {} features · {task}{several}", whole(data.rows), data.features);
    format!(
        "<header>\n<p class=\"facts\">Progressive validation</p>\n<h1>{}</h1>\n<p class=\"facts\">{facts}</p>\n\
         <p class=\"verdict\">{}</p>\n<dl class=\"tiles\">{}</dl>\n</header>\n",
        escape(page.source),
        verdict(page, best),
        tiles(page, best)
    )
}

/// The metric of a baseline of the best pipeline.
fn baseline(report: &Report, index: usize, metric: &Metric) -> f64 {
    score(&report.baselines.0[index].1, metric.name).unwrap_or(f64::NAN)
}

fn verdict(page: &Page<'_>, best: &Report) -> String {
    let metric = page.metric();
    let value = score(&best.metrics, metric.name).unwrap_or(f64::NAN);
    let (no_change, other) = (baseline(best, 0, metric), baseline(best, 1, metric));
    let name = format!("<strong>{}</strong>", escape(&best.name));
    let subject =
        if page.is_comparison() { format!("Of {} pipelines {name} does best: it", page.reports.len()) } else { name };
    let labels = whole(best.data.labelled);
    let beats = if metric.less { value < no_change } else { value > no_change };
    let judged = match (beats, metric.less) {
        (false, _) => " It does <em>not</em> beat repetition on this stream.".to_owned(),
        (true, true) => format!(" Its error is {} lower than that of repetition.", percent(1.0 - value / no_change)),
        (true, false) => {
            let errors = percent(1.0 - (1.0 - value) / (1.0 - no_change));
            format!(" It makes {errors} fewer errors than repetition.")
        }
    };
    if metric.less {
        format!(
            "{subject} is off by <strong>{}</strong> on average over {labels} labels. Repeating the last value is off by {}, \
             the mean of all before by {}.{judged}",
            number(value),
            number(no_change),
            number(other)
        )
    } else {
        format!(
            "{subject} is right about <strong>{}</strong> of {labels} labels. Repeating the last label is right about {}, \
             naming the most frequent class about {}.{judged}",
            percent(value),
            percent(no_change),
            percent(other)
        )
    }
}

fn tiles(page: &Page<'_>, best: &Report) -> String {
    let metric = page.metric();
    let value = score(&best.metrics, metric.name).unwrap_or(f64::NAN);
    let no_change = baseline(best, 0, metric);
    let tile = |name: &str, value: String, note: String| {
        format!("<div><dt>{name}</dt><dd>{value}</dd><dd class=\"note\">{note}</dd></div>")
    };
    let main = if metric.less {
        let change = if no_change > 0.0 { percent(value / no_change - 1.0) } else { "–".to_owned() };
        tile(metric.title, number(value), format!("{change} against no-change").replace('-', "−"))
    } else {
        let points = format!("{:+.1} points", 100.0 * (value - no_change)).replace('-', "−");
        tile(metric.title, percent(value), format!("{points} against no-change"))
    };
    let second = if metric.less { "r2" } else { "kappa_temporal" };
    let second_title = if metric.less { "R²" } else { "Kappa temporal" };
    let second_note = if metric.less { "of the variance explained" } else { "0 is repeating the last label" };
    let second_value = score(&best.metrics, second).map_or_else(|| "–".to_owned(), number);
    let drifts = best.alerts.len() as u64;
    let watched =
        if best.pipeline.drift.is_empty() { "no detector is configured" } else { "by the detectors configured" };
    let rejected: u64 = best.data.rejected.values().sum();
    let unused = if rejected == 0 {
        "every record could be used".to_owned()
    } else {
        format!("{} records could not be used", whole(rejected))
    };
    [
        main,
        tile(second_title, second_value.replace('-', "−"), second_note.to_owned()),
        tile("Labels", whole(best.data.labelled), unused),
        tile("Alerts", whole(drifts), watched.to_owned()),
        tile("Events per second", whole(best.speed.events_per_second as u64), "in the learner".to_owned()),
        tile("State", super::html::bytes(best.memory.learner_bytes as u64), "as a checkpoint holds it".to_owned()),
    ]
    .concat()
}
