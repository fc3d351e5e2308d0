//! The balance of the classes over time.

use super::shares::Shares;
use super::{Page, section as html_section};

pub fn section(page: &Page<'_>) -> String {
    let report = &page.reports[0];
    let Some(detail) = report.detail.as_ref().filter(|_| report.data.task.is_classification()) else {
        return String::new();
    };
    let count = |window: &Vec<u64>| window.iter().map(|&n| n as f64).collect();
    let shares = Shares {
        id: "chart-balance",
        title: "Share of each class".to_owned(),
        about: "Labels of each class among those of a stretch of the stream.".to_owned(),
        axis: "share of the labels",
        names: report.data.classes.clone(),
        windows: detail.balance().iter().map(count).collect(),
    };
    let lead = "A change here moves accuracy by itself, and shows in kappa as what it is.";
    html_section("balance", "Class balance", lead, &format!("<div class=\"card\">{}</div>\n", shares.html(report)))
}
