//! Exponential weights on discounted gains.
//!
//! N. Cesa-Bianchi, G. Lugosi, "Prediction, Learning, and Games", Cambridge 2006, section 2.11 (discounted regret).

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

/// Weighs each expert by `exp(rate * s)`, where `s <- discount * s + gain`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
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

    /// Takes the gain of each expert in the last round, in [0, 1]; those who rested (`awake` is 0) gain what the others did on
    /// average (Y. Freund et al., "Using and combining predictors that specialize", STOC 1997).
    pub fn learn(&mut self, awake: &[f64], gains: impl Iterator<Item = f64> + Clone) {
        let average = super::average(&self.weights, awake, gains.clone());
        let awake = awake.iter().map(|awake| *awake > 0.0).chain(std::iter::repeat(true));
        for ((score, gain), awake) in self.scores.iter_mut().zip(gains).zip(awake) {
            *score = self.discount * *score + if awake { gain } else { average };
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
            (0..200).for_each(|_| discounted.learn(&[], gains.into_iter()));
            discounted.weights()[0]
        };
        assert!(rounds([1.0, 0.0]) > 0.99);
        assert!(rounds([0.0, 1.0]) < 0.01);
    }
}
