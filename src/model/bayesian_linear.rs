//! Bayesian linear regression: the mean of the weights' posterior under Gaussian noise, with or without fading.
//!
//! C. M. Bishop, "Pattern Recognition and Machine Learning" (2006), §3.3; the fading as `smoothing` in River. What is
//! kept is the precision of the posterior as its Cholesky factor, which follows each event by rotations in O(n²) for n
//! numbers, fading included, where an inverse would cost O(n³) or lose its digits. Fading leaves every direction a trace of the
//! prior, so that one which the stream no longer shows stays at rest. A missing number counts as 0.
//!
//! ```
//! use driftline::event::{Kind, Layout};
//! use driftline::model::{BayesianLinear, Context, Model, bayesian_linear::Params};
//! use driftline::row::{Label, Prediction, Row, Task};
//!
//! let layout = Layout::new([("x", Kind::Number)]);
//! let context = Context { task: Task::Regression, layout: &layout, classes: 0, seed: 1 };
//! let mut model = BayesianLinear::new(Params::default(), context);
//! let row = |x| Row { numbers: vec![x], ..Row::default() };
//! for x in [-1.0, 0.0, 1.0].repeat(1_000) {
//!     model.learn(&row(x), Label::Value(3.0 + 2.0 * x), 1.0);
//! }
//! let mut prediction = Prediction::Value(0.0);
//! model.predict(&row(2.0), &mut prediction);
//! assert!((prediction.value() - 7.0).abs() < 0.01);
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::linear::{Scratch, weights_in_words};
use super::{Context, Model};
use crate::event::Layout;
use crate::linalg::{Cholesky, Gram, bounded_or_zero, dot};
use crate::params::About;
use crate::row::{Example, Label, Prediction, Row, Task};

pub const ABOUT: About = About {
    summary: "the posterior mean of the weights under Gaussian noise, with fading where wanted; regression",
    source: "C. M. Bishop, Pattern Recognition and Machine Learning (2006), section 3.3",
    example: "type = \"bayesian_linear\"\nsmoothing = 0.999",
};

/// The share of the prior's precision that fading leaves.
const TRACE: f64 = 1e-6;

crate::params! {
    pub struct Params {
        /// Precision of the prior: larger holds the weights closer to 0.
        pub alpha: f64 = 1.0, in 1e-9..=1e9 => "in [1e-9, 1e9]";
        /// Precision of the noise: larger trusts each event more.
        pub beta: f64 = 1.0, in 1e-9..=1e9 => "in [1e-9, 1e9]";
        /// The share of what was known that an event leaves, its own being the rest; 0: no fading, all events count alike.
        pub smoothing: f64 = 0.0, in 0.0..=0.999_999_999 => "in [0, 1)";
        /// Whether there is an intercept, under the same prior.
        pub intercept: bool = true;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct BayesianLinear {
    params: Params,
    /// Of the posterior's precision; the last column is the intercept's.
    factor: Cholesky,
    /// Precision times mean.
    moments: Vec<f64>,
    /// The posterior's mean.
    weights: Vec<f64>,
    #[serde(skip)]
    scratch: Scratch,
}

impl BayesianLinear {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let n = context.layout.numbers.len() + usize::from(params.intercept);
        Self {
            factor: Cholesky::of(&Gram::diagonal(&vec![params.alpha; n])),
            params,
            moments: vec![0.0; n],
            weights: vec![0.0; n],
            scratch: Scratch::default(),
        }
    }

    fn numbers(&self) -> usize {
        self.weights.len() - usize::from(self.params.intercept)
    }

    fn intercept(&self) -> f64 {
        self.weights.get(self.numbers()).copied().unwrap_or_default()
    }

    /// Takes an event into precision and moments.
    fn absorb(&mut self, row: &Row, label: Label, weight: f64) {
        let Params { alpha, beta, smoothing, .. } = self.params;
        let (kept, share) = if smoothing == 0.0 { (1.0, beta * weight) } else { (smoothing, (1.0 - smoothing) * beta * weight) };
        let x = self.scratch.sized(self.weights.len());
        x.fill(1.0);
        for (x, &value) in x.iter_mut().zip(&row.numbers) {
            *x = bounded_or_zero(value);
        }
        for (moment, x) in self.moments.iter_mut().zip(x.iter()) {
            *moment = kept * *moment + share * (x * label.value());
        }
        if kept < 1.0 {
            self.factor.fade(kept, TRACE * alpha);
        }
        x.iter_mut().for_each(|x| *x *= share.sqrt());
        self.factor.update(x);
        x.fill(0.0);
    }

    fn solve(&mut self) {
        self.weights.copy_from_slice(&self.moments);
        self.factor.solve(&mut self.weights);
        self.weights.iter_mut().for_each(|weight| *weight = bounded_or_zero(*weight));
    }
}

impl Model for BayesianLinear {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Regression]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        if let Prediction::Value(value) = prediction {
            *value = bounded_or_zero(self.intercept() + dot(&self.weights[..self.numbers()], &row.numbers));
        }
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        self.absorb(row, label, weight);
        self.solve();
    }

    fn learn_batch(&mut self, batch: &[Example]) {
        for example in batch {
            self.absorb(&example.row, example.label, example.weight);
        }
        self.solve();
    }

    fn describe(&self, layout: &Layout) -> Vec<(String, String)> {
        weights_in_words(self.intercept(), &self.weights[..self.numbers()], layout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Kind;
    use crate::rng::Rng;

    fn model(params: Params) -> BayesianLinear {
        let layout = Layout::new(["a", "b", "c"].map(|name| (name, Kind::Number)));
        BayesianLinear::new(params, Context { task: Task::Regression, layout: &layout, classes: 0, seed: 1 })
    }

    fn row(numbers: [f64; 3]) -> Row {
        Row { numbers: numbers.to_vec(), ..Row::default() }
    }

    /// 2,000 events of one slope of `a`, then as many of the other; `c` is seen in the first half only.
    fn turned(smoothing: f64) -> BayesianLinear {
        let mut model = model(Params { smoothing, ..Params::default() });
        let mut rng = Rng::new(1, "bayesian");
        for n in 0..4_000 {
            let [a, b, c] = [rng.normal(), rng.normal(), rng.normal()];
            let early = n < 2_000;
            let label = 5.0 + if early { 2.0 * a + c } else { -2.0 * a } + b + 0.1 * rng.normal();
            model.learn(&row([a, b, if early { c } else { 0.0 }]), Label::Value(label), 1.0);
        }
        model
    }

    #[test]
    fn fading_follows_a_concept_that_turns() {
        let (whole, fading) = (turned(0.0), turned(0.99));
        assert!(whole.weights[0].abs() < 0.1, "{:?}", whole.weights);
        for (weight, truth) in fading.weights.iter().zip([-2.0, 1.0]) {
            assert!((weight - truth).abs() < 0.05, "{:?}", fading.weights);
        }
        assert!((fading.intercept() - 5.0).abs() < 0.06, "{:?}", fading.weights);
    }

    /// Long after a direction was last shown, its weight is finite, and it learns again as soon as it is shown.
    #[test]
    fn a_direction_that_is_no_longer_shown_comes_to_rest() {
        let mut model = turned(0.9);
        let mut rng = Rng::new(2, "bayesian");
        for _ in 0..20_000 {
            let a = rng.normal();
            model.learn(&row([a, f64::NAN, 0.0]), Label::Value(a), 1.0);
        }
        assert!(model.weights.iter().all(|weight| weight.abs() < 10.0), "{:?}", model.weights);
        for _ in 0..200 {
            let [a, c] = [rng.normal(), rng.normal()];
            model.learn(&row([a, 0.0, c]), Label::Value(a - 3.0 * c), 1.0);
        }
        assert!((model.weights[2] + 3.0).abs() < 0.01, "{:?}", model.weights);
    }

    #[test]
    fn a_weight_counts_as_so_many_events() {
        let (mut thrice, mut heavy) = (model(Params::default()), model(Params::default()));
        let (x, y) = (row([1.0, -2.0, 0.5]), Label::Value(4.0));
        (0..3).for_each(|_| thrice.learn(&x, y, 1.0));
        heavy.learn(&x, y, 3.0);
        let distance = thrice.weights.iter().zip(&heavy.weights).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(distance < 1e-12, "{distance:e}");
    }
}
