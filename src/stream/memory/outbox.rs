//! The twin's side of a transactional producer: a commit is a list of steps, each behind a point.

use std::collections::VecDeque;
use std::time::Duration;

use super::super::{self as stream, Checkpoint, Commit, Delivery, Output, StateRecord, StreamError};
use super::log::{Cluster, Log};
use super::partition::Stored;
use super::{Member, Topic};

enum Step {
    Begin,
    Output(Output),
    Encode(Checkpoint),
    State(i32, StateRecord),
    Positions(Vec<(i32, i64)>),
    End,
}

/// What became of a step.
enum Did {
    Next,
    /// Nothing yet: to be tried again.
    Wait,
    /// First these.
    Insert(Vec<Step>),
}

/// One producer; implements [`stream::Outbox`].
pub struct Outbox {
    log: Log,
    member: Member,
    id: String,
    epoch: u32,
    transaction: Option<u64>,
    /// The group's generation when the commit was submitted: it fences what was submitted before partitions were lost.
    generation: Option<u32>,
    steps: VecDeque<Step>,
}

impl Outbox {
    pub(super) fn new(log: Log, member: Member, id: String, epoch: u32) -> Self {
        Self { log, member, id, epoch, transaction: None, generation: None, steps: VecDeque::new() }
    }

    fn take(&mut self, step: &mut Step) -> Result<Did, StreamError> {
        let (name, member) = (step.name(), self.member);
        self.log.with(|c| c.point(name, member))?;
        let exactly = self.log.with(|c| c.options.delivery) == Delivery::ExactlyOnce;
        if exactly && self.log.with(|c| c.transactions.fenced(&self.id, self.epoch)) {
            return Err(StreamError::Fenced { doing: name.to_owned(), cause: "newer producer epoch".to_owned() });
        }
        match step {
            Step::Begin if exactly => {
                self.transaction = self.log.with(|c| c.transactions.begin(&self.id, c.clock()));
                Ok(if self.transaction.is_some() { Did::Next } else { Did::Wait })
            }
            Step::Begin => Ok(Did::Next),
            Step::Output(output) => {
                let output = std::mem::replace(output, empty(output));
                self.log.with(|c| c.check_output(member, self.generation, &output));
                let (topic, partition) = (Topic::Output(output.topic), output.partition);
                self.append(topic, partition, output.into())
            }
            Step::Encode(checkpoint) => {
                let partition = checkpoint.partition;
                let encode = std::mem::replace(&mut checkpoint.encode, Box::new(|| Ok(Vec::new())));
                Ok(Did::Insert(encode()?.into_iter().map(|r| Step::State(partition, r)).collect()))
            }
            Step::State(partition, record) => {
                let StateRecord { key, value } = record.clone();
                self.append(Topic::State, *partition, Stored { key: Some(key), value, ..Stored::default() })
            }
            Step::Positions(positions) => self.position(positions),
            Step::End => self.end(exactly),
        }
    }

    fn append(&mut self, topic: Topic, partition: i32, record: Stored) -> Result<Did, StreamError> {
        let number = self.transaction;
        self.log.with(|c| {
            if let Some(number) = number {
                c.transactions.writable(number).ok_or_else(aborted)?.touch(topic, partition);
            }
            c.partition(topic, partition).append(record, number);
            Ok(Did::Next)
        })
    }

    fn position(&mut self, positions: &[(i32, i64)]) -> Result<Did, StreamError> {
        let (number, member, generation) = (self.transaction, self.member, self.generation);
        self.log.with(|c| {
            if !c.group.current(member, generation) {
                let doing = "committing positions".to_owned();
                return Err(StreamError::Aborted { doing, cause: "the group has a newer generation".to_owned() });
            }
            c.check_positions(member, positions);
            match number {
                Some(number) => {
                    c.transactions.writable(number).ok_or_else(aborted)?.positions.extend(positions.iter().copied())
                }
                None => c.offsets.extend(positions.iter().copied()),
            }
            Ok(Did::Next)
        })
    }

    fn end(&mut self, exactly: bool) -> Result<Did, StreamError> {
        if exactly {
            let transaction = self.transaction.take().ok_or_else(aborted)?;
            self.log.with(|c| {
                c.transactions.writable(transaction).ok_or_else(aborted)?;
                c.transactions.end(&self.id, true);
                Ok(())
            })?;
        }
        Ok(Did::Next)
    }

    /// After a failure: what is open is aborted, so that the next commit can begin.
    fn give_up(&mut self) {
        self.steps.clear();
        self.transaction = None;
        let (member, id) = (self.member, &self.id);
        self.log.with(|c| {
            if !c.is_dead(member) && !c.transactions.fenced(id, self.epoch) {
                c.transactions.end(id, false);
            }
        });
    }
}

impl stream::Outbox for Outbox {
    fn submit(&mut self, commit: Commit) -> Result<(), StreamError> {
        self.log.with(|c| check(c, &commit, self.steps.is_empty()));
        self.generation = self.log.with(|c| c.group.known(self.member));
        self.steps.push_back(Step::Begin);
        self.steps.extend(commit.outputs.into_iter().map(Step::Output));
        self.steps.extend(commit.checkpoints.into_iter().map(Step::Encode));
        self.steps.extend([Step::Positions(commit.positions), Step::End]);
        Ok(())
    }

    fn outcome(&mut self, _wait: Duration) -> Option<Result<(), StreamError>> {
        for _ in 0..self.log.with(|c| c.options.pace) {
            let mut step = self.steps.pop_front()?;
            match self.take(&mut step) {
                Ok(Did::Next) if self.steps.is_empty() => return Some(Ok(())),
                Ok(Did::Next) => {}
                Ok(Did::Wait) => self.steps.push_front(step),
                Ok(Did::Insert(steps)) => steps.into_iter().rev().for_each(|s| self.steps.push_front(s)),
                Err(error) => {
                    self.give_up();
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

impl Step {
    fn name(&self) -> &'static str {
        match self {
            Self::Begin => "outbox.begin",
            Self::Output(_) => "outbox.output",
            Self::Encode(_) => "outbox.encode",
            Self::State(..) => "outbox.state",
            Self::Positions(_) => "outbox.positions",
            Self::End => "outbox.commit",
        }
    }
}

fn empty(output: &Output) -> Output {
    let Output { topic, partition, .. } = *output;
    Output { topic, partition, key: None, value: None, headers: Vec::new(), timestamp: None }
}

fn aborted() -> StreamError {
    StreamError::Aborted { doing: "publishing".to_owned(), cause: "the transaction was ended by the broker".to_owned() }
}

fn check(cluster: &mut Cluster, commit: &Commit, idle: bool) {
    if !idle {
        cluster.violate("a commit while another one is under way".to_owned());
    }
    let named = |partition: i32| commit.positions.iter().any(|(p, _)| *p == partition);
    if !commit.outputs.iter().all(|o| named(o.partition)) || !commit.checkpoints.iter().all(|c| named(c.partition)) {
        cluster.violate("a commit without the position of a partition it writes for".to_owned());
    }
}
