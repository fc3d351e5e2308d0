//! Raw records in and out: bytes, partitions and offsets, and nothing of learning.
//!
//! [`Source`] hands out records and tells of assignments; [`Outbox`] publishes outputs, checkpoints and positions, all or
//! nothing. Each has two implementations: [`memory`], a twin that is stricter than Kafka and can be made to fail at
//! any step, and [`kafka`].

use std::borrow::Cow;
use std::time::Duration;

pub mod kafka;
pub mod memory;

/// A header of a record.
pub type Header = (Cow<'static, str>, Option<Vec<u8>>);

/// A record as the source hands it out, borrowed for the call.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    pub partition: i32,
    pub offset: i64,
    /// Milliseconds since 1970; 0 where the record has none.
    pub timestamp: i64,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    /// Read only where a record is dead-lettered; so it is a function of the record and costs nothing otherwise.
    pub headers: &'a dyn Headers,
}

/// The headers of a borrowed record.
pub trait Headers: std::fmt::Debug {
    fn to_vec(&self) -> Vec<Header>;
}

/// A record to be written. `topic` is an index into the topics the outbox was opened with.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    pub topic: OutputTopic,
    pub partition: i32,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<Header>,
    /// Milliseconds since 1970; `None` leaves it to the broker.
    pub timestamp: Option<i64>,
}

/// Where outputs go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutputTopic {
    Predictions,
    Alerts,
    Evaluations,
    DeadLetters,
}

/// A record of the state topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateRecord {
    pub key: Vec<u8>,
    /// `None` is a tombstone.
    pub value: Option<Vec<u8>>,
}

/// A checkpoint to be written: the outbox calls `encode` on its own thread, so that the lane goes on meanwhile.
pub struct Checkpoint {
    pub partition: i32,
    /// The records in the order they must stand in the partition.
    pub encode: Box<dyn FnOnce() -> Result<Vec<StateRecord>, StreamError> + Send>,
}

/// What becomes visible together, or not at all. Where delivery is at least once: first the outputs, then the checkpoints,
/// then the positions, each acknowledged before the next.
#[derive(Default)]
pub struct Commit {
    pub outputs: Vec<Output>,
    pub checkpoints: Vec<Checkpoint>,
    /// Next offset to be processed, for every partition that anything above belongs to: never empty where they are not
    /// (a transaction without offsets is not fenced).
    pub positions: Vec<(i32, i64)>,
}

/// What a commit promises: see `docs/operations.md`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Outputs, checkpoints and positions in one transaction.
    #[default]
    ExactlyOnce,
    /// One after the other; a crash between them repeats outputs, byte for byte.
    AtLeastOnce,
}

/// What the group's coordinator told the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// New partitions, paused until [`Source::start`].
    Assigned(Vec<i32>),
    /// To be given up after a last commit: then [`Source::release`].
    Revoked(Vec<i32>),
    /// Given up already, another member may own them: nothing of theirs may be committed. Then [`Source::release`].
    Lost(Vec<i32>),
}

/// Where a new group begins in each partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    #[default]
    Earliest,
    Latest,
    /// The first record at or after this time, in milliseconds since 1970; the end where there is none.
    At(i64),
}

/// What is known of one partition when a lane is to be restored.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    pub partition: i32,
    /// The group's committed offset, stable (no transaction may still change it).
    pub committed: Option<i64>,
    /// First offset that retention has left in the input partition.
    pub low: i64,
    /// Offset after the input partition's last record.
    pub high: i64,
    /// Where a group without a committed offset begins here, by the source's [`Start`].
    pub begin: i64,
    /// The state partition from its beginning to the end captured after fencing, the newest record per key, in order.
    pub state: Vec<StateRecord>,
}

/// The input topic, as one member of the consumer group.
pub trait Source {
    /// Hands at most `max` records to `each`, waiting up to `wait` for the first, or tells of a change of assignment.
    /// Never hands out a record of a partition that is not started. A change comes after the records of its call; until
    /// [`Source::release`] the partitions of [`Change::Revoked`] stay this member's and hand out nothing more.
    fn poll(
        &mut self,
        wait: Duration,
        max: usize,
        each: &mut dyn FnMut(Record<'_>),
    ) -> Result<Option<Change>, StreamError>;

    /// Asks for what a restore of `partition` needs to know; the answer comes from [`Source::observed`], once nothing of
    /// an older transaction can change it any more. Asking again or releasing makes an older question void.
    fn observe(&mut self, partition: i32);

    /// An answer to [`Source::observe`], if one is ready.
    fn observed(&mut self) -> Option<Result<Observed, (i32, StreamError)>>;

    /// Hands out an assigned partition from `offset` on, paused before or not; also a running one, to rewind.
    fn start(&mut self, partition: i32, offset: i64) -> Result<(), StreamError>;

    /// Stops handing out (back-pressure, a partition in trouble) and takes up again where it stopped.
    fn pause(&mut self, partitions: &[i32]) -> Result<(), StreamError>;
    fn resume(&mut self, partitions: &[i32]) -> Result<(), StreamError>;

    /// Lets go of revoked or lost partitions: the rebalance goes on from here.
    fn release(&mut self, partitions: &[i32]) -> Result<(), StreamError>;

    /// The offset after the partition's last record as lately known, for lag alone.
    fn high(&self, _partition: i32) -> Option<i64> {
        None
    }

    /// Leaves the group.
    fn close(&mut self);
}

/// The output topics, the state topic and the group's positions, as one transactional producer.
pub trait Outbox {
    /// Begins to publish and returns. At most one commit is under way: callers await [`Outbox::outcome`] first. It
    /// speaks for the partitions as they are held now: one that is lost before its positions are sent, be it assigned again
    /// since, makes the commit fail, whatever the group's generation is by then.
    fn submit(&mut self, commit: Commit) -> Result<(), StreamError>;

    /// The outcome of the commit under way, waiting up to `wait`; `None` while there is none yet. After a transient `Err`
    /// the commit was dropped, or its fate is unknown: the lanes' memory may be ahead of the log and must be restored. By
    /// then the outbox can take the next commit (it has aborted the transaction, or has a new producer of the same id).
    fn outcome(&mut self, wait: Duration) -> Option<Result<(), StreamError>>;
}

/// What a caller does about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Dead-letter the record and advance.
    Record,
    /// Abort what is under way, restore, try again with backoff.
    Transient,
    /// Stop with this exit code: see `docs/operations.md`.
    Fatal(u8),
}

/// What can go wrong with a stream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// The broker, the network or the coordinator: may heal.
    #[error("{doing}: {cause}")]
    Unavailable { doing: String, cause: String },
    /// The transaction was aborted; its positions did not move.
    #[error("transaction aborted while {doing}: {cause}")]
    Aborted { doing: String, cause: String },
    /// Another instance has taken over this one's transactional id or membership.
    #[error("fenced while {doing}: another instance took over ({cause})")]
    Fenced { doing: String, cause: String },
    /// An offset is no longer, or not yet, in the partition.
    #[error("offset {offset} of partition {partition} is out of range")]
    OutOfRange { partition: i32, offset: i64 },
    /// The cluster refuses, and will refuse again: authorization, a topic that is not there, a record too large.
    #[error("{doing}: {cause}; {remedy}")]
    Refused { doing: String, cause: String, remedy: String },
    /// A state that cannot be written.
    #[error("checkpoint of partition {partition}: {cause}")]
    State { partition: i32, cause: String },
}

impl StreamError {
    pub fn fault(&self) -> Fault {
        match self {
            Self::Unavailable { .. } | Self::Aborted { .. } => Fault::Transient,
            Self::Fenced { .. } => Fault::Fatal(4),
            Self::OutOfRange { .. } | Self::State { .. } => Fault::Fatal(5),
            Self::Refused { .. } => Fault::Fatal(3),
        }
    }
}
