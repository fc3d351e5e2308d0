//! Majority: predicts each class with the share it had so far. The baseline of classifications.
//!
//! It can unlearn: it keeps the weight of each class in a sum that forgets nothing.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Context, Model};
use crate::event::Layout;
use crate::linalg::LongSum;
use crate::params::About;
use crate::row::{Label, Prediction, Row, Task};

pub const ABOUT: About = About {
    summary: "predicts each class with the share it had so far; a baseline",
    source: "R. C. Holte, Very simple classification rules perform well, Machine Learning 11 (1993)",
    example: "type = \"majority\"",
};

crate::params! {
    pub struct Params {}
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Majority {
    most_classes: usize,
    weights: Vec<LongSum>,
}

impl Majority {
    pub fn new(_: Params, context: Context<'_>) -> Self {
        Self { most_classes: context.classes, weights: Vec::new() }
    }

    fn add(&mut self, label: Label, weight: f64) {
        let class = label.class();
        if class >= self.weights.len() && class < self.most_classes {
            self.weights.resize(class + 1, LongSum::default());
        }
        if let Some(sum) = self.weights.get_mut(class) {
            sum.add(weight);
        }
    }
}

impl Model for Majority {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary, Task::Multiclass]
    }

    fn can_unlearn(&self) -> bool {
        true
    }

    fn predict(&self, _row: &Row, prediction: &mut Prediction) {
        let total: f64 = self.weights.iter().map(|sum| sum.get()).sum();
        if total > 0.0 {
            for (slot, sum) in prediction.probabilities_mut().iter_mut().zip(&self.weights) {
                *slot = sum.get() / total;
            }
        }
    }

    fn learn(&mut self, _row: &Row, label: Label, weight: f64) {
        self.add(label, weight);
    }

    fn unlearn(&mut self, _row: &Row, label: Label, weight: f64) {
        self.add(label, -weight);
    }

    fn describe(&self, _layout: &Layout) -> Vec<(String, String)> {
        let weights = self.weights.iter().enumerate();
        weights.map(|(class, sum)| (format!("weight of class {class}"), sum.get().to_string())).collect()
    }
}
