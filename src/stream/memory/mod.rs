//! The twin: a small transactional log in memory that behaves as Kafka does where exactly-once delivery depends on it, and
//! is stricter: it takes note of a position that goes backwards, of a record for a partition that was given up, and of a
//! commit without positions ([`Log::violations`]).
//!
//! Every operation of the protocol passes a numbered point, and a script makes a [`Fault`] happen there: so a test can
//! crash a member at each step of a run, one after the other. Nothing here waits, and time is the number of points
//! passed: a run is a function of its script.
//!
//! What it models: topics with partitions, control records, `read_committed` up to the last stable offset, markers
//! that arrive after the transaction was decided, fencing by producer epoch and by group generation (KIP-447),
//! cooperative rebalances (KIP-429), stable committed offsets, compaction, retention, transactions that time out.

mod fault;
mod group;
mod log;
mod outbox;
mod partition;
mod source;
mod transaction;

pub use fault::{Fault, Point};
pub use log::{Log, Options};
pub use outbox::Outbox;
pub use partition::Stored;
pub use source::Source;

use super::OutputTopic;

/// The topics of the twin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    Input,
    State,
    Output(OutputTopic),
}

/// Names a member of the group, for life: who starts again is another one.
pub type Member = u32;
