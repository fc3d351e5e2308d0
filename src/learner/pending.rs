//! The waiting room: predictions whose labels come later, bounded by number and by event time.
//!
//! Whoever has waited longest, by arrival, leaves first.

use std::collections::BTreeMap;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::spec::Wait;
use crate::event::Millis;
use crate::model::NoChange;
use crate::row::{Prediction, Row};

/// An event that was predicted and has no label yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub(super) id: CompactString,
    pub(super) event_time: Millis,
    pub(super) weight: f64,
    pub(super) row: Row,
    /// What was predicted then: this is what will be evaluated.
    pub(super) prediction: Prediction,
    /// What the model's members said then, where it has any.
    #[serde(default)]
    pub(super) advice: Vec<f64>,
    /// The baseline as it was then.
    pub(super) no_change: NoChange,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Entries")]
pub(super) struct WaitingRoom {
    /// By offset, which is the order of arrival.
    entries: BTreeMap<i64, Waiting>,
    #[serde(skip)]
    offsets: BTreeMap<CompactString, i64>,
}

/// What a checkpoint holds of a waiting room.
#[derive(Deserialize)]
struct Entries {
    entries: BTreeMap<i64, Waiting>,
}

impl From<Entries> for WaitingRoom {
    fn from(Entries { entries }: Entries) -> Self {
        let offsets = entries.iter().map(|(&offset, waiting)| (waiting.id.clone(), offset)).collect();
        Self { entries, offsets }
    }
}

impl WaitingRoom {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The offset of the event that waits under `id`.
    pub(super) fn find(&self, id: &str) -> Option<i64> {
        self.offsets.get(id).copied()
    }

    pub(super) fn enter(&mut self, offset: i64, waiting: Waiting) {
        self.offsets.insert(waiting.id.clone(), offset);
        if let Some(replaced) = self.entries.insert(offset, waiting) {
            self.offsets.remove(&replaced.id);
        }
    }

    pub(super) fn leave(&mut self, offset: i64) -> Option<Waiting> {
        let waiting = self.entries.remove(&offset)?;
        self.offsets.remove(&waiting.id);
        Some(waiting)
    }

    /// The one that has waited longest, where it is one too many or has waited longer than allowed.
    pub(super) fn overdue(&mut self, wait: &Wait, now: Millis) -> Option<(i64, Waiting)> {
        let (&offset, oldest) = self.entries.first_key_value()?;
        let late = wait.time.is_some_and(|time| oldest.event_time < now.saturating_sub(time.0));
        if self.entries.len() > wait.events || late { Some((offset, self.leave(offset)?)) } else { None }
    }
}
