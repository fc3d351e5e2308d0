//! Linear regression: a weighted sum of the numbers, by gradient steps along a loss of choice.
//!
//! B. Widrow, M. E. Hoff, "Adaptive switching circuits", IRE WESCON 1960. Intercept and clipping as in River. Before it
//! learns, it predicts 0.
//!
//! ```
//! use driftline::event::{Kind, Layout};
//! use driftline::model::{Context, LinearRegression, Model, linear_regression::Params};
//! use driftline::row::{Label, Prediction, Row, Task};
//!
//! let layout = Layout::new([("x", Kind::Number)]);
//! let context = Context { task: Task::Regression, layout: &layout, classes: 0, seed: 1 };
//! let mut model = LinearRegression::new(Params::default(), context);
//! let row = |x| Row { numbers: vec![x], ..Row::default() };
//! for x in [-1.0, 0.0, 1.0].repeat(1_000) {
//!     model.learn(&row(x), Label::Value(3.0 + 2.0 * x), 1.0);
//! }
//! let mut prediction = Prediction::Value(0.0);
//! model.predict(&row(2.0), &mut prediction);
//! assert!((prediction.value() - 7.0).abs() < 1e-6);
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::linear::{Loss, PENALTY, Scores, Settings};
use super::optimize::{self, Params as Optimizer, Penalty};
use super::{Context, Model};
use crate::event::Layout;
use crate::params::About;
use crate::row::{Example, Label, Prediction, Row, Task};

pub const ABOUT: About = About {
    summary: "a weighted sum of the numbers, by gradient steps along a loss of choice; regression",
    source: "B. Widrow, M. E. Hoff, Adaptive switching circuits, IRE WESCON (1960)",
    example: "type = \"linear_regression\"\n\
              optimizer = { type = \"sgd\", learning_rate = 0.01 }\n\
              loss = { type = \"huber\", delta = 2.0 }",
};

crate::params! {
    pub struct Params {
        /// What moves the weights: sgd, momentum, adagrad, adam or ftrl.
        pub optimizer: Optimizer = Optimizer::Sgd(optimize::sgd::Params::default()) => nested;
        /// What an error costs: squared, absolute, huber or quantile.
        pub loss: Loss = Loss::default() => nested;
        /// Strength of the pull of each weight towards exactly 0.
        pub l1: f64 = 0.0, in PENALTY => "in [0, 1e6]";
        /// Strength of the pull of each weight in proportion to it.
        pub l2: f64 = 0.0, in PENALTY => "in [0, 1e6]";
        /// Learning rate of the intercept, by plain gradient descent without penalty; 0: no intercept.
        pub intercept_learning_rate: f64 = 0.01, in 0.0..=1e6 => "in [0, 1e6]";
        /// Bound of the derivative of an event's weighted loss by the prediction.
        pub clip_gradient: f64 = 1e12, in f64::MIN_POSITIVE..=1e12 => "in (0, 1e12]";
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct LinearRegression {
    loss: Loss,
    scores: Scores,
}

impl LinearRegression {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let Params { optimizer, loss, l1, l2, intercept_learning_rate, clip_gradient } = params;
        let settings = Settings { penalty: Penalty { l1, l2 }, intercept_learning_rate, clip_gradient };
        Self { loss, scores: Scores::new(1, context.layout.numbers.len(), &optimizer, settings) }
    }

    fn add_gradient(&mut self, row: &Row, label: Label, weight: f64) {
        let slope = self.loss.slope(self.scores.score(0, row), label.value());
        self.scores.add_gradient(0, row, slope * weight);
    }
}

impl Model for LinearRegression {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Regression]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        if let Prediction::Value(value) = prediction {
            *value = self.scores.score(0, row);
        }
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        self.add_gradient(row, label, weight);
        self.scores.step(1);
    }

    fn learn_batch(&mut self, batch: &[Example]) {
        for example in batch {
            self.add_gradient(&example.row, example.label, example.weight);
        }
        self.scores.step(batch.len());
    }

    fn scale_learning_rate(&mut self, factor: f64) {
        self.scores.scale_learning_rate(factor);
    }

    fn describe(&self, layout: &Layout) -> Vec<(String, String)> {
        self.scores.describe(0, layout)
    }
}
