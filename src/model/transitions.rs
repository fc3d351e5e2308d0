//! Transitions: how often each class has followed the one before it, older counts fading. No-change for classes that
//! take turns, and the fading prior of the classes where the last one is left out.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Context, Model};
use crate::params::About;
use crate::row::{Label, Prediction, Row, Task};

pub const ABOUT: About = About {
    summary: "how often each class has followed the last one, older counts fading; or the fading prior alone",
    source: "A. Bifet et al., Pitfalls in benchmarking data stream classification, ECML PKDD 2013",
    example: "type = \"transitions\"\ndiscount = 0.999",
};

crate::params! {
    pub struct Params {
        /// What a label leaves of the counts before it.
        pub discount: f64 = 0.999, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// Whether the last label counts; without, the prior of the classes.
        pub given_last: bool = true;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Transitions {
    params: Params,
    last: usize,
    /// By the class before, then class.
    counts: Vec<Vec<f64>>,
}

impl Transitions {
    pub fn new(params: Params, _: Context<'_>) -> Self {
        Self { params, last: 0, counts: Vec::new() }
    }
}

impl Model for Transitions {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary, Task::Multiclass]
    }

    fn predict(&self, _row: &Row, prediction: &mut Prediction) {
        let Some(counts) = self.counts.get(self.last) else { return };
        let total: f64 = counts.iter().sum();
        if total > 0.0 {
            prediction.probabilities_mut().iter_mut().zip(counts).for_each(|(p, count)| *p = count / total);
        }
    }

    fn learn(&mut self, _row: &Row, label: Label, weight: f64) {
        let class = label.class();
        if self.counts.len() <= self.last {
            self.counts.resize(self.last + 1, Vec::new());
        }
        let counts = &mut self.counts[self.last];
        if counts.len() <= class {
            counts.resize(class + 1, 0.0);
        }
        counts.iter_mut().for_each(|count| *count *= self.params.discount);
        counts[class] += weight;
        if self.params.given_last {
            self.last = class;
        }
    }
}
