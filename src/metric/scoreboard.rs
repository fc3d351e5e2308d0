//! All metrics of a task: since the start of the stream, and over the last labels.

use std::collections::VecDeque;

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{AnyMetric, Metric, Outcome, Params};
use crate::facts::Scores;
use crate::row::{Label, Prediction, Task};

/// Scores predictions as their labels come. The rolling twins share one window of the last labels, from which they are
/// computed when they are asked for, so that an event costs them no more than a push.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Scoreboard {
    task: Task,
    metrics: Vec<AnyMetric>,
    /// The most labels in the window.
    window: usize,
    recent: VecDeque<Outcome>,
    previous: Option<Label>,
    labels: u64,
}

impl Scoreboard {
    /// For predictions for `task`, rolling over the last `window` labels.
    pub fn new(task: Task, window: usize) -> Self {
        let metrics = suited(task).map(|params| params.build(task)).collect();
        Self { task, metrics, window, recent: VecDeque::with_capacity(window.min(1 << 16)), previous: None, labels: 0 }
    }

    /// Scores what was predicted before `label` was known.
    pub fn update(&mut self, label: Label, prediction: &Prediction) {
        let outcome = Outcome::new(label, self.previous, prediction);
        for metric in &mut self.metrics {
            metric.update(&outcome);
        }
        if self.recent.len() >= self.window {
            self.recent.pop_front();
        }
        if self.window > 0 {
            self.recent.push_back(outcome);
        }
        self.previous = Some(label);
        self.labels += 1;
    }

    /// Labels scored.
    pub fn labels(&self) -> u64 {
        self.labels
    }

    /// The scores since the start; a metric without a finite value is absent.
    pub fn total(&self) -> Scores {
        let values = suited(self.task).zip(&self.metrics).map(|(params, metric)| (params.name(), metric.get()));
        finite(values)
    }

    /// The scores over the last `window` labels; a metric without a finite value is absent.
    pub fn rolling(&self) -> Scores {
        self.last(self.recent.len())
    }

    /// The scores over the last `n` labels, or over those there are.
    pub fn last(&self, n: usize) -> Scores {
        let skip = self.recent.len().saturating_sub(n);
        let value = |params: Params| (params.name(), params.over(self.task, self.recent.iter().skip(skip)));
        finite(suited(self.task).map(value))
    }
}

fn suited(task: Task) -> impl Iterator<Item = Params> {
    Params::defaults().into_iter().filter(move |params| params.suits(task))
}

fn finite(scores: impl Iterator<Item = (&'static str, Option<f64>)>) -> Scores {
    scores.filter_map(|(name, value)| value.filter(|value| value.is_finite()).map(|value| (name, value))).collect()
}
