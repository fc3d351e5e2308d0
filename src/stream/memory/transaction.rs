//! The transaction coordinator: producers by transactional id, their epochs, and the transactions on their way.

use std::collections::{BTreeMap, BTreeSet};

use super::Topic;

/// Points after which the coordinator aborts an open transaction.
const TIMEOUT: u64 = 120;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Open,
    /// Decided; the markers are being written.
    Ending {
        commit: bool,
    },
}

#[derive(Debug)]
pub(super) struct Transaction {
    pub phase: Phase,
    since: u64,
    partitions: BTreeSet<(Topic, i32)>,
    pub positions: BTreeMap<i32, i64>,
}

/// A marker that is due.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Marker {
    Partition { transaction: u64, topic: Topic, partition: i32, commit: bool },
    Positions { positions: BTreeMap<i32, i64>, commit: bool },
}

#[derive(Debug, Default)]
pub(super) struct Transactions {
    epochs: BTreeMap<String, u32>,
    /// The transaction of each id, if one is on its way.
    open: BTreeMap<String, u64>,
    all: BTreeMap<u64, Transaction>,
    next: u64,
}

impl Transactions {
    /// Takes over a transactional id: the epoch that is valid from now on; what was open is aborted.
    pub fn init(&mut self, id: &str) -> u32 {
        self.end(id, false);
        let epoch = self.epochs.entry(id.to_owned()).or_default();
        *epoch += 1;
        *epoch
    }

    pub fn fenced(&self, id: &str, epoch: u32) -> bool {
        self.epochs.get(id) != Some(&epoch)
    }

    /// Begins a transaction; `None` while the last one's markers are on their way.
    pub fn begin(&mut self, id: &str, now: u64) -> Option<u64> {
        if self.open.contains_key(id) {
            return None;
        }
        self.next += 1;
        let (partitions, positions) = Default::default();
        self.all.insert(self.next, Transaction { phase: Phase::Open, since: now, partitions, positions });
        self.open.insert(id.to_owned(), self.next);
        Some(self.next)
    }

    /// The transaction, while it may still be written to.
    pub fn writable(&mut self, transaction: u64) -> Option<&mut Transaction> {
        self.all.get_mut(&transaction).filter(|t| t.phase == Phase::Open)
    }

    /// Decides the open transaction of `id`, if there is one.
    pub fn end(&mut self, id: &str, commit: bool) {
        let open = self.open.get(id).and_then(|transaction| self.all.get_mut(transaction));
        if let Some(transaction) = open.filter(|t| t.phase == Phase::Open) {
            transaction.phase = Phase::Ending { commit };
        }
    }

    /// Whether a transaction on its way would move the committed offset of `partition`.
    pub fn unstable(&self, partition: i32) -> bool {
        self.all.values().any(|t| t.positions.contains_key(&partition))
    }

    /// Aborts what took too long, and gives the next marker to be written.
    pub fn tick(&mut self, now: u64) -> Option<Marker> {
        for transaction in self.all.values_mut().filter(|t| t.phase == Phase::Open && t.since + TIMEOUT <= now) {
            transaction.phase = Phase::Ending { commit: false };
        }
        let (&number, transaction) = self.all.iter_mut().find(|(_, t)| t.phase != Phase::Open)?;
        let commit = transaction.phase == Phase::Ending { commit: true };
        // State partitions last: the positions may be stable before a reader sees the checkpoint that goes with them.
        if !transaction.positions.is_empty() {
            return Some(Marker::Positions { positions: std::mem::take(&mut transaction.positions), commit });
        }
        if let Some((topic, partition)) = transaction.partitions.pop_last() {
            return Some(Marker::Partition { transaction: number, topic, partition, commit });
        }
        self.all.remove(&number);
        self.open.retain(|_, open| *open != number);
        None
    }
}

impl Transaction {
    pub fn touch(&mut self, topic: Topic, partition: i32) {
        self.partitions.insert((topic, partition));
    }
}
