//! Epochs: stretches of the stream, an evaluation at the end of each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::spec::Epoch;
use super::{Learner, Place};
use crate::event::Millis;
use crate::facts::Evaluation;

/// The epoch under way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Current {
    index: u64,
    /// Offsets of the first and the last event.
    from: i64,
    to: i64,
    pub(super) events: u64,
    pub(super) labelled: u64,
    event_time: Millis,
    /// For epochs of event time: which one since 1970, so that all partitions cut alike.
    slot: Option<i64>,
}

/// What has happened since the start of the stream.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Counters {
    pub(super) events: u64,
    pub(super) labels: u64,
    pub(super) expired: u64,
    pub(super) warnings: u64,
    pub(super) drifts: u64,
    pub(super) resets: u64,
    #[serde(default)]
    pub(super) swaps: u64,
    pub(super) non_finite_predictions: u64,
}

impl Counters {
    pub(super) fn named(&self) -> [(&'static str, u64); 8] {
        [
            ("events", self.events),
            ("labels", self.labels),
            ("expired", self.expired),
            ("warnings", self.warnings),
            ("drifts", self.drifts),
            ("resets", self.resets),
            ("swaps", self.swaps),
            ("non_finite_predictions", self.non_finite_predictions),
        ]
    }
}

impl Current {
    /// Whether an event of `event_time` belongs to a later epoch of event time.
    pub(super) fn ends_before(&self, event_time: Millis, epoch: &Epoch) -> bool {
        let slot = epoch.time.map(|time| event_time.div_euclid(time.0.max(1)));
        self.events > 0 && slot > self.slot && self.slot.is_some()
    }

    pub(super) fn is_full(&self, epoch: &Epoch) -> bool {
        epoch.time.is_none() && self.events >= epoch.events()
    }

    pub(super) fn count(&mut self, offset: i64, event_time: Millis, epoch: &Epoch) {
        if self.events == 0 {
            self.from = offset;
            self.slot = epoch.time.map(|time| event_time.div_euclid(time.0.max(1)));
        }
        self.events += 1;
        self.to = offset;
        self.event_time = event_time;
    }

    /// The next epoch, in which nothing has happened.
    pub(super) fn advance(&mut self) {
        *self = Self { index: self.index + 1, ..Self::default() };
    }
}

impl Learner {
    /// How the epoch under way stands: emitted at its end, but can be asked for at any time.
    pub fn evaluation(&self, place: &Place) -> Evaluation {
        let epoch = &self.epoch;
        Evaluation {
            epoch: epoch.index,
            topic: place.topic.to_string(),
            partition: place.partition,
            from: epoch.from,
            to: epoch.to,
            event_time: epoch.event_time,
            events: epoch.events,
            labelled: epoch.labelled,
            metrics: self.score.total(),
            rolling: self.score.rolling(),
            no_change: self.no_change_score.total(),
            no_change_rolling: self.no_change_score.rolling(),
            counters: self.counters(),
        }
    }

    /// What has happened since the start of the stream, by name; `waiting` is now.
    pub fn counters(&self) -> BTreeMap<String, u64> {
        let now = [("waiting", self.waiting.len() as u64)];
        self.counters.named().into_iter().chain(now).map(|(name, n)| (name.to_owned(), n)).collect()
    }
}
