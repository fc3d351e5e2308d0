//! R²: the share of the labels' variance that predictions explain; 1 is perfect, 0 is as good as the mean of the labels.
//!
//! Not defined while all labels are equal.
//!
//! ```
//! use driftline::metric::{Metric, Outcome, R2, r2::Params};
//! use driftline::row::{Label, Prediction, Task};
//!
//! let mut r2 = R2::new(Params {}, Task::Regression);
//! for (label, predicted) in [(1.0, 1.0), (3.0, 2.0)] {
//!     r2.update(&Outcome::new(Label::Value(label), None, &Prediction::Value(predicted)));
//! }
//! assert_eq!(r2.get(), Some(0.5));
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Metric, Outcome, ratio};
use crate::params::About;
use crate::row::Task;

pub const ABOUT: About = About {
    summary: "share of the labels' variance that predictions explain: 1 is perfect, 0 is as good as the mean",
    source: "S. Wright, Correlation and causation, J. Agric. Res. 20 (1921)",
    example: "type = \"r2\"",
};

crate::params! {
    pub struct Params {}
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct R2 {
    n: u64,
    mean: f64,
    /// Sum of the labels' squared deviations from their mean.
    deviations: f64,
    /// Sum of squared errors.
    errors: f64,
}

impl R2 {
    pub fn new(_: Params, _: Task) -> Self {
        Self { n: 0, mean: 0.0, deviations: 0.0, errors: 0.0 }
    }
}

impl Metric for R2 {
    fn update(&mut self, outcome: &Outcome) {
        let Some(outcome) = outcome.value() else { return };
        self.n += 1;
        let deviation = outcome.label - self.mean;
        self.mean += deviation / self.n as f64;
        self.deviations += deviation * (outcome.label - self.mean);
        let error = outcome.label - outcome.predicted;
        self.errors += error * error;
    }

    fn get(&self) -> Option<f64> {
        ratio(self.errors, self.deviations).map(|unexplained| 1.0 - unexplained)
    }
}
