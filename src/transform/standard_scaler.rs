//! Standard scaler: subtracts each number's running mean and divides by its running standard deviation.
//!
//! B. P. Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 4 (1962).

use serde::{Deserialize, Serialize};

use super::Transformer;
use crate::event::Layout;
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
        for (slot, value) in row.numbers.iter_mut().enumerate() {
            *value -= self.means[slot];
            if self.params.with_std {
                let deviation = self.variances[slot].sqrt();
                *value = if deviation > 0.0 { *value / deviation } else { *value * 0.0 };
            }
        }
    }

    fn learn(&mut self, row: &Row, _label: Option<Label>) {
        for (slot, &value) in row.numbers.iter().enumerate() {
            if value.is_nan() {
                continue;
            }
            self.counts[slot] += 1.0;
            let before = self.means[slot];
            self.means[slot] += (value - before) / self.counts[slot];
            self.variances[slot] += ((value - before) * (value - self.means[slot]) - self.variances[slot]) / self.counts[slot];
        }
    }
}
