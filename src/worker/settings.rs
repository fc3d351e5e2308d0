//! What a worker is told, beside the source and the outbox.

use std::sync::Arc;
use std::time::Duration;

use crate::checkpoint::OnChange;
use crate::config::{Config, MaxBad};
use crate::learner::Spec;
use crate::stream::Delivery;
use crate::units::Span;

/// Bounds of one batch: what a thread holds at most beside its lanes, twice (one batch under way, one being filled).
const MAX_EVENTS: usize = 200_000;
const MAX_BYTES: usize = 64 << 20;

/// Which outputs are written besides predictions.
#[derive(Clone, Copy, Debug)]
pub struct Emitted {
    pub alerts: bool,
    pub evaluations: bool,
    pub dead_letters: bool,
}

/// When a lane that has new events is checkpointed; always at revocation and at shutdown.
#[derive(Clone, Copy, Debug)]
pub struct Cadence {
    pub every: Option<Duration>,
    /// Offsets.
    pub events: Option<i64>,
}

/// What a worker is told. Nothing but `spec` and `topic` changes a bit of the results.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The input topic.
    pub topic: Arc<str>,
    pub spec: Spec,
    pub emitted: Emitted,
    pub checkpoint: Cadence,
    pub on_change: OnChange,
    pub delivery: Delivery,
    pub commit_every: Duration,
    /// Bounds of one batch: records in, bytes out.
    pub max_events: usize,
    pub max_bytes: usize,
    pub max_bad: MaxBad,
    /// How long a broker or a registry may be away before the worker stops with exit code 3.
    pub retry_for: Duration,
}

impl Settings {
    pub fn new(config: &Config) -> Self {
        let topics = config.topics();
        let (alerts, evaluations) = (topics.alerts.is_some(), topics.evaluations.is_some());
        let cadence = &config.checkpoint;
        Self {
            topic: topics.input.into(),
            spec: config.spec(),
            emitted: Emitted { alerts, evaluations, dead_letters: topics.dead_letters.is_some() },
            checkpoint: Cadence {
                every: cadence.every().map(Span::std),
                events: cadence.events.map(|n| i64::try_from(n).unwrap_or(i64::MAX)),
            },
            on_change: cadence.on_change,
            delivery: config.worker.delivery,
            commit_every: config.worker.commit_every.std(),
            max_events: MAX_EVENTS,
            max_bytes: MAX_BYTES,
            max_bad: config.worker.max_bad.clone(),
            retry_for: config.worker.retry_for.std(),
        }
    }
}
