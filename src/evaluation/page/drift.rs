//! What detectors said: when, and about which feature or error.

use std::collections::BTreeMap;

use super::chart::{Axis, Chart, Drawing, Shape, Values};
use super::course::rows_axis;
use super::html::{escape, number, whole};
use super::{Page, section as html_section, table};
use crate::facts::{Alert, Level};

/// The most alerts that are listed.
const LISTED: usize = 200;
/// The most watches with a line of their own.
const WATCHES: usize = 12;

pub fn section(page: &Page<'_>) -> String {
    let alerts: Vec<(&str, &Alert)> = page
        .reports
        .iter()
        .flat_map(|report| report.alerts.iter().map(|alert| (report.name.as_str(), alert)))
        .collect();
    if alerts.is_empty() {
        let watched = page.reports.iter().any(|report| !report.pipeline.drift.is_empty());
        let said = if watched {
            "<p>No detector has seen a change.</p>"
        } else {
            "<p>No detector is configured. <code>--set drift.0.type=adwin</code> watches the error, \
             <code>--set drift.0.watch=features</code> with it each feature.</p>"
        };
        return html_section("drift", "Drift", "", &format!("<div class=\"card\">{said}</div>"));
    }
    let lead = "Where detectors saw the stream change, and what moved. The same marks stand in the scores above.";
    let body = format!("<div class=\"card\">{}{}</div>\n", timeline(page, &alerts), list(page, &alerts));
    html_section("drift", "Drift", lead, &body)
}

/// A line for each watch, the one with the most alerts on top.
fn timeline(page: &Page<'_>, alerts: &[(&str, &Alert)]) -> String {
    let mut watches: BTreeMap<String, Vec<&Alert>> = BTreeMap::new();
    for &(name, alert) in alerts {
        let watch = if page.is_comparison() { format!("{name}: {}", alert.watch) } else { alert.watch.clone() };
        watches.entry(watch).or_default().push(alert);
    }
    let mut watches: Vec<_> = watches.into_iter().collect();
    watches.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.0.cmp(&b.0)));
    watches.truncate(WATCHES);
    let mut drawing = Drawing::new(rows_axis(&page.reports[0]), Axis::new(0.0, watches.len() as f64, watches.len()));
    let mut values = Values {
        header: ["row", "watch", "level", "before", "after"].map(|h| (h.to_owned(), String::new())).to_vec(),
        rows: Vec::new(),
    };
    for (line, (watch, alerts)) in watches.iter().enumerate() {
        // Below the name of the watch.
        let y = (watches.len() - line) as f64 - 0.7;
        for level in [Level::Warning, Level::Drift] {
            let of_level = alerts.iter().filter(|alert| alert.level == level);
            drawing.dots(&format!("big {}", level.name()), of_level.map(|alert| (alert.origin.offset as f64, y)));
        }
        for alert in alerts {
            let row = whole(u64::try_from(alert.origin.offset).unwrap_or(0));
            let (before, after) = (number(alert.before.mean), number(alert.after.mean));
            let cells = vec![row, watch.clone(), alert.level.name().to_owned(), before, after];
            values.rows.push((drawing.along(alert.origin.offset as f64), cells));
        }
    }
    values.rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let names: Vec<_> = watches.iter().map(|(watch, alerts)| format!("{watch} ({})", alerts.len())).collect();
    let about = format!("From the top: {}. Large marks are drifts, small ones warnings.", names.join(", "));
    Chart {
        id: "chart-drift",
        title: "When what moved".to_owned(),
        about,
        axes: ("", "row of the stream"),
        drawing,
        values,
        shape: Shape::Lanes(names),
    }
    .html()
}

fn list(page: &Page<'_>, alerts: &[(&str, &Alert)]) -> String {
    let row = |&(name, alert): &(&str, &Alert)| {
        let level = alert.level.name();
        let mut row = vec![whole(u64::try_from(alert.origin.offset).unwrap_or(0))];
        row.push(format!("<span class=\"level {level}\">{level}</span>"));
        row.push(escape(&alert.watch));
        row.push(format!("<span class=\"words\">{}</span>", escape(&alert.message)));
        if page.is_comparison() {
            row.push(escape(name));
        }
        row
    };
    let rows: Vec<_> = alerts.iter().take(LISTED).map(row).collect();
    let header = [("row", true), ("level", true), ("watch", true), ("what happened", true), ("pipeline", true)];
    let columns = if page.is_comparison() { 5 } else { 4 };
    let more = alerts.len().saturating_sub(LISTED);
    let rest =
        if more > 0 { format!("<p>{} more are in the JSON document.</p>", whole(more as u64)) } else { String::new() };
    table("Alerts", &header[..columns], &rows) + &rest
}
