//! What gradient boosting is made of: derivatives of the loss, sums of them by feature, trees that fit them.

mod codes;
mod histogram;
mod leaf;
pub mod loss;
pub mod tree;

pub use leaf::{Leaf, Search};

/// First and second derivative of the loss by one score.
pub type Pair = [f64; 2];

/// Adds pairs to sums of pairs.
fn add(sums: &mut [f64], pairs: &[Pair]) {
    for (sums, pair) in sums.chunks_exact_mut(2).zip(pairs) {
        sums[0] += pair[0];
        sums[1] += pair[1];
    }
}

/// How much the best constants lower the loss, to second order, where `penalty` is added to second derivatives.
fn gain(sums: &[f64], penalty: f64) -> f64 {
    sums.chunks_exact(2).map(|pair| pair[0] * pair[0] / (pair[1] + penalty)).sum()
}

/// The sum of the second derivatives: how much weight the sums hold.
fn weight(sums: &[f64]) -> f64 {
    sums.chunks_exact(2).map(|pair| pair[1]).sum()
}
