//! Logistic regression: the probability of class 1 from a linear score, by the log loss. Binary tasks only.
//!
//! D. R. Cox, "The regression analysis of binary sequences", JRSS B 20 (1958). Intercept and clipping as in River.
//! Before it learns, both classes have probability 0.5.
//!
//! ```
//! use driftline::event::{Kind, Layout};
//! use driftline::model::{Context, LogisticRegression, Model, logistic_regression::Params};
//! use driftline::row::{Label, Prediction, Row, Task};
//!
//! let layout = Layout::new([("amount", Kind::Number)]);
//! let context = Context { task: Task::Binary, layout: &layout, classes: 2, seed: 1 };
//! let mut model = LogisticRegression::new(Params::default(), context);
//! let row = |amount| Row { numbers: vec![amount], ..Row::default() };
//! for _ in 0..200 {
//!     model.learn(&row(1.5), Label::Class(1), 1.0);
//!     model.learn(&row(-0.5), Label::Class(0), 1.0);
//! }
//! let mut prediction = Prediction::Classes(vec![0.0; 2]);
//! model.predict(&row(1.5), &mut prediction);
//! assert!(prediction.probability(1) > 0.8);
//! ```

use serde::{Deserialize, Serialize};

use super::linear::{PENALTY, Scores, Settings, sigmoid};
use super::optimize::{self, Params as Optimizer, Penalty};
use super::{Context, Model};
use crate::event::Layout;
use crate::params::About;
use crate::row::{Example, Label, Prediction, Row, Task};

pub const ABOUT: About = About {
    summary: "the probability of class 1 from a weighted sum of the numbers; binary tasks",
    source: "D. R. Cox, The regression analysis of binary sequences, JRSS B 20 (1958)",
    example: "type = \"logistic_regression\"\n\
              optimizer = { type = \"adagrad\", learning_rate = 0.1, decay = { type = \"inverse_scaling\" } }\n\
              l1 = 0.0\n\
              l2 = 1e-4",
};

crate::params! {
    pub struct Params {
        /// What moves the weights: sgd, momentum, adagrad, adam or ftrl.
        pub optimizer: Optimizer = Optimizer::Sgd(optimize::sgd::Params::default()) => nested;
        /// Strength of the pull of each weight towards exactly 0.
        pub l1: f64 = 0.0, in PENALTY => "in [0, 1e6]";
        /// Strength of the pull of each weight in proportion to it.
        pub l2: f64 = 0.0, in PENALTY => "in [0, 1e6]";
        /// Learning rate of the intercept, by plain gradient descent without penalty; 0: no intercept.
        pub intercept_learning_rate: f64 = 0.01, in 0.0..=1e6 => "in [0, 1e6]";
        /// Bound of the derivative of an event's weighted loss by its score.
        pub clip_gradient: f64 = 1e12, in f64::MIN_POSITIVE..=1e12 => "in (0, 1e12]";
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogisticRegression {
    scores: Scores,
}

impl LogisticRegression {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let Params { optimizer, l1, l2, intercept_learning_rate, clip_gradient } = params;
        let settings = Settings { penalty: Penalty { l1, l2 }, intercept_learning_rate, clip_gradient };
        Self { scores: Scores::new(1, context.layout.numbers.len(), &optimizer, settings) }
    }

    fn add_gradient(&mut self, row: &Row, label: Label, weight: f64) {
        let score = self.scores.score(0, row);
        let slope = if label.class() == 1 { -sigmoid(-score) } else { sigmoid(score) };
        self.scores.add_gradient(0, row, slope * weight);
    }
}

impl Model for LogisticRegression {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        let positive = sigmoid(self.scores.score(0, row));
        for (slot, p) in prediction.probabilities_mut().iter_mut().zip([1.0 - positive, positive]) {
            *slot = p;
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
