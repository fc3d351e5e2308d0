//! An evaluation for people: scores against the baselines, the plot, the alerts, the speed.

use std::fmt::Write;

use serde::{Serialize, Serializer};

use crate::cli::table;
use crate::evaluation::plot::plot;
use crate::evaluation::{Report, WindowScores};
use crate::facts::Scores;

/// Columns and rows of the plot.
const PLOT: (usize, usize) = (72, 12);
/// Alerts that are shown of each pipeline.
const ALERTS: usize = 10;

/// The documents of several pipelines: one object, by name.
pub fn by_name(reports: &[Report]) -> impl Serialize + '_ {
    struct ByName<'a>(&'a [Report]);
    impl Serialize for ByName<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().map(|report| (&report.name, report)))
        }
    }
    ByName(reports)
}

/// All pipelines of one pass.
pub fn reports(reports: &[Report]) -> String {
    let mut out = String::new();
    let [first, ..] = reports else { return out };
    data(first, &mut out);
    if let [report] = reports {
        let transforms: Vec<_> = report.pipeline.transforms.iter().map(|transform| transform.name()).collect();
        let on = if transforms.is_empty() { String::new() } else { format!(" on {}", transforms.join(", ")) };
        let _ = writeln!(out, "{}{on}\n", report.pipeline.model.name());
        scores(report, &mut out);
    } else {
        comparison(reports, &mut out);
    }
    curves(reports, &mut out);
    for report in reports {
        alerts(report, reports.len() > 1, &mut out);
    }
    if let [report] = reports {
        speed(report, &mut out);
    }
    out.truncate(out.trim_end().len());
    out
}

fn data(report: &Report, out: &mut String) {
    let data = &report.data;
    let (rows, features, labelled) = (data.rows, data.features, data.labelled);
    let _ = writeln!(out, "{rows} rows, {features} features, {:?}, {labelled} labels", data.task);
    for (reason, n) in &data.rejected {
        let _ = writeln!(out, "{n} records could not be used: {reason}");
    }
}

fn score(scores: &Scores, name: &str) -> Option<f64> {
    scores.iter().find(|(metric, _)| *metric == name).map(|(_, value)| *value)
}

fn cell(scores: &Scores, metric: &str) -> String {
    score(scores, metric).map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"))
}

/// One pipeline beside its baselines, a line for each metric.
fn scores(report: &Report, out: &mut String) {
    let baselines = &report.baselines.0;
    let _ = write!(out, "{:<16}{:>12}", "", "model");
    for (name, _) in baselines {
        let _ = write!(out, "{name:>12}");
    }
    out.push('\n');
    for (metric, _) in &report.metrics {
        let _ = write!(out, "{metric:<16}{:>12}", cell(&report.metrics, metric));
        for (_, scores) in baselines {
            let _ = write!(out, "{:>12}", cell(scores, metric));
        }
        out.push('\n');
    }
    out.push('\n');
}

/// Many pipelines above their baselines, a line each.
fn comparison(reports: &[Report], out: &mut String) {
    let metrics: Vec<&str> = reports[0].metrics.iter().map(|(name, _)| *name).collect();
    let header = [""].into_iter().chain(metrics.iter().copied()).chain(["events/s", "state bytes"]);
    let mut rows = vec![header.map(str::to_owned).collect::<Vec<_>>()];
    let values = |scores: &Scores| metrics.iter().map(|metric| cell(scores, metric)).collect::<Vec<_>>();
    for report in reports {
        let costs = [format!("{:.0}", report.speed.events_per_second), report.memory.learner_bytes.to_string()];
        rows.push([vec![report.name.clone()], values(&report.metrics), costs.to_vec()].concat());
    }
    for (name, scores) in &reports[0].baselines.0 {
        rows.push([vec![(*name).to_owned()], values(scores)].concat());
    }
    let _ = writeln!(out, "\n{}\n", table(&rows));
}

fn curves(reports: &[Report], out: &mut String) {
    let metric = if reports[0].data.task.is_classification() { "accuracy" } else { "mae" };
    let series = |report: &Report, of: fn(&WindowScores) -> &Scores| -> Vec<f64> {
        report.windows.iter().map(|window| score(of(window), metric).unwrap_or(f64::NAN)).collect()
    };
    let curves: Vec<_> = reports.iter().map(|r| (r.name.as_str(), series(r, |window| &window.scores))).collect();
    let no_change = series(&reports[0], |window| &window.no_change);
    let drawn = plot(&curves, ("no-change", &no_change), PLOT.0, PLOT.1);
    let _ = writeln!(out, "{metric}\n{drawn}");
}

fn alerts(report: &Report, named: bool, out: &mut String) {
    let name = if named { format!("{}, ", report.name) } else { String::new() };
    for alert in report.alerts.iter().take(ALERTS) {
        let _ = writeln!(out, "{name}row {}: {}", alert.origin.offset, alert.message);
    }
    let n = report.alerts.len();
    if n > ALERTS {
        let _ = writeln!(out, "{name}… {} more alerts", n - ALERTS);
    }
}

fn speed(report: &Report, out: &mut String) {
    let speed = &report.speed;
    let _ = writeln!(
        out,
        "{:.0} events/s in the learner, {:.0} events/s with parsing; model {} bytes, state {} bytes, digest {}",
        speed.events_per_second,
        speed.end_to_end_events_per_second,
        report.memory.model_bytes,
        report.memory.learner_bytes,
        report.digest.get(..16).unwrap_or_default()
    );
}
