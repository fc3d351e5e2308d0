//! Standard scaler: subtracts each number's running mean and divides by its running standard deviation.
//!
//! B. P. Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 4 (1962).
//! A number that has not varied yet comes out as 0; missing stays missing.
//!
//! ```
//! use driftline::event::{Kind, Layout};
//! use driftline::row::Row;
//! use driftline::transform::{StandardScaler, Transformer, standard_scaler::Params};
//!
//! let mut scaler = StandardScaler::new(Params::default(), &Layout::new([("x", Kind::Number)]));
//! let row = |x| Row { numbers: vec![x], ..Row::default() };
//! [1.0, 3.0].iter().for_each(|x| scaler.learn(&row(*x), None));
//! let mut five = row(5.0);
//! scaler.transform(&mut five);
//! assert_eq!(five.numbers, [3.0]);
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::Transformer;
use crate::event::Layout;
use crate::linalg::bounded;
use crate::params::About;
use crate::row::{Label, Row};

pub const ABOUT: About = About {
    summary: "subtracts each number's running mean and divides by its running standard deviation; missing stays missing",
    source: "B. P. Welford, Note on a method for calculating corrected sums of squares and products, Technometrics 4 (1962)",
    example: "type = \"standard_scaler\"",
};

crate::params! {
    pub struct Params {
        /// Whether to divide by the standard deviation.
        pub with_std: bool = true;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct StandardScaler {
    params: Params,
    counts: Vec<f64>,
    means: Vec<f64>,
    variances: Vec<f64>,
}

impl StandardScaler {
    pub fn new(params: Params, layout: &Layout) -> Self {
        let zeros = vec![0.0; layout.numbers.len()];
        Self { params, counts: zeros.clone(), means: zeros.clone(), variances: zeros }
    }
}

impl Transformer for StandardScaler {
    fn transform(&self, row: &mut Row) {
        for (value, mean) in row.numbers.iter_mut().zip(&self.means) {
            *value = bounded(*value - mean);
        }
        if self.params.with_std {
            for (value, variance) in row.numbers.iter_mut().zip(&self.variances) {
                *value = divided(*value, variance.sqrt());
            }
        }
    }

    fn learn(&mut self, row: &Row, _label: Option<Label>) {
        let moments = self.means.iter_mut().zip(&mut self.variances);
        for ((&value, count), (mean, variance)) in row.numbers.iter().zip(&mut self.counts).zip(moments) {
            if value.is_nan() {
                continue;
            }
            *count += 1.0;
            let before = value - *mean;
            *mean += before / *count;
            *variance += (before * (value - *mean) - *variance) / *count;
        }
    }
}

/// `value / deviation`, 0 where nothing has varied yet; NaN stays NaN.
fn divided(value: f64, deviation: f64) -> f64 {
    if deviation > 0.0 || value.is_nan() { bounded(value / deviation) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::LARGEST;
    use crate::transform::testing::{numbers, row};

    fn scaled(params: Params, values: [f64; 2]) -> Vec<f64> {
        let mut scaler = StandardScaler::new(params, &numbers(2));
        for value in [2.0, f64::NAN, 4.0, 9.0] {
            scaler.learn(&row(&[value, 1.0]), None);
        }
        let mut row = row(&values);
        scaler.transform(&mut row);
        row.numbers
    }

    #[test]
    fn scales_by_the_moments_of_what_was_there() {
        let deviation = (26.0_f64 / 3.0).sqrt();
        let values = scaled(Params::default(), [8.0, 5.0]);
        assert!((values[0] - 3.0 / deviation).abs() < 1e-15);
        assert_eq!(values[1], 0.0, "has never varied");
        assert_eq!(scaled(Params { with_std: false }, [8.0, 5.0]), [3.0, 4.0]);
        assert!(scaled(Params::default(), [f64::NAN, f64::NAN]).iter().all(|value| value.is_nan()));
    }

    #[test]
    fn the_largest_numbers_leave_the_scaler_alive() {
        let mut scaler = StandardScaler::new(Params::default(), &numbers(1));
        for value in [LARGEST, -LARGEST, 1.0] {
            scaler.learn(&row(&[value]), None);
            let mut row = row(&[LARGEST]);
            scaler.transform(&mut row);
            assert!(row.numbers[0].is_finite());
        }
    }
}
