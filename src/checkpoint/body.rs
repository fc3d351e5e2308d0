//! The body of a checkpoint: a learner as MessagePack with field names, compressed.

use sha2::{Digest as _, Sha256};

use super::{Damage, versions};
use crate::learner::Learner;

/// SHA-256 of a state's bytes before compression.
pub type Digest = [u8; 32];

pub(super) const CODEC: &str = "msgpack+zstd";
/// Fast: a state is written every few seconds and read once.
const ZSTD_LEVEL: i32 = 1;

pub(super) struct Body {
    pub(super) compressed: Vec<u8>,
    /// Before compression.
    pub(super) bytes: u64,
    pub(super) digest: Digest,
}

/// Names a state: equal for equal learners, whatever build, machine or run they come from.
pub fn digest(learner: &Learner) -> Digest {
    let mut hasher = Sha256::new();
    // Writing to a hasher cannot fail, and a learner has no unserialisable part: the round trip is tested.
    let _ = rmp_serde::encode::write_named(&mut hasher, learner);
    hasher.finalize().into()
}

pub(super) fn encode(learner: &Learner) -> Result<Body, Damage> {
    let plain = rmp_serde::to_vec_named(learner).map_err(|error| Damage::Encoding { why: error.to_string() })?;
    let compressed =
        zstd::bulk::compress(&plain, ZSTD_LEVEL).map_err(|error| Damage::Encoding { why: error.to_string() })?;
    Ok(Body { compressed, bytes: plain.len() as u64, digest: Sha256::digest(&plain).into() })
}

/// `bytes` is the length before compression and `expected` its digest, as the manifest has them.
pub(super) fn decode(version: u32, compressed: &[u8], bytes: u64, expected: &str) -> Result<Learner, Damage> {
    let length = usize::try_from(bytes).unwrap_or(usize::MAX);
    let plain = zstd::bulk::decompress(compressed, length).map_err(|error| Damage::State { why: error.to_string() })?;
    let found = hex(&Sha256::digest(&plain));
    if found != expected {
        return Err(Damage::Digest { found, expected: expected.to_owned() });
    }
    versions::decode(version, &plain)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
