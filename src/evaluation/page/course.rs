//! The windows of an evaluation as a page can show them: so many that they can be told apart.

use std::ops::Range;

use super::super::report::Report;
use super::super::validation::WindowScores;
use super::chart::Axis;
use super::html::whole;
use super::score;
use crate::facts::Scores;

/// The most stretches of a chart.
const STRETCHES: usize = 240;

/// Windows, as few together as needed.
pub struct Stretch<'a>(&'a [WindowScores]);

/// Which of `windows` windows make each stretch.
pub fn stretches(windows: usize) -> Vec<Range<usize>> {
    let size = windows.div_ceil(STRETCHES).max(1);
    (0..windows).step_by(size).map(|start| start..(start + size).min(windows)).collect()
}

pub fn course(report: &Report) -> Vec<Stretch<'_>> {
    stretches(report.windows.len()).into_iter().map(|range| Stretch(&report.windows[range])).collect()
}

/// Along the rows of the stream.
pub fn rows_axis(report: &Report) -> Axis {
    Axis::new(0.0, report.data.rows.saturating_sub(1) as f64, 5)
}

impl Stretch<'_> {
    /// The row where it is drawn: its last.
    pub fn at(&self) -> f64 {
        self.0.last().map_or(0.0, |window| window.to as f64)
    }

    pub fn holds(&self, row: i64) -> bool {
        let (from, to) = self.rows();
        (from..=to).contains(&row)
    }

    fn rows(&self) -> (i64, i64) {
        (self.0.first().map_or(0, |window| window.from), self.0.last().map_or(0, |window| window.to))
    }

    pub fn name(&self) -> String {
        let (from, to) = self.rows();
        let whole = |row: i64| whole(u64::try_from(row).unwrap_or(0));
        format!("{} – {}", whole(from), whole(to))
    }

    /// The mean over its windows; NaN where none has a value.
    pub fn score(&self, metric: &str) -> f64 {
        self.mean(metric, |window| &window.scores)
    }

    pub fn no_change(&self, metric: &str) -> f64 {
        self.mean(metric, |window| &window.no_change)
    }

    fn mean(&self, metric: &str, of: fn(&WindowScores) -> &Scores) -> f64 {
        let values: Vec<f64> = self.0.iter().filter_map(|window| score(of(window), metric)).collect();
        values.iter().sum::<f64>() / values.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_window_is_in_one_stretch() {
        for windows in [0, 1, 239, 240, 241, 10_000] {
            let ranges = stretches(windows);
            assert!(ranges.len() <= STRETCHES, "{windows}");
            assert!(ranges.iter().cloned().flatten().eq(0..windows), "{windows}");
        }
    }
}
