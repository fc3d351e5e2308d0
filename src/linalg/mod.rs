//! Small numeric tools of a fixed order of operations: dot products, long sums, factored symmetric matrices.

mod cholesky;
mod entropy;
mod product;
mod sum;

pub use cholesky::{Cholesky, Gram};
pub use entropy::times_ln;
pub use product::LogProduct;
pub use sum::LongSum;

/// The largest magnitude that enters a row, and that transforms and models give: its square is far from infinity.
pub const LARGEST: f64 = 1e100;

/// `value` within ±[`LARGEST`]; NaN stays NaN.
pub fn bounded(value: f64) -> f64 {
    value.clamp(-LARGEST, LARGEST)
}

/// `value` within ±[`LARGEST`]; NaN, a missing number, counts as 0.
pub fn bounded_or_zero(value: f64) -> f64 {
    if value.is_nan() { 0.0 } else { bounded(value) }
}

/// Dot product over the shorter of both, in four lanes of fixed order, so that every machine rounds alike. A NaN among
/// `values` counts as 0.
pub fn dot(weights: &[f64], values: &[f64]) -> f64 {
    let n = weights.len().min(values.len());
    let (weights, values) = (&weights[..n], &values[..n]);
    let mut lanes = [0.0; 4];
    let mut whole_weights = weights.chunks_exact(4);
    let mut whole_values = values.chunks_exact(4);
    for (w, v) in whole_weights.by_ref().zip(whole_values.by_ref()) {
        for lane in 0..4 {
            lanes[lane] += term(w[lane], v[lane]);
        }
    }
    let rest = whole_weights.remainder().iter().zip(whole_values.remainder());
    for (lane, (&w, &v)) in lanes.iter_mut().zip(rest) {
        *lane += term(w, v);
    }
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
}

/// `into += factor * values`, each product within ±[`LARGEST`]; a NaN among `values` adds 0.
pub fn add_scaled(into: &mut [f64], factor: f64, values: &[f64]) {
    for (sum, &value) in into.iter_mut().zip(values) {
        *sum += bounded_or_zero(factor * value);
    }
}

fn term(weight: f64, value: f64) -> f64 {
    if value.is_nan() { 0.0 } else { weight * value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_takes_every_element_once_and_missing_as_zero() {
        for n in 0..12 {
            let ones = vec![1.0; n];
            let values: Vec<f64> = (0..n).map(|i| (1_u64 << i) as f64).collect();
            assert_eq!(dot(&ones, &values), values.iter().sum::<f64>(), "n = {n}");
        }
        assert_eq!(dot(&[1.0, 2.0, 3.0], &[1.0, f64::NAN, 1.0]), 4.0);
    }
}
