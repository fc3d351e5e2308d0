//! Which members of a model carried its answers, over time.

use super::html::escape;
use super::shares::Shares;
use super::{Page, section as html_section};
use crate::evaluation::detail::Weights;
use crate::evaluation::report::Report;

pub fn section(page: &Page<'_>) -> String {
    let weighted = |report: &Report| Some(report.detail.as_ref()?.weights().to_vec());
    let charts =
        page.reports.iter().enumerate().filter_map(|(index, report)| chart(page, index, report, &weighted(report)?));
    let charts: String = charts.map(|chart| format!("<div class=\"card\">{chart}</div>\n")).collect();
    if charts.is_empty() {
        return String::new();
    }
    let lead = "A portfolio asks many experts and follows those that were right of late. Where the shares change, another kind of \
                model has become the better one.";
    html_section("experts", "Experts", lead, &charts)
}

fn chart(page: &Page<'_>, index: usize, report: &Report, weights: &[Weights]) -> Option<String> {
    let mut names: Vec<String> = Vec::new();
    for (name, _) in weights.iter().flatten() {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let share = |window: &Weights, name: &String| {
        window.iter().filter(|(n, _)| n == name).map(|(_, share)| share.max(0.0)).sum()
    };
    let windows: Vec<Vec<f64>> =
        weights.iter().map(|window| names.iter().map(|name| share(window, name)).collect()).collect();
    let prefix = if page.is_comparison() { format!("{}: ", report.name) } else { String::new() };
    let leading = windows.last().and_then(|last: &Vec<f64>| names.iter().zip(last).max_by(|a, b| a.1.total_cmp(b.1)));
    let about = format!("What each expert counted for in the answers. At the end {} counts most.", leading?.0);
    let (title, axis) = (format!("{prefix}Share of each expert"), "share of the answer");
    let id = escape(&format!("chart-experts-{index}"));
    Some(Shares { id: &id, title, about, axis, names, windows }.html(report))
}
