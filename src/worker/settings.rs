//! What a worker is told, beside the source and the outbox.

use std::sync::Arc;
use std::time::Duration;

use super::MaxBad;
use crate::checkpoint::OnChange;
use crate::learner::Spec;
use crate::stream::Delivery;

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

/// Nothing here but `spec` and `topic` changes a bit of the results.
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
