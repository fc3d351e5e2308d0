//! Asks a cluster for its topics, makes the missing ones, and tries whether transactions work.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::ClientContext;
use rdkafka::config::{FromClientConfigAndContext, RDKafkaLogLevel};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::producer::{BaseProducer, Producer};
use tokio::runtime::Runtime;

use super::delivery::Deliveries;
use super::settings::Settings;
use super::topics::{Found, Need, Topic};
use super::{client, errors};
use crate::stream::{Delivery, StreamError};

struct Quiet;

impl ClientContext for Quiet {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        client::log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(target: "librdkafka", %error, reason, "admin");
    }
}

/// The name of a topic and how making it went.
pub type Made = (String, Result<(), StreamError>);

/// An administrative client; every call blocks, at most for the settings' patience.
pub struct Admin {
    client: AdminClient<Quiet>,
    runtime: Runtime,
    patience: Duration,
    /// Whether the cluster tells its topics' settings.
    tells: bool,
}

impl Admin {
    /// # Errors
    /// [`StreamError::Refused`] for properties librdkafka does not take.
    pub fn open(settings: &Settings) -> Result<Self, StreamError> {
        let client = AdminClient::from_config_and_context(&client::admin(settings), Quiet)
            .map_err(|error| errors::of("opening the admin client", &error))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .map_err(|error| errors::unavailable("opening the admin client", error))?;
        let tells = !super::embedded::runs_at(&settings.bootstrap);
        Ok(Self { client, runtime, patience: settings.patience, tells })
    }

    /// How many brokers the cluster has now.
    ///
    /// # Errors
    /// [`StreamError::Unavailable`] where none answers in time.
    pub fn brokers(&self) -> Result<usize, StreamError> {
        let metadata = self.client.inner().fetch_metadata(None, self.patience);
        metadata.map(|metadata| metadata.brokers().len()).map_err(|error| errors::of("reaching the cluster", &error))
    }

    /// The named topics as they are.
    ///
    /// # Errors
    /// [`StreamError::Unavailable`] where the cluster does not answer in time.
    pub fn describe(&self, names: &[String]) -> Result<Found, StreamError> {
        // All topics at once: asking for one by name makes it, where brokers create topics by themselves.
        let metadata = self
            .client
            .inner()
            .fetch_metadata(None, self.patience)
            .map_err(|error| errors::of("reading the cluster's topics", &error))?;
        let mut found: Found = names.iter().map(|name| (name.clone(), None)).collect();
        for topic in metadata.topics().iter().filter(|topic| topic.error().is_none()) {
            if let Some(entry) = found.get_mut(topic.name()) {
                let replication = topic.partitions().iter().map(|partition| partition.replicas().len()).min();
                *entry = Some(Topic {
                    partitions: topic.partitions().len().try_into().unwrap_or(i32::MAX),
                    replication: replication.unwrap_or(0).try_into().unwrap_or(i32::MAX),
                    settings: if self.tells { self.settings(topic.name()) } else { None },
                });
            }
        }
        Ok(found)
    }

    fn options(&self) -> AdminOptions {
        AdminOptions::new().request_timeout(Some(self.patience)).operation_timeout(Some(self.patience))
    }

    fn settings(&self, topic: &str) -> Option<BTreeMap<String, String>> {
        let asked = [ResourceSpecifier::Topic(topic)];
        let answer = self.runtime.block_on(self.client.describe_configs(&asked, &self.options())).ok()?;
        let resource = answer.into_iter().next()?.ok()?;
        Some(resource.entries.into_iter().filter_map(|entry| entry.value.map(|value| (entry.name, value))).collect())
    }

    /// Makes the topics that are not there; one answer each.
    ///
    /// # Errors
    /// [`StreamError::Unavailable`] where the cluster does not answer in time.
    pub fn create(&self, needs: &[Need]) -> Result<Vec<Made>, StreamError> {
        let topics: Vec<NewTopic<'_>> = needs.iter().map(new_topic).collect();
        let answers = self
            .runtime
            .block_on(self.client.create_topics(&topics, &self.options()))
            .map_err(|error| errors::of("creating topics", &error))?;
        Ok(answers
            .into_iter()
            .map(|answer| match answer {
                Ok(name) | Err((name, Code::TopicAlreadyExists)) => (name, Ok(())),
                Err((name, code)) => {
                    let doing = format!("creating topic {name}");
                    let cause = code.to_string();
                    (name, Err(errors::of_code(&doing, code, &cause)))
                }
            })
            .collect())
    }

    /// Deletes topics: for demonstrations and tests, which clean up after themselves.
    ///
    /// # Errors
    /// [`StreamError::Unavailable`] where the cluster does not answer in time.
    pub fn delete(&self, names: &[&str]) -> Result<(), StreamError> {
        self.runtime
            .block_on(self.client.delete_topics(names, &self.options()))
            .map(drop)
            .map_err(|error| errors::of("deleting topics", &error))
    }
}

fn new_topic(need: &Need) -> NewTopic<'_> {
    let new = NewTopic::new(&need.name, need.partitions, TopicReplication::Fixed(need.replication));
    need.settings.iter().fold(new, |new, (name, value)| new.set(name, value))
}

/// Whether the cluster lets this pipeline run transactions, tried with an id of its own that nobody writes under.
///
/// # Errors
/// What the coordinator said.
pub fn try_transactions(settings: &Settings) -> Result<(), StreamError> {
    let doing = "trying a transaction";
    let settings = Settings { instance: "check".to_owned(), delivery: Delivery::ExactlyOnce, ..settings.clone() };
    let producer = BaseProducer::from_config_and_context(&client::producer(&settings, 0), Deliveries::default())
        .map_err(|error| errors::of(doing, &error))?;
    let answer = producer.init_transactions(settings.patience);
    answer.map_err(|error| match producer.client().fatal_error() {
        Some((code, cause)) => errors::of_code(doing, code, &cause),
        None => errors::of(doing, &error),
    })
}
