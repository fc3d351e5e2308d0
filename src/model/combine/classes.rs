//! One distribution over the classes from those of many experts.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::discounted::Discounted;
use super::fixed_share::FixedShare;
use super::margins::Margins;
use super::stacking::Stacking;
use super::{add_shares, clip, leader, mix, normalise};

/// Combiners, and their rows in the table.
const COMBINERS: usize = 4;
const STACKING: usize = 2;
const MARGINS: usize = 3;

/// Combines `experts` rows of probabilities into one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct ClassCombiner {
    experts: usize,
    share: FixedShare,
    hits: Discounted,
    stacking: Stacking,
    margins: Margins,
    /// Over the experts and, after them, the combiners in the order above.
    last: Discounted,
}

impl ClassCombiner {
    pub fn new(experts: usize) -> Self {
        Self {
            experts,
            share: FixedShare::new(experts, 0.01),
            hits: Discounted::new(experts, 0.998, 0.5),
            stacking: Stacking::new(experts, 0.05),
            margins: Margins::new(experts),
            last: Discounted::new(experts + COMBINERS, 0.999, 0.3),
        }
    }

    /// Rows in the table of answers: the experts and the combiners.
    pub fn rows(&self) -> usize {
        self.last.weights().len()
    }

    /// The share of each expert in the last answer, itself and through the combiners; of sum 1.
    pub fn shares(&self) -> Vec<f64> {
        let (own, combined) = self.last.weights().split_at(self.experts);
        let mut shares = own.to_vec();
        add_shares(self.share.weights().iter().copied(), combined[0], &mut shares);
        add_shares(self.hits.weights().iter().copied(), combined[1], &mut shares);
        add_shares(self.stacking.weights(), combined[STACKING], &mut shares);
        add_shares(self.margins.weights(), combined[MARGINS], &mut shares);
        normalise(&mut shares);
        shares
    }

    /// `table`: [`ClassCombiner::rows`] rows of `mixed.len()` probabilities, of which the experts' come first and are given
    /// where `awake` is 1. Fills in the others and writes the last answer into `mixed`.
    pub fn combine(&self, awake: &[f64], table: &mut [f64], mixed: &mut [f64]) {
        let classes = mixed.len();
        let (answers, combined) = table.split_at_mut(self.experts * classes);
        for (answer, awake) in answers.chunks_exact_mut(classes).zip(awake) {
            // Who rests says nothing: a constant moves no softmax.
            answer.iter_mut().for_each(|p| *p = if *awake > 0.0 { clip(*p) } else { 1.0 / classes as f64 });
        }
        combined.fill(0.0);
        for (row, weights) in combined.chunks_exact_mut(classes).zip([self.share.weights(), self.hits.weights()]) {
            mix(weights, awake, answers, row);
        }
        let logs: Vec<f64> = answers.iter().map(|p| libm::log(*p)).collect();
        self.stacking.combine(&logs, &mut combined[STACKING * classes..][..classes]);
        self.margins.combine(&logs, &mut combined[MARGINS * classes..][..classes]);
        mixed.fill(0.0);
        mix(self.last.weights(), awake, table, mixed);
    }

    /// Learns that `class` came, after [`ClassCombiner::combine`] filled the `table`; `scratch` is scratch.
    pub fn learn(&mut self, awake: &[f64], table: &[f64], classes: usize, class: usize, scratch: &mut Vec<f64>) {
        let hit = |row: &[f64]| if leader(row) == class { 1.0 } else { 0.0 };
        self.last.learn(awake, table.chunks_exact(classes).map(hit));
        let (answers, combined) = table.split_at(self.experts * classes);
        self.share.learn(awake, answers.chunks_exact(classes).map(|row| row[class]));
        self.hits.learn(awake, answers.chunks_exact(classes).map(hit));
        let logs: Vec<f64> = answers.iter().map(|p| libm::log(*p)).collect();
        self.stacking.learn(&logs, &combined[STACKING * classes..][..classes], class);
        self.margins.learn(&logs, &combined[MARGINS * classes..][..classes], class, scratch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    /// Accuracy of the combination of three experts that are right with the given chances, by turns of 2,000 rounds.
    fn accuracy(turns: &[[f64; 3]]) -> f64 {
        let (mut combiner, mut rng, mut gain) = (ClassCombiner::new(3), Rng::new(5, "test"), Vec::new());
        let (mut right, mut rounds) = (0, 0);
        for chances in turns {
            for _ in 0..2_000 {
                let class = rng.below(3);
                let mut table = vec![0.1; combiner.rows() * 3];
                for (k, chance) in chances.iter().enumerate() {
                    let said = if rng.uniform() < *chance { class } else { rng.below(3) };
                    table[k * 3 + said] = 0.8;
                }
                let mut mixed = [0.0; 3];
                combiner.combine(&[1.0; 3], &mut table, &mut mixed);
                right += usize::from(leader(&mixed) == class);
                rounds += 1;
                combiner.learn(&[1.0; 3], &table, 3, class, &mut gain);
            }
        }
        right as f64 / rounds as f64
    }

    #[test]
    fn it_follows_the_best_expert_through_a_change() {
        assert!(accuracy(&[[0.9, 0.2, 0.2], [0.2, 0.9, 0.2]]) > 0.90);
    }

    #[test]
    fn it_beats_three_experts_that_err_apart() {
        // Each alone is right in 80 % of the rounds.
        assert!(accuracy(&[[0.7, 0.7, 0.7]]) > 0.84);
    }
}
