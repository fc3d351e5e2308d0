//! What the features are like.

use std::fmt::Write;

use super::html::{escape, number, percent};
use super::{Page, section as html_section, table};
use crate::evaluation::profile::{FeatureSummary, Summary};
use crate::event::Kind;
use crate::facts::Alert;

pub fn section(page: &Page<'_>) -> String {
    if page.features.is_empty() {
        return String::new();
    }
    let moved = page.reports.iter().any(|report| report.alerts.iter().any(|alert| alert.watch.starts_with("feature ")));
    let mut header = vec![
        ("feature", true),
        ("kind", true),
        ("missing", false),
        ("values", true),
        ("range", true),
        ("mean over time", true),
    ];
    if moved {
        header.push(("alerts", false));
    }
    let rows: Vec<_> = page.features.iter().map(|feature| row(page, feature, moved)).collect();
    let lead =
        "What the model was given. A course that changes is a drift of the data, whether or not it hurts the scores.";
    html_section(
        "features",
        "Features",
        lead,
        &format!("<div class=\"card\">{}</div>\n", table("Features", &header, &rows)),
    )
}

fn row(page: &Page<'_>, feature: &FeatureSummary, moved: bool) -> Vec<String> {
    let kind = match feature.kind {
        Kind::Number => "number",
        Kind::Category => "category",
        Kind::Bool => "bool",
        Kind::Text => "text",
    };
    let (values, range, course) = match &feature.summary {
        Summary::Numbers { mean, deviation, least, most, course } => (
            format!("{} ± {}", number(*mean), number(*deviation)),
            format!("{} to {}", number(*least), number(*most)),
            sparkline(&feature.name, course),
        ),
        Summary::Categories { different, more, top } => {
            let top: Vec<_> = top.iter().map(|(name, share)| format!("{} {}", escape(name), percent(*share))).collect();
            let least = if *more { "more than " } else { "" };
            (
                format!("<span class=\"words\">{}</span>", top.join(", ")),
                format!("{least}{different} different"),
                String::new(),
            )
        }
        Summary::Text => ("text".to_owned(), String::new(), String::new()),
        Summary::Nothing => ("never there".to_owned(), String::new(), String::new()),
    };
    let mut row = vec![escape(&feature.name), kind.to_owned(), percent(feature.missing), values, range, course];
    if moved {
        let watch = format!("feature {}", feature.name);
        let about = |alert: &&Alert| alert.watch == watch;
        let alerts = page.reports.iter().map(|report| report.alerts.iter().filter(about).count()).max().unwrap_or(0);
        row.push(alerts.to_string());
    }
    row
}

fn sparkline(name: &str, course: &[f64]) -> String {
    let finite = || course.iter().copied().filter(|value| value.is_finite());
    let (low, high) = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    let mut path = String::new();
    for (at, value) in course.iter().enumerate().filter(|(_, value)| value.is_finite()) {
        let x = 100.0 * at as f64 / course.len().saturating_sub(1).max(1) as f64;
        let y = if high > low { 22.0 - 20.0 * (value - low) / (high - low) } else { 12.0 };
        let _ = write!(path, "{}{x:.1} {y:.1}", if path.is_empty() { 'M' } else { 'L' });
    }
    let said = format!("mean of {} over time, from {} to {}", escape(name), number(low), number(high));
    format!(
        "<svg class=\"spark\" viewBox=\"0 0 100 24\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{said}\">\
         <path class=\"line s0\" d=\"{path}\"/></svg>"
    )
}
