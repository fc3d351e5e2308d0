//! Recursive least squares with forgetting: the weights whose mix of the experts' answers has come closest to what came.
//!
//! S. Haykin, "Adaptive Filter Theory", 4th ed., chapter 9.

use serde::{Deserialize, Serialize};

/// Weights of `n` inputs, and the inverse of their discounted second moments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeastSquares {
    forgetting: f64,
    weights: Vec<f64>,
    /// n x n, symmetric.
    inverse: Vec<f64>,
}

/// What the inverse starts from on its diagonal, and the most its trace may grow to per input: forgetting would otherwise let it
/// grow without bound where inputs do not vary.
const START: f64 = 1.0;
const MOST: f64 = 1e4;

impl LeastSquares {
    /// `weights`: to start from. `forgetting`: what a round leaves of those before it, in (0, 1].
    pub fn new(weights: Vec<f64>, forgetting: f64) -> Self {
        let n = weights.len();
        let mut inverse = vec![0.0; n * n];
        (0..n).for_each(|i| inverse[i * n + i] = START);
        Self { forgetting, weights, inverse }
    }

    /// The weighted sum of inputs `x(0) .. x(n - 1)`.
    pub fn predict(&self, x: impl Fn(usize) -> f64) -> f64 {
        self.weights.iter().enumerate().map(|(i, weight)| weight * x(i)).sum()
    }

    /// Learns that inputs `x` should have come to `target`; `gain` is scratch.
    pub fn learn(&mut self, x: impl Fn(usize) -> f64, target: f64, gain: &mut Vec<f64>) {
        let n = self.weights.len();
        gain.clear();
        gain.extend(self.inverse.chunks_exact(n).map(|row| row.iter().enumerate().map(|(j, p)| p * x(j)).sum::<f64>()));
        let scale = self.forgetting + gain.iter().enumerate().map(|(i, g)| g * x(i)).sum::<f64>();
        let error = target - self.predict(&x);
        for (weight, g) in self.weights.iter_mut().zip(gain.iter()) {
            *weight += g / scale * error;
        }
        let trace: f64 = (0..n).map(|i| self.inverse[i * n + i]).sum();
        let forgetting = if trace > MOST * n as f64 { 1.0 } else { self.forgetting };
        for (i, row) in self.inverse.chunks_exact_mut(n).enumerate() {
            for (j, p) in row.iter_mut().enumerate() {
                *p = (*p - gain[i] * gain[j] / scale) / forgetting;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn a_linear_rule_is_found_and_followed_when_it_changes() {
        let (mut squares, mut rng, mut gain) = (LeastSquares::new(vec![0.5; 2], 0.99), Rng::new(1, "test"), Vec::new());
        for rule in [[0.9, 0.1], [-0.5, 2.0]] {
            for _ in 0..2_000 {
                let x = [rng.uniform(), rng.uniform()];
                squares.learn(|i| x[i], rule[0] * x[0] + rule[1] * x[1], &mut gain);
            }
            let found = [squares.predict(|i| [1.0, 0.0][i]), squares.predict(|i| [0.0, 1.0][i])];
            assert!(found.iter().zip(rule).all(|(f, r)| (f - r).abs() < 1e-3), "{found:?}");
        }
    }
}
