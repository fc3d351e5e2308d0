//! Records and changes of assignment in; a partition whose decoder does not know yet waits.

use std::time::Duration;

use super::lane::{Bench, Halt};
use super::{Stop, Worker};
use crate::stream::{Fault, Outbox, Source, StreamError};

/// How long a poll waits for records while nothing else can happen.
const WAIT: Duration = Duration::from_millis(100);
/// The same while an outcome or an answer is awaited.
const SHORT: Duration = Duration::from_millis(2);
/// A full batch waits this long for the commit before it; then the source is told to hold back and is polled all the same,
/// so that the group does not think that the member is gone.
const HOLD: Duration = Duration::from_secs(2);

impl<S: Source, O: Outbox> Worker<S, O> {
    pub(super) fn poll(&mut self) -> Result<(), Stop> {
        if self.now < self.poll_at || !self.hold()? {
            return Ok(());
        }
        let (wait, max, ending) = (self.wait(), self.batch.room().max(1), self.ending.is_some());
        let Self { settings, codecs, source, lanes, batch, status, .. } = self;
        let mut bench = Bench { settings, codecs, batch, status };
        let mut stops = Vec::new();
        let polled = source.poll(wait, max, &mut |record| {
            let Some(lane) = lanes.get_mut(&record.partition).filter(|_| !ending) else { return };
            if let Err(stop) = lane.take(&record, &mut bench) {
                lane.halt = Some(Halt::Stopped);
                stops.push(stop);
            }
        });
        stops.into_iter().for_each(|stop| self.stop(stop));
        match polled {
            Ok(Some(change)) => self.change(change)?,
            Ok(None) => {}
            Err(error) => self.unpolled(error)?,
        }
        self.halted()
    }

    fn unpolled(&mut self, error: StreamError) -> Result<(), Stop> {
        match error.fault() {
            Fault::Fatal(5) => {
                self.stop(error.into());
                Ok(())
            }
            _ => {
                self.poll_at = self.again(error)?;
                Ok(())
            }
        }
    }

    /// When to try again after a failure of the cluster, or the end.
    pub(super) fn again(&mut self, error: StreamError) -> Result<Duration, Stop> {
        if let Fault::Fatal(_) = error.fault() {
            return Err(error.into());
        }
        let (lasted, error) = (self.trouble.lasted(self.now), error.to_string());
        match self.trouble.note(self.now) {
            Some(at) => {
                tracing::warn!(seconds = lasted.as_secs(), "{error}; trying again");
                Ok(at)
            }
            None => Err(Stop::Unavailable { error, lasted }),
        }
    }

    fn wait(&self) -> Duration {
        if self.flight.is_some() || !self.restoring.is_empty() || self.ending.is_some() {
            return SHORT;
        }
        let due = (self.committed_at + self.settings.commit_every).saturating_sub(self.now);
        if self.lanes.values().any(|lane| lane.has_news()) { due.min(WAIT) } else { WAIT }
    }

    /// Whether to poll at all; back-pressure while the batch is full or the end is near.
    fn hold(&mut self) -> Result<bool, Stop> {
        let full = self.batch.room() == 0;
        let waited = self.flight.as_ref().is_some_and(|flight| self.now.saturating_sub(flight.since) >= HOLD);
        let hold = self.ending.is_some() || (full && waited);
        if hold == self.held {
            return Ok(hold || !full);
        }
        let lanes: Vec<i32> = self.lanes.iter().filter(|(_, lane)| lane.halt.is_none()).map(|(p, _)| *p).collect();
        let told = if hold { self.source.pause(&lanes) } else { self.source.resume(&lanes) };
        match told {
            Ok(()) => self.held = hold,
            Err(error) => self.poll_at = self.again(error)?,
        }
        Ok(hold || !full)
    }

    /// Pauses the partitions whose decoder does not know yet.
    fn halted(&mut self) -> Result<(), Stop> {
        for (&partition, lane) in &mut self.lanes {
            let Some(Halt::Decoder(error)) = &lane.halt else { continue };
            let error = error.clone();
            let Some(until) = lane.trouble.note(self.now) else {
                return Err(Stop::Unavailable { error, lasted: lane.trouble.lasted(self.now) });
            };
            tracing::warn!(partition, offset = lane.position, "{error}; the partition waits");
            lane.halt = Some(Halt::Paused { until });
            self.status.stalls += 1;
            // Where pausing fails, records come and are passed over until the partition is started again.
            if let Err(error) = self.source.pause(&[partition]) {
                tracing::debug!(partition, "{error}");
            }
        }
        Ok(())
    }

    /// Starts partitions again that have waited, at the record they stopped at.
    pub(super) fn retry(&mut self) -> Result<(), Stop> {
        if self.ending.is_some() {
            return Ok(());
        }
        let now = self.now;
        let due = |halt: &Option<Halt>| matches!(halt, Some(Halt::Paused { until }) if *until <= now);
        let due = self.lanes.iter().filter(|(p, lane)| due(&lane.halt) && !self.leaving.contains(p));
        let due: Vec<i32> = due.map(|(p, _)| *p).collect();
        for partition in due {
            let Some(lane) = self.lanes.get_mut(&partition) else { continue };
            match self.source.start(partition, lane.position) {
                Ok(()) => lane.halt = None,
                Err(error) => {
                    let until = self.again(error)?;
                    if let Some(lane) = self.lanes.get_mut(&partition) {
                        lane.halt = Some(Halt::Paused { until });
                    }
                }
            }
        }
        Ok(())
    }
}
