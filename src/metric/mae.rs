//! MAE: the mean absolute error, in units of the label.
//!
//! ```
//! use driftline::metric::{Mae, Metric, Outcome, mae::Params};
//! use driftline::row::{Label, Prediction, Task};
//!
//! let mut mae = Mae::new(Params {}, Task::Regression);
//! mae.update(&Outcome::new(Label::Value(3.0), None, &Prediction::Value(1.0)));
//! assert_eq!(mae.get(), Some(2.0));
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Metric, Outcome, ratio};
use crate::params::About;
use crate::row::Task;

pub const ABOUT: About = About {
    summary: "mean absolute error, in units of the label",
    source: "C. J. Willmott and K. Matsuura, Advantages of the mean absolute error, Climate Research 30 (2005)",
    example: "type = \"mae\"",
};

crate::params! {
    pub struct Params {}
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Mae {
    n: u64,
    sum: f64,
}

impl Mae {
    pub fn new(_: Params, _: Task) -> Self {
        Self { n: 0, sum: 0.0 }
    }
}

impl Metric for Mae {
    fn update(&mut self, outcome: &Outcome) {
        let Some(outcome) = outcome.value() else { return };
        self.n += 1;
        self.sum += (outcome.label - outcome.predicted).abs();
    }

    fn get(&self) -> Option<f64> {
        ratio(self.sum, self.n as f64)
    }
}
