//! Kafka, through librdkafka: one consumer and one transactional producer per worker thread (KIP-447).
//!
//! [`open`] gives a [`Source`] and an [`Outbox`] that belong together: the consumer's group membership fences what the
//! producer commits. The producer's transactional id is stable (`name.instance.thread`), so that opening it again ends
//! whatever its past self left open.

mod admin;
mod client;
mod committer;
mod delivery;
pub mod embedded;
mod errors;
mod group;
pub mod instance;
mod lanes;
mod observe;
mod outbox;
mod produce;
mod reader;
mod rewrite;
mod sender;
mod settings;
mod source;
mod tail;
pub mod topics;

pub use admin::{Admin, try_transactions};
pub use client::{Problem, check as check_properties};
pub use outbox::Outbox;
pub use reader::Reader;
pub use rewrite::{Rewritten, rewrite};
pub use sender::{Sender, partition_of};
pub use settings::{OutputTopics, Settings};
pub use source::Source;
pub use tail::{Tail, Tailed};

use crate::stream::StreamError;

/// Joins the group and fences this thread's past self: the two ends of one worker thread.
///
/// Blocks until the transaction coordinator has answered, for at most [`Settings::patience`].
///
/// # Errors
/// [`StreamError::Unavailable`] where no broker answers in time, [`StreamError::Refused`] where it says no.
pub fn open(settings: &Settings, thread: usize) -> Result<(Source, Outbox), StreamError> {
    let (consumer, claims) = source::connect(settings, thread)?;
    // Fenced first: what is read afterwards can no longer be changed by an older self.
    let outbox = Outbox::open(settings, thread, consumer.clone(), claims.clone())?;
    let source = Source::open(settings, consumer, claims)?;
    Ok((source, outbox))
}
