//! Decoder and encoder, with the memory they use again and again.

use super::Emitted;
use super::batch::Batch;
use crate::codec::{CodecError, Decoded, Decoder, Encoder};
use crate::event::{Event, Layout, Origin};
use crate::learner::Step;
use crate::stream::{OutputTopic, Record};

/// How a worker reads and writes values.
pub struct Codecs {
    decoder: Decoder,
    encoder: Encoder,
    pub(super) event: Event,
    buffer: Vec<u8>,
}

impl Codecs {
    pub fn new(decoder: Decoder, encoder: Encoder, layout: &Layout) -> Self {
        Self { decoder, encoder, event: Event::empty(layout), buffer: Vec::new() }
    }

    /// Decodes into [`Codecs::event`].
    pub(super) fn decode(&mut self, record: &Record<'_>) -> Result<Decoded, CodecError> {
        let Record { partition, offset, timestamp, value, .. } = *record;
        self.decoder.decode(partition, offset, timestamp, value, &mut self.event)
    }

    /// Writes what one event led to into `batch`.
    pub(super) fn write(
        &mut self,
        step: &Step,
        record: &Record<'_>,
        origin: &Origin,
        emitted: Emitted,
        batch: &mut Batch,
    ) {
        let text = origin.to_string();
        let buffer = &mut self.buffer;
        let mut write = |topic, value: &[u8]| batch.write(topic, record, value, &text);
        if let Some(prediction) = &step.prediction {
            buffer.clear();
            self.encoder.prediction(prediction, buffer);
            write(OutputTopic::Predictions, buffer);
        }
        for alert in step.alerts.iter().filter(|_| emitted.alerts) {
            buffer.clear();
            self.encoder.alert(alert, buffer);
            write(OutputTopic::Alerts, buffer);
        }
        if let Some(evaluation) = step.evaluation.as_ref().filter(|_| emitted.evaluations) {
            buffer.clear();
            self.encoder.evaluation(evaluation, buffer);
            write(OutputTopic::Evaluations, buffer);
        }
    }
}
