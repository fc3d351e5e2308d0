//! From facts to the records of the output topics.

use super::json::encoder as json;
use crate::event::Origin;
use crate::facts::{Alert, Evaluation, PredictionRecord, Rejection};

/// Encodes outputs; each appends one record's value to `out`.
#[derive(Debug)]
pub enum Encoder {
    Json,
}

impl Encoder {
    pub fn json() -> Self {
        Self::Json
    }

    pub fn prediction(&self, record: &PredictionRecord, out: &mut Vec<u8>) {
        match self {
            Self::Json => json::prediction(record, out),
        }
    }

    pub fn alert(&self, alert: &Alert, out: &mut Vec<u8>) {
        match self {
            Self::Json => json::alert(alert, out),
        }
    }

    pub fn evaluation(&self, evaluation: &Evaluation, out: &mut Vec<u8>) {
        match self {
            Self::Json => json::evaluation(evaluation, out),
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
