//! From a record of the input topic to an event.

use std::fmt::Write as _;
use std::sync::Arc;

use super::avro::AvroDecoder;
use super::error::CodecError;
use super::fill::Fill;
use super::input::{Format, Input};
use super::json::JsonDecoder;
use super::paths::Node;
use super::registry::Registry;
use crate::event::{Event, Millis};
use crate::facts::Reason;

/// What a record was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Decoded {
    Event,
    /// No value: to be counted and passed over.
    Tombstone,
}

/// Decodes the records of `[input]`, one per thread: it keeps memory between records, and nothing else.
#[derive(Debug)]
pub struct Decoder {
    input: Input,
    wanted: Node,
    format: FormatDecoder,
}

#[derive(Debug)]
enum FormatDecoder {
    Json(JsonDecoder),
    Avro(AvroDecoder),
}

impl Decoder {
    /// `registry` is what Avro without a schema file needs.
    pub fn new(input: &Input, registry: Option<&Arc<Registry>>) -> Result<Self, CodecError> {
        let wanted = Node::new(input, &input.layout());
        let format = match input.format {
            Format::Json => FormatDecoder::Json(JsonDecoder::default()),
            Format::Avro => FormatDecoder::Avro(AvroDecoder::new(input, &wanted, registry)?),
        };
        Ok(Self { input: input.clone(), wanted, format })
    }

    /// Fills `event` from a record; `timestamp` is the record's, in milliseconds since 1970. After an error `event` holds
    /// nothing of use.
    pub fn decode(
        &mut self,
        partition: i32,
        offset: i64,
        timestamp: Millis,
        value: Option<&[u8]>,
        event: &mut Event,
    ) -> Result<Decoded, CodecError> {
        let Some(value) = value else { return Ok(Decoded::Tombstone) };
        self.measure(value)?;
        event.offset = offset;
        let fill = Fill::begin(event, self.input.time_unit, timestamp);
        match &mut self.format {
            FormatDecoder::Json(json) => json.decode(&self.wanted, value, fill)?,
            FormatDecoder::Avro(avro) => avro.decode(&self.wanted, value, fill)?,
        }
        self.identify(partition, event)?;
        Ok(Decoded::Event)
    }

    fn measure(&self, value: &[u8]) -> Result<(), CodecError> {
        let (size, most) = (value.len(), self.input.max_record);
        if size as u64 <= most.0 {
            return Ok(());
        }
        let error =
            format!("the value has {size} bytes, more than input.max_record = \"{most}\"; raise it or send less");
        Err(CodecError::rejected(Reason::TooLarge, error))
    }

    fn identify(&self, partition: i32, event: &mut Event) -> Result<(), CodecError> {
        match &self.input.id {
            Some(path) if event.id.is_empty() => {
                let error =
                    format!("field `{path}` is missing, null or empty, and input.id says that it names the event");
                Err(CodecError::rejected(Reason::NoId, error))
            }
            Some(_) => Ok(()),
            None => {
                let written = write!(event.id, "{}-{partition}-{}", self.input.topic, event.offset);
                debug_assert!(written.is_ok(), "writing to memory cannot fail");
                Ok(())
            }
        }
    }
}
