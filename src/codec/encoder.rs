//! From facts to the records of the output topics.

use super::avro::{AvroEncoder, OutputNames};
use super::error::CodecError;
use super::json::encoder as json;
use super::registry::Registry;
use crate::event::Origin;
use crate::facts::{Alert, Evaluation, PredictionRecord, Rejection};

/// Encodes outputs; each appends one record's value to `out`.
#[derive(Debug)]
pub struct Encoder(Format);

#[derive(Debug)]
enum Format {
    Json,
    Avro(AvroEncoder),
}

impl Encoder {
    pub fn json() -> Self {
        Self(Format::Json)
    }

    /// Avro in single-object encoding, for readers that have the schemas.
    pub fn avro() -> Result<Self, CodecError> {
        Ok(Self(Format::Avro(AvroEncoder::single_object()?)))
    }

    /// Avro in Confluent's framing, the schemas being those of the subjects `TOPIC-value`. Waits for the registry.
    pub fn avro_registered(registry: &Registry, topics: OutputNames<'_>, register: bool) -> Result<Self, CodecError> {
        Ok(Self(Format::Avro(AvroEncoder::registered(registry, topics, register)?)))
    }

    pub fn prediction(&self, record: &PredictionRecord, out: &mut Vec<u8>) {
        match &self.0 {
            Format::Json => json::prediction(record, out),
            Format::Avro(avro) => avro.prediction(record, out),
        }
    }

    pub fn alert(&self, alert: &Alert, out: &mut Vec<u8>) {
        match &self.0 {
            Format::Json => json::alert(alert, out),
            Format::Avro(avro) => avro.alert(alert, out),
        }
    }

    pub fn evaluation(&self, evaluation: &Evaluation, out: &mut Vec<u8>) {
        match &self.0 {
            Format::Json => json::evaluation(evaluation, out),
            Format::Avro(avro) => avro.evaluation(evaluation, out),
        }
    }
}

/// The header that every output carries: where it came from, `topic-partition-offset`.
pub fn origin_header(origin: &Origin) -> (&'static str, String) {
    ("driftline.origin", origin.to_string())
}

/// The headers that a dead letter carries besides its own.
pub fn dead_letter_headers(origin: &Origin, rejection: &Rejection) -> [(&'static str, String); 3] {
    [
        ("driftline.reason", rejection.reason.name().to_owned()),
        ("driftline.error", rejection.error.clone()),
        origin_header(origin),
    ]
}
