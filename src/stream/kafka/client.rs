//! Properties of the clients: defaults < the user's `[kafka.properties]` < those that the guarantees rest on.

use std::collections::BTreeMap;

use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaConfRes;

use super::settings::Settings;
use crate::stream::Delivery;

pub(super) const TRANSACTION_TIMEOUT_MS: u64 = 15_000;

/// Owned by driftline, with what owns them; refused where a user sets them.
const PROTECTED: [(&str, &str); 18] = [
    ("bootstrap.servers", "set kafka.bootstrap"),
    ("group.id", "it is the pipeline's name"),
    ("group.protocol", "the classic protocol is what the worker's hand-over is written for"),
    ("partition.assignment.strategy", "partitions move one by one, with their state: cooperative-sticky"),
    ("enable.auto.commit", "offsets are committed with the outputs they belong to"),
    ("auto.commit.interval.ms", "set worker.commit_every"),
    ("enable.auto.offset.store", "the position is the worker's"),
    ("auto.offset.reset", "set input.start; a position out of range stops the lane"),
    ("isolation.level", "aborted records must not be learned"),
    ("enable.partition.eof", "ends are found by the worker"),
    ("transactional.id", "it is name.instance.thread: set worker.instance"),
    ("enable.idempotence", "set worker.delivery"),
    ("acks", "every record is acknowledged by all replicas in sync"),
    ("enable.gapless.guarantee", "set worker.delivery"),
    ("partitioner", "outputs keep the input's partition"),
    ("statistics.interval.ms", "driftline has figures of its own"),
    ("allow.auto.create.topics", "topics are made by `driftline topics create`"),
    ("log.queue", "librdkafka's log goes to driftline's"),
];

/// librdkafka's second names for one property: with both in one map, chance would decide which one holds.
const ALIASES: [(&str, &str); 12] = [
    ("metadata.broker.list", "bootstrap.servers"),
    ("request.required.acks", "acks"),
    ("auto.commit.enable", "enable.auto.commit"),
    ("compression.codec", "compression.type"),
    ("queue.buffering.max.ms", "linger.ms"),
    ("message.send.max.retries", "retries"),
    ("delivery.timeout.ms", "message.timeout.ms"),
    ("max.in.flight", "max.in.flight.requests.per.connection"),
    ("fetch.message.max.bytes", "max.partition.fetch.bytes"),
    ("sasl.mechanisms", "sasl.mechanism"),
    ("enable.sparse.connections", "enable.sparse.connections"),
    ("topic.blacklist", "topic.blacklist"),
];

const EVERY: [(&str, &str); 3] = [
    ("client.id", "driftline"),
    // A broker that comes back is met again within a second, not after ten.
    ("reconnect.backoff.max.ms", "1000"),
    ("enable.metrics.push", "false"),
];

const CONSUMER: [(&str, &str); 5] = [
    // A small read-ahead with no pause behind it: a million records ahead take 160 MB more and are no faster.
    // After its queue was full librdkafka stops fetching for this long; the default is a whole second.
    ("fetch.queue.backoff.ms", "5"),
    ("queued.min.messages", "100000"),
    ("queued.max.messages.kbytes", "32768"),
    ("max.partition.fetch.bytes", "4194304"),
    ("fetch.error.backoff.ms", "100"),
];

const PRODUCER: [(&str, &str); 6] = [
    ("compression.type", "lz4"),
    ("linger.ms", "5"),
    ("message.max.bytes", "33554432"),
    ("queue.buffering.max.messages", "1000000"),
    ("queue.buffering.max.kbytes", "262144"),
    ("retry.backoff.ms", "20"),
];

/// One thing wrong with the user's properties.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("kafka.properties.\"{name}\": {why}")]
pub struct Problem {
    pub name: String,
    pub why: String,
}

/// What is wrong with a user's properties: owned by driftline, unknown to librdkafka, or a value it refuses. Values are not
/// repeated: they may be secrets.
pub fn check(properties: &BTreeMap<String, String>) -> Vec<Problem> {
    properties
        .iter()
        .filter_map(|(name, value)| wrong(name, value).map(|why| Problem { name: name.clone(), why }))
        .collect()
}

fn wrong(name: &str, value: &str) -> Option<String> {
    if let Some((_, why)) = PROTECTED.iter().find(|(own, _)| *own == canonical(name)) {
        return Some(format!("belongs to driftline: {why}"));
    }
    match ClientConfig::new().set(name, value).create_native_config().map(drop) {
        Ok(()) => None,
        Err(KafkaError::ClientConfig(RDKafkaConfRes::RD_KAFKA_CONF_UNKNOWN, ..)) => {
            Some("no such property of librdkafka; see its CONFIGURATION.md".to_owned())
        }
        Err(_) => Some("librdkafka refuses this value; see its CONFIGURATION.md".to_owned()),
    }
}

fn canonical(name: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, own)| own)
}

fn layered(settings: &Settings, defaults: &[(&str, &str)], own: &[(&str, &str)]) -> ClientConfig {
    let mut all = BTreeMap::new();
    all.extend(EVERY.iter().chain(defaults).map(|(name, value)| (*name, (*value).to_owned())));
    all.extend(settings.properties.iter().map(|(name, value)| (canonical(name), value.clone())));
    all.extend(own.iter().map(|(name, value)| (*name, (*value).to_owned())));
    all.insert("bootstrap.servers", settings.bootstrap.clone());
    let mut config = ClientConfig::new();
    for (name, value) in all {
        config.set(name, value);
    }
    config.set_log_level(RDKafkaLogLevel::Info);
    config
}

/// The member of the group.
pub(super) fn consumer(settings: &Settings, thread: usize) -> ClientConfig {
    let mut config = layered(
        settings,
        &CONSUMER,
        &[
            ("group.id", &settings.name),
            ("partition.assignment.strategy", "cooperative-sticky"),
            ("enable.auto.commit", "false"),
            ("enable.auto.offset.store", "false"),
            ("auto.offset.reset", "error"),
            ("isolation.level", "read_committed"),
            ("allow.auto.create.topics", "false"),
        ],
    );
    // Two members of one id would throw each other out.
    if let Some(member) = settings.properties.get("group.instance.id") {
        config.set("group.instance.id", format!("{member}.{thread}"));
    }
    config
}

/// A reader that never joins: it has the group's name because librdkafka assigns nothing to a consumer without one.
pub(super) fn reader(settings: &Settings, isolation: &str) -> ClientConfig {
    let mut config = layered(
        settings,
        &CONSUMER,
        &[
            ("group.id", &settings.name),
            ("enable.auto.commit", "false"),
            ("enable.auto.offset.store", "false"),
            ("auto.offset.reset", "earliest"),
            ("isolation.level", isolation),
            ("enable.partition.eof", "true"),
            ("allow.auto.create.topics", "false"),
            // The end is told by an empty answer, and a broker holds an empty answer back for this long.
            ("fetch.wait.max.ms", "20"),
        ],
    );
    config.remove("group.instance.id");
    config
}

pub(super) fn producer(settings: &Settings, thread: usize) -> ClientConfig {
    let mut config = layered(
        settings,
        &PRODUCER,
        &[
            ("enable.idempotence", "true"),
            ("acks", "all"),
            // A commit says that all has arrived; only what has not is told record by record.
            ("delivery.report.only.error", "true"),
        ],
    );
    config.remove("group.instance.id");
    if settings.delivery == Delivery::ExactlyOnce {
        config.set("transactional.id", settings.transactional_id(thread));
        if !settings.properties.contains_key("transaction.timeout.ms") {
            config.set("transaction.timeout.ms", TRANSACTION_TIMEOUT_MS.to_string());
        }
    }
    config
}

pub(super) fn admin(settings: &Settings) -> ClientConfig {
    let mut config = layered(settings, &[], &[]);
    config.remove("group.instance.id");
    config
}

/// librdkafka's log line, in ours. A property of the other kind of client in the shared map is no news.
pub(super) fn log(level: RDKafkaLogLevel, facility: &str, line: &str) {
    use RDKafkaLogLevel::{Alert, Critical, Debug, Emerg, Error, Info, Notice, Warning};
    match level {
        _ if facility == "CONFWARN" => tracing::debug!(target: "librdkafka", "{facility} {line}"),
        Emerg | Alert | Critical | Error | Warning => tracing::warn!(target: "librdkafka", "{facility} {line}"),
        Notice | Info => tracing::info!(target: "librdkafka", "{facility} {line}"),
        Debug => tracing::debug!(target: "librdkafka", "{facility} {line}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, value: &str) -> Vec<Problem> {
        check(&BTreeMap::from([(name.to_owned(), value.to_owned())]))
    }

    #[test]
    fn a_users_property_is_accepted_refused_or_unknown() {
        assert_eq!(one("security.protocol", "ssl"), []);
        assert!(one("isolation.level", "read_uncommitted")[0].why.contains("belongs to driftline"));
        assert!(one("metadata.broker.list", "x")[0].why.contains("kafka.bootstrap"), "an alias is the same property");
        assert!(one("no.such", "x")[0].why.contains("no such property"));
        let refused = one("linger.ms", "hunter2");
        assert!(!refused.is_empty() && !refused[0].to_string().contains("hunter2"), "{refused:?}");
    }

    #[test]
    fn ours_stands_over_the_users_and_the_users_over_the_defaults() {
        let properties = BTreeMap::from([
            ("compression.codec".to_owned(), "zstd".to_owned()),
            ("group.instance.id".to_owned(), "pod-3".to_owned()),
            ("isolation.level".to_owned(), "read_uncommitted".to_owned()),
        ]);
        let settings = Settings { properties, ..super::super::settings::example() };
        let consumer = consumer(&settings, 2);
        assert_eq!(consumer.get("isolation.level"), Some("read_committed"));
        assert_eq!(consumer.get("group.instance.id"), Some("pod-3.2"));
        let producer = producer(&settings, 2);
        assert_eq!(producer.get("compression.type"), Some("zstd"));
        assert_eq!(producer.get("compression.codec"), None);
        assert_eq!(producer.get("transactional.id"), Some("fraud.host-0.2"));
    }
}
