//! Outputs and checkpoints as records of a producer.

use std::time::Duration;

use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode as Code};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::BaseRecord;

use super::delivery::Producer;
use super::settings::{OutputTopics, Settings};
use crate::stream::{Output, OutputTopic, StateRecord};

/// Header of a dead letter that was cut: the length of the value as it came.
const TRUNCATED: &str = "driftline.truncated";
/// What a record batch, a header and a record add to their contents, with room to spare.
const OVERHEAD: usize = 512;

/// Where things go, and how large they may be.
pub(super) struct Press {
    outputs: OutputTopics,
    state: String,
    /// The largest record that the dead-letter topic takes.
    dead_letter_bytes: usize,
}

impl Press {
    pub(super) fn new(settings: &Settings, dead_letter_bytes: usize) -> Self {
        Self { outputs: settings.outputs.clone(), state: settings.state.clone(), dead_letter_bytes }
    }

    /// Hands `output` to librdkafka, waiting while its queue is full and `wait` says so.
    pub(super) fn output(&self, producer: &Producer, output: &Output, wait: &dyn Fn() -> bool) -> KafkaResult<()> {
        let Some(topic) = self.outputs.name(output.topic) else { return Ok(()) };
        let kept = match output.topic {
            OutputTopic::DeadLetters => self.kept(output),
            _ => usize::MAX,
        };
        let value = output.value.as_deref().map(|value| &value[..kept.min(value.len())]);
        let cut = output.value.as_ref().filter(|value| value.len() > kept).map(|value| value.len().to_string());
        let mut headers = OwnedHeaders::new_with_capacity(output.headers.len() + 1);
        for (key, value) in &output.headers {
            headers = headers.insert(Header { key, value: value.as_ref() });
        }
        if let Some(length) = &cut {
            headers = headers.insert(Header { key: TRUNCATED, value: Some(length) });
        }
        let mut record = BaseRecord::<[u8], [u8]>::to(topic).partition(output.partition).headers(headers);
        record.key = output.key.as_deref();
        record.payload = value;
        record.timestamp = output.timestamp;
        send(producer, record, wait)
    }

    pub(super) fn state(
        &self,
        producer: &Producer,
        partition: i32,
        state: &StateRecord,
        wait: &dyn Fn() -> bool,
    ) -> KafkaResult<()> {
        let mut record = BaseRecord::<[u8], [u8]>::to(&self.state).partition(partition).key(state.key.as_slice());
        record.payload = state.value.as_deref();
        send(producer, record, wait)
    }

    /// How much of a dead letter's value the topic takes.
    fn kept(&self, output: &Output) -> usize {
        let headers: usize =
            output.headers.iter().map(|(key, value)| key.len() + value.as_ref().map_or(0, Vec::len) + 10).sum();
        let rest = headers + output.key.as_ref().map_or(0, Vec::len) + OVERHEAD;
        self.dead_letter_bytes.saturating_sub(rest)
    }
}

fn send(producer: &Producer, mut record: BaseRecord<'_, [u8], [u8]>, wait: &dyn Fn() -> bool) -> KafkaResult<()> {
    loop {
        match producer.send(record) {
            Ok(()) => return Ok(()),
            Err((KafkaError::MessageProduction(Code::QueueFull), back)) if wait() => {
                record = back;
                std::thread::sleep(Duration::from_millis(1));
            }
            Err((error, _)) => return Err(error),
        }
    }
}
