//! The `--json` document of `driftline evaluate`.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::detail::Detail;
use super::validation::{Validation, WindowScores};
use crate::facts::{Alert, Scores};
use crate::learner::Spec;
use crate::row::Task;

/// Everything that the evaluation of a pipeline found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// What the pipeline is called; the key of its document among several.
    #[serde(skip)]
    pub name: String,
    pub data: Data,
    /// The pipeline with every default filled in.
    pub pipeline: Spec,
    pub fingerprint: String,
    pub seed: u64,
    #[serde(serialize_with = "as_map")]
    pub metrics: Scores,
    pub baselines: Baselines,
    pub windows: Vec<WindowScores>,
    pub alerts: Vec<Alert>,
    pub speed: Speed,
    pub memory: Memory,
    /// Of the learner's state, SHA-256 in hexadecimal.
    pub digest: String,
    /// Where it was asked for.
    #[serde(skip)]
    pub detail: Option<Detail>,
}

/// What was evaluated.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Data {
    /// Records read, also those that could not be used.
    pub rows: u64,
    pub features: usize,
    pub task: Task,
    /// In the learner's order; empty for regression.
    pub classes: Vec<String>,
    /// Labels scored.
    pub labelled: u64,
    /// Records that could not be used, by reason.
    pub rejected: BTreeMap<&'static str, u64>,
}

/// The scores of the baselines by name: `no_change`, and `majority` or `mean`.
#[derive(Clone, Debug, PartialEq)]
pub struct Baselines(pub [(&'static str, Scores); 2]);

/// How fast it went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Speed {
    /// Of the learner alone, the file already parsed.
    pub events_per_second: f64,
    /// Parsing and everything else included.
    pub end_to_end_events_per_second: f64,
    /// Of the whole process, user and system; `null` where the system does not tell.
    pub cpu_seconds: Option<f64>,
    pub threads: usize,
}

/// How much memory it took.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Memory {
    /// What the model takes of it, counted by the model itself.
    pub model_bytes: usize,
    /// The learner's state as a checkpoint holds it, before compression.
    pub learner_bytes: usize,
    /// Of the whole process; `null` where the system does not tell.
    pub peak_rss_bytes: Option<u64>,
}

impl Report {
    /// `rows` were read; the shell has measured speed, memory and digest.
    pub fn new(name: String, validation: &Validation, rows: u64, speed: Speed, memory: Memory, digest: String) -> Self {
        let learner = &validation.learner;
        let spec = learner.spec();
        let data = Data {
            rows,
            features: spec.layout.len(),
            task: spec.task.kind,
            classes: learner.classes().iter().map(ToString::to_string).collect(),
            labelled: learner.score().labels(),
            rejected: validation.rejected().clone(),
        };
        Self {
            name,
            data,
            pipeline: spec.clone(),
            fingerprint: spec.fingerprint().into(),
            seed: spec.seed,
            metrics: learner.score().total(),
            baselines: Baselines([("no_change", learner.no_change_score().total()), validation.baseline()]),
            windows: validation.windows().to_vec(),
            alerts: validation.alerts().to_vec(),
            speed,
            memory,
            digest,
            detail: validation.detail().cloned(),
        }
    }
}

impl Serialize for Baselines {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Named<'a>(#[serde(serialize_with = "as_map")] &'a Scores);
        serializer.collect_map(self.0.iter().map(|(name, scores)| (name, Named(scores))))
    }
}

/// Scores as a map by metric name.
pub(super) fn as_map<S: Serializer>(scores: &Scores, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(scores.iter().copied())
}
