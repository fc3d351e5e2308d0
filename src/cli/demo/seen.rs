//! What the demo has read back from the output topics.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::config::Topics;
use crate::stream::kafka::Tailed;

/// Everything seen so far.
pub struct Seen {
    predictions_topic: String,
    alerts_topic: String,
    /// Distinct payments that were predicted.
    pub predictions: u64,
    /// Predictions beyond the first of a payment.
    pub duplicates: u64,
    origins: BTreeSet<i64>,
    /// The messages of alerts, each with the payment's number.
    pub alerts: Vec<(i64, String)>,
    /// Payments up to the end of the last evaluation.
    pub evaluated_to: u64,
    /// Evaluations, and their rolling accuracy and that of no-change.
    pub evaluated: u64,
    pub accuracy: Vec<f64>,
    pub no_change: Vec<f64>,
    /// The last evaluation.
    pub last: Value,
}

/// What a record brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    Prediction,
    Alert,
    Evaluation,
}

impl Seen {
    pub fn new(topics: &Topics) -> Self {
        Self {
            predictions_topic: topics.predictions.clone(),
            alerts_topic: topics.alerts.clone().unwrap_or_default(),
            predictions: 0,
            duplicates: 0,
            origins: BTreeSet::new(),
            alerts: Vec::new(),
            evaluated_to: 0,
            evaluated: 0,
            accuracy: Vec::new(),
            no_change: Vec::new(),
            last: Value::Null,
        }
    }

    pub fn take(&mut self, record: &Tailed) -> anyhow::Result<News> {
        let document: Value = serde_json::from_slice(&record.value)?;
        let offset = document["origin"]["offset"].as_i64().unwrap_or(-1);
        if record.topic == self.predictions_topic {
            if self.origins.insert(offset) {
                self.predictions += 1;
            } else {
                self.duplicates += 1;
            }
            Ok(News::Prediction)
        } else if record.topic == self.alerts_topic {
            self.alerts.push((offset, document["message"].as_str().unwrap_or_default().to_owned()));
            Ok(News::Alert)
        } else {
            let score = |section: &str| document[section]["accuracy"].as_f64().unwrap_or(f64::NAN);
            self.evaluated += 1;
            self.evaluated_to = document["to"].as_u64().map_or(0, |to| to + 1);
            self.accuracy.push(score("rolling"));
            self.no_change.push(score("no_change_rolling"));
            self.last = document;
            Ok(News::Evaluation)
        }
    }

    /// A score of the last evaluation.
    pub fn score(&self, section: &str, metric: &str) -> Option<f64> {
        self.last[section][metric].as_f64()
    }
}
