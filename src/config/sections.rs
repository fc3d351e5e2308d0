//! The sections that concern the cluster and the worker; those of the learner are in [`crate::learner`].

use serde::{Deserialize, Serialize};

use super::properties::Properties;
use super::secret::{Secret, Url};
use crate::checkpoint::OnChange;
use crate::stream::Delivery;
use crate::units::Span;

/// `[kafka]`: the cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kafka {
    /// `host:port`, or several with commas.
    pub bootstrap: String,
    /// The schema registry, only for Avro through one.
    #[serde(default)]
    pub registry: Option<Url>,
    /// HTTP basic authentication at the registry.
    #[serde(default)]
    pub registry_user: Option<String>,
    #[serde(default)]
    pub registry_password: Option<Secret>,
    #[serde(default)]
    pub properties: Properties,
}

/// `[outputs]`: topics and their format. A topic that is not named is `NAME.predictions` and so on; `""` turns one off.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outputs {
    pub predictions: Option<String>,
    pub alerts: Option<String>,
    pub evaluations: Option<String>,
    pub dead_letters: Option<String>,
    pub format: crate::codec::Format,
    /// `avro`: register the schemas of the outputs at start; else they must be there.
    pub register: bool,
}

/// `[checkpoint]`: when and where state is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Checkpoint {
    /// `None`: `NAME.state`.
    pub topic: Option<String>,
    /// At the latest after this time; 30s where neither this nor `events` is said.
    pub every: Option<Span>,
    /// At the latest after this many events of a lane.
    pub events: Option<u64>,
    pub on_change: OnChange,
}

impl Checkpoint {
    /// The longest time between two checkpoints of a lane that has new events; `None`: only events count.
    pub fn every(&self) -> Option<Span> {
        self.every.or(if self.events.is_none() { Some(Span(30_000)) } else { None })
    }
}

/// `[worker]`: how the work is done. Nothing in it changes a bit of the result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Worker {
    /// Each is one consumer, one producer and the lanes of its partitions.
    pub threads: usize,
    /// How many threads each of these spreads the members of an ensemble over.
    pub learner_threads: usize,
    pub delivery: Delivery,
    /// The longest time that an output waits for its transaction.
    pub commit_every: Span,
    pub max_bad: MaxBad,
    /// A name that this process keeps over restarts and no other has: static membership, and stable transactional ids.
    pub instance: Option<String>,
    /// How long a broker or a registry may be away before the worker stops with exit code 3.
    pub retry_for: Span,
}

impl Default for Worker {
    fn default() -> Self {
        Self {
            threads: 1,
            learner_threads: 1,
            delivery: Delivery::ExactlyOnce,
            commit_every: Span(100),
            max_bad: MaxBad::default(),
            instance: None,
            retry_for: Span(600_000),
        }
    }
}

/// `max_bad = { share = 0.5, of = 1_000 }`: more dead letters than this stops the lane, exit code 6.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MaxBad {
    /// The share of dead letters that is still borne, in [0, 1]; 1: any number.
    pub share: f64,
    /// Among this many last records.
    pub of: u64,
}

impl Default for MaxBad {
    fn default() -> Self {
        Self { share: 0.5, of: 1_000 }
    }
}
