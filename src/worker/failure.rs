//! What is done about each failure: one table.
//!
//! | failure | done |
//! | --- | --- |
//! | a record that cannot be used | dead letter in the same commit, go on; too many of them: commit, exit 6 |
//! | the registry is away | that partition waits and tries again with backoff, others go on; exit 3 after `retry_for` |
//! | the broker or a coordinator is away | tried again with backoff; exit 3 after `retry_for` |
//! | the transaction was aborted, or its outcome is unknown | its lanes are restored from the log and go on |
//! | another generation of the group | as above; then what the coordinator says |
//! | another instance has the transactional id | exit 4 at once |
//! | partitions lost | dropped, never committed |
//! | retention passed the position, topic re-created, state refused | the other lanes commit, exit 5 |
//! | refused by the cluster: authorization, no such topic, record too large | exit 3 |

use std::time::Duration;

use crate::checkpoint::{LastRecord, Refusal};
use crate::codec::CodecError;
use crate::stream::{Fault, StreamError};

/// Why a worker ended; [`Stop::code`] is the exit code of `docs/operations.md`.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Stop {
    #[error("{0}")]
    Stream(#[from] StreamError),
    #[error("{error}; this has lasted {} s, which is longer than worker.retry_for", lasted.as_secs())]
    Unavailable { error: String, lasted: Duration },
    #[error("{0}")]
    State(#[from] Refusal),
    #[error(
        "partition {partition}: the record at offset {} is not the one that the checkpoint was made after ({found}): the input topic \
         was deleted and created again, or this is another cluster. `driftline state -c FILE reset --partition {partition}` \
         starts a new model on it", expected.offset
    )]
    Recreated { partition: i32, expected: LastRecord, found: String },
    #[error(
        "partition {partition}: more than {share} of the last {of} records were bad, last at offset {offset} ({last}). Look at the \
         dead letters; mend the producer or [input], or raise worker.max_bad"
    )]
    TooManyBad { partition: i32, offset: i64, share: f64, of: u64, last: String },
    #[error("{0}")]
    Codec(CodecError),
}

impl Stop {
    pub fn code(&self) -> u8 {
        match self {
            Self::Stream(error) => match error.fault() {
                Fault::Fatal(code) => code,
                Fault::Record | Fault::Transient => 3,
            },
            Self::Unavailable { .. } | Self::Codec(_) => 3,
            Self::State(_) | Self::Recreated { .. } => 5,
            Self::TooManyBad { .. } => 6,
        }
    }
}
