//! Sums that forget nothing: what was added can be taken away again a million events later.
//!
//! T. J. Dekker, "A floating-point technique for extending the available precision", Numerische Mathematik 18 (1971);
//! the error-free addition is D. E. Knuth's.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

/// A sum in two parts, about 32 decimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
pub struct LongSum {
    high: f64,
    low: f64,
}

impl LongSum {
    pub fn new(value: f64) -> Self {
        Self { high: value, low: 0.0 }
    }

    pub fn add(&mut self, value: f64) {
        let (sum, error) = two_sum(self.high, value);
        (self.high, self.low) = two_sum(sum, self.low + error);
    }

    pub fn get(self) -> f64 {
        self.high
    }
}

/// `a + b` rounded, and exactly what the rounding lost.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let part = sum - a;
    (sum, (a - (sum - part)) + (b - part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn what_was_added_can_be_taken_away() {
        let mut rng = Rng::new(1, "sum");
        let values: Vec<f64> = (0..10_000).map(|_| rng.normal() * 1e6).collect();
        let (mut long, mut plain) = (LongSum::new(0.1), 0.1);
        for sign in [1.0, -1.0] {
            for value in &values {
                long.add(sign * value);
                plain += sign * value;
            }
        }
        assert!((long.get() - 0.1).abs() < 1e-20, "{}", long.get());
        assert!(f64::abs(plain - 0.1) > 1e-12, "the test is too easy");
    }
}
