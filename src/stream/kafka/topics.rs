//! Which topics a pipeline needs and with which settings, and what is wrong with the ones that are there.
//!
//! Existing topics are reported on and never changed: Kafka's alteration of topic settings, as librdkafka has it, resets
//! those that are not named.

use std::collections::BTreeMap;

use super::admin::Admin;
use super::settings::Settings;

/// A broker's `max.message.bytes` where nobody set it.
const DEFAULT_MESSAGE_BYTES: usize = 1_048_588;
/// A chunk of a checkpoint with its key and its batch.
const CHUNK_BYTES: usize = 950_000;
const DAY_MS: i64 = 86_400_000;

/// What a topic is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Input,
    Predictions,
    Alerts,
    Evaluations,
    DeadLetters,
    State,
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Predictions => "predictions",
            Self::Alerts => "alerts",
            Self::Evaluations => "evaluations",
            Self::DeadLetters => "dead letters",
            Self::State => "state",
        }
    }
}

/// A topic as it should be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    pub role: Role,
    pub name: String,
    pub partitions: i32,
    pub replication: i32,
    pub settings: Vec<(&'static str, String)>,
}

/// A topic as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topic {
    pub partitions: i32,
    pub replication: i32,
    /// `None` where the principal may not read them.
    pub settings: Option<BTreeMap<String, String>>,
}

impl Topic {
    fn setting(&self, name: &str) -> Option<&str> {
        self.settings.as_ref()?.get(name).map(String::as_str)
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.setting(name)?.parse().ok()
    }
}

/// The topics of the cluster by name; `None` is not there.
pub type Found = BTreeMap<String, Option<Topic>>;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// `run` refuses to start.
    Danger,
    Advice,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub topic: String,
    pub severity: Severity,
    pub what: String,
    pub remedy: String,
}

/// The roles of a pipeline's topics and their names, but those that are turned off.
pub fn roles(settings: &Settings) -> Vec<(Role, String)> {
    let outputs = &settings.outputs;
    let optional = [
        (Role::Alerts, &outputs.alerts),
        (Role::Evaluations, &outputs.evaluations),
        (Role::DeadLetters, &outputs.dead_letters),
    ];
    let mut all = vec![(Role::Input, settings.input.clone()), (Role::Predictions, outputs.predictions.clone())];
    all.extend(optional.into_iter().filter_map(|(role, name)| name.clone().map(|name| (role, name))));
    all.push((Role::State, settings.state.clone()));
    all
}

/// What is needed. An input topic that is there decides the number of partitions.
pub fn plan(settings: &Settings, found: &Found, partitions: i32, replication: i32) -> Vec<Need> {
    let input = found.get(&settings.input).and_then(Option::as_ref);
    let partitions = input.map_or(partitions, |topic| topic.partitions);
    let largest = input.and_then(|topic| topic.number("max.message.bytes"));
    roles(settings)
        .into_iter()
        .map(|(role, name)| Need { role, name, partitions, replication, settings: wanted(role, replication, largest) })
        .collect()
}

fn wanted(role: Role, replication: i32, largest_input: Option<i64>) -> Vec<(&'static str, String)> {
    let mut settings: Vec<(&'static str, String)> = match role {
        Role::State => vec![
            ("cleanup.policy", "compact".to_owned()),
            // The segment being written is never compacted: small ones bound what a restore reads.
            ("segment.ms", "3600000".to_owned()),
            ("segment.bytes", "67108864".to_owned()),
            ("min.cleanable.dirty.ratio", "0.1".to_owned()),
            ("max.compaction.lag.ms", "3600000".to_owned()),
            ("delete.retention.ms", DAY_MS.to_string()),
            ("max.message.bytes", DEFAULT_MESSAGE_BYTES.to_string()),
            ("unclean.leader.election.enable", "false".to_owned()),
        ],
        Role::DeadLetters => {
            // A letter carries its record and says where it came from.
            let bytes = largest_input.unwrap_or(DEFAULT_MESSAGE_BYTES as i64).saturating_add(16_384);
            vec![("cleanup.policy", "delete".to_owned()), ("max.message.bytes", bytes.to_string())]
        }
        _ => vec![("cleanup.policy", "delete".to_owned())],
    };
    if replication >= 3 {
        settings.push(("min.insync.replicas", "2".to_owned()));
    }
    settings
}

/// Everything that is not as it should be, the dangers first.
pub fn check(settings: &Settings, found: &Found) -> Vec<Finding> {
    let input = found.get(&settings.input).and_then(Option::as_ref);
    let mut findings = Findings::default();
    for (role, name) in roles(settings) {
        match found.get(&name).and_then(Option::as_ref) {
            None => {
                findings.danger(&name, format!("the {} topic does not exist", role.name()), "driftline topics create")
            }
            Some(topic) => {
                findings.partitions(role, &name, topic, input);
                findings.replicas(role, &name, topic);
                match role {
                    Role::State => findings.state(&name, topic),
                    Role::Input => findings.input(&name, topic),
                    Role::DeadLetters => findings.dead_letters(&name, topic, input),
                    Role::Predictions | Role::Alerts | Role::Evaluations => findings.output(&name, topic),
                }
            }
        }
    }
    findings.0.sort_by_key(|finding| finding.severity);
    findings.0
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn danger(&mut self, topic: &str, what: String, remedy: &str) {
        let (topic, remedy) = (topic.to_owned(), remedy.to_owned());
        self.0.push(Finding { topic, severity: Severity::Danger, what, remedy });
    }

    fn advice(&mut self, topic: &str, what: String, remedy: &str) {
        let (topic, remedy) = (topic.to_owned(), remedy.to_owned());
        self.0.push(Finding { topic, severity: Severity::Advice, what, remedy });
    }

    fn partitions(&mut self, role: Role, name: &str, topic: &Topic, input: Option<&Topic>) {
        let Some(input) = input else { return };
        let counts = format!("it has {} partitions, the input has {}", topic.partitions, input.partitions);
        match role {
            Role::State if topic.partitions != input.partitions => self.danger(
                name,
                counts,
                "the state of a lane lies in the partition of the same number: give both topics the same count \
                 (kafka-topics --alter --partitions), or the pipeline a new state topic",
            ),
            Role::Input | Role::State => {}
            _ if topic.partitions < input.partitions => {
                self.danger(name, counts, "outputs keep the input's partition: kafka-topics --alter --partitions");
            }
            _ => {}
        }
    }

    fn replicas(&mut self, role: Role, name: &str, topic: &Topic) {
        let Some(in_sync) = topic.number("min.insync.replicas") else { return };
        if in_sync > i64::from(topic.replication) && role != Role::Input {
            let what = format!(
                "min.insync.replicas={in_sync} of {} replicas: no record can be acknowledged",
                topic.replication
            );
            self.danger(name, what, "lower min.insync.replicas, or add replicas");
        } else if role == Role::State && topic.replication >= 3 && in_sync < 2 {
            let what = "an acknowledged checkpoint may be on one broker only (min.insync.replicas=1)".to_owned();
            self.advice(name, what, "set min.insync.replicas=2");
        }
    }

    fn state(&mut self, name: &str, topic: &Topic) {
        if topic.settings.is_none() {
            self.advice(name, "its settings cannot be read".to_owned(), "allow this principal DESCRIBE_CONFIGS on it");
        }
        if let Some(policy) = topic.setting("cleanup.policy").filter(|policy| *policy != "compact") {
            let what = format!("cleanup.policy={policy}: retention would delete checkpoints that are in use");
            self.danger(name, what, "kafka-configs --alter --add-config cleanup.policy=compact");
        }
        if let Some(bytes) = topic.number("max.message.bytes").filter(|bytes| *bytes < CHUNK_BYTES as i64) {
            let what = format!("max.message.bytes={bytes}: a chunk of a checkpoint may have 900 kB");
            self.danger(name, what, "set max.message.bytes=1048588 or more");
        }
        if let Some(ms) = topic.number("segment.ms").filter(|ms| *ms > DAY_MS) {
            let what = format!("segment.ms={ms}: the open segment is never compacted, so restores read it all");
            self.advice(name, what, "set segment.ms=3600000");
        }
        if topic.setting("unclean.leader.election.enable") == Some("true") {
            let what = "unclean.leader.election.enable=true: a checkpoint may be lost with its leader".to_owned();
            self.advice(name, what, "set unclean.leader.election.enable=false");
        }
    }

    fn input(&mut self, name: &str, topic: &Topic) {
        if topic.setting("cleanup.policy").is_some_and(|policy| policy.contains("compact")) {
            let what = "it is compacted: a replay after a crash may miss events that were learned".to_owned();
            self.advice(name, what, "set cleanup.policy=delete");
        }
    }

    fn dead_letters(&mut self, name: &str, topic: &Topic, input: Option<&Topic>) {
        let (own, largest) =
            (topic.number("max.message.bytes"), input.and_then(|topic| topic.number("max.message.bytes")));
        if let (Some(own), Some(largest)) = (own, largest)
            && own < largest
        {
            let what = format!("max.message.bytes={own}, the input's is {largest}: larger letters are cut");
            self.advice(name, what, "raise max.message.bytes");
        }
    }

    fn output(&mut self, name: &str, topic: &Topic) {
        if topic.setting("cleanup.policy").is_some_and(|policy| policy.contains("compact")) {
            let what = "it is compacted: of the records of one key only the newest stays".to_owned();
            self.advice(name, what, "set cleanup.policy=delete, unless that is meant");
        }
    }
}

/// The largest record that the dead-letter topic takes; Kafka's default where it cannot be told.
pub(super) fn dead_letter_bytes(settings: &Settings) -> usize {
    let Some(name) = &settings.outputs.dead_letters else { return DEFAULT_MESSAGE_BYTES };
    let found = Admin::open(settings).and_then(|admin| admin.describe(std::slice::from_ref(name)));
    let topic = found.ok().and_then(|mut found| found.remove(name)).flatten();
    topic
        .and_then(|topic| topic.number("max.message.bytes"))
        .and_then(|bytes| usize::try_from(bytes).ok())
        .unwrap_or(DEFAULT_MESSAGE_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        super::super::settings::example()
    }

    /// Every needed topic, made as planned.
    fn made(partitions: i32) -> Found {
        plan(&settings(), &Found::new(), partitions, 1)
            .into_iter()
            .map(|need| {
                let settings = need.settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
                (need.name, Some(Topic { partitions: need.partitions, replication: 1, settings: Some(settings) }))
            })
            .collect()
    }

    fn with(change: impl FnOnce(&mut Topic), name: &str) -> Vec<Finding> {
        let mut found = made(3);
        change(found.get_mut(name).unwrap().as_mut().unwrap());
        check(&settings(), &found)
    }

    #[test]
    fn what_is_made_as_planned_has_no_findings() {
        assert_eq!(check(&settings(), &made(3)), []);
    }

    #[test]
    fn an_input_that_is_there_decides_the_partitions() {
        let found = Found::from([("transactions".to_owned(), Some(Topic { partitions: 7, ..Topic::default() }))]);
        assert!(plan(&settings(), &found, 3, 1).iter().all(|need| need.partitions == 7));
    }

    #[test]
    fn each_danger_is_found_and_told_apart_from_advice() {
        type Spoil = fn(&mut Topic);
        let dangers: [(&str, Spoil); 4] = [
            ("fraud.state", |topic| topic.partitions = 2),
            ("fraud.predictions", |topic| topic.partitions = 2),
            ("fraud.state", |topic| {
                topic.settings.as_mut().unwrap().insert("cleanup.policy".to_owned(), "compact,delete".to_owned());
            }),
            ("fraud.state", |topic| {
                topic.settings.as_mut().unwrap().insert("max.message.bytes".to_owned(), "100000".to_owned());
            }),
        ];
        for (name, change) in dangers {
            let findings = with(change, name);
            assert_eq!(findings.len(), 1, "{findings:?}");
            assert_eq!((findings[0].topic.as_str(), findings[0].severity), (name, Severity::Danger));
        }
        let findings = with(
            |topic| {
                topic.settings.as_mut().unwrap().insert("segment.ms".to_owned(), "604800000".to_owned());
            },
            "fraud.state",
        );
        assert_eq!(findings[0].severity, Severity::Advice);
        assert_eq!(check(&settings(), &Found::new()).len(), 3, "input, predictions and state are missing");
    }
}
