//! The logarithm of a product of any length, at the price of one logarithm.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

/// A product of positive numbers as mantissa and exponent, so that it neither overflows nor vanishes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct LogProduct {
    mantissa: f64,
    exponent: i64,
}

const FRACTION: u64 = (1 << 52) - 1;
const BIAS: i64 = 1023;

impl Default for LogProduct {
    fn default() -> Self {
        Self { mantissa: 1.0, exponent: 0 }
    }
}

impl LogProduct {
    /// Multiplies by a `factor`, positive and not subnormal.
    pub fn push(&mut self, factor: f64) {
        let (mantissa, exponent) = parts(factor);
        self.mantissa *= mantissa;
        self.exponent += exponent;
        if self.mantissa > 1e300 {
            let (mantissa, exponent) = parts(self.mantissa);
            (self.mantissa, self.exponent) = (mantissa, self.exponent + exponent);
        }
    }

    /// The natural logarithm of the product; 0 for none.
    pub fn ln(self) -> f64 {
        libm::log(self.mantissa) + self.exponent as f64 * std::f64::consts::LN_2
    }
}

/// A number in [1, 2) and the power of two that it is to be multiplied with.
fn parts(number: f64) -> (f64, i64) {
    let bits = number.to_bits();
    (f64::from_bits(bits & FRACTION | 1.0_f64.to_bits()), (bits >> 52) as i64 - BIAS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_sum_of_the_logarithms_however_long_and_large() {
        let mut product = LogProduct::default();
        let mut sum = 0.0;
        for i in 0..5_000 {
            let factor = if i % 3 == 0 { 1e-200 * f64::from(i + 1) } else { 1e150 / f64::from(i + 1) };
            product.push(factor);
            sum += libm::log(factor);
        }
        assert!((product.ln() - sum).abs() < 1e-9 * sum.abs(), "{} is not {sum}", product.ln());
        assert_eq!(LogProduct::default().ln(), 0.0);
    }
}
