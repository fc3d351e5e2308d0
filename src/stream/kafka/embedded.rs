//! A broker inside the process, for demonstrations: librdkafka's mock cluster, on loopback.
//!
//! It accepts transactions but isolates nothing, forgets committed offsets of transactions, never compacts, and keeps 5 MiB
//! or 100,000 records of a partition. Good for a paced demonstration and for nothing else.

use std::collections::BTreeSet;
use std::sync::Mutex;

use rdkafka::error::KafkaError;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;

use super::errors;
use super::group::held;
use crate::stream::StreamError;

/// The addresses of those that run in this process.
static RUNNING: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Whether `bootstrap` is one of them: it leaves questions about settings unanswered, and asking would cost the whole patience.
pub(super) fn runs_at(bootstrap: &str) -> bool {
    held(&RUNNING).contains(bootstrap)
}

/// Lives as long as this.
pub struct Embedded {
    cluster: MockCluster<'static, DefaultProducerContext>,
}

impl Embedded {
    /// One broker with `topics` of `partitions` each.
    ///
    /// # Errors
    /// Where no loopback port can be opened.
    pub fn start(topics: &[&str], partitions: i32) -> Result<Self, StreamError> {
        let failed = |error: KafkaError| errors::of("starting the demonstration broker", &error);
        let cluster = MockCluster::new(1).map_err(failed)?;
        for topic in topics {
            cluster.create_topic(topic, partitions, 1).map_err(failed)?;
        }
        held(&RUNNING).insert(cluster.bootstrap_servers());
        Ok(Self { cluster })
    }

    /// `host:port`.
    pub fn bootstrap(&self) -> String {
        self.cluster.bootstrap_servers()
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        held(&RUNNING).remove(&self.bootstrap());
    }
}
