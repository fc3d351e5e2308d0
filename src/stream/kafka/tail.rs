//! Reads whole topics from their beginning and on, outside any group: for the demonstration's view.

use std::time::Duration;

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::reader::Quiet;
use super::settings::Settings;
use super::{client, errors};
use crate::stream::StreamError;

/// A reader of committed records.
pub struct Tail {
    consumer: BaseConsumer<Quiet>,
}

/// A record as it was read.
pub struct Tailed {
    pub topic: String,
    pub partition: i32,
    pub value: Vec<u8>,
}

impl Tail {
    /// Of each topic its first `partitions`.
    ///
    /// # Errors
    /// [`StreamError::Refused`] for properties librdkafka does not take.
    pub fn open(settings: &Settings, topics: &[&str], partitions: i32) -> Result<Self, StreamError> {
        let failed = |error: KafkaError| errors::of("opening a reader", &error);
        let config = client::reader(settings, "read_committed");
        let consumer = BaseConsumer::from_config_and_context(&config, Quiet).map_err(failed)?;
        let mut list = TopicPartitionList::new();
        for topic in topics {
            for partition in 0..partitions {
                list.add_partition_offset(topic, partition, Offset::Beginning).map_err(failed)?;
            }
        }
        consumer.assign(&list).map_err(failed)?;
        Ok(Self { consumer })
    }

    /// The next record with a value, waited for as long as `wait`.
    ///
    /// # Errors
    /// What will not heal by itself.
    pub fn next(&self, wait: Duration) -> Result<Option<Tailed>, StreamError> {
        match self.consumer.poll(wait) {
            Some(Ok(message)) => Ok(message.payload().map(|value| Tailed {
                topic: message.topic().to_owned(),
                partition: message.partition(),
                value: value.to_vec(),
            })),
            None | Some(Err(KafkaError::PartitionEOF(_))) => Ok(None),
            Some(Err(error)) => match errors::of("reading the outputs", &error) {
                StreamError::Unavailable { .. } => Ok(None),
                raised => Err(raised),
            },
        }
    }
}
