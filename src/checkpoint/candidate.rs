//! What stands on the state topic for one partition: at most one checkpoint in each slot.

use std::collections::BTreeMap;

use super::key::{Key, Part, Slot};
use super::manifest::{Chunk, Manifest};
use super::{Damage, Slots, body};
use crate::learner::Learner;
use crate::stream::StateRecord;

/// A checkpoint that was found, whole or damaged.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    pub slot: Slot,
    /// `None` where it cannot be read.
    pub manifest: Option<Manifest>,
    /// The chunks joined, or what is wrong.
    pub body: Result<Vec<u8>, Damage>,
}

/// What is found in one slot.
#[derive(Default)]
struct Found<'a> {
    manifest: Option<&'a [u8]>,
    chunks: BTreeMap<usize, &'a [u8]>,
}

/// The checkpoints of `pipeline` among `records` (of which the last of a key counts), the newest first, damaged ones last
/// where their manifest cannot be read. Chunks are checked; the whole is when it is [restored](Candidate::restore).
pub fn candidates(records: &[StateRecord], pipeline: &str, partition: i32) -> Vec<Candidate> {
    let found = find(records, pipeline, partition);
    let slots = Slot::BOTH.into_iter().zip(&found);
    let mut candidates: Vec<_> =
        slots.filter_map(|(slot, found)| candidate(slot, found, pipeline, partition)).collect();
    candidates
        .sort_by_key(|candidate| std::cmp::Reverse(candidate.manifest.as_ref().map(|manifest| manifest.sequence)));
    candidates
}

/// How many chunks stand in each slot, also of incomplete checkpoints.
pub(super) fn slots(records: &[StateRecord], pipeline: &str, partition: i32) -> Slots {
    Slots::found(find(records, pipeline, partition).map(|found| found.chunks.keys().last().map_or(0, |last| last + 1)))
}

fn find<'a>(records: &'a [StateRecord], pipeline: &str, partition: i32) -> [Found<'a>; 2] {
    let mut slots: [Found<'a>; 2] = Default::default();
    for record in records {
        let Some(key) = Key::parse(&record.key).filter(|key| key.pipeline == pipeline && key.partition == partition)
        else {
            continue;
        };
        let found = &mut slots[key.slot.index()];
        match (key.part, record.value.as_deref()) {
            (Part::Manifest, value) => found.manifest = value,
            (Part::Chunk(index), Some(value)) => drop(found.chunks.insert(index, value)),
            (Part::Chunk(index), None) => drop(found.chunks.remove(&index)),
        }
    }
    slots
}

fn candidate(slot: Slot, found: &Found<'_>, pipeline: &str, partition: i32) -> Option<Candidate> {
    let damaged = |manifest, damage| Some(Candidate { slot, manifest, body: Err(damage) });
    let Some(bytes) = found.manifest else {
        return if found.chunks.is_empty() { None } else { damaged(None, Damage::NoManifest) };
    };
    let manifest = match Manifest::parse(bytes) {
        Ok(manifest) => manifest,
        Err(damage) => return damaged(None, damage),
    };
    if manifest.pipeline != pipeline || manifest.partition != partition {
        let foreign = Damage::Foreign {
            found: manifest.pipeline.clone(),
            found_partition: manifest.partition,
            expected: pipeline.to_owned(),
            partition,
        };
        return damaged(Some(manifest), foreign);
    }
    let body = join(&manifest.chunks, &found.chunks);
    Some(Candidate { slot, manifest: Some(manifest), body })
}

fn join(expected: &[Chunk], found: &BTreeMap<usize, &[u8]>) -> Result<Vec<u8>, Damage> {
    let mut body = Vec::new();
    for (index, chunk) in expected.iter().enumerate() {
        let bytes = found.get(&index).ok_or(Damage::MissingChunk { index, of: expected.len() })?;
        if bytes.len() as i64 != chunk.bytes {
            let expected = chunk.bytes.unsigned_abs();
            return Err(Damage::ShortChunk { index, found: bytes.len() as u64, expected });
        }
        let crc32 = crc32fast::hash(bytes);
        if i64::from(crc32) != chunk.crc32 {
            return Err(Damage::CorruptChunk { index, found: crc32, expected: chunk.crc32 as u32 });
        }
        body.extend_from_slice(bytes);
    }
    Ok(body)
}

impl Candidate {
    /// Decodes the state and checks its digest.
    pub fn restore(&self) -> Result<Learner, Damage> {
        let manifest = self.manifest.as_ref().ok_or(Damage::NoManifest)?;
        let compressed = self.body.as_ref().map_err(Clone::clone)?;
        if manifest.codec != body::CODEC {
            return Err(Damage::Codec { found: manifest.codec.clone() });
        }
        let version = u32::try_from(manifest.state_version).unwrap_or(0);
        body::decode(version, compressed, manifest.body_bytes.unsigned_abs(), &manifest.digest)
    }
}
