//! Kappa-M: accuracy above that of always predicting the class that is most frequent in the labels scored.
//!
//! ```
//! use driftline::metric::{KappaM, Metric, Outcome, kappa_m::Params};
//! use driftline::row::{Label, Prediction, Task};
//!
//! let mut kappa = KappaM::new(Params {}, Task::Binary);
//! for (label, p) in [(0, 0.1), (0, 0.2), (0, 0.3), (1, 0.9)] {
//!     kappa.update(&Outcome::new(Label::Class(label), None, &Prediction::Classes(vec![1.0 - p, p])));
//! }
//! assert_eq!(kappa.get(), Some(1.0));
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Counts, Metric, Outcome, ratio};
use crate::params::About;
use crate::row::Task;

pub const ABOUT: About = About {
    summary: "accuracy above that of always predicting the most frequent class: 1 is perfect, 0 is no better",
    source: "A. Bifet et al., Efficient online evaluation of big data stream classifiers, KDD 2015",
    example: "type = \"kappa_m\"",
};

crate::params! {
    pub struct Params {}
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct KappaM {
    n: u64,
    right: u64,
    labels: Counts,
}

impl KappaM {
    pub fn new(_: Params, _: Task) -> Self {
        Self { n: 0, right: 0, labels: Counts::default() }
    }
}

impl Metric for KappaM {
    fn update(&mut self, outcome: &Outcome) {
        let Some(outcome) = outcome.class() else { return };
        self.n += 1;
        self.right += u64::from(outcome.is_right());
        self.labels.add(outcome.label);
    }

    fn get(&self) -> Option<f64> {
        let majority = self.labels.max();
        ratio(self.right as f64 - majority as f64, (self.n - majority) as f64)
    }
}
