//! What the two ends need to know: names, places and times.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::stream::{Delivery, OutputTopic, Start};

/// The topics outputs go to; `None` is turned off and what is sent there is dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutputTopics {
    pub predictions: String,
    pub alerts: Option<String>,
    pub evaluations: Option<String>,
    pub dead_letters: Option<String>,
}

impl OutputTopics {
    pub fn name(&self, topic: OutputTopic) -> Option<&str> {
        match topic {
            OutputTopic::Predictions => Some(&self.predictions),
            OutputTopic::Alerts => self.alerts.as_deref(),
            OutputTopic::Evaluations => self.evaluations.as_deref(),
            OutputTopic::DeadLetters => self.dead_letters.as_deref(),
        }
    }
}

/// How a worker meets its cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The consumer group, and the prefix of transactional ids.
    pub name: String,
    /// `host:port`, comma separated.
    pub bootstrap: String,
    /// The user's librdkafka properties; see [`super::check_properties`].
    pub properties: BTreeMap<String, String>,
    pub input: String,
    pub state: String,
    pub outputs: OutputTopics,
    pub start: Start,
    pub delivery: Delivery,
    /// Which of the equal processes this is, stable over restarts: see [`super::instance`].
    pub instance: String,
    /// How long an answer of the cluster is waited for before it counts as unavailable.
    pub patience: Duration,
}

impl Settings {
    /// `name.instance.thread`.
    pub fn transactional_id(&self, thread: usize) -> String {
        format!("{}.{}.{thread}", self.name, self.instance)
    }

    /// `transaction.timeout.ms`: the user's, or 15 s.
    pub(super) fn transaction_timeout(&self) -> Duration {
        let own = self.properties.get("transaction.timeout.ms").and_then(|text| text.parse().ok());
        Duration::from_millis(own.unwrap_or(super::client::TRANSACTION_TIMEOUT_MS))
    }
}

#[cfg(test)]
pub(super) fn example() -> Settings {
    Settings {
        name: "fraud".to_owned(),
        bootstrap: "localhost:9092".to_owned(),
        properties: BTreeMap::new(),
        input: "transactions".to_owned(),
        state: "fraud.state".to_owned(),
        outputs: OutputTopics { predictions: "fraud.predictions".to_owned(), ..OutputTopics::default() },
        start: Start::Earliest,
        delivery: Delivery::ExactlyOnce,
        instance: "host-0".to_owned(),
        patience: Duration::from_secs(60),
    }
}
