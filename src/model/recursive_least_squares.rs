//! Recursive least squares with forgetting: the exact fit to all rows so far, older ones counting less; a class is a target
//! of 1 beside zeros. With random features it bends: a kernel machine of bounded size.
//!
//! S. Haykin, "Adaptive Filter Theory", 4th ed., chapter 9; A. Rahimi, B. Recht, "Random features for large-scale kernel
//! machines", NIPS 2007. Inputs are the numbers, which should have one scale, held within ±10; a missing one is 0. The cost of
//! an event is the square of the inputs. Before it learns, it predicts 0, and no class.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::linear::weights_in_words;
use super::{Context, Model};
use crate::event::Layout;
use crate::linalg::bounded_or_zero;
use crate::params::About;
use crate::rng::Rng;
use crate::row::{Label, Prediction, Row, Task};
use crate::stats::Scratch;

pub const ABOUT: About = About {
    summary: "the least-squares fit to all rows, older ones fading; linear, or bent by random features",
    source: "S. Haykin, Adaptive Filter Theory, 4th ed., ch. 9; A. Rahimi, B. Recht, Random features, NIPS 2007",
    example: "type = \"recursive_least_squares\"\nforgetting = 0.999\nrandom_features = 20",
};

crate::params! {
    pub struct Params {
        /// What a row leaves of the weight of those before it.
        pub forgetting: f64 = 0.9995, in 0.5..=1.0 => "in [0.5, 1]";
        /// Penalty on squared weights at the start.
        pub l2: f64 = 1.0, in 1e-6..=1e6 => "in [1e-6, 1e6]";
        /// Cosines of random directions beside the numbers; 0: a linear model.
        pub random_features: usize = 0, in 0..=2_000 => "in 0..=2000";
        /// Distance over which those vary, for each input's unit.
        pub length: f64 = 1.0, in f64::MIN_POSITIVE..=1e6 => "in (0, 1e6]";
    }
}

/// The largest input.
const LARGEST: f64 = 10.0;
/// The most that forgetting may widen the inverse's mean diagonal to, in units of its start.
const WIDEST: f64 = 1e3;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct RecursiveLeastSquares {
    params: Params,
    numbers: usize,
    /// A direction over the numbers and a phase for each random feature.
    directions: Vec<f64>,
    /// Of the inputs' discounted second moments; square, symmetric.
    inverse: Vec<f64>,
    /// Of each output (a class, or the value), one for each input.
    weights: Vec<Vec<f64>>,
    #[serde(skip)]
    inputs: Scratch<Vec<f64>>,
    #[serde(skip)]
    gain: Scratch<Vec<f64>>,
}

impl RecursiveLeastSquares {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let numbers = context.layout.numbers.len();
        let n = 1 + numbers + params.random_features;
        let mut rng = Rng::new(context.seed, "recursive_least_squares");
        let mut directions = Vec::with_capacity(params.random_features * (numbers + 1));
        for feature in 0..params.random_features {
            // Three lengths by turns: what bends fast and what bends slowly.
            let length = params.length * [0.5, 1.0, 2.0][feature % 3];
            let scale = 1.0 / (length * (numbers.max(1) as f64).sqrt());
            directions.extend((0..numbers).map(|_| rng.normal() * scale));
            directions.push(rng.uniform() * std::f64::consts::TAU);
        }
        let mut inverse = vec![0.0; n * n];
        inverse.iter_mut().step_by(n + 1).for_each(|p| *p = 1.0 / params.l2);
        Self {
            params,
            numbers,
            directions,
            inverse,
            weights: Vec::new(),
            inputs: Scratch::default(),
            gain: Scratch::default(),
        }
    }

    fn read(&self, row: &Row, inputs: &mut Vec<f64>) {
        inputs.clear();
        inputs.push(1.0);
        let held = |number: &f64| if number.is_nan() { 0.0 } else { number.clamp(-LARGEST, LARGEST) };
        inputs.extend(row.numbers.iter().map(held));
        for direction in self.directions.chunks_exact(self.numbers + 1) {
            let (along, phase) = direction.split_at(self.numbers);
            inputs.push(libm::cos(dot(along, &inputs[1..=self.numbers]) + phase[0]));
        }
    }
}

impl Model for RecursiveLeastSquares {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary, Task::Multiclass, Task::Regression]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        if self.weights.is_empty() {
            return;
        }
        let mut inputs = Vec::with_capacity(1 + self.numbers + self.params.random_features);
        self.read(row, &mut inputs);
        let score = |weights: &Vec<f64>| bounded_or_zero(dot(weights, &inputs));
        match prediction {
            Prediction::Value(value) => *value = score(&self.weights[0]),
            Prediction::Classes(probabilities) => {
                for (p, weights) in probabilities.iter_mut().zip(&self.weights) {
                    *p = score(weights).clamp(1e-3, 1.0);
                }
                let total: f64 = probabilities.iter().sum();
                probabilities.iter_mut().for_each(|p| *p /= total);
            }
        }
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        let mut inputs = std::mem::take(&mut *self.inputs);
        self.read(row, &mut inputs);
        let outputs = match label {
            Label::Class(class) => self.weights.len().max(class as usize + 1),
            Label::Value(_) => 1,
        };
        self.weights.resize(outputs, vec![0.0; inputs.len()]);
        let scale = self.absorb(&inputs, weight);
        for (output, weights) in self.weights.iter_mut().enumerate() {
            let target = match label {
                Label::Class(class) => f64::from(u8::from(class as usize == output)),
                Label::Value(value) => value,
            };
            let error = bounded_or_zero(target - dot(weights, &inputs));
            let step = bounded_or_zero(error / scale);
            weights.iter_mut().zip(self.gain.iter()).for_each(|(weight, g)| *weight += step * g);
        }
        *self.inputs = inputs;
    }

    fn describe(&self, layout: &Layout) -> Vec<(String, String)> {
        match self.weights.as_slice() {
            [weights] => weights_in_words(weights[0], &weights[1..=self.numbers], layout),
            outputs => vec![("outputs".to_owned(), outputs.len().to_string())],
        }
    }
}

impl RecursiveLeastSquares {
    /// Takes inputs into the inverse, leaves their direction in `gain` and returns what to divide it by.
    fn absorb(&mut self, inputs: &[f64], weight: f64) -> f64 {
        let n = inputs.len();
        let gain = &mut *self.gain;
        gain.clear();
        gain.extend(self.inverse.chunks_exact(n).map(|row| dot(row, inputs)));
        let scale = self.params.forgetting / weight + dot(gain, inputs);
        let trace: f64 = self.inverse.iter().step_by(n + 1).sum();
        let wide = trace * self.params.l2 > WIDEST * n as f64;
        let widen = if wide { 1.0 } else { 1.0 / self.params.forgetting };
        // By a product that is the same bits either way round: an inverse that loses its symmetry explodes.
        let root = scale.sqrt();
        gain.iter_mut().for_each(|g| *g /= root);
        for (row, g) in self.inverse.chunks_exact_mut(n).zip(gain.iter()) {
            row.iter_mut().zip(gain.iter()).for_each(|(p, other)| *p = (*p - g * other) * widen);
        }
        root
    }
}

/// Dot product in eight lanes of fixed order; nothing is missing here.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (a_rest, b_rest) = (a.chunks_exact(8).remainder(), b.chunks_exact(8).remainder());
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for lane in 0..8 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Kind;

    fn build(params: Params, task: Task) -> RecursiveLeastSquares {
        let layout = Layout::new([("a", Kind::Number), ("b", Kind::Number)]);
        RecursiveLeastSquares::new(params, Context { task, layout: &layout, classes: 2, seed: 1 })
    }

    fn row(rng: &mut Rng) -> Row {
        Row { numbers: vec![rng.normal(), rng.normal()], ..Row::default() }
    }

    #[test]
    fn a_linear_rule_is_found_and_followed_when_it_changes() {
        let (mut model, mut rng) = (build(Params { forgetting: 0.99, ..Params::default() }, Task::Regression), Rng::new(3, "t"));
        for slope in [2.0, -1.0] {
            for _ in 0..2_000 {
                let row = row(&mut rng);
                let value = 100.0 + slope * row.numbers[0] - row.numbers[1];
                model.learn(&row, Label::Value(value), 1.0);
            }
            let mut prediction = Prediction::Value(0.0);
            model.predict(&Row { numbers: vec![1.0, 1.0], ..Row::default() }, &mut prediction);
            assert!((prediction.value() - (99.0 + slope)).abs() < 0.01, "{prediction:?}");
        }
    }

    #[test]
    fn random_features_learn_a_ring() {
        let accuracy = |random_features| {
            let (mut model, mut rng) = (build(Params { random_features, ..Params::default() }, Task::Binary), Rng::new(3, "t"));
            let mut right = 0;
            for _ in 0..3_000 {
                let row = row(&mut rng);
                let class = u32::from(row.numbers.iter().map(|x| x * x).sum::<f64>() > 1.4);
                let mut prediction = Prediction::Classes(vec![0.0; 2]);
                model.predict(&row, &mut prediction);
                right += u32::from(prediction.class() == Some(class as usize));
                model.learn(&row, Label::Class(class), 1.0);
            }
            f64::from(right) / 3_000.0
        };
        assert!(accuracy(0) < 0.6 && accuracy(50) > 0.9, "{} {}", accuracy(0), accuracy(50));
    }
}
