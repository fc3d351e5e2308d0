//! One value from those of many experts.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::discounted::Discounted;
use super::least_squares::LeastSquares;
use super::{add_shares, average};

/// Deviations beyond this many scales say no more.
const FARTHEST: f64 = 10.0;
/// What a round leaves of those before it, in least squares.
const MEMORIES: [f64; 2] = [0.9998, 0.999];
/// Errors below this many scales count alike in least squares, larger ones by their size alone: what is scored is the absolute
/// error (E. J. Schlossmacher, "An iterative technique for absolute deviations curve fitting", JASA 68 (1973)).
const LEAST_VARIANCE: f64 = 0.3;
/// What a round leaves of the scale of losses before it.
const SCALE_DISCOUNT: f64 = 0.99;

/// Combines the answers of `experts`, each kept within the range of the labels seen, a tenth wider: one exploding expert would
/// ruin every mixture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct ValueCombiner {
    experts: usize,
    low: f64,
    high: f64,
    /// Running scale of the experts' losses, > 0 once there was one.
    scale: f64,
    /// Nearly follows the leader.
    leader: Discounted,
    losses: Discounted,
    /// With a long and a short memory.
    squares: [LeastSquares; 2],
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
            squares: MEMORIES.map(|forgetting| LeastSquares::new(vec![0.0; experts], 1.0, forgetting)),
            last: Discounted::new(experts + 2 + MEMORIES.len(), 0.998, 0.5),
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
        let squares = self.squares.iter().map(LeastSquares::weights);
        let through = [self.leader.weights(), self.losses.weights()].into_iter().chain(squares);
        for (weights, total) in through.zip(combined) {
            add_shares(weights, *total, &mut shares);
        }
        super::normalise(&mut shares);
        shares
    }

    /// `table`: [`ValueCombiner::rows`] values, of which the experts' come first and are given where `awake` is 1. Fills in the
    /// others and returns the last answer.
    pub fn combine(&self, awake: &[f64], table: &mut [f64]) -> f64 {
        table[..self.experts].iter_mut().for_each(|value| *value = self.within(*value));
        let (answers, combined) = table.split_at_mut(self.experts);
        let mean = average(self.losses.weights(), awake, answers.iter().copied());
        // Who rests says what the others do.
        answers.iter_mut().zip(awake).filter(|(_, awake)| **awake <= 0.0).for_each(|(answer, _)| *answer = mean);
        combined[0] = average(self.leader.weights(), awake, answers.iter().copied());
        combined[1] = mean;
        for (squares, combined) in self.squares.iter().zip(&mut combined[2..]) {
            let step = squares.predict(|k| self.deviation(answers[k], mean));
            *combined = self.within(mean + self.scale * step.clamp(-FARTHEST, FARTHEST));
        }
        average(self.last.weights(), awake, table.iter().copied())
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
    pub fn learn(&mut self, awake: &[f64], table: &[f64], value: f64, scratch: &mut Vec<f64>) {
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
        self.last.learn(awake, table.iter().map(gain));
        self.leader.learn(awake, answers.iter().map(gain));
        self.losses.learn(awake, answers.iter().map(gain));
        let mean = combined[1];
        let target = ((value - mean) / scale).clamp(-FARTHEST, FARTHEST);
        let deviation = |k: usize| ((answers[k] - mean) / scale).clamp(-FARTHEST, FARTHEST);
        for squares in &mut self.squares {
            let error = target - squares.predict(deviation);
            squares.learn(deviation, error, error.abs().max(LEAST_VARIANCE), scratch);
        }
    }
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
            let said = combiner.combine(&[1.0; 3], &mut table);
            if round > 500 {
                ours += (said - value).abs();
                best += (answers[0] - value).abs();
            }
            combiner.learn(&[1.0; 3], &table, value, &mut scratch);
        }
        assert!(ours < 0.85 * best, "{ours} {best}");
    }
}
