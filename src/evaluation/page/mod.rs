//! The page of `evaluate --report`: one file of HTML that needs nothing but itself, no network, no font, no library.

mod chart;
mod course;
mod drift;
mod experts;
mod features;
mod html;
mod labels;
mod machine;
mod overview;
mod quality;
mod scores;
mod shares;

use super::profile::FeatureSummary;
use super::report::Report;
use crate::facts::Scores;
use html::{escape, integrity};

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// Colours that are told apart; what comes after them shares the last.
const COLOURS: usize = 8;

/// What the page is about.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// What was read, as files' names.
    pub source: &'a str,
    /// What was typed.
    pub command: &'a str,
    /// At least one, all of one pass.
    pub reports: &'a [Report],
    /// For each report its pipeline in TOML.
    pub configurations: &'a [String],
    pub features: &'a [FeatureSummary],
}

impl Page<'_> {
    /// The whole file; empty without a report.
    pub fn html(&self) -> String {
        if self.reports.is_empty() {
            return String::new();
        }
        let sections = [
            overview::section(self),
            scores::section(self),
            drift::section(self),
            experts::section(self),
            quality::section(self),
            labels::section(self),
            features::section(self),
            machine::section(self),
        ];
        let fill = |text: &str| {
            let text = text.replace("{version}", env!("CARGO_PKG_VERSION")).replace("{integrity}", &integrity(SCRIPT));
            text.replace("{style}", STYLE).replace("{script}", SCRIPT)
        };
        // What the user's data say is put in last, so that nothing in it is filled.
        let (head, tail) = TEMPLATE.split_once("{sections}").unwrap_or((TEMPLATE, ""));
        let head = fill(head).replace("{source}", &escape(self.source));
        [head, sections.concat(), fill(tail)].concat()
    }

    /// The best of the pipelines by the metric that counts.
    fn best(&self) -> &Report {
        let metric = self.metric();
        let value = |report: &Report| score(&report.metrics, metric.name).map(|v| if metric.less { -v } else { v });
        let better = |best, other| if value(other) > value(best) { other } else { best };
        self.reports.iter().skip(1).fold(&self.reports[0], better)
    }

    /// The metric that counts: accuracy, or the mean absolute error.
    fn metric(&self) -> &'static Metric {
        &METRICS[if self.reports[0].data.task.is_classification() { 0 } else { 7 }]
    }

    /// Whether what is said of a pipeline has to name it.
    fn is_comparison(&self) -> bool {
        self.reports.len() > 1
    }
}

/// What a metric is to a reader.
struct Metric {
    name: &'static str,
    title: &'static str,
    about: &'static str,
    /// Whether less is better.
    less: bool,
    bounds: (f64, f64),
}

const fn metric(
    name: &'static str,
    title: &'static str,
    less: bool,
    bounds: (f64, f64),
    about: &'static str,
) -> Metric {
    Metric { name, title, about, less, bounds }
}

const SHARE: (f64, f64) = (0.0, 1.0);
const BELOW_ONE: (f64, f64) = (-1.0, 1.0);
const ABOVE_ZERO: (f64, f64) = (0.0, f64::MAX);

const METRICS: [Metric; 10] = [
    metric(
        "accuracy",
        "Accuracy",
        false,
        SHARE,
        "Share of the events whose label was predicted right. More is better.",
    ),
    metric("kappa", "Kappa", false, BELOW_ONE, "Agreement beyond chance: 0 is chance, 1 is always right."),
    metric(
        "kappa_temporal",
        "Kappa temporal",
        false,
        BELOW_ONE,
        "What is left of the errors of repeating the last label: 0 is no better than that, 1 is always right.",
    ),
    metric(
        "kappa_m",
        "Kappa M",
        false,
        BELOW_ONE,
        "What is left of the errors of the most frequent class: 0 is no better than that, 1 is always right.",
    ),
    metric("f1", "F1", false, SHARE, "Harmonic mean of precision and recall. More is better."),
    metric(
        "roc_auc",
        "ROC AUC",
        false,
        SHARE,
        "Chance that a positive event ranks above a negative one: 0.5 is chance.",
    ),
    metric(
        "log_loss",
        "Log loss",
        true,
        ABOVE_ZERO,
        "How surprised the probabilities were by the labels. Less is better.",
    ),
    metric("mae", "Mean absolute error", true, ABOVE_ZERO, "How far predictions are off, on average. Less is better."),
    metric(
        "rmse",
        "Root mean squared error",
        true,
        ABOVE_ZERO,
        "As the mean, but large errors count more. Less is better.",
    ),
    metric(
        "r2",
        "R²",
        false,
        BELOW_ONE,
        "Share of the labels' variance that is explained: 0 is no better than their mean.",
    ),
];

fn score(scores: &Scores, name: &str) -> Option<f64> {
    scores.iter().find(|(metric, _)| *metric == name).map(|(_, value)| *value)
}

/// The class of the colour of the pipeline, class or member of this number.
fn colour(index: usize) -> String {
    format!("s{}", index.min(COLOURS - 1))
}

/// A section of the page.
fn section(id: &str, title: &str, lead: &str, body: &str) -> String {
    format!(
        "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{title}</h2>\n<p class=\"lead\">{lead}</p>\n{body}</section>\n"
    )
}

/// A column of a table: its heading, and whether it holds text, which stands on the left.
type Column<'a> = (&'a str, bool);

/// A table that scrolls by itself where it is too wide. Cells are HTML.
fn table(name: &str, columns: &[Column<'_>], rows: &[Vec<String>]) -> String {
    let class = |text: bool| if text { " class=\"text\"" } else { "" };
    let head = |&(name, text): &Column<'_>| format!("<th scope=\"col\"{}>{name}</th>", class(text));
    let header: String = columns.iter().map(head).collect();
    let row = |cells: &Vec<String>| {
        let cell = |(at, (cell, column)): (usize, (&String, &Column<'_>))| match at {
            0 => format!("<th scope=\"row\"{}>{cell}</th>", class(column.1)),
            _ => format!("<td{}>{cell}</td>", class(column.1)),
        };
        let cells: String = cells.iter().zip(columns).enumerate().map(cell).collect();
        format!("<tr>{cells}</tr>\n")
    };
    let rows: String = rows.iter().map(row).collect();
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{name}\"><table>\
         <thead><tr>{header}</tr></thead><tbody>\n{rows}</tbody></table></div>\n"
    )
}
