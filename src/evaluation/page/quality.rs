//! What predictions are worth: probabilities that come true, classes that are mixed up, values that are off.

use super::chart::{Axis, Chart, Drawing, Shape, Values};
use super::html::{escape, number, percent, whole};
use super::{Page, colour, section as html_section};
use crate::evaluation::detail::{Detail, Point};
use crate::evaluation::report::Report;
use crate::row::Task;

/// The most classes of a table of who is taken for whom.
const CLASSES: usize = 12;
/// Bars of the residuals.
const BARS: usize = 31;

pub fn section(page: &Page<'_>) -> String {
    let detailed: Vec<(usize, &Report, &Detail)> = page
        .reports
        .iter()
        .enumerate()
        .filter_map(|(index, report)| Some((index, report, report.detail.as_ref()?)))
        .collect();
    if detailed.is_empty() {
        return String::new();
    }
    if !page.reports[0].data.task.is_classification() {
        let lead = "Predictions beside what came, evenly taken from the stream, and how far off they were.";
        let cards = detailed.iter().map(|&(index, report, detail)| values(page, index, report, detail.points()));
        return html_section("quality", "Predicted and actual", lead, &cards.collect::<String>());
    }
    let of = if page.reports[0].data.task == Task::Binary {
        let positive = page.reports[0].data.classes.get(1).map_or("the second class", String::as_str);
        format!("the probability of {}", escape(positive))
    } else {
        "the probability of the class that was predicted".to_owned()
    };
    let lead = format!("Of the events with {of} about 0.7, seven in ten should come true: on the diagonal they do.");
    let matrices = detailed.iter().map(|&(_, report, detail)| confusion(page, report, detail));
    let body = format!(
        "<div class=\"pair\"><div class=\"card\">{}</div>\n<div>{}</div></div>",
        calibration(&detailed),
        matrices.collect::<String>()
    );
    html_section("quality", "Calibration", &lead, &body)
}

fn calibration(detailed: &[(usize, &Report, &Detail)]) -> String {
    let share = || Axis::new(0.0, 1.0, 5);
    let mut drawing = Drawing::new(share(), share());
    drawing.line("baseline", &[(0.0, 0.0), (1.0, 1.0)]);
    let mut header = vec![("predicted".to_owned(), String::new())];
    let mut rows: Vec<(f64, Vec<String>)> = Vec::new();
    let mut errors = Vec::new();
    for &(index, report, detail) in detailed {
        let bins = detail.calibration();
        let points: Vec<_> = bins.iter().flatten().map(|bin| (bin.predicted, bin.observed)).collect();
        drawing.line(&colour(index), &points);
        drawing.dots(&colour(index), points.iter().copied());
        header.push((report.name.clone(), colour(index)));
        let error = detail.calibration_error().map_or_else(|| "–".to_owned(), number);
        errors.push(format!("{} {error}", report.name));
        for (at, bin) in bins.iter().enumerate() {
            let (low, high) = (at as f64 / bins.len() as f64, (at + 1) as f64 / bins.len() as f64);
            if rows.len() <= at {
                rows.push((drawing.along(f64::midpoint(low, high)), vec![format!("{low:.1} – {high:.1}")]));
            }
            let cell =
                bin.map_or_else(|| "–".to_owned(), |bin| format!("{} of {}", percent(bin.observed), whole(bin.n)));
            rows[at].1.push(cell);
        }
    }
    header.push(("ideal".to_owned(), "baseline".to_owned()));
    rows.iter_mut().for_each(|(_, cells)| cells.push(cells[0].clone()));
    let about = format!(
        "Share that came true against the predicted probability. Expected calibration error: {}.",
        errors.join(", ")
    );
    let (title, axes) = ("Reliability".to_owned(), ("came true", "predicted probability"));
    Chart {
        id: "chart-calibration",
        title,
        about,
        axes,
        drawing,
        values: Values { header, rows },
        shape: Shape::Square,
    }
    .html()
}

/// Who is taken for whom.
fn confusion(page: &Page<'_>, report: &Report, detail: &Detail) -> String {
    let classes = &report.data.classes;
    if classes.len() > CLASSES {
        return String::new();
    }
    let counts =
        |row: usize, column: usize| detail.confusion().get(row).and_then(|row| row.get(column)).copied().unwrap_or(0);
    let head: String = classes.iter().map(|class| format!("<th scope=\"col\">{}</th>", escape(class))).collect();
    let row = |(row, class): (usize, &String)| {
        let all: u64 = (0..classes.len()).map(|column| counts(row, column)).sum();
        let cell = |column: usize| {
            let (n, right) = (counts(row, column), if row == column { "right" } else { "wrong" });
            let share = if all == 0 { 0.0 } else { n as f64 / all as f64 };
            format!(
                "<td class=\"{right}\" style=\"--share:{share:.3}\">{}<small>{}</small></td>",
                whole(n),
                percent(share)
            )
        };
        let cells: String = (0..classes.len()).map(cell).collect();
        format!("<tr><th scope=\"row\">{}</th>{cells}</tr>", escape(class))
    };
    let rows: String = classes.iter().enumerate().map(row).collect();
    let title = named(page, report, "Labels down, predictions across");
    format!(
        "<div class=\"card\"><h3>{title}</h3><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\">\
         <table class=\"confusion\"><thead><tr><th scope=\"col\">label</th>{head}</tr></thead><tbody>{rows}</tbody></table></div></div>\n"
    )
}

fn named(page: &Page<'_>, report: &Report, title: &str) -> String {
    if page.is_comparison() { format!("{}: {title}", escape(&report.name)) } else { title.to_owned() }
}

fn values(page: &Page<'_>, index: usize, report: &Report, points: &[Point]) -> String {
    let prefix = if page.is_comparison() { format!("{}: ", report.name) } else { String::new() };
    let charts = scatter(&prefix, index, report, points) + &residuals(&prefix, index, points);
    format!("<div class=\"card pair\">{charts}</div>\n")
}

fn scatter(prefix: &str, index: usize, report: &Report, points: &[Point]) -> String {
    // A few wild predictions do not shrink the rest to a spot.
    let axis = || Axis::around(points.iter().map(|point| point.label), (f64::MIN, f64::MAX));
    let mut drawing = Drawing::new(axis(), axis());
    let ends = [f64::MIN, f64::MAX].map(|end| drawing.within(end));
    drawing.line("baseline", &ends.map(|end| (end, end)));
    drawing.dots(&format!("small {}", colour(index)), points.iter().map(|point| (point.label, point.predicted)));
    let mut sorted: Vec<&Point> = points.iter().filter(|point| point.label.is_finite()).collect();
    sorted.sort_by(|a, b| a.label.total_cmp(&b.label));
    let header = [("actual", String::new()), ("predicted", colour(index)), ("ideal", "baseline".to_owned())];
    let row = |point: &&Point| {
        let actual = number(point.label);
        (drawing.along(point.label), vec![actual.clone(), number(point.predicted), actual])
    };
    let rows = sorted.iter().map(row).collect();
    let values = Values { header: header.map(|(name, class)| (name.to_owned(), class)).to_vec(), rows };
    let about =
        format!("{} predictions of {}; on the dashed line they are exact.", points.len(), whole(report.data.labelled));
    let (title, axes) = (format!("{prefix}Predicted against actual"), ("predicted", "actual"));
    Chart { id: &format!("chart-scatter-{index}"), title, about, axes, drawing, values, shape: Shape::Square }.html()
}

fn residuals(prefix: &str, index: usize, points: &[Point]) -> String {
    let mut residuals: Vec<f64> = points.iter().map(|p| p.predicted - p.label).filter(|r| r.is_finite()).collect();
    residuals.sort_by(f64::total_cmp);
    let size =
        |share: f64| residuals.get((residuals.len() as f64 * share) as usize).map_or(0.0, |residual| residual.abs());
    // Nearly all of them; what is beyond is in the outermost bars.
    let reach = size(0.01).max(size(0.99)).max(1e-12);
    let width = 2.0 * reach / BARS as f64;
    let mut counts = [0_u64; BARS];
    for residual in &residuals {
        let bar = ((residual + reach) / width).clamp(0.0, (BARS - 1) as f64) as usize;
        counts[bar] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    let mut drawing = Drawing::new(Axis::new(-reach, reach, 4), Axis::new(0.0, most as f64 * 1.05, 4));
    let mut rows = Vec::new();
    for (bar, &n) in counts.iter().enumerate() {
        let from = -reach + bar as f64 * width;
        drawing.bar(&colour(index), from, from + width, n as f64);
        let cells = vec![format!("{} to {}", number(from), number(from + width)), whole(n)];
        rows.push((drawing.along(from + width / 2.0), cells));
    }
    drawing.upright("zero", 0.0);
    let header = vec![("off by".to_owned(), String::new()), ("predictions".to_owned(), colour(index))];
    let about = format!(
        "Predicted less actual; half of them are below {}.",
        number(residuals.get(residuals.len() / 2).copied().unwrap_or(0.0))
    );
    let (title, axes) = (format!("{prefix}Residuals"), ("predictions", "predicted less actual"));
    let values = Values { header, rows };
    Chart { id: &format!("chart-residuals-{index}"), title, about, axes, drawing, values, shape: Shape::Square }.html()
}
