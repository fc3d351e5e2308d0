//! Mean: predicts the weighted mean of all labels so far. The baseline of regressions.
//!
//! It can unlearn: it keeps its sums in a form that forgets nothing. Before it learns, it predicts 0.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Context, Model};
use crate::event::Layout;
use crate::linalg::LongSum;
use crate::params::About;
use crate::row::{Label, Prediction, Row, Task};

pub const ABOUT: About = About {
    summary: "predicts the weighted mean of all labels so far; a baseline",
    source: "the constant of least squares: C. F. Gauss, Theoria motus (1809)",
    example: "type = \"mean\"",
};

crate::params! {
    pub struct Params {}
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Mean {
    weight: LongSum,
    sum: LongSum,
}

impl Mean {
    pub fn new(_: Params, _: Context<'_>) -> Self {
        Self { weight: LongSum::default(), sum: LongSum::default() }
    }

    fn mean(&self) -> f64 {
        if self.weight.get() > 0.0 { self.sum.get() / self.weight.get() } else { 0.0 }
    }
}

impl Model for Mean {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Regression]
    }

    fn can_unlearn(&self) -> bool {
        true
    }

    fn predict(&self, _row: &Row, prediction: &mut Prediction) {
        if let Prediction::Value(value) = prediction {
            *value = self.mean();
        }
    }

    fn learn(&mut self, _row: &Row, label: Label, weight: f64) {
        self.weight.add(weight);
        self.sum.add(weight * label.value());
    }

    fn unlearn(&mut self, _row: &Row, label: Label, weight: f64) {
        self.weight.add(-weight);
        self.sum.add(-weight * label.value());
    }

    fn describe(&self, _layout: &Layout) -> Vec<(String, String)> {
        vec![("mean".to_owned(), self.mean().to_string()), ("weight".to_owned(), self.weight.get().to_string())]
    }
}
