//! Commits: what goes out together, and what follows from the outcome.

use std::collections::BTreeSet;
use std::time::Duration;

use super::lane::{Lane, Saved};
use super::{Stop, Worker};
use crate::checkpoint;
use crate::stream::{Checkpoint, Commit, Fault, Outbox, Source, StreamError};

/// How long to wait for an outcome when there is nothing else to do.
const WAIT: Duration = Duration::from_millis(10);

/// A commit under way.
pub(super) struct Flight {
    pub since: Duration,
    lanes: Vec<Sent>,
}

/// What a commit under way says of one lane.
struct Sent {
    partition: i32,
    position: i64,
    /// The position of its checkpoint.
    saved: Option<i64>,
}

impl Flight {
    pub fn forget(&mut self, partition: i32) {
        self.lanes.retain(|sent| sent.partition != partition);
    }

    pub fn concerns(&self, partition: i32) -> bool {
        self.lanes.iter().any(|sent| sent.partition == partition)
    }
}

impl<S: Source, O: Outbox> Worker<S, O> {
    /// Whether the log does not know yet all that it should.
    pub(super) fn has_news(&self) -> bool {
        self.lanes.iter().any(|(partition, lane)| lane.has_news() || self.wants_checkpoint(*partition, lane))
    }

    pub(super) fn wants_checkpoint(&self, partition: i32, lane: &Lane) -> bool {
        // The first commit of a lane holds a checkpoint: a position without a state is refused at the next restore.
        let Some(saved) = lane.saved else { return true };
        let cadence = self.settings.checkpoint;
        let late = cadence.every.is_some_and(|every| self.now.saturating_sub(saved.at) >= every);
        let far = cadence.events.is_some_and(|events| lane.position - saved.position >= events);
        lane.unsaved() && (late || far || self.ending.is_some() || self.leaving.contains(&partition))
    }

    /// Submits the next commit when it is time.
    pub(super) fn commit(&mut self) -> Result<(), Stop> {
        if self.flight.is_some() || !self.is_due() {
            return Ok(());
        }
        let mut flight = Flight { since: self.now, lanes: Vec::new() };
        let mut commit = Commit { outputs: self.batch.take(), ..Commit::default() };
        let partitions: Vec<i32> = self.lanes.keys().copied().collect();
        for partition in partitions {
            self.say(partition, &mut commit, &mut flight);
        }
        self.committed_at = self.now;
        let submitted = self.outbox.submit(commit);
        self.flight = Some(flight);
        submitted.or_else(|error| self.failed(error))
    }

    fn is_due(&self) -> bool {
        let urgent = || {
            let checkpoint = |(partition, lane): (&i32, &Lane)| self.wants_checkpoint(*partition, lane);
            self.ending.is_some()
                || !self.leaving.is_empty()
                || self.batch.room() == 0
                || self.now >= self.committed_at + self.settings.commit_every
                || self.lanes.iter().any(checkpoint)
        };
        self.has_news() && urgent()
    }

    fn say(&mut self, partition: i32, commit: &mut Commit, flight: &mut Flight) {
        let Some(lane) = self.lanes.get(&partition) else { return };
        let wants = self.wants_checkpoint(partition, lane);
        if !wants && !lane.has_news() {
            return;
        }
        let position = lane.to_commit();
        commit.positions.push((partition, position));
        flight.lanes.push(Sent { partition, position, saved: wants.then_some(lane.position) });
        if wants {
            commit.checkpoints.push(snapshot(partition, lane, &self.settings.spec.name));
            if let Some(lane) = self.lanes.get_mut(&partition) {
                lane.sequence += 1;
            }
        }
    }

    /// Asks for the outcome of the commit under way.
    pub(super) fn settle(&mut self) -> Result<(), Stop> {
        if self.flight.is_none() {
            return Ok(());
        }
        let wait = if self.batch.room() == 0 || self.ending.is_some() { WAIT } else { Duration::ZERO };
        match self.outbox.outcome(wait) {
            None => Ok(()),
            Some(Ok(())) => {
                self.landed();
                Ok(())
            }
            Some(Err(error)) => self.failed(error),
        }
    }

    fn landed(&mut self) {
        let Some(flight) = self.flight.take() else { return };
        self.trouble.clear();
        self.status.committed(self.now.saturating_sub(flight.since));
        for Sent { partition, position, saved } in flight.lanes {
            let Some(lane) = self.lanes.get_mut(&partition) else { continue };
            lane.committed = Some(position);
            if let Some(position) = saved {
                lane.saved = Some(Saved { position, at: flight.since });
                self.status.checkpoints += 1;
            }
        }
    }

    /// Nothing of the commit counts, or nobody knows: what is in memory is ahead of the log, and the log decides.
    fn failed(&mut self, error: StreamError) -> Result<(), Stop> {
        let Some(flight) = self.flight.take() else { return Ok(()) };
        if let Fault::Fatal(_) = error.fault() {
            return Err(error.into());
        }
        self.status.aborts += 1;
        self.batch.take();
        let ahead = self.lanes.iter().filter(|(_, lane)| lane.has_news()).map(|(partition, _)| *partition);
        let concerned: BTreeSet<i32> = ahead.chain(flight.lanes.iter().map(|sent| sent.partition)).collect();
        let concerned: Vec<i32> = concerned.into_iter().filter(|p| self.lanes.remove(p).is_some()).collect();
        if self.ending.is_some() {
            tracing::warn!("{error}; what was not committed is done again at the next start");
            return Ok(());
        }
        let at = self.again(error)?;
        // Where pausing fails, records come and belong to no lane.
        if let Err(error) = self.source.pause(&concerned) {
            tracing::debug!("{error}");
        }
        let again: Vec<i32> = concerned.into_iter().filter(|p| !self.leaving.contains(p)).collect();
        again.into_iter().for_each(|partition| self.ask(partition, at));
        Ok(())
    }
}

/// The lane's state as it is now, to be encoded on the outbox's thread.
fn snapshot(partition: i32, lane: &Lane, pipeline: &str) -> Checkpoint {
    let (learner, slots, pipeline) = (lane.learner.clone(), lane.slots.clone(), pipeline.to_owned());
    let (next_offset, sequence, last) = (lane.position, lane.sequence, lane.last);
    let fingerprint = lane.place.fingerprint.clone();
    let encode = move || {
        let state = checkpoint::Checkpoint {
            pipeline: &pipeline,
            partition,
            next_offset,
            sequence,
            fingerprint: &fingerprint,
            last,
            counters: Default::default(),
            learner: &learner,
        };
        let records = checkpoint::encode(&state, &slots)
            .map_err(|damage| StreamError::State { partition, cause: damage.to_string() })?;
        let bytes: usize = records.iter().filter_map(|r| r.value.as_ref()).map(Vec::len).sum();
        tracing::info!(partition, next_offset, sequence, bytes, "checkpoint");
        Ok(records)
    };
    Checkpoint { partition, encode: Box::new(encode) }
}
