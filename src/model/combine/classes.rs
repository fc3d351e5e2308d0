//! One distribution over the classes from those of many experts.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::discounted::Discounted;
use super::least_squares::LeastSquares;
use super::margins::Margins;
use super::{add_shares, clip, leader, mix, normalise};

/// How many combiners there are, each a row of the table behind the experts': by hits, by margins, by squares.
const COMBINERS: usize = 3;
/// What a round leaves of those before it, in least squares.
const FORGETTING: f64 = 0.9995;

/// Combines `experts` rows of probabilities into one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct ClassCombiner {
    experts: usize,
    hits: Discounted,
    margins: Margins,
    /// Of probabilities less those of an even distribution, by the same weights for all classes.
    squares: LeastSquares,
    /// Over the experts and, after them, the combiners in the order above.
    last: Discounted,
}

impl ClassCombiner {
    pub fn new(experts: usize) -> Self {
        Self {
            experts,
            hits: Discounted::new(experts, 0.998, 0.5),
            margins: Margins::new(experts),
            squares: LeastSquares::new(vec![1.0 / experts as f64; experts], 1.0, FORGETTING),
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
        let through = [self.hits.weights(), self.margins.weights(), self.squares.weights()];
        for (weights, total) in through.into_iter().zip(combined) {
            add_shares(weights, *total, &mut shares);
        }
        normalise(&mut shares);
        shares
    }

    /// `table`: [`ClassCombiner::rows`] rows of `mixed.len()` probabilities, of which the experts' come first and are given
    /// where `awake` is 1. Fills in the others and writes the last answer into `mixed`.
    pub fn combine(&self, awake: &[f64], table: &mut [f64], mixed: &mut [f64]) {
        let classes = mixed.len();
        let even = 1.0 / classes as f64;
        let (answers, combined) = table.split_at_mut(self.experts * classes);
        for (answer, awake) in answers.chunks_exact_mut(classes).zip(awake) {
            // Who rests says nothing: it moves neither a softmax nor a sum of deviations.
            answer.iter_mut().for_each(|p| *p = if *awake > 0.0 { clip(*p) } else { even });
        }
        combined.fill(0.0);
        let (by_hits, rest) = combined.split_at_mut(classes);
        let (by_margins, by_squares) = rest.split_at_mut(classes);
        mix(self.hits.weights(), awake, answers, by_hits);
        self.margins.combine(&logs(answers), by_margins);
        for (class, p) in by_squares.iter_mut().enumerate() {
            *p = clip(even + self.squares.predict(|k| answers[k * classes + class] - even));
        }
        normalise(by_squares);
        mixed.fill(0.0);
        mix(self.last.weights(), awake, table, mixed);
    }

    /// Learns that `class` came, after [`ClassCombiner::combine`] filled the `table`; `scratch` is scratch.
    pub fn learn(&mut self, awake: &[f64], table: &[f64], classes: usize, class: usize, scratch: &mut Vec<f64>) {
        let hit = |row: &[f64]| if leader(row) == class { 1.0 } else { 0.0 };
        self.last.learn(awake, table.chunks_exact(classes).map(hit));
        let (answers, combined) = table.split_at(self.experts * classes);
        self.hits.learn(awake, answers.chunks_exact(classes).map(hit));
        let mut rows = combined.chunks_exact(classes).skip(1);
        let (Some(by_margins), Some(by_squares)) = (rows.next(), rows.next()) else { return };
        self.margins.learn(&logs(answers), by_margins, class, scratch);
        let even = 1.0 / classes as f64;
        for taught in leading(by_squares, class).into_iter().flatten() {
            let deviation = |k: usize| answers[k * classes + taught] - even;
            let target = if taught == class { 1.0 } else { 0.0 };
            let error = target - even - self.squares.predict(deviation);
            self.squares.learn(deviation, error, 1.0, scratch);
        }
    }
}

fn logs(answers: &[f64]) -> Vec<f64> {
    answers.iter().map(|p| libm::log(*p)).collect()
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
        // The expert that is good in its turn is right in 93 % of the rounds, each over both turns in 70 %.
        let found = accuracy(&[[0.9, 0.2, 0.2], [0.2, 0.9, 0.2]]);
        assert!(found > 0.89, "{found}");
    }

    #[test]
    fn it_beats_three_experts_that_err_apart() {
        // Each alone is right in 80 % of the rounds.
        assert!(accuracy(&[[0.7, 0.7, 0.7]]) > 0.84);
    }
}
