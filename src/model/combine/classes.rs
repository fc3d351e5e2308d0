//! One distribution over the classes from those of many experts.

use serde::{Deserialize, Serialize};

use super::discounted::Discounted;
use super::fixed_share::FixedShare;
use super::least_squares::LeastSquares;
use super::stacking::Stacking;
use super::{clip, leader, mix, normalise};

/// Rates of the stackers: the last level finds the one that fits the stream.
const STACKING_RATES: [f64; 3] = [0.02, 0.05, 0.1];

/// Combines `experts` rows of probabilities into one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassCombiner {
    experts: usize,
    share: FixedShare,
    hits: Discounted,
    stackers: Vec<Stacking>,
    squares: LeastSquares,
    /// Over the experts and, after them, the combiners in the order above.
    last: Discounted,
}

impl ClassCombiner {
    pub fn new(experts: usize) -> Self {
        Self {
            experts,
            share: FixedShare::new(experts, 0.01),
            hits: Discounted::new(experts, 0.998, 0.5),
            stackers: STACKING_RATES.iter().map(|rate| Stacking::new(experts, *rate)).collect(),
            squares: LeastSquares::new(vec![1.0 / experts as f64; experts], 0.9995),
            last: Discounted::new(experts + 3 + STACKING_RATES.len(), 0.999, 0.3),
        }
    }

    /// Rows in the table of answers: the experts and the combiners.
    pub fn rows(&self) -> usize {
        self.last.weights().len()
    }

    /// The weight of each row in the last answer.
    pub fn weights(&self) -> &[f64] {
        self.last.weights()
    }

    /// `table`: [`ClassCombiner::rows`] rows of `mixed.len()` probabilities, of which the experts' come first and are given.
    /// Fills in the combiners' rows and writes the last answer into `mixed`.
    pub fn combine(&self, table: &mut [f64], mixed: &mut [f64]) {
        let classes = mixed.len();
        let (answers, combined) = table.split_at_mut(self.experts * classes);
        answers.iter_mut().for_each(|p| *p = clip(*p));
        combined.fill(0.0);
        let mut rows = combined.chunks_exact_mut(classes);
        for weights in [self.share.weights(), self.hits.weights()] {
            rows.next().into_iter().for_each(|row| mix(weights, answers, row));
        }
        for (stacker, row) in self.stackers.iter().zip(&mut rows) {
            stacker.combine(answers, row);
        }
        for row in rows {
            for (class, p) in row.iter_mut().enumerate() {
                *p = clip(self.squares.predict(|k| answers[k * classes + class]));
            }
            normalise(row);
        }
        mixed.fill(0.0);
        mix(self.last.weights(), table, mixed);
        normalise(mixed);
    }

    /// Learns that `class` came, after [`ClassCombiner::combine`] filled the `table`; `gain` is scratch.
    pub fn learn(&mut self, table: &[f64], classes: usize, class: usize, gain: &mut Vec<f64>) {
        let hit = |row: &[f64]| if leader(row) == class { 1.0 } else { 0.0 };
        self.last.learn(table.chunks_exact(classes).map(hit));
        let (answers, combined) = table.split_at(self.experts * classes);
        self.share.learn(answers.chunks_exact(classes).map(|row| row[class]));
        self.hits.learn(answers.chunks_exact(classes).map(hit));
        for (stacker, row) in self.stackers.iter_mut().zip(combined.chunks_exact(classes).skip(2)) {
            stacker.learn(answers, row, class);
        }
        let Some(row) = combined.chunks_exact(classes).last() else { return };
        for taught in leading(row, class).into_iter().flatten() {
            let target = if taught == class { 1.0 } else { 0.0 };
            self.squares.learn(|k| answers[k * classes + taught], target, gain);
        }
    }
}

/// The class that came, and the two that lead beside it.
fn leading(row: &[f64], class: usize) -> [Option<usize>; 3] {
    let others = |skip: Option<usize>| {
        let candidates = (0..row.len()).filter(|c| *c != class && Some(*c) != skip);
        candidates.fold(None, |best: Option<usize>, c| best.filter(|b| row[*b] >= row[c]).or(Some(c)))
    };
    let first = others(None);
    [Some(class), first, first.and_then(|_| others(first))]
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
                combiner.combine(&mut table, &mut mixed);
                right += usize::from(leader(&mixed) == class);
                rounds += 1;
                combiner.learn(&table, 3, class, &mut gain);
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
