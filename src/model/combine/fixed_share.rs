//! Fixed share: weights by likelihood, a little of which is shared out anew in each round, so that a late expert can rise.
//!
//! M. Herbster, M. Warmuth, "Tracking the best expert", Machine Learning 32 (1998).

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct FixedShare {
    share: f64,
    weights: Vec<f64>,
}

impl FixedShare {
    /// `share`: of all weight, in (0, 1), that is shared out evenly after each round.
    pub fn new(experts: usize, share: f64) -> Self {
        Self { share, weights: vec![1.0 / experts as f64; experts] }
    }

    /// Positive, of sum 1.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Takes the probability that each expert gave to what came, > 0; those who rested (`awake` is 0) keep their part.
    pub fn learn(&mut self, awake: &[f64], likelihoods: impl Iterator<Item = f64> + Clone) {
        let average = super::average(&self.weights, awake, likelihoods.clone());
        for ((weight, p), awake) in self.weights.iter_mut().zip(likelihoods).zip(awake) {
            *weight *= if *awake > 0.0 { p } else { average };
        }
        super::normalise(&mut self.weights);
        let even = self.share / self.weights.len() as f64;
        self.weights.iter_mut().for_each(|weight| *weight = (1.0 - self.share) * *weight + even);
    }
}
