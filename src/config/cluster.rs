//! The configuration in the words of the rooms that meet the cluster.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::Config;
use crate::codec::{self, CodecError, Decoder, Encoder, Format, OutputNames, Patience, Registry};
use crate::stream::Start;
use crate::stream::kafka::{OutputTopics, Settings};

impl Config {
    /// How a worker of this configuration meets its cluster, as the process called `instance`; an answer of the cluster is
    /// waited for as long as `patience`.
    pub fn cluster(&self, instance: &str, patience: Duration) -> Settings {
        let topics = self.topics();
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let mut properties: BTreeMap<String, String> = self.kafka.properties.iter().map(owned).collect();
        if let Some(member) = &self.worker.instance {
            // A stable name makes a static member: a restart within the session timeout moves no partition.
            properties.entry("group.instance.id".to_owned()).or_insert_with(|| member.clone());
        }
        Settings {
            name: self.group().to_owned(),
            bootstrap: self.kafka.bootstrap.clone(),
            properties,
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

    /// The schema registry, if one is configured; to be shared by all decoders.
    ///
    /// # Errors
    /// [`CodecError::Invalid`] where its URL is none.
    pub fn registry(&self) -> Result<Option<Arc<Registry>>, CodecError> {
        let Some(url) = &self.kafka.registry else { return Ok(None) };
        let login = self.kafka.registry_user.as_deref().zip(self.kafka.registry_password.as_ref());
        let login = login.map(|(user, password)| (user, password.reveal()));
        Ok(Some(Arc::new(Registry::with(url.reveal(), login, Patience::default())?)))
    }

    /// What reads the input topic's records.
    ///
    /// # Errors
    /// [`CodecError::Invalid`] where the schema file cannot be used.
    pub fn decoder(&self, registry: Option<&Arc<Registry>>) -> Result<Decoder, CodecError> {
        Decoder::new(&self.input, registry)
    }

    /// What writes the outputs; in Avro, framed with ids of `registry` if there is one.
    ///
    /// # Errors
    /// [`CodecError::Transient`] where the registry does not answer, [`CodecError::Invalid`] where it refuses a schema.
    pub fn encoder(&self, registry: Option<&Arc<Registry>>) -> Result<Encoder, CodecError> {
        match (self.outputs.format, registry) {
            (Format::Json, _) => Ok(Encoder::json()),
            (Format::Avro, None) => Encoder::avro(),
            (Format::Avro, Some(registry)) => {
                let topics = self.topics();
                let names = OutputNames {
                    predictions: Some(&topics.predictions),
                    alerts: topics.alerts.as_deref(),
                    evaluations: topics.evaluations.as_deref(),
                };
                Encoder::avro_registered(registry, names, self.outputs.register)
            }
        }
    }
}
