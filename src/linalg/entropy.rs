//! Numbers times their logarithms, many at a time: what entropies are made of.

use std::f64::consts::{FRAC_1_SQRT_2, LN_2};

const FRACTION: u64 = (1 << 52) - 1;
/// Added to the bits of a number, it makes the exponent that of the power of two which leaves a mantissa in [√½, √2).
const TO_NEAREST: u64 = 1.0_f64.to_bits() - FRAC_1_SQRT_2.to_bits();
/// A double whose last bits are an integer's.
const INTEGER: f64 = 4_503_599_627_370_496.0; // 2^52
const BIAS: f64 = 1023.0;

/// Replaces every `x` >= 0 by `x ln x`, and 0 by 0; to within 3e-16 of `x` and of the result. Straight through, without a
/// jump, so that two are worked on at a time where the machine can, with the same bits where it can't.
pub fn times_ln(values: &mut [f64]) {
    for value in values {
        *value *= ln(value.max(f64::MIN_POSITIVE));
    }
}

/// ln of a positive number that is not subnormal: with m = (1 + s) / (1 - s), ln m = 2 (s + s³/3 + s⁵/5 + …).
#[inline(always)]
fn ln(number: f64) -> f64 {
    let bits = number.to_bits() + TO_NEAREST;
    let exponent = f64::from_bits((bits >> 52) | INTEGER.to_bits()) - (INTEGER + BIAS);
    let mantissa = f64::from_bits((bits & FRACTION) + FRAC_1_SQRT_2.to_bits());
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let z = s * s; // at most 0.0295
    let mut series = 1.0 / 19.0;
    for odd in [17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0] {
        series = series * z + 1.0 / odd;
    }
    exponent * LN_2 + 2.0 * (s + s * z * series)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_logarithm() {
        let mut rng = crate::rng::Rng::new(1, "ln");
        let spread = |power: f64| libm::exp2(power);
        let powers =
            (0..20_000).map(|i| if i % 2 == 0 { 2.0 * rng.uniform() - 1.0 } else { 2000.0 * rng.uniform() - 1000.0 });
        for number in powers.map(spread).chain([f64::MIN_POSITIVE, 1.0, 2.0, 50.0, FRAC_1_SQRT_2]) {
            let (ours, exact) = (ln(number), libm::log(number));
            assert!((ours - exact).abs() <= 4e-16 * exact.abs().max(0.5), "ln {number} is {exact}, not {ours}");
        }
        let mut values = [0.0, 1.0, 2.0, 1e-320, 8.0, 0.5, 3.0];
        times_ln(&mut values);
        assert_eq!((values[0], values[1]), (0.0, 0.0));
        assert!((values[2] - 2.0 * LN_2).abs() < 1e-15 && (values[4] - 24.0 * LN_2).abs() < 1e-14, "{values:?}");
        assert!(values.iter().all(|value| value.is_finite()));
    }
}
