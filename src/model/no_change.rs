//! No-change: predicts the label before. The baseline that every streaming figure stands beside.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Context, Model};
use crate::params::About;
use crate::row::{Label, Prediction, Row, Task};

pub const ABOUT: About = About {
    summary: "predicts the label that came last; the baseline beside every figure",
    source: "A. Bifet et al., Pitfalls in benchmarking data stream classification, ECML PKDD 2013",
    example: "type = \"no_change\"",
};

crate::params! {
    pub struct Params {}
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
pub struct NoChange {
    last: Option<Label>,
}

impl NoChange {
    pub fn new(_: Params, _: Context<'_>) -> Self {
        Self { last: None }
    }
}

impl Model for NoChange {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary, Task::Multiclass, Task::Regression]
    }

    fn predict(&self, _row: &Row, prediction: &mut Prediction) {
        let Some(last) = self.last else { return };
        match prediction {
            Prediction::Classes(probabilities) => {
                if let Some(p) = probabilities.get_mut(last.class()) {
                    *p = 1.0;
                }
            }
            Prediction::Value(value) => *value = last.value(),
        }
    }

    fn learn(&mut self, _row: &Row, label: Label, _weight: f64) {
        self.last = Some(label);
    }
}
