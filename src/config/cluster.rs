//! The configuration in the words of the rooms that meet the cluster.

use std::time::Duration;

use super::Config;
use crate::codec;
use crate::stream::Start;
use crate::stream::kafka::{OutputTopics, Settings};

impl Config {
    /// How a worker of this configuration meets its cluster, as the process called `instance`; an answer of the cluster is
    /// waited for as long as `patience`.
    pub fn cluster(&self, instance: &str, patience: Duration) -> Settings {
        let topics = self.topics();
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Settings {
            name: self.group().to_owned(),
            bootstrap: self.kafka.bootstrap.clone(),
            properties: self.kafka.properties.iter().map(owned).collect(),
            input: topics.input,
            state: topics.state,
            outputs: OutputTopics {
                predictions: topics.predictions,
                alerts: topics.alerts,
                evaluations: topics.evaluations,
                dead_letters: topics.dead_letters,
            },
            start: match self.input.start {
                codec::Start::Earliest => Start::Earliest,
                codec::Start::Latest => Start::Latest,
                codec::Start::At(time) => Start::At(time),
            },
            delivery: self.worker.delivery,
            instance: instance.to_owned(),
            patience,
        }
    }
}
