//! Accuracy: the share of labels that were the most probable class; where no class was known yet it is an error.
//!
//! ```
//! use driftline::metric::{Accuracy, Metric, Outcome, accuracy::Params};
//! use driftline::row::{Label, Prediction, Task};
//!
//! let mut accuracy = Accuracy::new(Params {}, Task::Binary);
//! for label in [0, 1] {
//!     accuracy.update(&Outcome::new(Label::Class(label), None, &Prediction::Classes(vec![0.3, 0.7])));
//! }
//! assert_eq!(accuracy.get(), Some(0.5));
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Metric, Outcome, ratio};
use crate::params::About;
use crate::row::Task;

pub const ABOUT: About = About {
    summary: "share of labels that were the most probable class, the lowest index among equals",
    source: "D. M. W. Powers, Evaluation: from precision, recall and F-measure to ROC, JMLT 2 (2011)",
    example: "type = \"accuracy\"",
};

crate::params! {
    pub struct Params {}
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Accuracy {
    n: u64,
    right: u64,
}

impl Accuracy {
    pub fn new(_: Params, _: Task) -> Self {
        Self { n: 0, right: 0 }
    }
}

impl Metric for Accuracy {
    fn update(&mut self, outcome: &Outcome) {
        let Some(outcome) = outcome.class() else { return };
        self.n += 1;
        self.right += u64::from(outcome.is_right());
    }

    fn get(&self) -> Option<f64> {
        ratio(self.right as f64, self.n as f64)
    }
}
