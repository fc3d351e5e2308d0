//! Cohen's kappa: accuracy above what chance would reach with the same class frequencies; 1 is perfect, 0 is chance.
//!
//! ```
//! use driftline::metric::{Kappa, Metric, Outcome, kappa::Params};
//! use driftline::row::{Label, Prediction, Task};
//!
//! let mut kappa = Kappa::new(Params {}, Task::Binary);
//! for label in [0, 1] {
//!     kappa.update(&Outcome::new(Label::Class(label), None, &Prediction::Classes(vec![0.3, 0.7])));
//! }
//! assert_eq!(kappa.get(), Some(0.0), "always the same class: right by chance alone");
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Counts, Metric, Outcome, ratio};
use crate::params::About;
use crate::row::Task;

pub const ABOUT: About = About {
    summary: "accuracy above chance with the same class frequencies: 1 is perfect, 0 is chance",
    source: "J. Cohen, A coefficient of agreement for nominal scales, Educ. Psychol. Meas. 20 (1960)",
    example: "type = \"kappa\"",
};

crate::params! {
    pub struct Params {}
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Kappa {
    n: u64,
    right: u64,
    labels: Counts,
    predicted: Counts,
}

impl Kappa {
    pub fn new(_: Params, _: Task) -> Self {
        Self { n: 0, right: 0, labels: Counts::default(), predicted: Counts::default() }
    }
}

impl Metric for Kappa {
    fn update(&mut self, outcome: &Outcome) {
        let Some(outcome) = outcome.class() else { return };
        self.n += 1;
        self.right += u64::from(outcome.is_right());
        self.labels.add(outcome.label);
        if let Some(predicted) = outcome.predicted {
            self.predicted.add(predicted);
        }
    }

    fn get(&self) -> Option<f64> {
        let n = self.n as f64;
        let accuracy = ratio(self.right as f64, n)?;
        let both = |class| self.labels.get(class) as f64 * self.predicted.get(class) as f64;
        let chance = (0..self.labels.len()).map(both).sum::<f64>() / (n * n);
        ratio(accuracy - chance, 1.0 - chance)
    }
}
