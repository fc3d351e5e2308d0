//! The twin's side of a consumer.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::super::{self as stream, Change, Header, Headers, Observed, Record, StreamError};
use super::log::{Cluster, Log};
use super::partition::Stored;
use super::{Member, Topic};

#[derive(Clone, Copy, Debug)]
struct Cursor {
    next: i64,
    paused: bool,
}

/// Where an answer stands: the offset first, then the state up to the end that was captured then.
#[derive(Clone, Copy, Debug)]
struct Question {
    partition: i32,
    known: Option<(Option<i64>, i64)>,
}

/// One member of the group; implements [`stream::Source`].
pub struct Source {
    log: Log,
    member: Member,
    cursors: BTreeMap<i32, Cursor>,
    questions: VecDeque<Question>,
    /// Whose turn it is, so that no partition starves the others.
    turn: i32,
}

impl Source {
    pub(super) fn new(log: Log, member: Member) -> Self {
        Self { log, member, cursors: BTreeMap::new(), questions: VecDeque::new(), turn: 0 }
    }

    pub fn member(&self) -> Member {
        self.member
    }

    fn point(&self, name: &'static str) -> Result<(), StreamError> {
        self.log.with(|c| c.point(name, self.member))
    }

    fn fetch(&mut self, max: usize) -> Result<Vec<(i32, Stored)>, StreamError> {
        let mut fetched = Vec::new();
        let max = max.min(self.log.with(|c| c.options.fetch));
        let after = |p: &i32| *p > self.turn;
        let (later, earlier): (Vec<i32>, Vec<i32>) = self.cursors.keys().copied().partition(after);
        for partition in later.into_iter().chain(earlier) {
            let Some(cursor) = self.cursors.get_mut(&partition).filter(|c| !c.paused) else { continue };
            let room = max - fetched.len();
            let records = self.log.with(|c| read(c, partition, cursor.next, room))?;
            if let Some(last) = records.last() {
                cursor.next = last.offset + 1;
                self.turn = partition;
            }
            fetched.extend(records.into_iter().map(|r| (partition, r)));
        }
        Ok(fetched)
    }

    fn answer(&mut self, question: &mut Question) -> Result<Option<Observed>, StreamError> {
        self.point("source.observe")?;
        let partition = question.partition;
        self.log.with(|c| {
            let Some((committed, end)) = question.known else {
                if !c.transactions.unstable(partition) {
                    let end = c.partition(Topic::State, partition).high();
                    question.known = Some((c.offsets.get(&partition).copied(), end));
                }
                return Ok(None);
            };
            if c.partition(Topic::State, partition).stable() < end {
                return Ok(None);
            }
            let input = c.partition(Topic::Input, partition);
            let (low, high) = (input.low(), input.stable());
            Ok(Some(Observed { partition, committed, low, high, begin: low, state: c.state(partition) }))
        })
    }
}

fn read(cluster: &mut Cluster, partition: i32, offset: i64, max: usize) -> Result<Vec<Stored>, StreamError> {
    let input = cluster.partition(Topic::Input, partition);
    if offset < input.low() || offset > input.high() {
        return Err(StreamError::OutOfRange { partition, offset });
    }
    Ok(input.committed_from(offset).take(max).cloned().collect())
}

#[derive(Debug)]
struct Kept<'a>(&'a [Header]);

impl Headers for Kept<'_> {
    fn to_vec(&self) -> Vec<Header> {
        self.0.to_vec()
    }
}

impl stream::Source for Source {
    fn poll(
        &mut self,
        _wait: Duration,
        max: usize,
        each: &mut dyn FnMut(Record<'_>),
    ) -> Result<Option<Change>, StreamError> {
        self.point("source.poll")?;
        if let Some(change) = self.log.with(|c| c.group.tell(self.member)) {
            if let Change::Revoked(partitions) | Change::Lost(partitions) = &change {
                self.cursors.retain(|p, _| !partitions.contains(p));
                self.questions.retain(|q| !partitions.contains(&q.partition));
            }
            return Ok(Some(change));
        }
        for (partition, record) in self.fetch(max)? {
            each(Record {
                partition,
                offset: record.offset,
                timestamp: record.timestamp,
                key: record.key.as_deref(),
                value: record.value.as_deref(),
                headers: &Kept(&record.headers),
            });
        }
        Ok(None)
    }

    fn observe(&mut self, partition: i32) {
        self.questions.retain(|q| q.partition != partition);
        self.questions.push_back(Question { partition, known: None });
    }

    fn observed(&mut self) -> Option<Result<Observed, (i32, StreamError)>> {
        let mut question = self.questions.pop_front()?;
        match self.answer(&mut question) {
            Ok(Some(observed)) => Some(Ok(observed)),
            Ok(None) => {
                self.questions.push_back(question);
                None
            }
            Err(error) => Some(Err((question.partition, error))),
        }
    }

    fn start(&mut self, partition: i32, offset: i64) -> Result<(), StreamError> {
        self.point("source.start")?;
        if self.log.with(|c| c.group.holds(self.member, partition) && !c.group.leaving(self.member, partition)) {
            self.cursors.insert(partition, Cursor { next: offset, paused: false });
        } else {
            self.log.with(|c| c.violate(format!("member {} starts {partition}, which it does not hold", self.member)));
        }
        Ok(())
    }

    fn pause(&mut self, partitions: &[i32]) -> Result<(), StreamError> {
        self.cursors.iter_mut().filter(|(p, _)| partitions.contains(p)).for_each(|(_, c)| c.paused = true);
        Ok(())
    }

    fn resume(&mut self, partitions: &[i32]) -> Result<(), StreamError> {
        self.cursors.iter_mut().filter(|(p, _)| partitions.contains(p)).for_each(|(_, c)| c.paused = false);
        Ok(())
    }

    fn release(&mut self, partitions: &[i32]) -> Result<(), StreamError> {
        self.point("source.release")?;
        self.cursors.retain(|p, _| !partitions.contains(p));
        self.questions.retain(|q| !partitions.contains(&q.partition));
        self.log.with(|c| c.group.release(self.member, partitions));
        Ok(())
    }

    fn high(&self, partition: i32) -> Option<i64> {
        Some(self.log.with(|c| c.partition(Topic::Input, partition).stable()))
    }

    fn close(&mut self) {
        if self.point("source.close").is_ok() {
            self.cursors.clear();
            self.log.with(|c| c.group.leave(self.member));
        }
    }
}
