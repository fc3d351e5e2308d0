//! Recursive least squares with forgetting: the weights whose mix of the experts' answers has come closest to what came.
//!
//! S. Haykin, "Adaptive Filter Theory", 4th ed., chapter 9.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

/// Weights of `n` inputs, and the inverse of their discounted second moments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct LeastSquares {
    forgetting: f64,
    weights: Vec<f64>,
    /// n x n, symmetric.
    inverse: Vec<f64>,
    /// The most that the trace of the inverse may grow to.
    most: f64,
}

/// How many times its start the inverse may grow to: forgetting would otherwise let it grow without bound where inputs do not
/// vary.
const MOST: f64 = 1e4;

impl LeastSquares {
    /// `weights`: to start from, each of variance `start`. `forgetting`: what a round leaves of those before it, in (0, 1].
    pub fn new(weights: Vec<f64>, start: f64, forgetting: f64) -> Self {
        let n = weights.len();
        let mut inverse = vec![0.0; n * n];
        inverse.iter_mut().step_by(n + 1).for_each(|p| *p = start);
        Self { forgetting, weights, inverse, most: MOST * start * n as f64 }
    }

    /// One for each input, of any sign.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The weighted sum of inputs `x(0) .. x(n - 1)`.
    pub fn predict(&self, x: impl Fn(usize) -> f64) -> f64 {
        self.weights.iter().enumerate().map(|(i, weight)| weight * x(i)).sum()
    }

    /// Learns that the sum of inputs `x` fell short by `error`, of a `variance` that is 1 where all rounds count alike; `gain`
    /// is scratch.
    pub fn learn(&mut self, x: impl Fn(usize) -> f64, error: f64, variance: f64, gain: &mut Vec<f64>) {
        let n = self.weights.len();
        gain.clear();
        gain.extend(self.inverse.chunks_exact(n).map(|row| row.iter().enumerate().map(|(j, p)| p * x(j)).sum::<f64>()));
        let scale = self.forgetting * variance + gain.iter().enumerate().map(|(i, g)| g * x(i)).sum::<f64>();
        for (weight, g) in self.weights.iter_mut().zip(gain.iter()) {
            *weight += g / scale * error;
        }
        let trace: f64 = self.inverse.iter().step_by(n + 1).sum();
        let widen = if trace > self.most { 1.0 } else { 1.0 / self.forgetting };
        // By a product that is the same bits either way round, so that the inverse stays symmetric.
        let root = scale.sqrt();
        gain.iter_mut().for_each(|g| *g /= root);
        for (row, g) in self.inverse.chunks_exact_mut(n).zip(gain.iter()) {
            row.iter_mut().zip(gain.iter()).for_each(|(p, other)| *p = (*p - g * other) * widen);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn a_linear_rule_is_found_and_followed_when_it_changes() {
        let (mut squares, mut rng, mut gain) =
            (LeastSquares::new(vec![0.5; 2], 1.0, 0.99), Rng::new(1, "test"), Vec::new());
        for rule in [[0.9, 0.1], [-0.5, 2.0]] {
            for _ in 0..2_000 {
                let x = [rng.uniform(), rng.uniform()];
                let error = rule[0] * x[0] + rule[1] * x[1] - squares.predict(|i| x[i]);
                squares.learn(|i| x[i], error, 1.0, &mut gain);
            }
            let found = [squares.predict(|i| [1.0, 0.0][i]), squares.predict(|i| [0.0, 1.0][i])];
            assert!(found.iter().zip(rule).all(|(f, r)| (f - r).abs() < 1e-3), "{found:?}");
        }
    }
}
