//! Softmax regression: a linear score for each class, made probabilities by the softmax, by the cross-entropy loss.
//!
//! C. M. Bishop, "Pattern Recognition and Machine Learning" (2006), §4.3.4. Classes may come at any time: one that has
//! not been learned scores 0, so that before the first label all known classes are equally probable.
//!
//! ```
//! use driftline::event::{Kind, Layout};
//! use driftline::model::{Context, Model, SoftmaxRegression, softmax_regression::Params};
//! use driftline::row::{Label, Prediction, Row, Task};
//!
//! let layout = Layout::new([("x", Kind::Number)]);
//! let context = Context { task: Task::Multiclass, layout: &layout, classes: 3, seed: 1 };
//! let mut model = SoftmaxRegression::new(Params::default(), context);
//! let row = |x| Row { numbers: vec![x], ..Row::default() };
//! for class in [0, 1, 2].repeat(500) {
//!     model.learn(&row(f64::from(class) - 1.0), Label::Class(class), 1.0);
//! }
//! let mut prediction = Prediction::Classes(vec![0.0; 3]);
//! model.predict(&row(-1.0), &mut prediction);
//! assert_eq!(prediction.class(), Some(0));
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::linear::{PENALTY, Scores, Scratch, Settings};
use super::optimize::{self, Params as Optimizer, Penalty};
use super::{Context, Model};
use crate::event::Layout;
use crate::params::About;
use crate::row::{Example, Label, Prediction, Row, Task};

pub const ABOUT: About = About {
    summary: "the probability of each class from a weighted sum of the numbers; classes may come at any time",
    source: "C. M. Bishop, Pattern Recognition and Machine Learning (2006), section 4.3.4",
    example: "type = \"softmax_regression\"\noptimizer = { type = \"adam\", learning_rate = 0.01 }\nl2 = 1e-4",
};

crate::params! {
    pub struct Params {
        /// What moves the weights: sgd, momentum, adagrad, adam or ftrl.
        pub optimizer: Optimizer = Optimizer::Sgd(optimize::sgd::Params::default()) => nested;
        /// Strength of the pull of each weight towards exactly 0.
        pub l1: f64 = 0.0, in PENALTY => "in [0, 1e6]";
        /// Strength of the pull of each weight in proportion to it.
        pub l2: f64 = 0.0, in PENALTY => "in [0, 1e6]";
        /// Learning rate of the intercepts, by plain gradient descent without penalty; 0: no intercepts.
        pub intercept_learning_rate: f64 = 0.01, in 0.0..=1e6 => "in [0, 1e6]";
        /// Bound of the derivative of an event's weighted loss by each score.
        pub clip_gradient: f64 = 1e12, in f64::MIN_POSITIVE..=1e12 => "in (0, 1e12]";
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct SoftmaxRegression {
    most_classes: usize,
    scores: Scores,
    #[serde(skip)]
    probabilities: Scratch,
}

impl SoftmaxRegression {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let Params { optimizer, l1, l2, intercept_learning_rate, clip_gradient } = params;
        let settings = Settings { penalty: Penalty { l1, l2 }, intercept_learning_rate, clip_gradient };
        Self {
            most_classes: context.classes,
            scores: Scores::new(0, context.layout.numbers.len(), &optimizer, settings),
            probabilities: Scratch::default(),
        }
    }

    /// Room for the class of `label`; a class beyond the most there can be is passed over.
    fn meet(&mut self, label: Label) -> bool {
        let class = label.class();
        if class >= self.scores.len() && class < self.most_classes {
            self.scores.grow(class + 1);
        }
        class < self.scores.len()
    }

    fn add_gradient(&mut self, row: &Row, label: Label, weight: f64) {
        let classes = self.scores.len();
        let mut probabilities = std::mem::take(&mut self.probabilities);
        let p = probabilities.sized(classes);
        for (class, score) in p.iter_mut().enumerate() {
            *score = self.scores.score(class, row);
        }
        softmax(p);
        for (class, &p) in p.iter().enumerate() {
            let truth = if class == label.class() { 1.0 } else { 0.0 };
            self.scores.add_gradient(class, row, (p - truth) * weight);
        }
        self.probabilities = probabilities;
    }
}

impl Model for SoftmaxRegression {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary, Task::Multiclass]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        let slots = prediction.probabilities_mut();
        for (class, slot) in slots.iter_mut().enumerate() {
            *slot = if class < self.scores.len() { self.scores.score(class, row) } else { 0.0 };
        }
        softmax(slots);
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        if self.meet(label) {
            self.add_gradient(row, label, weight);
            self.scores.step(1);
        }
    }

    fn learn_batch(&mut self, batch: &[Example]) {
        for example in batch {
            if self.meet(example.label) {
                self.add_gradient(&example.row, example.label, example.weight);
            }
        }
        self.scores.step(batch.len());
    }

    fn scale_learning_rate(&mut self, factor: f64) {
        self.scores.scale_learning_rate(factor);
    }

    fn describe(&self, layout: &Layout) -> Vec<(String, String)> {
        self.scores.describe_classes(layout)
    }
}

/// Scores to probabilities, in place; the largest score is taken off first, so that nothing overflows.
fn softmax(scores: &mut [f64]) {
    let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = libm::exp(*score - largest);
        sum += *score;
    }
    for score in scores.iter_mut() {
        *score /= sum;
    }
}
