//! Exponential weights on discounted gains.
//!
//! N. Cesa-Bianchi, G. Lugosi, "Prediction, Learning, and Games", Cambridge 2006, section 2.11 (discounted regret).

use serde::{Deserialize, Serialize};

/// Weighs each expert by `exp(rate * s)`, where `s <- discount * s + gain`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Discounted {
    discount: f64,
    rate: f64,
    scores: Vec<f64>,
    weights: Vec<f64>,
}

impl Discounted {
    pub fn new(experts: usize, discount: f64, rate: f64) -> Self {
        Self { discount, rate, scores: vec![0.0; experts], weights: vec![1.0 / experts as f64; experts] }
    }

    /// Positive, of sum 1.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Takes the gain of each expert in the last round, in [0, 1].
    pub fn learn(&mut self, gains: impl Iterator<Item = f64>) {
        for (score, gain) in self.scores.iter_mut().zip(gains) {
            *score = self.discount * *score + gain;
        }
        let best = self.scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for (weight, score) in self.weights.iter_mut().zip(&self.scores) {
            *weight = libm::exp(self.rate * (score - best));
        }
        super::normalise(&mut self.weights);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weight_moves_to_whoever_is_right_now() {
        let mut discounted = Discounted::new(2, 0.99, 0.5);
        let mut rounds = |gains: [f64; 2]| {
            (0..200).for_each(|_| discounted.learn(gains.into_iter()));
            discounted.weights()[0]
        };
        assert!(rounds([1.0, 0.0]) > 0.99);
        assert!(rounds([0.0, 1.0]) < 0.01);
    }
}
