//! The learner: everything that is learned for one lane, and the five verbs: transform, predict, evaluate, detect, learn.
//!
//! [`Learner::step`] is the whole contract: one event in, facts out, no I/O. The state after any sequence of events is a
//! function of the [`Spec`] and that sequence alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::Layout;
use crate::facts::{Alert, Evaluation, PredictionRecord};
use crate::units::Span;
use crate::{drift, model, row, transform};

/// What a learner is made of: the part of the configuration that decides every bit of the result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    pub name: String,
    pub seed: u64,
    pub layout: Layout,
    pub task: TaskSpec,
    pub labels: Labels,
    pub transforms: Vec<transform::Params>,
    pub model: model::Params,
    pub learn: Learn,
    pub window: Option<Window>,
    pub drift: Vec<Watch>,
    pub epoch: Epoch,
    pub metrics: Metrics,
    /// The most categories a feature's vocabulary holds.
    pub max_categories: usize,
}

/// `[task]`: what is to be predicted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskSpec {
    pub kind: row::Task,
    /// The classes in their order; empty: learned in order of arrival, at most `max_classes`.
    #[serde(default)]
    pub classes: Vec<String>,
    #[serde(default)]
    pub max_classes: Option<usize>,
}

/// `[labels]`: where labels come from and how long a prediction waits for one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Labels {
    pub from: LabelsFrom,
    pub wait: Wait,
    /// What happens to predictions that waited too long.
    pub expired: Expired,
}

/// Where labels come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelsFrom {
    /// In the event itself.
    #[default]
    Event,
    /// In a later record with the same id on the same partition.
    Later,
}

/// What happens to a prediction whose label did not come within the bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expired {
    /// Forgotten, counted.
    #[default]
    Drop,
    /// Evaluated and learned as the first class (binary) or 0.
    Negative,
}

/// Bounds of the waiting room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wait {
    pub events: usize,
    /// Event time; `None`: no bound by time.
    pub time: Option<Span>,
}

impl Default for Wait {
    fn default() -> Self {
        Self { events: 100_000, time: Some(Span(7 * 86_400_000)) }
    }
}

/// `[learn]`: how labelled events reach the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Learn {
    /// Gradient averaged over this many labelled events.
    pub mini_batch: usize,
    /// How much each class counts, by name; 1 where it is not named.
    pub class_weights: BTreeMap<String, f64>,
}

impl Default for Learn {
    fn default() -> Self {
        Self { mini_batch: 1, class_weights: BTreeMap::new() }
    }
}

/// `[window]`: the sliding window. Bounded by exactly one of `size`, `span`, `adaptive`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Window {
    /// Labelled events.
    pub size: Option<usize>,
    /// Event time.
    pub span: Option<Span>,
    /// ADWIN over the error decides.
    pub adaptive: bool,
    /// The most labelled events held, whatever `span` or `adaptive` would keep.
    pub max_events: usize,
    pub method: Method,
    /// `replay`: sampled rows per labelled event.
    pub rows: usize,
    /// `refit`: labelled events between fits.
    pub every: usize,
    /// `refit`: passes over the window.
    pub epochs: usize,
}

/// What the window is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    #[default]
    Replay,
    Unlearn,
    Refit,
}

impl Default for Window {
    fn default() -> Self {
        Self {
            size: None,
            span: None,
            adaptive: false,
            max_events: 100_000,
            method: Method::Replay,
            rows: 1,
            every: 1_000,
            epochs: 1,
        }
    }
}

/// `[[drift]]`: a detector, what it watches and what follows. The detector's own parameters stand beside these keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    pub detector: drift::Params,
    /// `error`, `prediction`, `label`, `features`, or the name of a number feature.
    pub watch: String,
    pub on_warning: Vec<Action>,
    pub on_drift: Vec<Action>,
    /// `boost_learning_rate`: the factor at the moment of drift.
    pub boost: f64,
    /// `boost_learning_rate`: labelled events until half of the boost is gone.
    pub boost_half_life: f64,
}

/// What follows a warning or a drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Alert,
    Reset,
    BoostLearningRate,
    ShrinkWindow,
}

/// `[epoch]`: the stretch after which an evaluation is emitted; event time or events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Epoch {
    pub events: Option<u64>,
    pub time: Option<Span>,
}

impl Default for Epoch {
    fn default() -> Self {
        Self { events: Some(10_000), time: None }
    }
}

/// `[metrics]`: how rolling scores are taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metrics {
    /// Labelled events in the rolling twin.
    pub window: usize,
}

impl Default for Metrics {
    fn default() -> Self {
        Self { window: 1_000 }
    }
}

/// What one event led to.
#[derive(Debug, Default)]
pub struct Step {
    /// `None` for a record that only brings a label.
    pub prediction: Option<PredictionRecord>,
    pub alerts: Vec<Alert>,
    /// At the end of an epoch.
    pub evaluation: Option<Evaluation>,
    /// What was evaluated in this step: the offset of the event, and its truth in words. `evaluate --trace` shows it.
    pub truths: Vec<(i64, String)>,
}
