//! An evaluation for people: scores against the baselines, the plot, the alerts, the speed.

use std::fmt::Write;

use crate::evaluation::plot::plot;
use crate::evaluation::{Report, WindowScores};
use crate::facts::Scores;

/// Columns and rows of the plot.
const PLOT: (usize, usize) = (72, 12);
/// Alerts that are shown.
const ALERTS: usize = 10;

pub fn report(report: &Report) -> String {
    let mut out = String::new();
    let data = &report.data;
    let _ = writeln!(
        out,
        "{} rows, {} features, {:?}, {} labels; {} on {}\n",
        data.rows,
        data.features,
        data.task,
        data.labelled,
        report.pipeline.model.name(),
        report.pipeline.transforms.iter().map(|transform| transform.name()).collect::<Vec<_>>().join(", "),
    );
    table(report, &mut out);
    curve(report, &mut out);
    alerts(report, &mut out);
    for (reason, n) in &data.rejected {
        let _ = writeln!(out, "{n} records could not be used: {reason}");
    }
    let speed = &report.speed;
    let _ = writeln!(
        out,
        "{:.0} events/s in the learner, {:.0} events/s with parsing; state {} bytes, digest {}",
        speed.events_per_second,
        speed.end_to_end_events_per_second,
        report.memory.learner_bytes,
        report.digest.get(..16).unwrap_or_default()
    );
    out
}

fn score(scores: &Scores, name: &str) -> Option<f64> {
    scores.iter().find(|(metric, _)| *metric == name).map(|(_, value)| *value)
}

fn table(report: &Report, out: &mut String) {
    let baselines = &report.baselines.0;
    let _ = write!(out, "{:<16}{:>12}", "", "model");
    for (name, _) in baselines {
        let _ = write!(out, "{name:>12}");
    }
    out.push('\n');
    for (metric, value) in &report.metrics {
        let _ = write!(out, "{metric:<16}{value:>12.4}");
        for (_, scores) in baselines {
            let _ = match score(scores, metric) {
                Some(value) => write!(out, "{value:>12.4}"),
                None => write!(out, "{:>12}", "–"),
            };
        }
        out.push('\n');
    }
    out.push('\n');
}

fn curve(report: &Report, out: &mut String) {
    let metric = if report.data.task.is_classification() { "accuracy" } else { "mae" };
    let series = |of: fn(&WindowScores) -> &Scores| -> Vec<f64> {
        report.windows.iter().map(|window| score(of(window), metric).unwrap_or(f64::NAN)).collect()
    };
    let (model, no_change) = (series(|window| &window.scores), series(|window| &window.no_change));
    let drawn = plot(metric, &model, &no_change, PLOT.0, PLOT.1);
    let _ = writeln!(out, "{drawn}");
}

fn alerts(report: &Report, out: &mut String) {
    for alert in report.alerts.iter().take(ALERTS) {
        let _ = writeln!(out, "row {}: {}", alert.origin.offset, alert.message);
    }
    let n = report.alerts.len();
    if n > ALERTS {
        let _ = writeln!(out, "… {} more alerts", n - ALERTS);
    }
}
