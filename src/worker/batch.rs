//! What the lanes have to say since the last commit was submitted.

use std::borrow::Cow;

use crate::facts::Rejection;
use crate::stream::{Output, OutputTopic, Record};

/// Outputs that wait for the next commit, bounded by the records they came from and by their bytes.
#[derive(Debug)]
pub(super) struct Batch {
    pub outputs: Vec<Output>,
    pub events: usize,
    bytes: usize,
    max_events: usize,
    max_bytes: usize,
}

impl Batch {
    pub fn new(max_events: usize, max_bytes: usize) -> Self {
        Self { outputs: Vec::new(), events: 0, bytes: 0, max_events, max_bytes }
    }

    /// How many more records it takes.
    pub fn room(&self) -> usize {
        if self.bytes >= self.max_bytes { 0 } else { self.max_events.saturating_sub(self.events) }
    }

    /// An output of `record`: its key and partition, and where it came from.
    pub fn write(&mut self, topic: OutputTopic, record: &Record<'_>, value: &[u8], origin: &str) {
        let key = record.key.map(<[u8]>::to_vec);
        self.bytes += value.len() + origin.len() + key.as_ref().map_or(0, Vec::len);
        let headers = vec![header("driftline.origin", origin)];
        let (partition, value) = (record.partition, Some(value.to_vec()));
        self.outputs.push(Output { topic, partition, key, value, headers, timestamp: None });
    }

    /// The record as it came, with the reason beside it.
    pub fn dead_letter(&mut self, record: &Record<'_>, rejection: &Rejection, origin: &str) {
        let mut headers = record.headers.to_vec();
        headers.push(header("driftline.reason", rejection.reason.name()));
        headers.push(header("driftline.error", &rejection.error));
        headers.push(header("driftline.origin", origin));
        let (key, value) = (record.key.map(<[u8]>::to_vec), record.value.map(<[u8]>::to_vec));
        self.bytes += value.as_ref().map_or(0, Vec::len) + key.as_ref().map_or(0, Vec::len);
        let (topic, partition) = (OutputTopic::DeadLetters, record.partition);
        self.outputs.push(Output { topic, partition, key, value, headers, timestamp: None });
    }

    /// Hands over what waits and begins anew.
    pub fn take(&mut self) -> Vec<Output> {
        (self.events, self.bytes) = (0, 0);
        std::mem::take(&mut self.outputs)
    }

    /// Drops what waits for a partition that is no longer ours, or is to be stepped again.
    pub fn forget(&mut self, partition: i32) {
        self.outputs.retain(|output| output.partition != partition);
    }
}

fn header(name: &'static str, value: &str) -> (Cow<'static, str>, Option<Vec<u8>>) {
    (Cow::Borrowed(name), Some(value.as_bytes().to_vec()))
}
