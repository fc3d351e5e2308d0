//! Restores: what the log knows of a partition becomes a lane.

use std::time::Duration;

use super::lane::Lane;
use super::{Stop, Worker};
use crate::checkpoint::{Facts, recover};
use crate::learner::Place;
use crate::stream::{Fault, Observed, Outbox, Source, StreamError};

/// A partition that is ours and is not running yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Restoring {
    since: Duration,
    /// When to ask what the log knows.
    at: Duration,
    asked: bool,
}

impl<S: Source, O: Outbox> Worker<S, O> {
    /// Restores `partition`, from `at` on.
    pub(super) fn ask(&mut self, partition: i32, at: Duration) {
        let since = self.restoring.get(&partition).map_or(self.now, |restoring| restoring.since);
        self.restoring.insert(partition, Restoring { since, at, asked: false });
    }

    /// Asks where it is time, and takes the answers.
    pub(super) fn restore(&mut self) -> Result<(), Stop> {
        if self.ending.is_some() {
            self.restoring.clear();
        }
        for (&partition, restoring) in self.restoring.iter_mut().filter(|(_, r)| !r.asked && r.at <= self.now) {
            restoring.asked = true;
            self.source.observe(partition);
        }
        while let Some(answer) = self.source.observed() {
            match answer {
                Ok(observed) => self.answered(observed)?,
                Err((partition, error)) if self.restoring.contains_key(&partition) => {
                    let at = self.again(error)?;
                    self.ask(partition, at);
                }
                Err(_) => {}
            }
        }
        Ok(())
    }

    fn answered(&mut self, observed: Observed) -> Result<(), Stop> {
        let partition = observed.partition;
        let Some(restoring) = self.restoring.get(&partition).copied() else { return Ok(()) };
        let facts = Facts {
            partition,
            committed: observed.committed,
            low: observed.low,
            high: observed.high,
            begin: observed.begin,
            delivery: self.settings.delivery,
            on_change: self.settings.on_change,
            fingerprint: &self.fingerprint,
        };
        let recovery = match recover(&facts, &observed.state, &self.settings.spec) {
            Ok(recovery) => recovery,
            Err(refusal) => {
                self.restoring.remove(&partition);
                self.stop(refusal.into());
                return Ok(());
            }
        };
        recovery.notes.iter().for_each(|note| tracing::warn!(partition, "{note}"));
        let fingerprint = self.fingerprint.clone();
        let place = Place { topic: self.settings.topic.clone(), partition, fingerprint };
        let mut lane = Lane::new(place, recovery, observed.committed, self.settings.retry_for, restoring.since);
        let from = lane.read_from(observed.low);
        match self.source.start(partition, from) {
            Ok(()) => self.run(partition, lane),
            Err(error) => self.unstarted(partition, error)?,
        }
        Ok(())
    }

    fn run(&mut self, partition: i32, lane: Lane) {
        let (position, emit_from) = (lane.position, lane.emit_from);
        tracing::info!(partition, position, emit_from, fresh = lane.saved.is_none(), "lane starts");
        self.restoring.remove(&partition);
        self.lanes.insert(partition, lane);
        self.status.restores += 1;
    }

    fn unstarted(&mut self, partition: i32, error: StreamError) -> Result<(), Stop> {
        if error.fault() == Fault::Fatal(5) {
            self.restoring.remove(&partition);
            self.stop(error.into());
            return Ok(());
        }
        let at = self.again(error)?;
        self.ask(partition, at);
        Ok(())
    }

    /// Says where a lane has caught up with what it had emitted before.
    pub(super) fn replayed(&mut self) {
        for (partition, lane) in &mut self.lanes {
            if let Some(since) = lane.replaying.filter(|_| lane.position >= lane.emit_from) {
                lane.replaying = None;
                let seconds = self.now.saturating_sub(since).as_secs_f64();
                tracing::info!(partition, position = lane.position, replayed = lane.replayed, seconds, "lane restored");
            }
        }
    }
}
