//! What can go wrong between bytes and events.

use crate::facts::{Reason, Rejection};

/// Why a value could not be decoded, or a codec not be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// This record will never be readable: dead-letter it and advance.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The registry is silent, or a schema is still being looked up: the record is good for all we know. Retry with
    /// backoff, never a dead letter.
    #[error("{doing}: {cause}")]
    Transient { doing: String, cause: String },
    /// Only the user can mend it: a schema file that cannot be read, a schema the registry refuses.
    #[error("{doing}: {cause}; {remedy}")]
    Invalid { doing: String, cause: String, remedy: String },
}

impl CodecError {
    pub(super) fn rejected(reason: Reason, error: impl Into<String>) -> Self {
        Self::Rejected(Rejection::new(reason, error))
    }
}

/// The most of a value that a message repeats, in characters.
const SHOWN: usize = 64;

/// `text` for a message: at most 64 characters of it.
pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}
