//! What can be wrong with a checkpoint, told apart.

/// Why a checkpoint cannot be read, or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    #[error("its manifest is missing: the checkpoint was never completed")]
    NoManifest,
    #[error("its manifest is corrupt ({why}): the record was changed after it was written")]
    Manifest { why: String },
    #[error("it is of format {found} and this build reads {current}: run the build that wrote it, or a newer one")]
    FutureFormat { found: u32, current: u32 },
    #[error(
        "its state is of version {found} and this build reads {oldest} to {current}: run the build that wrote it, or a newer one"
    )]
    FutureVersion { found: u32, oldest: u32, current: u32 },
    #[error(
        "its state is of version {found} and this build reads {oldest} to {current}: let a build in between read and write it once"
    )]
    PastVersion { found: u32, oldest: u32, current: u32 },
    #[error(
        "it belongs to partition {found_partition} of \"{found}\", not to partition {partition} of \"{expected}\": check checkpoint.topic"
    )]
    Foreign { found: String, found_partition: i32, expected: String, partition: i32 },
    #[error("chunk {index} of {of} is missing: the checkpoint is truncated")]
    MissingChunk { index: usize, of: usize },
    #[error("chunk {index} has {found} bytes instead of {expected}: the checkpoint is truncated")]
    ShortChunk { index: usize, found: u64, expected: u64 },
    #[error("chunk {index} is corrupt: its CRC-32 is {found:08x} instead of {expected:08x}")]
    CorruptChunk { index: usize, found: u32, expected: u32 },
    #[error("its codec \"{found}\" is unknown to this build: run the build that wrote it, or a newer one")]
    Codec { found: String },
    #[error("its state has the SHA-256 {found} instead of {expected}: it was changed after it was written")]
    Digest { found: String, expected: String },
    #[error(
        "its state cannot be decoded ({why}): this is a bug, please report it with the output of `driftline state export`"
    )]
    State { why: String },
    #[error("the state cannot be encoded ({why}): this is a bug, please report it")]
    Encoding { why: String },
}
