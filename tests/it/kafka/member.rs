//! One worker thread's two ends, driven by hand.

use std::time::{Duration, Instant};

use driftline::stream::kafka::{self, OutputTopics, Settings};
use driftline::stream::{
    Change, Checkpoint, Commit, Delivery, Observed, Outbox as _, Output, OutputTopic, Source as _, Start, StateRecord,
    StreamError,
};

use crate::harness::{Cluster, Message};

pub const PATIENCE: Duration = Duration::from_secs(60);

/// The topics of one pipeline.
pub struct Rig<'a> {
    pub kafka: &'a Cluster,
    pub settings: Settings,
}

impl<'a> Rig<'a> {
    pub fn new(kafka: &'a Cluster, partitions: i32) -> Self {
        let input = kafka.topic("in", partitions);
        let name = input.replacen("in-", "pipeline-", 1);
        for (suffix, settings) in
            [("predictions", &[][..]), ("dead-letters", &[]), ("state", &[("cleanup.policy", "compact")])]
        {
            kafka.create(&format!("{name}.{suffix}"), partitions, settings);
        }
        let outputs = OutputTopics {
            predictions: format!("{name}.predictions"),
            dead_letters: Some(format!("{name}.dead-letters")),
            ..OutputTopics::default()
        };
        let settings = Settings {
            bootstrap: kafka.bootstrap().to_owned(),
            properties: [("session.timeout.ms".to_owned(), "6000".to_owned())].into(),
            state: format!("{name}.state"),
            name,
            input,
            outputs,
            start: Start::Earliest,
            delivery: Delivery::ExactlyOnce,
            instance: "one".to_owned(),
            patience: PATIENCE,
        };
        Self { kafka, settings }
    }

    pub fn property(mut self, name: &str, value: &str) -> Self {
        self.settings.properties.insert(name.to_owned(), value.to_owned());
        self
    }

    /// `count` records "p:n" in every partition.
    pub fn fill(&self, partitions: i32, count: i32) {
        let records: Vec<Message> = (0..partitions)
            .flat_map(|partition| {
                (0..count).map(move |n| Message::value(format!("{partition}:{n}")).partition(partition))
            })
            .collect();
        self.kafka.produce(&self.settings.input, &records);
    }

    pub fn member(&self, instance: &str) -> Member {
        let settings = Settings { instance: instance.to_owned(), ..self.settings.clone() };
        let (source, outbox) = kafka::open(&settings, 0).unwrap();
        Member { source, outbox, changes: Vec::new(), seen: Vec::new() }
    }

    pub fn predictions(&self) -> Vec<String> {
        self.kafka.read_all(&self.settings.outputs.predictions).iter().map(Message::text).collect()
    }

    /// As soon as there are `count`, or after a few seconds: a commit returns before the broker has shown it to readers.
    pub fn predictions_soon(&self, count: usize) -> Vec<String> {
        let found = self.kafka.read_until(&self.settings.outputs.predictions, count, Duration::from_secs(5));
        found.iter().map(Message::text).collect()
    }

    pub fn committed(&self, partition: i32) -> Option<i64> {
        self.kafka.committed(&self.settings.name, &self.settings.input, partition)
    }
}

pub struct Member {
    pub source: kafka::Source,
    pub outbox: kafka::Outbox,
    pub changes: Vec<Change>,
    /// Partition, offset and value, as handed out.
    pub seen: Vec<(i32, i64, String)>,
}

impl Member {
    pub fn try_poll(&mut self) -> Result<(), StreamError> {
        let seen = &mut self.seen;
        let change = self.source.poll(Duration::from_millis(20), 100, &mut |record| {
            let value = String::from_utf8_lossy(record.value.unwrap_or_default()).into_owned();
            seen.push((record.partition, record.offset, value));
        })?;
        self.changes.extend(change);
        Ok(())
    }

    pub fn poll_until(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> bool) {
        let start = Instant::now();
        while !done(self) {
            assert!(start.elapsed() < PATIENCE, "{what}: not after {PATIENCE:?}: {:?} {:?}", self.changes, self.seen);
            self.try_poll().unwrap();
        }
    }

    pub fn change(&mut self) -> Change {
        self.poll_until("a change", |member| !member.changes.is_empty());
        self.changes.remove(0)
    }

    /// The partitions of the first assignment.
    pub fn assigned(&mut self) -> Vec<i32> {
        match self.change() {
            Change::Assigned(mut partitions) => {
                partitions.sort_unstable();
                partitions
            }
            other => panic!("{other:?}"),
        }
    }

    pub fn observe(&mut self, partition: i32) -> Observed {
        self.source.observe(partition);
        let mut answer = None;
        self.poll_until("an observation", |member| {
            answer = member.source.observed();
            answer.is_some()
        });
        answer.unwrap().unwrap()
    }

    /// Reads `count` more records.
    pub fn read(&mut self, count: usize) -> Vec<(i32, i64, String)> {
        let from = self.seen.len();
        self.poll_until("records", |member| member.seen.len() >= from + count);
        self.seen.split_off(from)
    }

    /// Polls for a while in which nothing must come.
    pub fn quiet(&mut self, time: Duration) {
        let (from, start) = (self.seen.len(), Instant::now());
        while start.elapsed() < time {
            self.try_poll().unwrap();
        }
        assert_eq!(self.seen[from..], []);
    }

    /// Does with changes what a worker does whose lanes are at their committed positions.
    pub fn follow(&mut self) {
        self.try_poll().unwrap();
        for change in std::mem::take(&mut self.changes) {
            match change {
                Change::Assigned(partitions) => {
                    for partition in partitions {
                        let observed = self.observe(partition);
                        self.source.start(partition, observed.committed.unwrap_or(observed.low)).unwrap();
                    }
                }
                Change::Revoked(partitions) | Change::Lost(partitions) => self.source.release(&partitions).unwrap(),
            }
        }
    }

    pub fn commit(&mut self, commit: Commit) -> Result<(), StreamError> {
        self.outbox.submit(commit)?;
        self.outcome()
    }

    pub fn outcome(&mut self) -> Result<(), StreamError> {
        self.outbox.outcome(PATIENCE).expect("an outcome in time")
    }
}

pub fn prediction(partition: i32, value: &str) -> Output {
    Output {
        topic: OutputTopic::Predictions,
        partition,
        key: Some(b"key".to_vec()),
        value: Some(value.into()),
        headers: vec![("driftline.origin".into(), Some(b"in-0-0".to_vec()))],
        timestamp: Some(minutes_ago(1)),
    }
}

/// Milliseconds since 1970, a round time within every retention.
pub fn minutes_ago(minutes: i64) -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    (i64::try_from(now.as_secs()).unwrap() / 600 * 10 - minutes) * 60_000
}

/// Predictions and a new position of one partition.
pub fn outputs(partition: i32, values: &[&str], position: i64) -> Commit {
    Commit {
        outputs: values.iter().map(|value| prediction(partition, value)).collect(),
        checkpoints: Vec::new(),
        positions: vec![(partition, position)],
    }
}

pub fn state(key: &str, value: &str) -> StateRecord {
    StateRecord { key: key.into(), value: Some(value.into()) }
}

pub fn checkpoint(partition: i32, records: Vec<StateRecord>) -> Checkpoint {
    Checkpoint { partition, encode: Box::new(|| Ok(records)) }
}
