//! The worker: polls, steps, publishes; restores what it is given and gives back what is taken.
//!
//! A [`Worker`] is one consumer, one producer and the lanes of its partitions, on one thread, and knows no clock:
//! [`Worker::turn`] is told the time. So the simulation drives several of them, step by step, on the memory twin, and
//! [`run`] drives as many as are configured on threads of their own against Kafka.
//!
//! While a commit is under way, the next batch is polled, decoded and stepped already. What is in memory is therefore ahead
//! of the log; when a commit fails, the lanes that it concerned are dropped and restored from the log.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use compact_str::CompactString;

use crate::stream::{Outbox, Source};

mod bad;
mod batch;
mod codecs;
mod commit;
mod failure;
mod lane;
mod poll;
mod rebalance;
mod restore;
mod run;
mod settings;
mod status;
mod trouble;

pub use codecs::Codecs;
pub use failure::Stop;
pub use run::{Shutdown, run, run_unlooked};
pub use settings::{Cadence, Emitted, Settings};
pub use status::{LaneStatus, Status};

use batch::Batch;
use commit::Flight;
use lane::Lane;
use restore::Restoring;
use trouble::Trouble;

/// What a turn came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Running,
    /// The source failed and is left alone for a while: nothing was waited for, so the caller should.
    Waiting,
    /// Everything is committed and the group is left: not to be turned again.
    Closed,
}

/// One consumer, one producer and the lanes of its partitions.
pub struct Worker<S, O> {
    settings: Settings,
    /// Of the configuration.
    fingerprint: CompactString,
    codecs: Codecs,
    source: S,
    outbox: O,
    /// What is running, by partition.
    lanes: BTreeMap<i32, Lane>,
    /// Assigned and not running yet.
    restoring: BTreeMap<i32, Restoring>,
    /// Revoked: to be released when all of theirs is committed.
    leaving: BTreeSet<i32>,
    batch: Batch,
    flight: Option<Flight>,
    /// When a commit was last submitted.
    committed_at: Duration,
    /// The source was told to hold back while the batch is full.
    held: bool,
    /// When to poll again after a failure.
    poll_at: Duration,
    trouble: Trouble,
    status: Status,
    ending: Option<Ending>,
    now: Duration,
}

/// Why the worker commits what it has and leaves.
enum Ending {
    Asked,
    Stopped(Stop),
}

impl<S: Source, O: Outbox> Worker<S, O> {
    pub fn new(settings: Settings, codecs: Codecs, source: S, outbox: O) -> Self {
        Self {
            batch: Batch::new(settings.max_events, settings.max_bytes),
            trouble: Trouble::new(settings.retry_for),
            fingerprint: settings.spec.fingerprint(),
            settings,
            codecs,
            source,
            outbox,
            lanes: BTreeMap::new(),
            restoring: BTreeMap::new(),
            leaving: BTreeSet::new(),
            flight: None,
            committed_at: Duration::ZERO,
            held: false,
            poll_at: Duration::ZERO,
            status: Status::default(),
            ending: None,
            now: Duration::ZERO,
        }
    }

    /// One round: the outcome of a commit, answers for restores, records, the next commit. `now` counts from any start and
    /// never goes back. Waits at most about a tenth of a second.
    pub fn turn(&mut self, now: Duration) -> Result<Turn, Stop> {
        self.now = now;
        self.settle()?;
        self.restore()?;
        self.retry()?;
        self.poll()?;
        self.replayed();
        self.commit()?;
        self.give_back()?;
        self.report();
        self.end()
    }

    /// Asks for the end: commits what is under way with a checkpoint of every lane, then leaves the group.
    pub fn close(&mut self) {
        self.ending.get_or_insert(Ending::Asked);
    }

    pub fn status(&self) -> &Status {
        &self.status
    }

    /// Commits what is good, then stops: other lanes lose nothing by one lane's trouble.
    fn stop(&mut self, stop: Stop) {
        if !matches!(self.ending, Some(Ending::Stopped(_))) {
            tracing::error!(code = stop.code(), "{stop}");
            self.ending = Some(Ending::Stopped(stop));
        }
    }

    fn end(&mut self) -> Result<Turn, Stop> {
        if self.ending.is_none() || self.flight.is_some() || self.has_news() {
            return Ok(if self.now < self.poll_at { Turn::Waiting } else { Turn::Running });
        }
        self.source.close();
        match self.ending.take() {
            Some(Ending::Stopped(stop)) => Err(stop),
            _ => Ok(Turn::Closed),
        }
    }
}
