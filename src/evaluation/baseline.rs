//! The baseline beside no-change: the majority class, or the mean of the labels.

use crate::event::Layout;
use crate::facts::Scores;
use crate::metric::Scoreboard;
use crate::model::{AnyModel, Context, Model, Params, majority, mean};
use crate::row::{Label, Prediction, Row, Task};

/// Predicts from the labels alone, and is scored as the model is.
#[derive(Debug)]
pub struct Baseline {
    task: Task,
    model: AnyModel,
    classes: usize,
    score: Scoreboard,
}

impl Baseline {
    pub fn new(task: Task, most_classes: usize) -> Self {
        let params = match task {
            Task::Regression => Params::Mean(mean::Params::default()),
            Task::Binary | Task::Multiclass => Params::Majority(majority::Params::default()),
        };
        let context = Context { task, layout: &Layout::default(), classes: most_classes, seed: 0 };
        Self { task, model: params.build(context), classes: 0, score: Scoreboard::new(task, 0) }
    }

    pub fn name(task: Task) -> &'static str {
        if task.is_classification() { "majority" } else { "mean" }
    }

    pub fn predict(&self) -> Prediction {
        let mut prediction = Prediction::empty(self.task);
        prediction.reset(self.classes);
        self.model.predict(&Row::default(), &mut prediction);
        prediction
    }

    /// Scores what was predicted, then learns the label.
    pub fn update(&mut self, label: Label, prediction: &Prediction) {
        self.score.update(label, prediction);
        self.model.learn(&Row::default(), label, 1.0);
        if let Label::Class(class) = label {
            self.classes = self.classes.max(class as usize + 1);
        }
    }

    pub fn scores(&self) -> Scores {
        self.score.total()
    }
}
