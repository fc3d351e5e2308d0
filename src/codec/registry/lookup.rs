//! What is known of one schema id.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::RegisteredSchema;

#[derive(Debug, Default)]
pub struct Lookup {
    pub found: Option<Arc<RegisteredSchema>>,
    /// The first of the answers, without another in between, that there is no such schema.
    pub unknown_since: Option<Instant>,
    /// The type of a schema that is not Avro.
    pub foreign: Option<String>,
    pub failure: Option<String>,
    pub asked: Option<Instant>,
    pub under_way: bool,
}

impl Lookup {
    pub fn is_due(&self, ask_again: Duration) -> bool {
        !self.under_way && self.asked.is_none_or(|asked| asked.elapsed() >= ask_again)
    }

    /// Why the schema is not there yet.
    pub fn cause(&self) -> &str {
        match (&self.failure, self.unknown_since) {
            (_, Some(_)) => "the registry says that it has no such schema: it may come",
            (Some(why), None) => why,
            (None, None) => "waiting for the answer",
        }
    }
}
