//! Words of the domain: what goes out. The learner states these facts, codecs write them, the shell logs and counts them.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::event::{Millis, Origin};

/// Why a record cannot be used: the `driftline.reason` of its dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The value is not UTF-8 or not JSON.
    NotJson,
    /// The value is not a datum of its Avro schema.
    NotAvro,
    /// A feature, the time, the weight or the label has a type that cannot be read.
    WrongType,
    /// The registry says that it knows no such schema.
    UnknownSchema,
    /// The label is not among the configured classes, or came after `max_classes` were known.
    UnknownClass,
    /// NaN or infinity where a number is due.
    NonFinite,
    /// An id is configured and the record has none.
    NoId,
    /// The id waits for its label already.
    DuplicateId,
    /// The value is larger than `input.max_record`.
    TooLarge,
    /// A label came for an id that is not waiting (never seen, evicted, or labelled before).
    LabelWithoutEvent,
}

impl Reason {
    pub const ALL: [Self; 10] = [
        Self::NotJson,
        Self::NotAvro,
        Self::WrongType,
        Self::UnknownSchema,
        Self::UnknownClass,
        Self::NonFinite,
        Self::NoId,
        Self::DuplicateId,
        Self::TooLarge,
        Self::LabelWithoutEvent,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::NotJson => "not_json",
            Self::NotAvro => "not_avro",
            Self::WrongType => "wrong_type",
            Self::UnknownSchema => "unknown_schema",
            Self::UnknownClass => "unknown_class",
            Self::NonFinite => "non_finite",
            Self::NoId => "no_id",
            Self::DuplicateId => "duplicate_id",
            Self::TooLarge => "too_large",
            Self::LabelWithoutEvent => "label_without_event",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A record that cannot be used, and why, in words that name the field and the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}: {error}")]
pub struct Rejection {
    pub reason: Reason,
    pub error: String,
}

impl Rejection {
    pub fn new(reason: Reason, error: impl Into<String>) -> Self {
        Self { reason, error: error.into() }
    }
}

/// A probability for each class by name. The names are shared, and few numbers need no memory of their own, so that stating
/// them costs an event next to nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Probabilities {
    names: Option<Arc<[CompactString]>>,
    values: SmallVec<[f64; 4]>,
}

impl Probabilities {
    /// One number for each of `names`.
    pub fn new(names: Arc<[CompactString]>, values: &[f64]) -> Self {
        Self { names: Some(names), values: SmallVec::from_slice(values) }
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, f64)> {
        let names = self.names.as_deref().unwrap_or_default();
        names.iter().map(CompactString::as_str).zip(self.values.iter().copied())
    }
}

impl FromIterator<(CompactString, f64)> for Probabilities {
    fn from_iter<I: IntoIterator<Item = (CompactString, f64)>>(named: I) -> Self {
        let (names, values): (Vec<_>, Vec<_>) = named.into_iter().unzip();
        Self::new(names.into(), &values)
    }
}

/// A prediction as it is emitted. `schemas/prediction.avsc` says what each field means.
#[derive(Clone, Debug, PartialEq)]
pub struct PredictionRecord {
    pub id: CompactString,
    pub origin: Origin,
    pub event_time: Millis,
    /// The predicted class, or the value as text of full precision for regression.
    pub label: CompactString,
    /// Of the classes known so far, in their order; empty for regression.
    pub probabilities: Probabilities,
    /// For regression.
    pub value: Option<f64>,
    pub model: &'static str,
    /// Labels that the model had seen.
    pub learned: u64,
    /// Whether the model has seen fewer labels than it needs to be of use.
    pub warming: bool,
    pub fingerprint: CompactString,
}

/// Mean and count of a signal over a stretch of the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stretch {
    pub mean: f64,
    pub n: u64,
}

/// What kind of change an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// A feature or a prediction moved.
    DataDrift,
    /// The error or the label moved.
    ConceptDrift,
    Quality,
    Anomaly,
}

impl AlertKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::DataDrift => "data_drift",
            Self::ConceptDrift => "concept_drift",
            Self::Quality => "quality",
            Self::Anomaly => "anomaly",
        }
    }
}

/// How sure the detector is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Warning,
    Drift,
}

impl Level {
    pub fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Drift => "drift",
        }
    }
}

/// An alert as it is emitted. `schemas/alert.avsc` says what each field means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// A function of pipeline, origin, detector and watch: the same after any replay.
    pub id: String,
    pub kind: AlertKind,
    pub level: Level,
    pub detector: String,
    /// `error`, `prediction`, `label` or `feature NAME`.
    pub watch: String,
    pub origin: Origin,
    pub event_time: Millis,
    pub before: Stretch,
    pub after: Stretch,
    /// The names of the actions taken.
    pub actions: Vec<String>,
    /// What happened, in plain words.
    pub message: String,
}

/// Scores by metric name, in the metrics' order; a metric without a value yet is absent.
pub type Scores = Vec<(&'static str, f64)>;

/// An evaluation as it is emitted at the end of an epoch. `schemas/evaluation.avsc` says what each field means.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// 0, 1, 2 …
    pub epoch: u64,
    pub topic: String,
    pub partition: i32,
    /// Offset of the epoch's first event.
    pub from: i64,
    /// Offset of the epoch's last event.
    pub to: i64,
    pub event_time: Millis,
    /// Events predicted in this epoch.
    pub events: u64,
    /// Labels evaluated in this epoch.
    pub labelled: u64,
    /// Since the start of the stream.
    pub metrics: Scores,
    /// Over the last `metrics.window` labelled events.
    pub rolling: Scores,
    /// No-change: predicts the label before.
    pub no_change: Scores,
    pub no_change_rolling: Scores,
    /// Events, labels, waiting, dropped, drifts … since the start.
    pub counters: BTreeMap<String, u64>,
}
