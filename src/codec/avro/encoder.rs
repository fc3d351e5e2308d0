//! Outputs as Avro, in the order of `schemas/*.avsc`.

use apache_avro::Schema;
use apache_avro::headers::{HeaderBuilder, RabinFingerprintHeader};

use super::write::{block, boolean, count, double, long, string};
use crate::codec::error::CodecError;
use crate::codec::registry::Registry;
use crate::codec::schemas;
use crate::event::Origin;
use crate::facts::{Alert, Evaluation, PredictionRecord, Scores, Stretch};

/// The topics of the outputs; `None` where one is turned off.
#[derive(Clone, Copy, Debug, Default)]
pub struct OutputNames<'t> {
    pub predictions: Option<&'t str>,
    pub alerts: Option<&'t str>,
    pub evaluations: Option<&'t str>,
}

/// What stands before each datum and tells its schema.
#[derive(Clone, Debug)]
pub struct AvroEncoder {
    prediction: Vec<u8>,
    alert: Vec<u8>,
    evaluation: Vec<u8>,
}

impl AvroEncoder {
    /// Single-object encoding: C3 01, then the CRC-64-AVRO fingerprint of the schema.
    pub fn single_object() -> Result<Self, CodecError> {
        let prefix = |text| -> Result<Vec<u8>, apache_avro::Error> {
            Ok(RabinFingerprintHeader::from_schema(&Schema::parse_str(text)?).build_header())
        };
        let all = || -> Result<Self, apache_avro::Error> {
            let [prediction, alert, evaluation] =
                [schemas::PREDICTION, schemas::ALERT, schemas::EVALUATION].map(prefix);
            Ok(Self { prediction: prediction?, alert: alert?, evaluation: evaluation? })
        };
        all().map_err(|why| CodecError::Invalid {
            doing: "reading the schemas of the outputs".to_owned(),
            cause: why.to_string(),
            remedy: "this is a bug".to_owned(),
        })
    }

    /// Confluent's framing: a zero, then the id of the schema under `TOPIC-value`. Waits for the registry.
    pub fn registered(registry: &Registry, topics: OutputNames<'_>, register: bool) -> Result<Self, CodecError> {
        let prefix = |topic: Option<&str>, schema| -> Result<Vec<u8>, CodecError> {
            let Some(topic) = topic else { return Ok(Vec::new()) };
            let id = registry.id(&format!("{topic}-value"), schema, register)?;
            Ok([&[0], &id.to_be_bytes()[..]].concat())
        };
        Ok(Self {
            prediction: prefix(topics.predictions, schemas::PREDICTION)?,
            alert: prefix(topics.alerts, schemas::ALERT)?,
            evaluation: prefix(topics.evaluations, schemas::EVALUATION)?,
        })
    }

    pub fn prediction(&self, record: &PredictionRecord, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.prediction);
        string(out, &record.id);
        origin(out, &record.origin);
        long(out, record.event_time);
        string(out, &record.label);
        boolean_branch(out, !record.probabilities.is_empty());
        if !record.probabilities.is_empty() {
            block(out, record.probabilities.iter(), |out, (class, p)| {
                string(out, class);
                double(out, p);
            });
        }
        boolean_branch(out, record.value.is_some());
        if let Some(value) = record.value {
            double(out, value);
        }
        string(out, record.model);
        count(out, record.learned);
        boolean(out, record.warming);
        string(out, &record.fingerprint);
    }

    pub fn alert(&self, alert: &Alert, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.alert);
        for text in [&alert.id, alert.kind.name(), alert.level.name(), &alert.detector, &alert.watch] {
            string(out, text);
        }
        origin(out, &alert.origin);
        long(out, alert.event_time);
        stretch(out, alert.before);
        stretch(out, alert.after);
        block(out, alert.actions.iter(), |out, action| string(out, action));
        string(out, &alert.message);
    }

    pub fn evaluation(&self, evaluation: &Evaluation, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.evaluation);
        count(out, evaluation.epoch);
        string(out, &evaluation.topic);
        long(out, evaluation.partition.into());
        long(out, evaluation.from);
        long(out, evaluation.to);
        long(out, evaluation.event_time);
        count(out, evaluation.events);
        count(out, evaluation.labelled);
        for (_, table) in evaluation.scores() {
            scores(out, table);
        }
        block(out, evaluation.counters.iter(), |out, (name, n)| {
            string(out, name);
            count(out, *n);
        });
    }
}

/// The branch of a union of null and another.
fn boolean_branch(out: &mut Vec<u8>, there: bool) {
    long(out, there.into());
}

fn origin(out: &mut Vec<u8>, origin: &Origin) {
    string(out, &origin.topic);
    long(out, origin.partition.into());
    long(out, origin.offset);
}

fn stretch(out: &mut Vec<u8>, stretch: Stretch) {
    double(out, stretch.mean);
    count(out, stretch.n);
}

fn scores(out: &mut Vec<u8>, scores: &Scores) {
    block(out, scores.iter(), |out, (name, score)| {
        string(out, name);
        double(out, *score);
    });
}
