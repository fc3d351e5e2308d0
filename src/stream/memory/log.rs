//! The log that the members share, what a script does to it, and what a test reads of it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::{Delivery, Output, StateRecord, StreamError};
use super::fault::{Fault, Faults, Point};
use super::group::Group;
use super::partition::{Partition, Stored};
use super::transaction::{Marker, Transactions};
use super::{Member, Outbox, Source, Topic};

/// How the twin behaves.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub partitions: i32,
    pub delivery: Delivery,
    /// The most records that one poll hands out.
    pub fetch: usize,
    /// Steps of a commit that one call of the outbox takes.
    pub pace: usize,
}

/// The cluster in memory; clones are the same cluster.
#[derive(Clone)]
pub struct Log(Rc<RefCell<Cluster>>);

pub(super) struct Cluster {
    pub options: Options,
    pub topics: BTreeMap<(Topic, i32), Partition>,
    pub offsets: BTreeMap<i32, i64>,
    pub group: Group,
    pub transactions: Transactions,
    faults: Faults,
    ids: BTreeMap<Member, String>,
    dead: Vec<Member>,
    deaf: BTreeMap<Member, u32>,
    violations: Vec<String>,
}

impl Log {
    pub fn new(options: Options) -> Self {
        Self(Rc::new(RefCell::new(Cluster {
            options,
            topics: BTreeMap::new(),
            offsets: BTreeMap::new(),
            group: Group::new(options.partitions),
            transactions: Transactions::default(),
            faults: Faults::default(),
            ids: BTreeMap::new(),
            dead: Vec::new(),
            deaf: BTreeMap::new(),
            violations: Vec::new(),
        })))
    }

    /// Starts a member: takes over its transactional id, joins the group.
    pub fn join(&self, transactional_id: &str) -> (Source, Outbox) {
        let (member, epoch) = {
            let mut cluster = self.0.borrow_mut();
            let epoch = cluster.transactions.init(transactional_id);
            let member = cluster.group.join();
            cluster.ids.insert(member, transactional_id.to_owned());
            (member, epoch)
        };
        (Source::new(self.clone(), member), Outbox::new(self.clone(), member, transactional_id.to_owned(), epoch))
    }

    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Cluster) -> T) -> T {
        work(&mut self.0.borrow_mut())
    }

    /// Makes `fault` happen at the point that is passed as number `point`, from 1 on.
    pub fn script(&self, point: u64, fault: Fault) {
        self.with(|c| c.faults.script.insert(point, fault));
    }

    /// Ends the script: nothing goes wrong any more.
    pub fn calm(&self) {
        self.with(|c| {
            c.faults.script.clear();
            c.deaf.clear();
        });
    }

    /// Appends a record to the input topic.
    pub fn send(&self, partition: i32, record: Stored) {
        self.with(|c| c.partition(Topic::Input, partition).append(record, None));
    }

    /// What a `read_committed` reader finds.
    pub fn read(&self, topic: Topic, partition: i32) -> Vec<Stored> {
        self.with(|c| c.partition(topic, partition).committed_from(0).cloned().collect())
    }

    /// What a restore would find in the state topic.
    pub fn state(&self, partition: i32) -> Vec<StateRecord> {
        self.with(|c| c.state(partition))
    }

    /// The group's committed offset.
    pub fn committed(&self, partition: i32) -> Option<i64> {
        self.with(|c| c.offsets.get(&partition).copied())
    }

    /// Sets the group's committed offset, as `kafka-consumer-groups --reset-offsets` does; `None` lets it expire.
    pub fn reset_offset(&self, partition: i32, offset: Option<i64>) {
        self.with(|c| match offset {
            Some(offset) => c.offsets.insert(partition, offset),
            None => c.offsets.remove(&partition),
        });
    }

    /// Forgets the records of an input partition before `offset`, as retention does.
    pub fn truncate(&self, partition: i32, offset: i64) {
        self.with(|c| c.partition(Topic::Input, partition).truncate(offset));
    }

    /// Deletes a partition's records and begins again at 0, as re-creating the topic does.
    pub fn recreate(&self, topic: Topic, partition: i32) {
        self.with(|c| *c.partition(topic, partition) = Partition::default());
    }

    /// Compacts the state topic.
    pub fn compact(&self) {
        self.with(Cluster::compact);
    }

    /// Spoils the newest record of a state partition.
    pub fn damage(&self, partition: i32) {
        self.with(|c| c.partition(Topic::State, partition).damage());
    }

    /// What members did that Kafka lets pass and that breaks the contract.
    pub fn violations(&self) -> Vec<String> {
        self.with(|c| c.violations.clone())
    }

    /// The points passed so far.
    pub fn trail(&self) -> Vec<Point> {
        self.with(|c| c.faults.trail.clone())
    }

    /// Lets markers and sessions go on where no member is at work.
    pub fn settle(&self) {
        self.with(|c| {
            for _ in 0..200 {
                c.faults.trail.push(Point { name: "settle", member: 0 });
                c.tick();
            }
        });
    }

    /// The process is gone without a word: its session will expire.
    pub fn bury(&self, member: Member) {
        self.with(|c| c.bury(member));
    }

    pub fn is_dead(&self, member: Member) -> bool {
        self.with(|c| c.is_dead(member))
    }
}

impl Cluster {
    pub fn partition(&mut self, topic: Topic, partition: i32) -> &mut Partition {
        self.topics.entry((topic, partition)).or_default()
    }

    pub fn is_dead(&self, member: Member) -> bool {
        self.dead.contains(&member)
    }

    pub fn clock(&self) -> u64 {
        self.faults.clock()
    }

    /// Passes a point: the script's fault happens; an error is what the member is answered.
    pub fn point(&mut self, name: &'static str, member: Member) -> Result<(), StreamError> {
        let doing = || name.to_owned();
        if self.dead.contains(&member) {
            return Err(StreamError::Unavailable { doing: doing(), cause: "the process is dead".to_owned() });
        }
        let fault = self.faults.pass(name, member);
        self.tick();
        match fault {
            Some(Fault::Crash) => {
                self.bury(member);
                return self.silence(name);
            }
            Some(Fault::Unavailable { calls }) => *self.deaf.entry(member).or_default() += calls,
            Some(Fault::Unknown) => {
                if let (true, Some(id)) = (name == "outbox.commit", self.ids.get(&member)) {
                    self.transactions.end(id, true);
                }
                return self.silence(name);
            }
            Some(fault) => self.strike(fault, member),
            None => {}
        }
        match self.deaf.get_mut(&member).filter(|calls| **calls > 0) {
            Some(calls) => {
                *calls -= 1;
                self.silence(name)
            }
            None => Ok(()),
        }
    }

    fn bury(&mut self, member: Member) {
        self.dead.push(member);
        self.group.die(member, self.clock());
    }

    fn silence(&self, name: &str) -> Result<(), StreamError> {
        Err(StreamError::Unavailable { doing: name.to_owned(), cause: "no answer".to_owned() })
    }

    fn strike(&mut self, fault: Fault, member: Member) {
        let now = self.clock();
        match (fault, self.ids.get(&member)) {
            (Fault::Fence, Some(id)) => {
                self.transactions.init(id);
            }
            (Fault::Abort, Some(id)) => self.transactions.end(id, false),
            (Fault::Lost, _) => self.group.expire(member),
            (Fault::Rebalance, _) => self.group.visit(now),
            (Fault::Compact, _) => self.compact(),
            (Fault::Damage, _) => self.state_partitions().for_each(Partition::damage),
            _ => {}
        }
    }

    fn tick(&mut self) {
        let now = self.clock();
        self.group.tick(now);
        // Every other point, so that markers are seen to be late.
        match if now.is_multiple_of(2) { self.transactions.tick(now) } else { None } {
            Some(Marker::Partition { transaction, topic, partition, commit }) => {
                self.partition(topic, partition).decide(transaction, commit);
            }
            Some(Marker::Positions { positions, commit: true }) => self.offsets.extend(positions),
            Some(Marker::Positions { .. }) | None => {}
        }
    }

    fn compact(&mut self) {
        self.state_partitions().for_each(Partition::compact);
    }

    fn state_partitions(&mut self) -> impl Iterator<Item = &mut Partition> {
        self.topics.iter_mut().filter(|((topic, _), _)| *topic == Topic::State).map(|(_, partition)| partition)
    }

    /// The newest stable record of each key, in order.
    pub fn state(&mut self, partition: i32) -> Vec<StateRecord> {
        let mut compacted = self.partition(Topic::State, partition).clone();
        compacted.compact();
        let records = compacted.committed_from(0);
        records.map(|r| StateRecord { key: r.key.clone().unwrap_or_default(), value: r.value.clone() }).collect()
    }

    /// Takes note of what breaks the contract, where the member cannot plead that it did not know.
    pub fn check_output(&mut self, member: Member, generation: Option<u32>, output: &Output) {
        if self.group.current(member, generation) && !self.group.holds(member, output.partition) {
            let Output { topic, partition, .. } = output;
            self.violate(format!("member {member} writes to {topic:?}-{partition}, which it does not hold"));
        }
    }

    /// As [`Cluster::check_output`], for the positions of a commit.
    pub fn check_positions(&mut self, member: Member, positions: &[(i32, i64)]) {
        for &(partition, position) in positions {
            let committed = self.offsets.get(&partition).copied();
            let high = self.partition(Topic::Input, partition).high();
            if committed.is_some_and(|committed| committed > position) {
                self.violate(format!("position of {partition} goes back from {committed:?} to {position}"));
            }
            if position > high {
                self.violate(format!("position {position} of {partition} is past the end {high}"));
            }
            if !self.group.holds(member, partition) {
                self.violate(format!("member {member} commits for {partition}, which it does not hold"));
            }
        }
    }

    pub fn violate(&mut self, what: String) {
        self.violations.push(what);
    }
}
