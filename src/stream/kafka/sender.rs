//! Writes plain records, for `driftline send` and the demonstration: idempotent, outside any transaction.

use std::time::Duration;

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::producer::{BaseRecord, Producer as _};

use super::delivery::{Deliveries, Producer};
use super::settings::Settings;
use super::{client, errors};
use crate::stream::{Delivery, StreamError};

/// Writes records of one topic.
pub struct Sender {
    producer: Producer,
    topic: String,
    patience: Duration,
}

impl Sender {
    /// # Errors
    /// [`StreamError::Refused`] for properties librdkafka does not take.
    pub fn open(settings: &Settings, topic: &str) -> Result<Self, StreamError> {
        let settings = Settings { delivery: Delivery::AtLeastOnce, ..settings.clone() };
        let producer = Producer::from_config_and_context(&client::producer(&settings, 0), Deliveries::default())
            .map_err(|error| errors::of("opening the producer", &error))?;
        Ok(Self { producer, topic: topic.to_owned(), patience: settings.patience })
    }

    /// How many partitions the topic has.
    ///
    /// # Errors
    /// [`StreamError::Unavailable`] where no broker answers in time, [`StreamError::Refused`] where there is no such topic.
    pub fn partitions(&self) -> Result<i32, StreamError> {
        let doing = format!("asking for topic {}", self.topic);
        let client = self.producer.client();
        let metadata = client.fetch_metadata(None, self.patience).map_err(|error| errors::of(&doing, &error))?;
        let topic = metadata.topics().iter().find(|topic| topic.name() == self.topic);
        match topic.map(|topic| topic.partitions().len()) {
            Some(count) if count > 0 => Ok(i32::try_from(count).unwrap_or(i32::MAX)),
            _ => Err(StreamError::Refused {
                doing,
                cause: "it does not exist".to_owned(),
                remedy: "make it: driftline topics -c FILE create".to_owned(),
            }),
        }
    }

    /// Hands one record to librdkafka; waits while its queue is full.
    ///
    /// # Errors
    /// The first failure of any record so far.
    pub fn send(&self, partition: i32, key: Option<&[u8]>, value: &[u8]) -> Result<(), StreamError> {
        self.failed()?;
        let mut record = BaseRecord::<[u8], [u8]>::to(&self.topic).partition(partition).payload(value);
        record.key = key;
        loop {
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(Code::QueueFull), back)) => {
                    self.failed()?;
                    record = back;
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err((error, _)) => return Err(errors::of(&self.doing(), &error)),
            }
        }
    }

    /// Waits until everything handed over has arrived.
    ///
    /// # Errors
    /// The first failure, or that it took longer than the patience.
    pub fn flush(&self) -> Result<(), StreamError> {
        self.producer.flush(self.patience).map_err(|error| errors::of(&self.doing(), &error))?;
        self.failed()
    }

    fn doing(&self) -> String {
        format!("writing to topic {}", self.topic)
    }

    fn failed(&self) -> Result<(), StreamError> {
        match self.producer.context().first_failure() {
            Some(failure) => Err(errors::of_code(&self.doing(), failure.code, &failure.cause)),
            None => Ok(()),
        }
    }
}

/// The partition of a key as Java's default partitioner has it (murmur2), so that keys meet those of other producers.
pub fn partition_of(key: &[u8], partitions: i32) -> i32 {
    let positive = murmur2(key) & 0x7fff_ffff;
    i32::try_from(positive).unwrap_or(0) % partitions.max(1)
}

/// A. Appleby's MurmurHash2 with Kafka's seed.
fn murmur2(data: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    let mut hash = 0x9747_b28c ^ u32::try_from(data.len()).unwrap_or(u32::MAX);
    let words = data.chunks_exact(4);
    let rest = words.remainder();
    for word in words {
        let mut k = word.iter().rev().fold(0_u32, |k, &byte| k << 8 | u32::from(byte)).wrapping_mul(M);
        k ^= k >> 24;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    if !rest.is_empty() {
        hash = (hash ^ rest.iter().rev().fold(0_u32, |k, &byte| k << 8 | u32::from(byte))).wrapping_mul(M);
    }
    hash = (hash ^ hash >> 13).wrapping_mul(M);
    hash ^ hash >> 15
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kafka's own test of its partitioner's hash (UtilsTest.testMurmur2).
    #[test]
    fn the_hash_is_kafkas() {
        for (text, hash) in [("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536)]
        {
            assert_eq!(murmur2(text.as_bytes()) as i32, hash, "{text}");
        }
    }
}
