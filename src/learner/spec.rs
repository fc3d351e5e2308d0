//! What a learner is made of: the part of the configuration that decides every bit of the result.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{self, IntoDeserializer, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::event::Layout;
use crate::units::Span;
use crate::{drift, model, row, transform};

/// What a learner is made of: the part of the configuration that decides every bit of the result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    pub name: String,
    #[serde(default)]
    pub seed: u64,
    pub layout: Layout,
    pub task: TaskSpec,
    #[serde(default)]
    pub labels: Labels,
    #[serde(default)]
    pub transforms: Vec<transform::Params>,
    pub model: model::Params,
    #[serde(default)]
    pub learn: Learn,
    #[serde(default)]
    pub window: Option<Window>,
    #[serde(default)]
    pub drift: Vec<Watch>,
    #[serde(default)]
    pub epoch: Epoch,
    #[serde(default)]
    pub metrics: Metrics,
    /// The most categories a feature's vocabulary holds.
    #[serde(default = "default_max_categories")]
    pub max_categories: usize,
}

fn default_max_categories() -> usize {
    10_000
}

impl Spec {
    /// Labels from which on the model counts as warm: 10 for each feature, at least 100.
    pub fn warm_after(&self) -> u64 {
        (10 * self.layout.len() as u64).max(100)
    }
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

impl TaskSpec {
    /// The most classes there can be: as many as are named, else `max_classes`, else 2 or 20; 0 for regression.
    pub fn most_classes(&self) -> usize {
        match (self.kind, self.classes.len()) {
            (row::Task::Regression, _) => 0,
            (row::Task::Binary, 0) => 2,
            (row::Task::Multiclass, 0) => self.max_classes.unwrap_or(20),
            (_, named) => named,
        }
    }
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
    #[serde(default = "default_watch")]
    pub watch: String,
    /// One name or a list.
    #[serde(default, deserialize_with = "one_or_many")]
    pub on_warning: Vec<Action>,
    /// One name or a list.
    #[serde(default = "default_on_drift", deserialize_with = "one_or_many")]
    pub on_drift: Vec<Action>,
    /// `boost_learning_rate`: the factor at the moment of drift.
    #[serde(default = "default_boost")]
    pub boost: f64,
    /// `boost_learning_rate`: labelled events until half of the boost is gone.
    #[serde(default = "default_boost_half_life")]
    pub boost_half_life: f64,
    /// `swap`: labelled events after a warning within which the drift must come, else the background model is dropped.
    #[serde(default = "default_swap_within")]
    pub swap_within: u64,
}

/// What follows a warning or a drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Alert,
    /// A model and a window that hold nothing; transforms keep what they learned, as the scale of a feature outlives a concept.
    Reset,
    /// The learning rate times `boost`, decaying back.
    BoostLearningRate,
    /// The older half of the window goes.
    ShrinkWindow,
    /// The background model, which began afresh at the first warning, takes the model's place, and what the window holds from
    /// before it goes; without one, the same as `Reset`.
    Swap,
}

impl Action {
    pub fn name(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Reset => "reset",
            Self::BoostLearningRate => "boost_learning_rate",
            Self::ShrinkWindow => "shrink_window",
            Self::Swap => "swap",
        }
    }
}

fn default_watch() -> String {
    "error".to_owned()
}

fn default_on_drift() -> Vec<Action> {
    vec![Action::Alert]
}

fn default_boost() -> f64 {
    10.0
}

fn default_boost_half_life() -> f64 {
    500.0
}

fn default_swap_within() -> u64 {
    1_000
}

impl Watch {
    /// Watches the error with `detector` and only alerts.
    pub fn new(detector: drift::Params) -> Self {
        Self {
            detector,
            watch: default_watch(),
            on_warning: Vec::new(),
            on_drift: default_on_drift(),
            boost: default_boost(),
            boost_half_life: default_boost_half_life(),
            swap_within: default_swap_within(),
        }
    }

    /// Whether a warning starts a background model.
    pub fn swaps(&self) -> bool {
        self.on_drift.contains(&Action::Swap)
    }
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Action>, D::Error> {
    struct Actions;
    impl<'de> Visitor<'de> for Actions {
        type Value = Vec<Action>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an action or a list of actions")
        }
        fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
            Ok(vec![Action::deserialize(name.into_deserializer())?])
        }
        fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(list))
        }
    }
    deserializer.deserialize_any(Actions)
}

/// `[epoch]`: the stretch after which an evaluation is emitted; event time or events, 10,000 events where neither is said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Epoch {
    pub events: Option<u64>,
    pub time: Option<Span>,
}

impl Epoch {
    /// Events in an epoch that is not bounded by time: as configured, 10,000 where nothing is.
    pub fn events(&self) -> u64 {
        self.events.unwrap_or(10_000)
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
