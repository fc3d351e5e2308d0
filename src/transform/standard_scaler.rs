//! Standard scaler: subtracts each number's running mean and divides by its running standard deviation.
//!
//! B. P. Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 4 (1962).

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

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
            let value = bounded(value);
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
