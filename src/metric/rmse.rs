//! RMSE: the root of the mean squared error, in units of the label.
//!
//! ```
//! use driftline::metric::{Metric, Outcome, Rmse, rmse::Params};
//! use driftline::row::{Label, Prediction, Task};
//!
//! let mut rmse = Rmse::new(Params {}, Task::Regression);
//! rmse.update(&Outcome::new(Label::Value(3.0), None, &Prediction::Value(1.0)));
//! assert_eq!(rmse.get(), Some(2.0));
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Metric, Outcome, ratio};
use crate::params::About;
use crate::row::Task;

pub const ABOUT: About = About {
    summary: "root of the mean squared error, in units of the label",
    source: "T. Chai and R. R. Draxler, Root mean square error or mean absolute error?, Geosci. Model Dev. 7 (2014)",
    example: "type = \"rmse\"",
};

crate::params! {
    pub struct Params {}
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Rmse {
    n: u64,
    sum: f64,
}

impl Rmse {
    pub fn new(_: Params, _: Task) -> Self {
        Self { n: 0, sum: 0.0 }
    }
}

impl Metric for Rmse {
    fn update(&mut self, outcome: &Outcome) {
        let Some(outcome) = outcome.value() else { return };
        let error = outcome.label - outcome.predicted;
        self.n += 1;
        self.sum += error * error;
    }

    fn get(&self) -> Option<f64> {
        ratio(self.sum, self.n as f64).map(f64::sqrt)
    }
}
