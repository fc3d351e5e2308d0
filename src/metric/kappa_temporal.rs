//! Kappa-temporal: accuracy above that of no-change, which predicts the label before; below 0 is worse than doing nothing.
//!
//! ```
//! use driftline::metric::{KappaTemporal, Metric, Outcome, kappa_temporal::Params};
//! use driftline::row::{Label, Prediction, Task};
//!
//! let mut kappa = KappaTemporal::new(Params {}, Task::Binary);
//! let mut previous = None;
//! for label in [0, 1, 1, 0].map(Label::Class) {
//!     kappa.update(&Outcome::new(label, previous, &Prediction::Classes(vec![0.3, 0.7])));
//!     previous = Some(label);
//! }
//! assert_eq!(kappa.get(), Some((0.5 - 0.25) / (1.0 - 0.25)));
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Metric, Outcome, ratio};
use crate::params::About;
use crate::row::Task;

pub const ABOUT: About = About {
    summary: "accuracy above that of predicting the label before: 1 is perfect, below 0 is worse than doing nothing",
    source: "A. Bifet et al., Pitfalls in benchmarking data stream classification, ECML PKDD 2013",
    example: "type = \"kappa_temporal\"",
};

crate::params! {
    pub struct Params {}
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct KappaTemporal {
    n: u64,
    right: u64,
    /// Labels equal to the one before; the first of a stream is not.
    unchanged: u64,
}

impl KappaTemporal {
    pub fn new(_: Params, _: Task) -> Self {
        Self { n: 0, right: 0, unchanged: 0 }
    }
}

impl Metric for KappaTemporal {
    fn update(&mut self, outcome: &Outcome) {
        let Some(outcome) = outcome.class() else { return };
        self.n += 1;
        self.right += u64::from(outcome.is_right());
        self.unchanged += u64::from(outcome.previous == Some(outcome.label));
    }

    fn get(&self) -> Option<f64> {
        ratio(self.right as f64 - self.unchanged as f64, (self.n - self.unchanged) as f64)
    }
}
