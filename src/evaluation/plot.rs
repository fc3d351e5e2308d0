//! A plot of two curves for terminals: pure text.

use std::fmt::Write;

/// The curve of interest and the one it is to beat, where they meet, and nothing.
const MARKS: [char; 4] = ['●', '·', '◉', ' '];

/// Plots `model` against `baseline` (of equal length, in the order of time) on `width` columns and `height` rows of marks,
/// with a scale on the left and a legend below. Not finite values are left out; nothing at all gives no plot.
pub fn plot(title: &str, model: &[f64], baseline: &[f64], width: usize, height: usize) -> String {
    let (width, height) = (width.max(1), height.max(2));
    let (model, baseline) = (columns(model, width), columns(baseline, width));
    let values = || model.iter().chain(&baseline).copied().filter(|value| value.is_finite());
    let (low, high) = values().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    if low > high {
        return String::new();
    }
    // A flat curve lies in the middle.
    let margin = if high > low { 0.0 } else { high.abs().max(1.0) * 0.05 };
    let (low, high) = (low - margin, high + margin);
    let row = |value: f64| {
        let share = (value - low) / (high - low);
        value.is_finite().then(|| height - 1 - (share * (height - 1) as f64).round() as usize)
    };
    let mut out = String::new();
    for line in 0..height {
        let value = high - (high - low) * line as f64 / (height - 1) as f64;
        let mark = |(&m, &b): (&f64, &f64)| match (row(m) == Some(line), row(b) == Some(line)) {
            (true, false) => MARKS[0],
            (false, true) => MARKS[1],
            (true, true) => MARKS[2],
            (false, false) => MARKS[3],
        };
        let marks: String = model.iter().zip(&baseline).map(mark).collect();
        let _ = writeln!(out, "{value:>9.4} ┤{}", marks.trim_end());
    }
    let _ = writeln!(out, "{:>9} └{}", "", "─".repeat(model.len()));
    let _ = writeln!(out, "{:>11}{} {title}   {} no-change   {} both", "", MARKS[0], MARKS[1], MARKS[2]);
    out
}

/// The means of `width` equal stretches; fewer values are as many columns.
fn columns(values: &[f64], width: usize) -> Vec<f64> {
    let n = width.min(values.len());
    let mean = |column: usize| {
        let stretch = &values[column * values.len() / n..(column + 1) * values.len() / n];
        stretch.iter().sum::<f64>() / stretch.len() as f64
    };
    (0..n).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rise_over_a_flat_baseline() {
        let drawn = plot("accuracy", &[0.5, 0.7, 0.9, 0.9], &[0.5; 4], 40, 5);
        insta::assert_snapshot!(drawn, @r"
           0.9000 ┤  ●●
           0.8000 ┤
           0.7000 ┤ ●
           0.6000 ┤
           0.5000 ┤◉···
                  └────
                   ● accuracy   · no-change   ◉ both
        ");
    }

    #[test]
    fn more_values_than_columns_are_averaged() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(columns(&values, 4), [12.0, 37.0, 62.0, 87.0]);
        assert_eq!(columns(&values[..3], 4), [0.0, 1.0, 2.0]);
    }

    #[test]
    fn nothing_to_show_is_no_plot() {
        assert_eq!(plot("accuracy", &[], &[], 10, 5), "");
        assert_eq!(plot("accuracy", &[f64::NAN], &[f64::NAN], 10, 5), "");
        assert!(plot("mae", &[3.0], &[3.0], 10, 5).contains('◉'));
    }
}
