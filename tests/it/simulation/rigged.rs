//! The twin's source and outbox, and the same with the protocol broken on purpose: tests of the test.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use driftline::stream::memory::{self, Log, Member};
use driftline::stream::{self, Change, Checkpoint, Commit, Observed, Record, StateRecord, StreamError};

/// How the protocol is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    Nothing,
    /// Positions are committed before the outputs that belong to them.
    PositionsFirst,
    /// Checkpoints are committed before their positions.
    CheckpointOutside,
    /// Every checkpoint overwrites the one before.
    OneSlot,
    /// What is learned again is emitted again.
    EmitReplay,
}

pub struct Source {
    inner: memory::Source,
    sabotage: Sabotage,
}

pub struct Outbox {
    inner: memory::Outbox,
    sabotage: Sabotage,
    /// What follows when the commit under way has landed.
    rest: VecDeque<Commit>,
    positions: BTreeMap<i32, i64>,
}

pub fn join(log: &Log, id: &str, sabotage: Sabotage) -> (Source, Outbox) {
    let (source, outbox) = log.join(id);
    let (rest, positions) = Default::default();
    (Source { inner: source, sabotage }, Outbox { inner: outbox, sabotage, rest, positions })
}

impl Source {
    pub fn member(&self) -> Member {
        self.inner.member()
    }
}

impl stream::Source for Source {
    fn poll(
        &mut self,
        wait: Duration,
        max: usize,
        each: &mut dyn FnMut(Record<'_>),
    ) -> Result<Option<Change>, StreamError> {
        self.inner.poll(wait, max, each)
    }

    fn observe(&mut self, partition: i32) {
        self.inner.observe(partition);
    }

    fn observed(&mut self) -> Option<Result<Observed, (i32, StreamError)>> {
        let mut answer = self.inner.observed()?;
        if let (Sabotage::EmitReplay, Ok(observed)) = (self.sabotage, &mut answer) {
            observed.committed = None;
        }
        Some(answer)
    }

    fn start(&mut self, partition: i32, offset: i64) -> Result<(), StreamError> {
        self.inner.start(partition, offset)
    }

    fn pause(&mut self, partitions: &[i32]) -> Result<(), StreamError> {
        self.inner.pause(partitions)
    }

    fn resume(&mut self, partitions: &[i32]) -> Result<(), StreamError> {
        self.inner.resume(partitions)
    }

    fn release(&mut self, partitions: &[i32]) -> Result<(), StreamError> {
        self.inner.release(partitions)
    }

    fn high(&self, partition: i32) -> Option<i64> {
        self.inner.high(partition)
    }

    fn close(&mut self) {
        self.inner.close();
    }
}

impl stream::Outbox for Outbox {
    fn submit(&mut self, mut commit: Commit) -> Result<(), StreamError> {
        match self.sabotage {
            Sabotage::PositionsFirst => {
                let positions = commit.positions.clone();
                self.rest.push_back(Commit { positions, ..Commit::default() });
            }
            Sabotage::CheckpointOutside => {
                let known = |p: i32| self.positions.get(&p).map(|position| (p, *position));
                let positions = commit.checkpoints.iter().filter_map(|c| known(c.partition)).collect();
                let (early, late) = commit.checkpoints.into_iter().partition(|c| known(c.partition).is_some());
                commit.checkpoints = late;
                self.rest.push_back(Commit { checkpoints: early, positions, ..Commit::default() });
                self.positions.extend(commit.positions.iter().copied());
            }
            Sabotage::OneSlot => commit.checkpoints = commit.checkpoints.into_iter().map(in_one_slot).collect(),
            Sabotage::EmitReplay | Sabotage::Nothing => {}
        }
        self.rest.push_back(commit);
        self.next()
    }

    fn outcome(&mut self, wait: Duration) -> Option<Result<(), StreamError>> {
        match self.inner.outcome(wait)? {
            Ok(()) if self.rest.is_empty() => Some(Ok(())),
            Ok(()) => self.next().err().map(Err),
            Err(error) => {
                self.rest.clear();
                Some(Err(error))
            }
        }
    }
}

impl Outbox {
    fn next(&mut self) -> Result<(), StreamError> {
        match self.rest.pop_front() {
            Some(commit) => stream::Outbox::submit(&mut self.inner, commit),
            None => Ok(()),
        }
    }
}

fn in_one_slot(checkpoint: Checkpoint) -> Checkpoint {
    let Checkpoint { partition, encode } = checkpoint;
    let rename = |record: StateRecord| {
        let key = String::from_utf8(record.key).unwrap().replace("/b/", "/a/").replace("/B/", "/A/");
        StateRecord { key: key.into_bytes(), ..record }
    };
    Checkpoint { partition, encode: Box::new(move || Ok(encode()?.into_iter().map(rename).collect())) }
}
