//! A schema registry that speaks Confluent's API (Confluent, Apicurio, Karapace, Redpanda).
//!
//! Decoders never wait for it: a schema that is not known yet is fetched on a thread of its own, and until it is there the
//! answer is [`CodecError::Transient`]. Only a definite "no such schema" that lasts rejects a record, and that is asked
//! again now and then: a producer may have been faster than the registry's replicas.

mod address;
mod client;
mod lookup;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use self::client::{Answer, Client};
use self::lookup::Lookup;
use super::error::CodecError;
use crate::facts::Reason;

/// A schema as the registry has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredSchema {
    pub text: String,
    /// The schemas it refers to by name.
    pub references: Vec<String>,
}

/// How long a registry may say that it has no such schema before it is believed.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Since the first such answer.
    pub unknown_after: Duration,
    /// Between questions about an id that is unknown or could not be asked about.
    pub ask_again: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { unknown_after: Duration::from_secs(10), ask_again: Duration::from_millis(500) }
    }
}

/// A client of one registry, to be shared by all decoders: what one has looked up, all know.
#[derive(Debug)]
pub struct Registry {
    client: Arc<Client>,
    patience: Patience,
    lookups: Arc<Mutex<BTreeMap<u32, Lookup>>>,
}

impl Registry {
    /// `url` is the base of the API (`http://host:8081`, with a path where it has one), and may hold a user and a password,
    /// percent-encoded.
    pub fn new(url: &str) -> Result<Self, CodecError> {
        Self::with(url, None, Patience::default())
    }

    /// `login` is a user and a password, which then count instead of those in `url`.
    pub fn with(url: &str, login: Option<(&str, &str)>, patience: Patience) -> Result<Self, CodecError> {
        let client = Arc::new(Client::new(url, login)?);
        Ok(Self { client, patience, lookups: Arc::default() })
    }

    /// The schema of this id if it has been looked up; else begins to, and is transient meanwhile. Returns at once.
    pub fn schema(&self, id: u32) -> Result<Arc<RegisteredSchema>, CodecError> {
        let mut lookups = self.lookups.lock().unwrap_or_else(PoisonError::into_inner);
        let lookup = lookups.entry(id).or_default();
        if let Some(schema) = &lookup.found {
            return Ok(Arc::clone(schema));
        }
        if let Some(kind) = &lookup.foreign {
            return Err(CodecError::rejected(Reason::UnknownSchema, self.client.foreign(id, kind)));
        }
        if lookup.is_due(self.patience.ask_again) {
            lookup.under_way = true;
            self.look_up(id);
        }
        match lookup.unknown_since {
            Some(since) if since.elapsed() >= self.patience.unknown_after => {
                Err(CodecError::rejected(Reason::UnknownSchema, self.client.unknown(id)))
            }
            _ => Err(self.client.transient(&format!("looking up schema {id}"), lookup.cause())),
        }
    }

    fn look_up(&self, id: u32) {
        let (client, lookups) = (Arc::clone(&self.client), Arc::clone(&self.lookups));
        std::thread::spawn(move || {
            let answer = client.schema(id);
            let mut lookups = lookups.lock().unwrap_or_else(PoisonError::into_inner);
            let lookup = lookups.entry(id).or_default();
            lookup.under_way = false;
            lookup.asked = Some(Instant::now());
            match answer {
                Ok(Answer::Found(schema)) => lookup.found = Some(Arc::new(schema)),
                Ok(Answer::Foreign(kind)) => lookup.foreign = Some(kind),
                Ok(Answer::Unknown) => lookup.unknown_since = lookup.unknown_since.or(lookup.asked),
                // What it said before it fell silent is no longer its word.
                Err(why) => (lookup.unknown_since, lookup.failure) = (None, Some(why)),
            }
        });
    }

    /// The id of `schema` under `subject`, which is `TOPIC-value` for the values of a topic. Registers it where `register`
    /// says so, else it must be there. Waits for the answer.
    pub fn id(&self, subject: &str, schema: &str, register: bool) -> Result<u32, CodecError> {
        self.client.id(subject, schema, register)
    }

    /// Whether the registry answers. Waits for the answer.
    pub fn ping(&self) -> Result<(), CodecError> {
        self.client.ping()
    }
}
