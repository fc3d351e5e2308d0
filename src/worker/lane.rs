//! A lane: one input partition with its learner and its position.

use std::time::Duration;

use super::bad::Recent;
use super::batch::Batch;
use super::codecs::Codecs;
use super::status::Status;
use super::trouble::Trouble;
use super::{Settings, Stop};
use crate::checkpoint::{LastRecord, Recovery, Slots};
use crate::codec::{CodecError, Decoded};
use crate::config::MaxBad;
use crate::event::Origin;
use crate::facts::{Reason, Rejection};
use crate::learner::{Learner, Place, Step};
use crate::stream::Record;

/// What a lane works with that is not its own.
pub(super) struct Bench<'a> {
    pub settings: &'a Settings,
    pub codecs: &'a mut Codecs,
    pub batch: &'a mut Batch,
    pub status: &'a mut Status,
}

/// Why a lane does not take records just now.
#[derive(Clone, Debug)]
pub(super) enum Halt {
    /// The decoder does not know yet.
    Decoder(String),
    /// Paused since then; to be tried again at `until`.
    Paused { until: Duration },
    /// It is not to go on at all.
    Stopped,
}

/// Where the last checkpoint stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Saved {
    pub position: i64,
    pub at: Duration,
}

pub(super) struct Lane {
    pub place: Place,
    pub learner: Learner,
    /// The next offset to be processed.
    pub position: i64,
    /// Outputs of offsets before this are out already.
    pub emit_from: i64,
    /// The group's committed offset; `None` before the first commit.
    pub committed: Option<i64>,
    /// `None` before the first checkpoint.
    pub saved: Option<Saved>,
    /// Of the next checkpoint.
    pub sequence: u64,
    pub slots: Slots,
    /// The last record that was processed.
    pub last: Option<LastRecord>,
    /// A record that must still stand where the checkpoint saw it.
    expected: Option<LastRecord>,
    pub halt: Option<Halt>,
    /// With the decoder.
    pub trouble: Trouble,
    recent: Recent,
    /// Since when events are learned again that were emitted before; `None` when that is done.
    pub replaying: Option<Duration>,
    /// How many.
    pub replayed: u64,
}

impl Lane {
    /// `now`: when the restore began.
    pub fn new(place: Place, recovery: Recovery, committed: Option<i64>, retry_for: Duration, now: Duration) -> Self {
        let Recovery { learner, from, emit_from, sequence, slots, last, restored, .. } = recovery;
        Self {
            place,
            learner,
            position: from,
            emit_from,
            committed,
            saved: restored.map(|_| Saved { position: from, at: now }),
            sequence,
            slots,
            last,
            expected: last,
            halt: None,
            trouble: Trouble::new(retry_for),
            recent: Recent::default(),
            replaying: Some(now),
            replayed: 0,
        }
    }

    /// Where to begin to read: at the last record that the state holds, to see that it is still the same one, where
    /// retention has left it.
    pub fn read_from(&mut self, low: i64) -> i64 {
        self.expected = self.expected.filter(|last| last.offset >= low);
        self.expected.map_or(self.position, |last| last.offset)
    }

    /// What a commit says of the lane: never less than it said before, also while old events are learned again.
    pub fn to_commit(&self) -> i64 {
        self.position.max(self.emit_from)
    }

    /// Whether the log does not know yet how far the lane is.
    pub fn has_news(&self) -> bool {
        self.committed != Some(self.to_commit())
    }

    /// Whether the state has moved since the last checkpoint.
    pub fn unsaved(&self) -> bool {
        self.saved.is_none_or(|saved| saved.position != self.position)
    }

    /// Takes the next record: decodes, steps, and writes into the batch what was not out yet.
    pub fn take(&mut self, record: &Record<'_>, bench: &mut Bench<'_>) -> Result<(), Stop> {
        if self.halt.is_some() {
            return Ok(());
        }
        if record.offset < self.position {
            return self.compare(record);
        }
        if let Some(expected) = self.expected {
            return Err(self.recreated(expected, format!("it is not there, the next one is at {}", record.offset)));
        }
        match self.step(record, bench.codecs) {
            Ok(step) => self.good(record, step.as_ref(), bench),
            Err(CodecError::Rejected(rejection)) => self.bad(record, &rejection, bench)?,
            Err(CodecError::Transient { doing, cause }) => {
                self.halt = Some(Halt::Decoder(format!("{doing}: {cause}")));
                return Ok(());
            }
            Err(error @ CodecError::Invalid { .. }) => return Err(Stop::Codec(error)),
        }
        self.position = record.offset + 1;
        self.last = Some(LastRecord::new(record.offset, record.timestamp, record.value));
        Ok(())
    }

    /// A record that the state holds already: there only to be recognised.
    fn compare(&mut self, record: &Record<'_>) -> Result<(), Stop> {
        let found = LastRecord::new(record.offset, record.timestamp, record.value);
        match self.expected.filter(|expected| expected.offset == record.offset) {
            Some(expected) if expected != found => Err(self.recreated(expected, "another record is there".to_owned())),
            Some(_) => {
                self.expected = None;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn recreated(&self, expected: LastRecord, found: String) -> Stop {
        Stop::Recreated { partition: self.place.partition, expected, found }
    }

    /// `None` for a tombstone.
    fn step(&mut self, record: &Record<'_>, codecs: &mut Codecs) -> Result<Option<Step>, CodecError> {
        match codecs.decode(record)? {
            Decoded::Event => Ok(Some(self.learner.step(&self.place, &codecs.event)?)),
            Decoded::Tombstone => Ok(None),
        }
    }

    fn origin(&self, offset: i64) -> Origin {
        Origin { topic: self.place.topic.clone(), partition: self.place.partition, offset }
    }

    /// Whether the outputs of a record are still to be written.
    fn emits(&mut self, offset: i64, bench: &mut Bench<'_>) -> bool {
        let emits = offset >= self.emit_from;
        bench.batch.events += usize::from(emits);
        self.replayed += u64::from(!emits);
        bench.status.events += u64::from(emits);
        emits
    }

    fn good(&mut self, record: &Record<'_>, step: Option<&Step>, bench: &mut Bench<'_>) {
        self.recent.push(false, &bench.settings.max_bad);
        if !self.emits(record.offset, bench) {
            return;
        }
        let Some(step) = step else {
            bench.status.tombstones += 1;
            return;
        };
        for alert in &step.alerts {
            tracing::warn!(partition = record.partition, offset = record.offset, "{}", alert.message);
        }
        bench.status.alerts += step.alerts.len() as u64;
        let (origin, emitted) = (self.origin(record.offset), bench.settings.emitted);
        bench.codecs.write(step, record, &origin, emitted, bench.batch);
    }

    fn bad(&mut self, record: &Record<'_>, rejection: &Rejection, bench: &mut Bench<'_>) -> Result<(), Stop> {
        // A label that nobody waits for is a fact of the stream and no sign of a broken producer.
        let counts = rejection.reason != Reason::LabelWithoutEvent;
        let too_many = self.recent.push(counts, &bench.settings.max_bad);
        if self.emits(record.offset, bench) {
            let origin = self.origin(record.offset).to_string();
            bench.status.dead_letter(rejection, &origin);
            if bench.settings.emitted.dead_letters {
                bench.batch.dead_letter(record, rejection, &origin);
            }
        }
        if !too_many {
            return Ok(());
        }
        // The record itself is done with: its dead letter is in the last commit.
        self.position = record.offset + 1;
        self.last = Some(LastRecord::new(record.offset, record.timestamp, record.value));
        let MaxBad { share, of } = bench.settings.max_bad;
        let (partition, offset, last) = (record.partition, record.offset, rejection.to_string());
        Err(Stop::TooManyBad { partition, offset, share, of, last })
    }
}
