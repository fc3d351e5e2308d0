//! A plot of curves for terminals: pure text.

use std::fmt::Write;

/// The curves that are compared, in turn.
const MARKS: [char; 8] = ['●', '▲', '■', '◆', '○', '△', '□', '◇'];
/// The one they are to beat.
const BASELINE: char = '·';
/// Where several meet.
const SEVERAL: char = '◉';

/// Plots curves with their names, and `baseline` (all of equal length, in the order of time), on `width` columns and `height`
/// rows of marks, with a scale on the left and a legend below. Not finite values are left out; nothing at all gives no plot.
pub fn plot(curves: &[(&str, Vec<f64>)], baseline: (&str, &[f64]), width: usize, height: usize) -> String {
    let (width, height) = (width.max(1), height.max(2));
    let mut drawn: Vec<_> =
        curves.iter().zip(MARKS.iter().cycle()).map(|((name, c), mark)| (*name, *mark, columns(c, width))).collect();
    drawn.push((baseline.0, BASELINE, columns(baseline.1, width)));
    let values = || drawn.iter().flat_map(|(.., values)| values).copied().filter(|value| value.is_finite());
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
    let length = drawn.iter().map(|(.., values)| values.len()).max().unwrap_or(0);
    let mut out = String::new();
    for line in 0..height {
        let value = high - (high - low) * line as f64 / (height - 1) as f64;
        let mark = |column: usize| {
            let here = |values: &[f64]| values.get(column).is_some_and(|&value| row(value) == Some(line));
            let mut marks = drawn.iter().filter(|(.., values)| here(values)).map(|(_, mark, _)| *mark);
            marks.next().map_or(' ', |first| if marks.next().is_some() { SEVERAL } else { first })
        };
        let marks: String = (0..length).map(mark).collect();
        let _ = writeln!(out, "{value:>9.4} ┤{}", marks.trim_end());
    }
    let _ = writeln!(out, "{:>9} └{}", "", "─".repeat(length));
    let names = drawn.iter().map(|(name, mark, _)| format!("{mark} {name}"));
    let legend: Vec<_> = names.chain([format!("{SEVERAL} several")]).collect();
    let _ = writeln!(out, "{:>11}{}", "", legend.join("   "));
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
        let curves = [("tree", vec![0.5, 0.7, 0.9, 0.9]), ("linear", vec![0.6, 0.7, 0.8, 0.8])];
        insta::assert_snapshot!(plot(&curves, ("no-change", &[0.5; 4]), 40, 5), @r"
           0.9000 ┤  ●●
           0.8000 ┤  ▲▲
           0.7000 ┤ ◉
           0.6000 ┤▲
           0.5000 ┤◉···
                  └────
                   ● tree   ▲ linear   · no-change   ◉ several
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
        assert_eq!(plot(&[], ("no-change", &[]), 10, 5), "");
        assert_eq!(plot(&[("x", vec![f64::NAN])], ("no-change", &[f64::NAN]), 10, 5), "");
        assert!(plot(&[("x", vec![3.0])], ("no-change", &[3.0]), 10, 5).contains('◉'));
    }
}
