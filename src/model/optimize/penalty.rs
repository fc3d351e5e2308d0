//! The elastic net: `l1 · |w| + l2 / 2 · w²` for each weight, never for an intercept.
//!
//! H. Zou, T. Hastie, "Regularization and variable selection via the elastic net", JRSS B 67 (2005).

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Penalty {
    pub l1: f64,
    pub l2: f64,
}

impl Penalty {
    /// The proximal step of one weight: pulled towards 0 by `rate · l1`, there at the most, then divided by `1 + rate · l2`.
    pub fn shrink(self, weight: f64, rate: f64) -> f64 {
        if self.l1 == 0.0 && self.l2 == 0.0 {
            return weight;
        }
        let left = (weight.abs() - rate * self.l1).max(0.0);
        left.copysign(weight) / (1.0 + rate * self.l2)
    }
}
