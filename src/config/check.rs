//! What no single value shows: sections that contradict each other, topics that are one, times that cannot be kept.

use std::collections::BTreeMap;

use super::{Config, Delivery};
use crate::codec::Format;
use crate::params::{Check, Problems};
use crate::units::Span;

impl Check for Config {
    fn check(&self, problems: &mut Problems) {
        check_name(&self.name, problems);
        problems.within("kafka", |problems| self.check_kafka(problems));
        problems.within("input", |problems| self.input.check(problems));
        self.spec().check(problems);
        self.check_topics(problems);
        problems.within("checkpoint", |problems| self.check_checkpoint(problems));
        problems.within("worker", |problems| self.check_worker(problems));
        self.check_times(problems);
    }
}

fn check_name(name: &str, problems: &mut Problems) {
    if !is_topic(name) {
        problems.add("name", "must be 1 to 249 of the characters a-z A-Z 0-9 . _ -: topics are named after it");
    }
}

/// Whether Kafka takes it as the name of a topic.
fn is_topic(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    !name.is_empty() && name.len() <= 249 && name.chars().all(allowed) && name != "." && name != ".."
}

impl Config {
    fn check_kafka(&self, problems: &mut Problems) {
        let complete = |address: &str| {
            address.trim().rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
        };
        if !self.kafka.bootstrap.split(',').all(complete) {
            problems.add("bootstrap", format!("\"{}\" must be host:port, several with commas", self.kafka.bootstrap));
        }
        if let Some(registry) = &self.kafka.registry
            && !registry.reveal().starts_with("http://")
            && !registry.reveal().starts_with("https://")
        {
            problems.add("registry", format!("\"{registry}\" must be http://host:port or https://host:port"));
        }
        if self.kafka.registry_user.is_some() != self.kafka.registry_password.is_some() {
            problems.add("registry_user", "and registry_password go together");
        }
        problems.within("properties", |problems| self.kafka.properties.check(problems));
        let framed = self.input.format == Format::Avro && self.input.schema.is_none();
        if self.kafka.registry.is_none() && (framed || self.outputs.register) {
            let user = if framed { "input.format = \"avro\" without input.schema" } else { "outputs.register" };
            problems
                .add("registry", format!("is missing: {user} needs it, such as registry = \"http://localhost:8081\""));
        }
    }

    fn check_topics(&self, problems: &mut Problems) {
        let topics = self.topics();
        let named = [
            ("input.topic", Some(&topics.input)),
            ("outputs.predictions", Some(&topics.predictions)),
            ("outputs.alerts", topics.alerts.as_ref()),
            ("outputs.evaluations", topics.evaluations.as_ref()),
            ("outputs.dead_letters", topics.dead_letters.as_ref()),
            ("checkpoint.topic", Some(&topics.state)),
        ];
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for (key, topic) in named {
            // What is wrong with the name is said once, not of every topic that is named after it.
            let Some(topic) = topic.filter(|topic| is_topic(&self.name) || !topic.starts_with(&self.name)) else {
                continue;
            };
            if topic.is_empty() {
                problems.add(key, "cannot be turned off: name a topic or remove the key");
            } else if !is_topic(topic) {
                problems.add(key, format!("\"{topic}\" is no name of a topic: 1 to 249 of a-z A-Z 0-9 . _ -"));
            } else if let Some(other) = seen.insert(topic, key) {
                problems.add(key, format!("\"{topic}\" is {other} already: every stream needs its own topic"));
            }
        }
        if self.outputs.register && self.outputs.format != Format::Avro {
            problems.add("outputs.register", "is for outputs.format = \"avro\"");
        }
    }

    fn check_checkpoint(&self, problems: &mut Problems) {
        if self.checkpoint.every.is_some_and(|every| every < Span(100)) {
            problems.add("every", "must be at least 100ms: each checkpoint writes the whole state");
        }
        if self.checkpoint.events.is_some_and(|events| events == 0) {
            problems.add("events", "0 must be >= 1");
        }
    }

    fn check_worker(&self, problems: &mut Problems) {
        let worker = &self.worker;
        problems.require("threads", worker.threads, 1..=256, "in 1..=256");
        problems.require("learner_threads", worker.learner_threads, 1..=256, "in 1..=256");
        problems.require("commit_every", worker.commit_every, Span(1)..=Span(60_000), "in 1ms..=1min");
        problems.require("max_bad.share", worker.max_bad.share, 0.0..=1.0, "in [0, 1]");
        problems.require("max_bad.of", worker.max_bad.of, 1..=1_000_000, "in 1..=1000000");
        if worker.instance.as_ref().is_some_and(|name| !is_topic(name)) {
            problems.add("instance", "must be 1 to 249 of the characters a-z A-Z 0-9 . _ -");
        }
    }

    /// Times of librdkafka's that this configuration sets and that contradict each other or the worker's.
    fn check_times(&self, problems: &mut Problems) {
        let given = |name: &str| self.kafka.properties.get(name).and_then(|text| text.parse::<i64>().ok());
        let mut above = |name: &str, low: i64, what: &str| {
            if let Some(time) = given(name).filter(|&time| time <= low) {
                let message = format!("{time} must be more than {what}, which is {low} ms");
                problems.add(&format!("kafka.properties.{name}"), message);
            }
        };
        let commit = self.worker.commit_every.0;
        let session = given("session.timeout.ms").unwrap_or(45_000);
        above("session.timeout.ms", given("heartbeat.interval.ms").unwrap_or(3_000), "heartbeat.interval.ms");
        above("max.poll.interval.ms", session - 1, "session.timeout.ms less one");
        if self.worker.delivery == Delivery::ExactlyOnce {
            above("transaction.timeout.ms", 2 * commit, "two times worker.commit_every");
        }
    }
}
