//! A broker inside the process, for demonstrations: librdkafka's mock cluster, on loopback.
//!
//! It accepts transactions but isolates nothing, forgets committed offsets of transactions, never compacts, and keeps 5 MiB
//! or 100,000 records of a partition. Good for a paced demonstration and for nothing else.

use rdkafka::error::KafkaError;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;

use super::errors;
use crate::stream::StreamError;

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
        Ok(Self { cluster })
    }

    /// `host:port`.
    pub fn bootstrap(&self) -> String {
        self.cluster.bootstrap_servers()
    }
}
