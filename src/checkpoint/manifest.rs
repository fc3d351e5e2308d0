//! The manifest of a checkpoint, as an Avro object container that any Avro tool reads.
//!
//! The container's sync marker, which Avro leaves to the writer, is the start of the SHA-256 of all the rest: so a manifest
//! of which one bit has changed is not read as another one.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use apache_avro::types::Value;
use apache_avro::{Reader, Schema, from_value, write_avro_datum_ref};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::body::{self, Body};
use super::{CHUNK_BYTES, CURRENT, Checkpoint, Damage, FORMAT, versions};

/// `schemas/checkpoint.avsc`.
pub const SCHEMA: &str = include_str!("../../schemas/checkpoint.avsc");

static PARSED: LazyLock<Option<Schema>> = LazyLock::new(|| Schema::parse_str(SCHEMA).ok());

const MAGIC: &[u8] = b"Obj\x01";
const MARKER_BYTES: usize = 16;

/// Everything about a checkpoint but the state itself. `schemas/checkpoint.avsc` says what each field means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: i32,
    pub state_version: i32,
    pub pipeline: String,
    pub partition: i32,
    pub sequence: i64,
    pub next_offset: i64,
    pub event_time: i64,
    pub fingerprint: String,
    pub build: String,
    pub codec: String,
    pub last: Option<LastRecord>,
    pub counters: BTreeMap<String, i64>,
    pub chunks: Vec<Chunk>,
    pub body_bytes: i64,
    /// 64 hexadecimal digits.
    pub digest: String,
}

/// Names a record of the input topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRecord {
    pub offset: i64,
    pub timestamp: i64,
    pub crc32: i64,
}

impl LastRecord {
    pub fn new(offset: i64, timestamp: i64, value: Option<&[u8]>) -> Self {
        Self { offset, timestamp, crc32: i64::from(crc32fast::hash(value.unwrap_or_default())) }
    }
}

/// Length and CRC-32 of one chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    pub bytes: i64,
    pub crc32: i64,
}

impl Manifest {
    pub(super) fn new(checkpoint: &Checkpoint<'_>, body: &Body) -> Self {
        let chunk = |chunk: &[u8]| Chunk { bytes: chunk.len() as i64, crc32: i64::from(crc32fast::hash(chunk)) };
        let mut counters = checkpoint.learner.counters();
        counters.extend(checkpoint.counters.clone());
        Self {
            format: signed(FORMAT),
            state_version: signed(CURRENT),
            pipeline: checkpoint.pipeline.to_owned(),
            partition: checkpoint.partition,
            sequence: i64::try_from(checkpoint.sequence).unwrap_or(i64::MAX),
            next_offset: checkpoint.next_offset,
            event_time: checkpoint.learner.event_time(),
            fingerprint: checkpoint.fingerprint.to_owned(),
            build: env!("CARGO_PKG_VERSION").to_owned(),
            codec: body::CODEC.to_owned(),
            last: checkpoint.last,
            counters: counters.into_iter().map(|(name, n)| (name, i64::try_from(n).unwrap_or(i64::MAX))).collect(),
            chunks: body.compressed.chunks(CHUNK_BYTES).map(chunk).collect(),
            body_bytes: i64::try_from(body.bytes).unwrap_or(i64::MAX),
            digest: body::hex(&body.digest),
        }
    }

    /// An Avro object container with one object.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, Damage> {
        let wrong = |error: apache_avro::Error| Damage::Encoding { why: error.to_string() };
        let schema = PARSED.as_ref().ok_or_else(|| Damage::Encoding { why: "the schema does not parse".to_owned() })?;
        // Straight to bytes: on the way through a `Value` a map would lose its order.
        let mut datum = Vec::new();
        write_avro_datum_ref(schema, self, &mut datum).map_err(wrong)?;
        let metadata = [("avro.codec", "null"), ("avro.schema", SCHEMA)];
        let mut header = MAGIC.to_vec();
        header.extend(long(metadata.len()));
        for (name, value) in metadata {
            header.extend(long(name.len()).into_iter().chain(name.bytes()));
            header.extend(long(value.len()).into_iter().chain(value.bytes()));
        }
        header.extend(long(0));
        let block = [long(1), long(datum.len()), datum].concat();
        let marker = marker(&header, &block);
        Ok([&header[..], &marker, &block, &marker].concat())
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Damage> {
        let wrong = |why: String| Damage::Manifest { why };
        if !is_sealed(bytes) {
            return Err(wrong("its checksum does not match".to_owned()));
        }
        let mut reader = Reader::new(bytes).map_err(|error| wrong(error.to_string()))?;
        let value = match reader.next() {
            Some(value) => value.map_err(|error| wrong(error.to_string()))?,
            None => return Err(wrong("it is empty".to_owned())),
        };
        // Before all else: what a newer build has written may have other fields.
        if let Some(found) = version(&value, "format").filter(|&found| found > FORMAT) {
            return Err(Damage::FutureFormat { found, current: FORMAT });
        }
        versions::check(version(&value, "state_version").unwrap_or(0))?;
        let value = match PARSED.as_ref() {
            Some(schema) => value.resolve(schema).map_err(|error| wrong(error.to_string()))?,
            None => value,
        };
        from_value(&value).map_err(|error| wrong(error.to_string()))
    }
}

fn signed(version: u32) -> i32 {
    i32::try_from(version).unwrap_or(i32::MAX)
}

fn version(value: &Value, name: &str) -> Option<u32> {
    let Value::Record(fields) = value else { return None };
    match fields.iter().find(|(field, _)| field == name)? {
        (_, Value::Int(version)) => u32::try_from(*version).ok(),
        _ => None,
    }
}

/// Avro's long: zigzag, seven bits to a byte.
fn long(n: usize) -> Vec<u8> {
    let mut rest = (n as u64) << 1;
    let mut bytes = Vec::new();
    while rest >= 0x80 {
        bytes.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
    bytes
}

fn marker(header: &[u8], block: &[u8]) -> [u8; MARKER_BYTES] {
    let digest = Sha256::new().chain_update(header).chain_update(block).finalize();
    let mut marker = [0; MARKER_BYTES];
    marker.copy_from_slice(&digest[..MARKER_BYTES]);
    marker
}

/// Whether the marker is that of the rest. It stands after the header and at the end.
fn is_sealed(bytes: &[u8]) -> bool {
    let Some((rest, end)) = bytes.split_last_chunk::<MARKER_BYTES>() else { return false };
    let Some(header) = rest.windows(MARKER_BYTES).position(|window| window == end) else { return false };
    marker(&rest[..header], &rest[header + MARKER_BYTES..]) == *end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        Manifest {
            format: 1,
            state_version: 1,
            pipeline: "fraud".to_owned(),
            partition: 2,
            sequence: 5,
            next_offset: 1_000,
            event_time: i64::MIN,
            fingerprint: "0123456789abcdef".to_owned(),
            build: "0.1.0".to_owned(),
            codec: body::CODEC.to_owned(),
            last: Some(LastRecord::new(999, -1, None)),
            counters: ('a'..='z').map(|name| (name.to_string(), 7)).collect(),
            chunks: vec![Chunk { bytes: 900_000, crc32: 0xffff_ffff }; 3],
            body_bytes: 1 << 33,
            digest: "00".repeat(32),
        }
    }

    #[test]
    fn a_manifest_reads_back_and_is_written_alike_each_time() {
        let bytes = manifest().to_bytes().unwrap();
        assert_eq!(Manifest::parse(&bytes), Ok(manifest()));
        assert_eq!(bytes, manifest().to_bytes().unwrap());
    }

    #[test]
    fn newer_versions_are_told() {
        let parse = |manifest: Manifest| Manifest::parse(&manifest.to_bytes().unwrap()).unwrap_err();
        let newer = parse(Manifest { state_version: 9, ..manifest() });
        assert_eq!(newer, Damage::FutureVersion { found: 9, oldest: super::super::OLDEST, current: CURRENT });
        let older = parse(Manifest { state_version: 0, ..manifest() });
        assert_eq!(older, Damage::PastVersion { found: 0, oldest: super::super::OLDEST, current: CURRENT });
        let format = parse(Manifest { format: 2, ..manifest() });
        assert_eq!(format, Damage::FutureFormat { found: 2, current: 1 });
    }
}
