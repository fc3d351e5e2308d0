//! One-vs-rest: what a linear learner of two classes makes of many.
//!
//! R. Rifkin and A. Klautau, "In defense of one-vs-all classification", JMLR 5 (2004). A binary task has one score, for the
//! second class. Else each class has a score of its own against all others, from the first event on that shows it or a
//! class after it; the probabilities are the scores' sigmoids over their sum.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Scores, Settings, sigmoid};
use crate::event::Layout;
use crate::model::{Context, optimize};
use crate::row::{Label, Prediction, Row, Task};

/// The sigmoid of this is still far from the smallest number.
const LEAST_SCORE: f64 = -30.0;

/// Which scores there are, and what they say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, GetSize)]
pub struct OneVsRest {
    /// The most classes there can be; `None`: a binary task with its one score.
    most_classes: Option<usize>,
}

impl OneVsRest {
    pub fn new(context: &Context<'_>) -> Self {
        Self { most_classes: (context.task != Task::Binary).then_some(context.classes) }
    }

    /// The scores before the first event.
    pub fn scores(self, optimizer: &optimize::Params, settings: Settings, layout: &Layout) -> Scores {
        Scores::new(usize::from(self.most_classes.is_none()), layout.numbers.len(), optimizer, settings)
    }

    /// Adds one example to the gradient: `slope` gives, from a score and whether the example is of its class, the derivative
    /// of the loss by the score, times the example's weight. A class beyond the most there can be is passed over.
    pub fn add_gradient(self, scores: &mut Scores, row: &Row, label: Label, slope: impl Fn(f64, bool) -> f64) {
        let class = label.class();
        let Some(most) = self.most_classes else {
            scores.add_gradient(0, row, slope(scores.score(0, row), class == 1));
            return;
        };
        if class >= most {
            return;
        }
        if class >= scores.len() {
            scores.grow(class + 1);
        }
        for one in 0..scores.len() {
            scores.add_gradient(one, row, slope(scores.score(one, row), one == class));
        }
    }

    /// The probability of each class; all are equal before the first label.
    pub fn predict(self, scores: &Scores, row: &Row, prediction: &mut Prediction) {
        let slots = prediction.probabilities_mut();
        if self.most_classes.is_none() {
            let second = sigmoid(scores.score(0, row));
            slots.iter_mut().zip([1.0 - second, second]).for_each(|(slot, p)| *slot = p);
            return;
        }
        for (class, slot) in slots.iter_mut().enumerate() {
            *slot = if class < scores.len() { scores.score(class, row) } else { 0.0 };
        }
        // Where even the largest sigmoid would be too small for a ratio, all scores are lifted alike: their order stays.
        let largest = slots.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let lift = (LEAST_SCORE - largest).max(0.0);
        slots.iter_mut().for_each(|slot| *slot = sigmoid(*slot + lift));
        let sum: f64 = slots.iter().sum();
        slots.iter_mut().for_each(|slot| *slot /= sum);
    }

    /// Intercept and weights of each score, by the names of the numbers.
    pub fn describe(self, scores: &Scores, layout: &Layout) -> Vec<(String, String)> {
        if self.most_classes.is_none() {
            return scores.describe(0, layout);
        }
        scores.describe_classes(layout)
    }
}
