//! Checkpoints: a learner's whole state at a position, as records of a compacted topic, and what to make of them.
//!
//! A checkpoint is a *manifest* (Avro, `schemas/checkpoint.avsc`) and the state in *chunks* of at most 900 kB: MessagePack with
//! field names and exact floats, Zstandard, a CRC-32 per chunk and a SHA-256 over the whole. Two *slots* alternate, so that
//! compaction never removes the last complete checkpoint for the sake of the next one.
//!
//! [`encode`] writes, [`candidates`] finds what is there, [`resolve`] decides (pure: see its truth table), and [`recover`] puts
//! these together into a learner and the offsets to go on from.
//!
//! The first commit of a lane must hold a checkpoint: a group with a committed offset and no state is refused.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::learner::{self, Learner};
use crate::stream::StateRecord;

mod body;
mod candidate;
mod damage;
mod key;
mod manifest;
mod recover;
mod resolve;
mod versions;

pub use body::{Digest, digest};
pub use candidate::{Candidate, candidates};
pub use damage::Damage;
pub use key::Slot;
pub use manifest::{Chunk, LastRecord, Manifest, SCHEMA};
pub use recover::{Recovery, recover};
pub use resolve::{Decision, Facts, OnChange, Refusal, resolve};

/// The version of the state that this build writes.
pub const CURRENT: u32 = learner::STATE_VERSION;
/// The oldest version of the state that this build reads.
pub const OLDEST: u32 = 1;
/// The version of the envelope: keys, chunks, manifest.
pub const FORMAT: u32 = 1;
/// The most bytes in a chunk.
pub const CHUNK_BYTES: usize = 900_000;

/// A state to be written.
#[derive(Clone, Debug)]
pub struct Checkpoint<'a> {
    pub pipeline: &'a str,
    pub partition: i32,
    /// The next offset to be processed.
    pub next_offset: i64,
    /// One more than the checkpoint before; see [`Recovery::sequence`].
    pub sequence: u64,
    pub fingerprint: &'a str,
    /// The last record that the state holds.
    pub last: Option<LastRecord>,
    /// The lane's own counters, beside the learner's: dead letters, tombstones …
    pub counters: BTreeMap<String, u64>,
    pub learner: &'a Learner,
}

/// How many chunks each slot of a partition holds, so that a smaller checkpoint deletes the surplus. Shared by all clones.
#[derive(Clone, Debug, Default)]
pub struct Slots(Arc<[AtomicUsize; 2]>);

impl Slots {
    /// As found on the topic: the count by slot.
    fn found(counts: [usize; 2]) -> Self {
        Self(Arc::new(counts.map(AtomicUsize::new)))
    }

    fn replace(&self, slot: Slot, count: usize) -> usize {
        self.0[slot.index()].swap(count, Ordering::SeqCst)
    }
}

/// The records of a checkpoint in the order they must be written: chunks, tombstones for the chunks that the slot no
/// longer uses, the manifest last.
pub fn encode(checkpoint: &Checkpoint<'_>, slots: &Slots) -> Result<Vec<StateRecord>, Damage> {
    let slot = Slot::of(checkpoint.sequence);
    let body = body::encode(checkpoint.learner)?;
    let manifest = Manifest::new(checkpoint, &body);
    let key = |part| key::Key { pipeline: checkpoint.pipeline, partition: checkpoint.partition, slot, part }.to_bytes();

    let count = manifest.chunks.len();
    let chunks = body.compressed.chunks(CHUNK_BYTES).map(<[u8]>::to_vec);
    let mut records: Vec<_> = (0..)
        .zip(chunks)
        .map(|(index, chunk)| StateRecord { key: key(key::Part::Chunk(index)), value: Some(chunk) })
        .collect();
    let surplus = count..slots.replace(slot, count).max(count);
    records.extend(surplus.map(|index| StateRecord { key: key(key::Part::Chunk(index)), value: None }));
    records.push(StateRecord { key: key(key::Part::Manifest), value: Some(manifest.to_bytes()?) });
    Ok(records)
}

/// Tombstones for everything of a pipeline that stands in `records`: what `driftline state reset` writes.
pub fn tombstones(records: &[StateRecord], pipeline: &str, partition: i32) -> Vec<StateRecord> {
    let ours = |record: &&StateRecord| {
        record.value.is_some()
            && key::Key::parse(&record.key).is_some_and(|key| key.pipeline == pipeline && key.partition == partition)
    };
    records.iter().filter(ours).map(|record| StateRecord { key: record.key.clone(), value: None }).collect()
}
