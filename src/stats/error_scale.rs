//! Errors of regression in [0, 1], as detectors of a rise of the error want them.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

/// Measures errors in standard deviations of the target of late, three of them or more as 1. Not in deviations of the
/// errors: those fall with the errors as a model learns, and what then stays behind looks like a rise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
pub struct ErrorScale {
    seen: f64,
    mean: f64,
    variance: f64,
}

/// What one target counts after the first thousand.
const RATE: f64 = 0.001;
/// A target counts for at most so many deviations, that an outlier does not blind the detector for long.
const MOST: f64 = 10.0;

impl ErrorScale {
    /// The `error` that was made of `value` on the scale, whatever its sign; the scale takes the value in.
    pub fn scaled(&mut self, value: f64, error: f64) -> f64 {
        self.seen += 1.0;
        let most = if self.seen > 10.0 && self.variance > 0.0 { MOST * self.variance.sqrt() } else { f64::INFINITY };
        let deviation = (value - self.mean).clamp(-most, most);
        let share = RATE.max(1.0 / self.seen);
        self.mean += share * deviation;
        self.variance = (1.0 - share) * (self.variance + share * deviation * deviation);
        let unit = 3.0 * self.variance.sqrt();
        if unit > 0.0 { (error.abs() / unit).min(1.0) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_any_unit_lie_alike_and_an_outlier_passes() {
        for unit in [1e-6, 1.0, 1e6] {
            let mut scale = ErrorScale::default();
            let mut last = 0.0;
            for i in 0..3_000 {
                let value = if i % 2 == 0 { 5.0 * unit } else { 7.0 * unit };
                last = scale.scaled(if i == 1_000 { 1e90 } else { value }, 0.5 * unit);
                assert!((0.0..=1.0).contains(&last));
            }
            assert!((last - 0.5 / 3.0).abs() < 0.02, "{last}");
        }
    }
}
