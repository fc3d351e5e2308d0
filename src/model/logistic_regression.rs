//! Logistic regression: the probability of each class from a linear score, by the log loss; many classes by one-vs-rest.
//!
//! D. R. Cox, "The regression analysis of binary sequences", JRSS B 20 (1958). Intercept and clipping as in River.
//! Before it learns, all classes are equally probable.
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

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::linear::{OneVsRest, PENALTY, Scores, Settings, sigmoid};
use super::optimize::{self, Params as Optimizer, Penalty};
use super::{Context, Model};
use crate::event::Layout;
use crate::params::About;
use crate::row::{Example, Label, Prediction, Row, Task};

pub const ABOUT: About = About {
    summary: "the probability of a class against the rest from a weighted sum of the numbers",
    source: "D. R. Cox, The regression analysis of binary sequences, JRSS B 20 (1958)",
    example: "type = \"logistic_regression\"\n\
              optimizer = { type = \"adagrad\", learning_rate = 0.1 }\n\
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

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct LogisticRegression {
    scores: Scores,
    #[serde(default)]
    classes: OneVsRest,
}

impl LogisticRegression {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let Params { optimizer, l1, l2, intercept_learning_rate, clip_gradient } = params;
        let settings = Settings { penalty: Penalty { l1, l2 }, intercept_learning_rate, clip_gradient };
        let classes = OneVsRest::new(&context);
        Self { scores: classes.scores(&optimizer, settings, context.layout), classes }
    }

    fn add_gradient(&mut self, row: &Row, label: Label, weight: f64) {
        let slope = |score: f64, is_class| weight * if is_class { -sigmoid(-score) } else { sigmoid(score) };
        self.classes.add_gradient(&mut self.scores, row, label, slope);
    }
}

impl Model for LogisticRegression {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary, Task::Multiclass]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        self.classes.predict(&self.scores, row, prediction);
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
        self.classes.describe(&self.scores, layout)
    }
}
