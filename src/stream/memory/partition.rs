//! One partition: records, control records, and who may see them.

use super::super::{Header, Output};

/// A record as it lies in a partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    pub offset: i64,
    pub timestamp: i64,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<Header>,
}

impl From<Output> for Stored {
    fn from(output: Output) -> Self {
        let Output { key, value, headers, timestamp, .. } = output;
        Self { offset: 0, timestamp: timestamp.unwrap_or(0), key, value, headers }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Pending(u64),
    Committed,
    Aborted,
}

#[derive(Clone, Debug)]
struct Entry {
    record: Stored,
    seen: Seen,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Partition {
    entries: Vec<Entry>,
    low: i64,
    high: i64,
}

impl Partition {
    /// Appends a record: visible at once, or when `transaction` is decided.
    pub fn append(&mut self, mut record: Stored, transaction: Option<u64>) {
        record.offset = self.high;
        self.high += 1;
        let seen = transaction.map_or(Seen::Committed, Seen::Pending);
        self.entries.push(Entry { record, seen });
    }

    /// Writes the marker that ends a transaction here; it takes an offset that no reader is ever handed.
    pub fn decide(&mut self, transaction: u64, commit: bool) {
        let seen = if commit { Seen::Committed } else { Seen::Aborted };
        for entry in self.entries.iter_mut().filter(|e| e.seen == Seen::Pending(transaction)) {
            entry.seen = seen;
        }
        self.high += 1;
    }

    pub fn low(&self) -> i64 {
        self.low
    }

    /// The end as `read_uncommitted` sees it.
    pub fn high(&self) -> i64 {
        self.high
    }

    /// The last stable offset: nothing before it is undecided.
    pub fn stable(&self) -> i64 {
        let pending = self.entries.iter().find(|e| matches!(e.seen, Seen::Pending(_)));
        pending.map_or(self.high, |e| e.record.offset)
    }

    /// Committed records from `offset` on, up to the last stable offset.
    pub fn committed_from(&self, offset: i64) -> impl Iterator<Item = &Stored> {
        let stable = self.stable();
        let records = self.entries.iter().filter(|e| e.seen == Seen::Committed).map(|e| &e.record);
        records.filter(move |r| r.offset >= offset && r.offset < stable)
    }

    /// Keeps the newest stable record of each key, as the log cleaner does; aborted records go.
    pub fn compact(&mut self) {
        let stable = self.stable();
        let newest: Vec<(Option<Vec<u8>>, i64)> = self.committed_from(0).map(|r| (r.key.clone(), r.offset)).collect();
        self.entries.retain(|e| {
            let later = newest.iter().any(|(key, offset)| *key == e.record.key && *offset > e.record.offset);
            e.record.offset >= stable || (e.seen == Seen::Committed && !later)
        });
    }

    /// Forgets records before `offset`, as retention does.
    pub fn truncate(&mut self, offset: i64) {
        self.low = self.low.max(offset.min(self.high));
        self.entries.retain(|e| e.record.offset >= self.low);
    }

    /// Spoils the newest committed record of the partition: a bit of its value flips.
    pub fn damage(&mut self) {
        let newest = self.entries.iter_mut().rev().find(|e| e.seen == Seen::Committed);
        if let Some(value) = newest.and_then(|e| e.record.value.as_mut()) {
            let middle = value.len() / 2;
            if let Some(byte) = value.get_mut(middle) {
                *byte ^= 0x10;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(key: u8) -> Stored {
        Stored { key: Some(vec![key]), value: Some(vec![key]), ..Stored::default() }
    }

    fn offsets(partition: &Partition) -> Vec<i64> {
        partition.committed_from(0).map(|r| r.offset).collect()
    }

    #[test]
    fn undecided_records_hide_what_follows_them() {
        let mut partition = Partition::default();
        partition.append(record(1), None);
        partition.append(record(2), Some(7));
        partition.append(record(3), None);
        assert_eq!((offsets(&partition), partition.stable()), (vec![0], 1));
        partition.decide(7, true);
        assert_eq!((offsets(&partition), partition.high()), (vec![0, 1, 2], 4));
        partition.append(record(4), Some(8));
        partition.decide(8, false);
        assert_eq!(offsets(&partition), [0, 1, 2]);
    }

    #[test]
    fn compaction_keeps_the_newest_of_each_key_and_nothing_aborted() {
        let mut partition = Partition::default();
        for key in [1, 2, 1] {
            partition.append(record(key), None);
        }
        partition.append(record(2), Some(7));
        partition.decide(7, false);
        partition.append(record(1), Some(8));
        partition.compact();
        assert_eq!(offsets(&partition), [1, 2]);
        partition.decide(8, true);
        partition.compact();
        assert_eq!(offsets(&partition), [1, 5]);
    }
}
