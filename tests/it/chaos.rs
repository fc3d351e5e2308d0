//! Exactly once, with the same bits, whatever is killed: the real binary, two processes, three partitions, a real Kafka.
//!
//! The same records go through an undisturbed worker on another cluster, and everything is compared with what that one did.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::harness::{self, COMPACTION, Driftline, Live, Message};

const PATIENCE: Duration = Duration::from_secs(120);
const PARTITIONS: i32 = 3;
const ROUNDS: usize = 26;
/// Records of a partition in a round: more than a worker is done with before it is struck.
const RECORDS: usize = 400;
/// What is added, round by round, while nothing was interrupted: chance may have missed it all.
const MORE: usize = 30;

/// Commits follow each other closely, so that whatever strikes interrupts one.
const PIPELINE: &str = r#"
KAFKA
[kafka.properties]
"session.timeout.ms" = "3000"
"heartbeat.interval.ms" = "500"
INPUT
id = "id"
label = "y"
[input.features]
a = "number"
b = "number"
[task]
kind = "binary"
classes = ["no", "yes"]
[[transform]]
type = "standard_scaler"
[model]
type = "logistic_regression"
optimizer = { type = "adam" }
[window]
size = 200
method = "replay"
[[drift]]
type = "adwin"
on_drift = ["alert", "boost_learning_rate"]
[epoch]
events = 250
[checkpoint]
every = "700ms"
[worker]
max_bad = { share = 1.0, of = 1000 }
commit_every = "10ms"
"#;

/// The test's own chance: the same at every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % bound
    }
}

/// The records of a round: every 40th is poison, of four kinds.
fn records(round: usize, chance: &mut Chance) -> Vec<Message> {
    let mut records = Vec::new();
    for partition in 0..PARTITIONS {
        for at in round * RECORDS..(round + 1) * RECORDS {
            let (a, b) = (chance.below(1_000), chance.below(1_000));
            let y = if (a > b) == (round < ROUNDS / 2) { "yes" } else { "no" };
            let value = match at % 160 {
                39 => "{\"id\":".to_owned(),
                79 => format!(r#"{{"id":"{at}","a":"many","b":1,"y":"no"}}"#),
                119 => format!(r#"{{"id":"{at}","a":{a},"b":{b},"y":"perhaps"}}"#),
                159 => format!(r#"{{"a":{a},"b":{b},"y":"no"}}"#),
                _ => format!(r#"{{"id":"{at}","a":{a},"b":{b},"y":"{y}"}}"#),
            };
            let timestamp = 1_700_000_000_000 + at as i64;
            records.push(Message::value(value).partition(partition).key(at.to_string()).timestamp(timestamp));
        }
    }
    records
}

fn prepare(live: &Live<'_>) {
    // Event times of long ago, which retention would take for old records.
    live.kafka.create(&live.topic("in"), PARTITIONS, &[("retention.ms", "-1")]);
    let compaction = [("cleanup.policy", "compact"), ("segment.ms", "1000"), ("min.cleanable.dirty.ratio", "0.001")];
    live.kafka.create(&live.topic("state"), PARTITIONS, &compaction);
    live.create_topics();
}

#[test]
fn killed_frozen_and_cut_off_workers_leave_what_an_undisturbed_one_does() {
    let Some((live, calm)) = stormy(PIPELINE, ROUNDS, interrupted) else { return };
    assert!(interrupted(&live), "no transaction was ever interrupted: nothing was tried");
    for topic in ["predictions", "alerts", "evaluations", "dead-letters"] {
        let (live, calm) = (plain(&live, topic), plain(&calm, topic));
        assert_eq!(live.len(), calm.len(), "{topic}");
        live.iter().zip(&calm).for_each(|(live, calm)| assert_eq!(live, calm, "{topic}"));
    }
    assert_eq!(digests(&live), digests(&calm));
}

#[test]
fn at_least_once_repeats_itself_byte_for_byte() {
    let pipeline = PIPELINE.replace("[worker]", "[worker]\ndelivery = \"at_least_once\"");
    let Some((live, calm)) = stormy(&pipeline, ROUNDS / 2, repeated) else { return };
    let mut repeated = 0;
    for topic in ["predictions", "alerts", "evaluations", "dead-letters"] {
        let (mut live, mut calm) = (plain(&live, topic), plain(&calm, topic));
        let written = live.len();
        live.sort_unstable();
        live.dedup();
        calm.sort_unstable();
        repeated += written - live.len();
        assert_eq!(live.len(), calm.len(), "{topic}");
        live.iter().zip(&calm).for_each(|(live, calm)| assert_eq!(live, calm, "{topic}"));
    }
    assert!(repeated > 0, "nothing was ever repeated: nothing was tried");
    assert_eq!(digests(&live), digests(&calm));
}

/// Whether a transaction that had written outputs was never committed.
fn interrupted(live: &Live<'_>) -> bool {
    let predictions = live.topic("predictions");
    live.kafka.read_uncommitted(&predictions).len() > live.kafka.read_all(&predictions).len()
}

/// Whether a prediction was written twice.
fn repeated(live: &Live<'_>) -> bool {
    let mut predictions = plain(live, "predictions");
    let written = predictions.len();
    predictions.sort_unstable();
    predictions.dedup();
    predictions.len() < written
}

/// What two workers make of the records on a broker of their own, while they are killed, frozen, cut off and stopped; and
/// what one makes of them that is left alone.
fn stormy(pipeline: &str, rounds: usize, enough: impl Fn(&Live<'_>) -> bool) -> Option<(Live<'static>, Live<'static>)> {
    let (quiet, broker) = (harness::broker()?, harness::private_broker(COMPACTION)?);
    // The process ends its brokers with itself.
    let broker: &'static harness::Broker = Box::leak(Box::new(broker));
    let live = Live::named(broker, &harness::unique("chaos"), pipeline);
    let calm = Live::named(quiet, &live.name, pipeline);
    prepare(&live);
    prepare(&calm);
    let sent = storm(&live, broker, rounds, enough);
    calm.kafka.produce(&calm.topic("in"), &sent);
    let mut worker = calm.run();
    settle(&calm, sent.len());
    assert_eq!(worker.stop(PATIENCE).code(), Some(0), "{}", worker.log());
    Some((live, calm))
}

/// Strikes in the middle of the work, again and again; gives the records that were sent.
fn storm(live: &Live<'_>, broker: &harness::Broker, rounds: usize, enough: impl Fn(&Live<'_>) -> bool) -> Vec<Message> {
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    let mut workers = [live.run_logged("0.log"), live.run_logged("1.log")];
    let stream = live.kafka.stream(&live.topic("in"));
    let mut sent = Vec::new();
    for round in (0..rounds + MORE).take_while(|round| *round < rounds || !enough(live)) {
        std::thread::sleep(Duration::from_millis(1_000 + chance.below(2_500)));
        let records = records(round, &mut chance);
        records.iter().for_each(|record| stream.send(record));
        sent.extend(records);
        std::thread::sleep(Duration::from_millis(chance.below(60)));
        let victim = chance.below(2) as usize;
        match round {
            5 | 15 => freeze(&workers[victim]),
            10 => cut_off(broker),
            20 => assert_eq!(workers[victim].stop(PATIENCE).code(), Some(0), "{}", workers[victim].log()),
            _ => workers[victim].kill(),
        }
        for (at, worker) in workers.iter_mut().enumerate() {
            if !worker.running() {
                *worker = live.run_logged(&format!("{at}.log"));
            }
        }
    }
    settle(live, sent.len());
    await_checkpoints(live, (sent.len() / PARTITIONS as usize) as i64);
    for worker in &mut workers {
        assert_eq!(worker.stop(PATIENCE).code(), Some(0), "{}", worker.log());
    }
    broker.kill();
    broker.start();
    sent
}

/// Stopped for longer than the session: a zombie that wakes up believing that it still owns its partitions.
fn freeze(worker: &Driftline) {
    worker.signal("STOP");
    std::thread::sleep(Duration::from_secs(5));
    worker.signal("CONT");
}

fn cut_off(broker: &harness::Broker) {
    broker.stop();
    std::thread::sleep(Duration::from_secs(3));
    broker.start();
}

/// Waits until each record has led to a prediction or a dead letter.
fn settle(live: &Live<'_>, records: usize) {
    let origins = |topic| {
        let records = live.kafka.read_all(&live.topic(topic)).into_iter();
        records.map(|one| one.header_text("driftline.origin")).collect::<BTreeSet<_>>().len()
    };
    let done = || origins("predictions") + origins("dead-letters");
    let start = std::time::Instant::now();
    while done() < records {
        assert!(start.elapsed() < PATIENCE, "{} of {records} after {PATIENCE:?}", done());
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// Who is killed at last may have committed all outputs and no checkpoint behind them: its successor must have restored, or
/// it has no state to leave behind when it is stopped.
fn await_checkpoints(live: &Live<'_>, end: i64) {
    let start = std::time::Instant::now();
    while digests(live).iter().any(|(_, next, _)| *next < end) {
        assert!(start.elapsed() < PATIENCE, "{:?} after {PATIENCE:?}", digests(live));
        std::thread::sleep(Duration::from_millis(500));
    }
}

type Plain = (i32, Option<Vec<u8>>, String, Vec<(String, Option<Vec<u8>>)>);

/// The committed records of a topic without what only the broker decides.
fn plain(of: &Live<'_>, topic: &str) -> Vec<Plain> {
    let records = of.kafka.read_all(&of.topic(topic)).into_iter();
    records.map(|one| (one.partition, one.key.clone(), one.text(), one.headers)).collect()
}

/// Partition, next offset and digest of the newest checkpoint of each.
fn digests(live: &Live<'_>) -> Vec<(i64, i64, String)> {
    let listed = live.command(&["state", "-c", &live.config_path(), "list", "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    let mut found: Vec<_> = listed
        .as_array()
        .expect("an array")
        .iter()
        .map(|one| {
            let manifest = &one["manifest"];
            let number = |from: &serde_json::Value| from.as_i64().unwrap_or_else(|| panic!("{one}"));
            let digest = manifest["digest"].as_str().unwrap_or_else(|| panic!("{one}")).to_owned();
            (number(&one["partition"]), number(&manifest["next_offset"]), digest)
        })
        .collect();
    // Two slots each, the newest last.
    found.sort_unstable();
    found.reverse();
    found.dedup_by_key(|(partition, ..)| *partition);
    assert_eq!(found.len(), PARTITIONS as usize);
    found
}
