//! F1: harmonic mean of precision and recall; of class 1 for a binary task, the mean over the classes otherwise (macro).
//!
//! A class that was neither a label nor predicted yet does not count.
//!
//! ```
//! use driftline::metric::{F1, Metric, Outcome, f1::Params};
//! use driftline::row::{Label, Prediction, Task};
//!
//! let mut f1 = F1::new(Params {}, Task::Binary);
//! for label in [0, 1] {
//!     f1.update(&Outcome::new(Label::Class(label), None, &Prediction::Classes(vec![0.3, 0.7])));
//! }
//! assert_eq!(f1.get(), Some(2.0 / 3.0));
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Counts, Metric, Outcome, ratio};
use crate::params::About;
use crate::row::Task;

pub const ABOUT: About = About {
    summary: "harmonic mean of precision and recall: of class 1 where the task is binary, the mean over classes otherwise",
    source: "C. J. van Rijsbergen, Information retrieval, 2nd ed., 1979",
    example: "type = \"f1\"",
};

crate::params! {
    pub struct Params {}
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct F1 {
    task: Task,
    right: Counts,
    /// Times that a class was the label or was predicted.
    named: Counts,
}

impl F1 {
    pub fn new(_: Params, task: Task) -> Self {
        Self { task, right: Counts::default(), named: Counts::default() }
    }

    fn of(&self, class: usize) -> Option<f64> {
        ratio(2.0 * self.right.get(class) as f64, self.named.get(class) as f64)
    }
}

impl Metric for F1 {
    fn update(&mut self, outcome: &Outcome) {
        let Some(outcome) = outcome.class() else { return };
        self.named.add(outcome.label);
        if let Some(predicted) = outcome.predicted {
            self.named.add(predicted);
        }
        if outcome.is_right() {
            self.right.add(outcome.label);
        }
    }

    fn get(&self) -> Option<f64> {
        if self.task == Task::Binary {
            return self.of(1);
        }
        let scores = || (0..self.named.len()).filter_map(|class| self.of(class));
        ratio(scores().sum(), scores().count() as f64)
    }
}
