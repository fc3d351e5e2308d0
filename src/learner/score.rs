//! A stand-in for the metric room's scoreboard.

use serde::{Deserialize, Serialize};

use crate::facts::Scores;
use crate::row::{Label, Prediction, Task};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Scoreboard {
    task: Task,
    n: u64,
    sum: f64,
}

impl Scoreboard {
    pub(super) fn new(task: Task, _window: usize) -> Self {
        Self { task, n: 0, sum: 0.0 }
    }

    pub(super) fn update(&mut self, label: Label, prediction: &Prediction) {
        self.n += 1;
        self.sum += match label {
            Label::Class(class) => f64::from(u8::from(prediction.class() == Some(class as usize))),
            Label::Value(value) => (value - prediction.value()).abs(),
        };
    }

    pub(super) fn total(&self) -> Scores {
        let name = if self.task.is_classification() { "accuracy" } else { "mae" };
        if self.n == 0 { Vec::new() } else { vec![(name, self.sum / self.n as f64)] }
    }

    pub(super) fn rolling(&self) -> Scores {
        self.total()
    }
}
