//! Scores over time against no-change, and all of them in a table.

use super::chart::{Axis, Chart, Drawing, Shape, Values};
use super::course::{Stretch, course, rows_axis};
use super::html::{escape, number, whole};
use super::{METRICS, Metric, Page, colour, score, section as html_section, table};
use crate::facts::{Alert, Level};

pub fn section(page: &Page<'_>) -> String {
    let metrics: Vec<&Metric> =
        METRICS.iter().filter(|metric| page.reports[0].metrics.iter().any(|m| m.0 == metric.name)).collect();
    let choice = |(index, metric): (usize, &&Metric)| {
        let checked = if index == 0 { " checked" } else { "" };
        format!(
            "<input type=\"radio\" name=\"metric\" id=\"metric-{index}\"{checked}><label for=\"metric-{index}\">{}</label>",
            metric.title
        )
    };
    let choices: String = metrics.iter().enumerate().map(choice).collect();
    let charts: String = metrics.iter().map(|metric| chart(page, metric)).collect();
    let body = format!(
        "<div class=\"card tabs\" role=\"group\" aria-label=\"Metric\">{choices}<div class=\"panels\">{charts}</div></div>\n\
         <div class=\"card\"><h3>Over the whole stream</h3>{}</div>\n",
        comparison(page, &metrics)
    );
    let lead = "Each point is a stretch of the stream, scored by itself. The dashed line is no-change, which repeats the last label.";
    html_section("scores", "Scores over time", lead, &body)
}

fn chart(page: &Page<'_>, metric: &Metric) -> String {
    let courses: Vec<Vec<Stretch<'_>>> = page.reports.iter().map(course).collect();
    let scores = |course: &[Stretch<'_>]| course.iter().map(|s| (s.at(), s.score(metric.name))).collect::<Vec<_>>();
    let lines: Vec<Vec<(f64, f64)>> = courses.iter().map(|course| scores(course)).collect();
    let no_change: Vec<_> = courses[0].iter().map(|s| (s.at(), s.no_change(metric.name))).collect();
    let values = lines.iter().flatten().chain(&no_change).map(|(_, value)| *value);
    let mut drawing = Drawing::new(rows_axis(&page.reports[0]), Axis::around(values, metric.bounds));
    for alert in page.reports.iter().flat_map(|report| &report.alerts) {
        drawing.upright(if alert.level == Level::Drift { "drift" } else { "warning" }, alert.origin.offset as f64);
    }
    drawing.line("baseline", &no_change);
    for (index, line) in lines.iter().enumerate().rev() {
        drawing.line(&colour(index), line);
    }
    let ends = |line: &[(f64, f64)]| line.last().map_or(f64::NAN, |(_, value)| *value);
    let told: Vec<_> =
        page.reports.iter().zip(&lines).map(|(r, line)| format!("{} {}", r.name, number(ends(line)))).collect();
    let about = format!("{} At the end: {}, no-change {}.", metric.about, told.join(", "), number(ends(&no_change)));
    Chart {
        id: &format!("chart-{}", metric.name),
        title: metric.title.to_owned(),
        about,
        axes: (metric.title, "row of the stream"),
        values: values_of(page, metric, &courses, &drawing),
        drawing,
        shape: Shape::Wide,
    }
    .html()
}

fn values_of(page: &Page<'_>, metric: &Metric, courses: &[Vec<Stretch<'_>>], drawing: &Drawing) -> Values {
    let mut header = vec![("rows".to_owned(), String::new())];
    header.extend(page.reports.iter().enumerate().map(|(index, report)| (report.name.clone(), colour(index))));
    header.push(("no-change".to_owned(), "baseline".to_owned()));
    let alerts: Vec<&Alert> = page.reports.iter().flat_map(|report| &report.alerts).collect();
    if !alerts.is_empty() {
        header.push(("alerts".to_owned(), "drift".to_owned()));
    }
    let row = |(at, stretch): (usize, &Stretch<'_>)| {
        let of = |course: &Vec<Stretch<'_>>| course.get(at).map_or_else(String::new, |s| number(s.score(metric.name)));
        let mut cells = vec![stretch.name()];
        cells.extend(courses.iter().map(of));
        cells.push(number(stretch.no_change(metric.name)));
        if !alerts.is_empty() {
            let here: Vec<_> =
                alerts.iter().filter(|a| stretch.holds(a.origin.offset)).map(|a| a.watch.as_str()).collect();
            cells.push(here.join(", "));
        }
        (drawing.along(stretch.at()), cells)
    };
    Values { header, rows: courses[0].iter().enumerate().map(row).collect() }
}

fn comparison(page: &Page<'_>, metrics: &[&Metric]) -> String {
    let mut header = vec![("pipeline", true)];
    header.extend(metrics.iter().map(|metric| (metric.name, false)));
    header.push(("events/s", false));
    let best = |metric: &Metric| {
        let values = page.reports.iter().filter_map(|report| score(&report.metrics, metric.name));
        values.fold(f64::NAN, |a, b| if metric.less { a.min(b) } else { a.max(b) })
    };
    let cell = |value: Option<f64>, metric: &Metric| match value {
        Some(value) if page.is_comparison() && value == best(metric) => format!("<strong>{}</strong>", number(value)),
        Some(value) => number(value),
        None => "–".to_owned(),
    };
    let mut rows = Vec::new();
    for (index, report) in page.reports.iter().enumerate() {
        let mut row = vec![format!("<i class=\"{}\"></i>{}", colour(index), escape(&report.name))];
        row.extend(metrics.iter().map(|metric| cell(score(&report.metrics, metric.name), metric)));
        row.push(whole(report.speed.events_per_second as u64));
        rows.push(row);
    }
    for (index, (name, scores)) in page.reports[0].baselines.0.iter().enumerate() {
        let swatch = if index == 0 { "<i class=\"baseline\"></i>" } else { "<i></i>" };
        let mut row = vec![format!("{swatch}{}", name.replace('_', "-"))];
        row.extend(metrics.iter().map(|metric| score(scores, metric.name).map_or_else(|| "–".to_owned(), number)));
        row.push(String::new());
        rows.push(row);
    }
    table("Scores over the whole stream", &header, &rows)
}
