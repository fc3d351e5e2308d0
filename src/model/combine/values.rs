//! One value from those of many experts.

use serde::{Deserialize, Serialize};

use super::discounted::Discounted;
use super::least_squares::LeastSquares;

/// Deviations beyond this many scales say no more.
const FARTHEST: f64 = 10.0;
/// What a round leaves of the scale of losses before it.
const SCALE_DISCOUNT: f64 = 0.99;

/// Combines the answers of `experts`, each kept within the range of the labels seen, a tenth wider: one exploding expert would
/// ruin every mixture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValueCombiner {
    experts: usize,
    low: f64,
    high: f64,
    /// Running scale of the experts' losses, > 0 once there was one.
    scale: f64,
    /// Nearly follows the leader.
    leader: Discounted,
    losses: Discounted,
    squares: LeastSquares,
    /// Over the experts and, after them, the combiners in the order above.
    last: Discounted,
}

impl ValueCombiner {
    pub fn new(experts: usize) -> Self {
        Self {
            experts,
            low: f64::INFINITY,
            high: f64::NEG_INFINITY,
            scale: 0.0,
            leader: Discounted::new(experts, 0.999, 5.0),
            losses: Discounted::new(experts, 0.99, 1.0),
            squares: LeastSquares::new(vec![0.0; experts], 0.9995),
            last: Discounted::new(experts + 3, 0.998, 0.5),
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

    /// `table`: [`ValueCombiner::rows`] values, of which the experts' come first and are given. Fills in the combiners' and
    /// returns the last answer.
    pub fn combine(&self, table: &mut [f64]) -> f64 {
        table[..self.experts].iter_mut().for_each(|value| *value = self.within(*value));
        let (answers, combined) = table.split_at_mut(self.experts);
        let mean = weighted(self.losses.weights(), answers);
        combined[0] = weighted(self.leader.weights(), answers);
        combined[1] = mean;
        let step = self.squares.predict(|k| self.deviation(answers[k], mean));
        combined[2] = self.within(mean + self.scale * step.clamp(-FARTHEST, FARTHEST));
        weighted(self.last.weights(), table)
    }

    fn within(&self, value: f64) -> f64 {
        if self.low > self.high {
            return 0.0;
        }
        let margin = 0.1 * (self.high - self.low);
        if value.is_nan() { self.low } else { value.clamp(self.low - margin, self.high + margin) }
    }

    fn deviation(&self, value: f64, mean: f64) -> f64 {
        if self.scale > 0.0 { ((value - mean) / self.scale).clamp(-FARTHEST, FARTHEST) } else { 0.0 }
    }

    /// Learns that `value` came, after [`ValueCombiner::combine`] filled the `table`; `scratch` is scratch.
    pub fn learn(&mut self, table: &[f64], value: f64, scratch: &mut Vec<f64>) {
        (self.low, self.high) = (self.low.min(value), self.high.max(value));
        let (answers, combined) = table.split_at(self.experts);
        scratch.clear();
        scratch.extend(answers.iter().map(|answer| (value - answer).abs()));
        scratch.sort_by(f64::total_cmp);
        let median = scratch[scratch.len() / 2];
        self.scale =
            if self.scale > 0.0 { SCALE_DISCOUNT * self.scale + (1.0 - SCALE_DISCOUNT) * median } else { median };
        if self.scale <= 0.0 {
            return;
        }
        let scale = self.scale;
        let gain = |answer: &f64| -((value - answer).abs() / scale).min(FARTHEST);
        self.last.learn(table.iter().map(gain));
        self.leader.learn(answers.iter().map(gain));
        self.losses.learn(answers.iter().map(gain));
        let mean = combined[1];
        let target = ((value - mean) / scale).clamp(-FARTHEST, FARTHEST);
        let deviation = |k: usize| ((answers[k] - mean) / scale).clamp(-FARTHEST, FARTHEST);
        self.squares.learn(deviation, target, scratch);
    }
}

fn weighted(weights: &[f64], values: &[f64]) -> f64 {
    weights.iter().zip(values).map(|(weight, value)| weight * value).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn it_is_better_than_its_best_expert_and_survives_one_that_explodes() {
        let (mut combiner, mut rng, mut scratch) = (ValueCombiner::new(3), Rng::new(5, "test"), Vec::new());
        let (mut ours, mut best) = (0.0, 0.0);
        for round in 0..5_000 {
            let value = rng.normal();
            let answers = [value + rng.normal(), value + rng.normal(), 1e12];
            let mut table = vec![0.0; combiner.rows()];
            table[..3].copy_from_slice(&answers);
            let said = combiner.combine(&mut table);
            if round > 500 {
                ours += (said - value).abs();
                best += (answers[0] - value).abs();
            }
            combiner.learn(&table, value, &mut scratch);
        }
        assert!(ours < 0.85 * best, "{ours} {best}");
    }
}
