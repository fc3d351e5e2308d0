//! Shares that add up to one, over time, as areas on top of each other.

use super::chart::{Axis, Chart, Drawing, Shape, Values};
use super::course::{course, rows_axis, stretches};
use super::html::percent;
use super::{COLOURS, colour};
use crate::evaluation::report::Report;

/// The shares of `names` in each window of `report`; a window may know fewer.
pub struct Shares<'a> {
    pub id: &'a str,
    pub title: String,
    pub about: String,
    pub axis: &'a str,
    pub names: Vec<String>,
    pub windows: Vec<Vec<f64>>,
}

impl Shares<'_> {
    /// The largest first; those beyond the colours are one.
    pub fn html(&self, report: &Report) -> String {
        let course = course(report);
        let ranges = stretches(self.windows.len());
        let means: Vec<Vec<f64>> =
            ranges.into_iter().map(|range| mean(&self.windows[range], self.names.len())).collect();
        let order = order(&means, self.names.len());
        let (shown, rest) = order.split_at(order.len().min(if order.len() > COLOURS { COLOURS - 1 } else { COLOURS }));
        let mut names: Vec<String> = shown.iter().map(|&index| self.names[index].clone()).collect();
        if !rest.is_empty() {
            names.push(format!("{} others", rest.len()));
        }
        let shares = |mean: &Vec<f64>| {
            let mut shares: Vec<f64> = shown.iter().map(|&index| mean[index]).collect();
            if !rest.is_empty() {
                shares.push(rest.iter().map(|&index| mean[index]).sum());
            }
            shares
        };
        let table: Vec<Vec<f64>> = means.iter().map(shares).collect();
        let x: Vec<f64> = course.iter().map(|stretch| stretch.at()).collect();
        let mut drawing =
            Drawing::new(rows_axis(report), Axis::new(0.0, 1.0, 4).labelled(|share| format!("{:.0} %", 100.0 * share)));
        let mut low = vec![0.0; table.len()];
        for index in 0..names.len() {
            let high: Vec<f64> = low.iter().zip(&table).map(|(low, shares)| low + shares[index]).collect();
            drawing.area(&colour(index), &x, &low, &high);
            low = high;
        }
        let mut header = vec![("rows".to_owned(), String::new())];
        header.extend(names.into_iter().enumerate().map(|(index, name)| (name, colour(index))));
        let rows = course.iter().zip(&table).map(|(stretch, shares)| {
            let cells = std::iter::once(stretch.name()).chain(shares.iter().map(|share| percent(*share)));
            (drawing.along(stretch.at()), cells.collect())
        });
        let values = Values { header, rows: rows.collect() };
        let (title, about) = (self.title.clone(), self.about.clone());
        Chart { id: self.id, title, about, axes: (self.axis, "row of the stream"), drawing, values, shape: Shape::Wide }
            .html()
    }
}

/// The mean share of each name over windows, each of which counts the same.
fn mean(windows: &[Vec<f64>], names: usize) -> Vec<f64> {
    let share = |window: &Vec<f64>, name: usize| {
        window.get(name).copied().unwrap_or(0.0) / window.iter().sum::<f64>().max(1e-300)
    };
    (0..names)
        .map(|name| windows.iter().map(|window| share(window, name)).sum::<f64>() / windows.len() as f64)
        .collect()
}

/// The names by their share of all, the largest first, equal ones as they came.
fn order(means: &[Vec<f64>], names: usize) -> Vec<usize> {
    let total = |name: usize| means.iter().map(|mean| mean[name]).sum::<f64>();
    let mut order: Vec<usize> = (0..names).collect();
    order.sort_by(|&a, &b| total(b).total_cmp(&total(a)).then(a.cmp(&b)));
    order
}
