//! Who rests: costly experts that carry little do not answer, and learn from a sample; now and then each is tried again.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

/// Labels between two decisions.
const PERIOD: u64 = 1_000;
/// Periods before anyone rests.
const WARM: u64 = 1;
/// A resting expert is awake in one of so many periods.
const ROUND: u64 = 10;
/// A resting expert learns one of so many rows.
const SAMPLE: u64 = 8;
/// A costly expert that carries less of the answers than this part of what it takes of the budget is of no help.
const HELP: f64 = 0.08;

/// Decides who is awake: a function of the labels learned and of what the experts carried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Rota {
    budget: f64,
    costs: Vec<f64>,
    awake: Vec<bool>,
    labels: u64,
}

impl Rota {
    /// `costs` of each expert in an event, in the unit of `budget`; one of cost 1 or less never rests.
    pub fn new(budget: f64, costs: Vec<f64>) -> Self {
        Self { budget, awake: vec![true; costs.len()], costs, labels: 0 }
    }

    pub fn is_awake(&self, expert: usize) -> bool {
        self.awake[expert]
    }

    /// Whether an expert that did or did not answer learns the row whose label has come.
    pub fn learns(&self, expert: usize, answered: bool) -> bool {
        answered || self.awake[expert] || (self.labels + expert as u64).is_multiple_of(SAMPLE)
    }

    /// Counts a label; `shares` of the experts in the answers are asked for when it is time to decide anew.
    pub fn learn(&mut self, shares: impl FnOnce() -> Vec<f64>) {
        self.labels += 1;
        if self.labels.is_multiple_of(PERIOD) && self.labels >= WARM * PERIOD {
            self.decide(&shares());
        }
    }

    /// The cheap are awake, then the costly by what they carry, as far as the budget goes; and whose turn it is.
    fn decide(&mut self, shares: &[f64]) {
        let cheap = |expert: &usize| self.costs[*expert] <= 1.0;
        let mut left = self.budget - (0..shares.len()).filter(cheap).map(|expert| self.costs[expert]).sum::<f64>();
        let mut costly: Vec<usize> = (0..shares.len()).filter(|expert| !cheap(expert)).collect();
        costly.sort_by(|a, b| shares[*b].total_cmp(&shares[*a]));
        let period = self.labels / PERIOD;
        for expert in costly {
            let worth = shares[expert] * self.budget >= HELP * self.costs[expert];
            let helps = worth && self.costs[expert] <= left;
            if helps {
                left -= self.costs[expert];
            }
            self.awake[expert] = helps || (period + expert as u64).is_multiple_of(ROUND);
        }
    }
}
