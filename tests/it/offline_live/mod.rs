//! The same bits offline and live: what `evaluate --trace` writes for a file is what `run` emits for the same records.

use std::time::Duration;

use serde_json::Value;

use crate::harness::{self, Cluster, Live, Message};

mod catalogue;

const PATIENCE: Duration = Duration::from_secs(90);

/// Records of a stream whose concept turns around in the middle: `n` lines of JSON, the label in `y` where `labelled`.
fn stream(n: u32, target: impl Fn(f64, f64, bool) -> String) -> Vec<String> {
    // A small generator of the test's own: any stream will do, as long as it is the same for both.
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let line = |i: u32| {
        let (a, b, c) = (next(), next() * 100.0, ["red", "green", "blue"][(next() * 3.0) as usize]);
        let y = target(a, b, i >= n / 2);
        let a = if i % 17 == 3 { "null".to_owned() } else { a.to_string() };
        format!(
            r#"{{"id":"e{i}","ts":{},"a":{a},"b":{b},"c":"{c}","y":{y}}}"#,
            1_700_000_000_000_u64 + u64::from(i) * 1_000
        )
    };
    (0..n).map(line).collect()
}

fn binary(n: u32) -> Vec<String> {
    stream(n, |a, b, turned| format!("\"{}\"", if (a > b / 100.0) == turned { "no" } else { "yes" }))
}

fn regression(n: u32) -> Vec<String> {
    stream(n, |a, b, turned| (if turned { 3.0 * a - b } else { a + 0.1 * b }).to_string())
}

const INPUT: &str = r#"
KAFKA
INPUT
id = "id"
time = "ts"
label = "y"
[input.features]
a = "number"
b = "number"
c = "category"
"#;

fn same_bits(lines: &[String], pipeline: &str, predictions: usize) {
    if let Some(kafka) = harness::broker() {
        assert_same_bits(kafka, lines, pipeline, predictions);
    }
}

/// Runs the lines both ways and compares every field of every prediction but the topic's name.
fn assert_same_bits(kafka: &Cluster, lines: &[String], pipeline: &str, predictions: usize) {
    let live = Live::new(kafka, 1, &format!("{INPUT}{pipeline}"));
    let file = live.home.path().join("stream.jsonl");
    let trace = live.home.path().join("trace.jsonl");
    std::fs::write(&file, lines.join("\n") + "\n").expect("written");
    let (file, trace_path) = (file.to_string_lossy(), trace.to_string_lossy());
    live.command(&["evaluate", &file, "-c", &live.config_path(), "--trace", &trace_path]);
    let offline: Vec<Value> = std::fs::read_to_string(&trace)
        .expect("a trace")
        .lines()
        .map(|line| comparable(serde_json::from_str(line).expect("JSON")))
        .collect();
    assert_eq!(offline.len(), predictions);

    let records: Vec<_> = lines.iter().map(|line| Message::value(line.as_str()).key("k")).collect();
    kafka.produce(&live.topic("in"), &records[..records.len() / 3]);
    let mut worker = live.run();
    kafka.read_until(&live.topic("predictions"), 1, PATIENCE);
    // A second worker takes up in the middle what the first has learned.
    assert_eq!(worker.stop(PATIENCE).code(), Some(0), "{}", worker.log());
    kafka.produce(&live.topic("in"), &records[records.len() / 3..]);
    let mut worker = live.run();
    let found = kafka.read_until(&live.topic("predictions"), predictions, PATIENCE);
    assert_eq!(worker.stop(PATIENCE).code(), Some(0), "{}", worker.log());

    assert_eq!(found.len(), predictions, "{pipeline}\n{}", worker.log());
    for (offline, live) in offline.iter().zip(&found) {
        assert_eq!(offline, &comparable(live.json()), "{pipeline}");
    }
}

fn comparable(mut record: Value) -> Value {
    let fields = record.as_object_mut().expect("a record");
    fields.remove("truth");
    fields["origin"].as_object_mut().expect("an origin").remove("topic");
    record
}

#[test]
fn logistic_regression_that_boosts_at_drift() {
    let pipeline = r#"
[task]
kind = "binary"
classes = ["no", "yes"]
[[transform]]
type = "imputer"
[[transform]]
type = "standard_scaler"
[[transform]]
type = "one_hot"
[model]
type = "logistic_regression"
optimizer = { type = "adagrad", learning_rate = 0.1 }
[[drift]]
type = "adwin"
on_drift = ["alert", "boost_learning_rate"]
"#;
    same_bits(&binary(3_000), pipeline, 3_000);
}

/// Offline on one thread, live on three.
#[test]
fn a_forest_spread_over_threads() {
    let pipeline = "[task]\nkind = \"binary\"\nclasses = [\"no\", \"yes\"]\n\
                    [model]\ntype = \"adaptive_random_forest\"\ntrees = 40\n[worker]\nlearner_threads = 3\n";
    same_bits(&binary(1_000), pipeline, 1_000);
}

#[test]
fn softmax_with_replay_over_a_window() {
    let pipeline = r#"
[task]
kind = "multiclass"
[[transform]]
type = "standard_scaler"
[model]
type = "softmax_regression"
[window]
size = 500
method = "replay"
rows = 2
[learn]
mini_batch = 4
"#;
    same_bits(&binary(2_000), pipeline, 2_000);
}

#[test]
fn ridge_that_unlearns_what_leaves_the_window() {
    let pipeline = r#"
[task]
kind = "regression"
[[transform]]
type = "imputer"
[model]
type = "ridge"
[window]
size = 300
method = "unlearn"
"#;
    same_bits(&regression(2_000), pipeline, 2_000);
}

/// Each label comes 50 records after its event, as a record of its own; some never come.
#[test]
fn labels_as_later_records() {
    let pipeline = r#"
[task]
kind = "binary"
classes = ["no", "yes"]
[labels]
from = "later"
wait = { events = 40 }
[[transform]]
type = "standard_scaler"
[model]
type = "logistic_regression"
[[drift]]
type = "ddm"
"#;
    let events = binary(1_500);
    let mut lines = Vec::new();
    for (at, line) in events.iter().enumerate() {
        let mut event: Value = serde_json::from_str(line).expect("JSON");
        event.as_object_mut().expect("a record").remove("y");
        lines.push(event.to_string());
        // Within the waiting room's 40 events, but for every eleventh.
        if let Some(past) = at.checked_sub(30).filter(|past| past % 11 != 0) {
            let past: Value = serde_json::from_str(&events[past]).expect("JSON");
            // With a time of its own, as a record's timestamp is another one in a file than on a topic.
            let label = format!(
                r#"{{"id":{},"ts":{},"y":{}}}"#,
                past["id"],
                1_700_000_000_000_u64 + at as u64 * 1_000,
                past["y"]
            );
            lines.push(label);
        }
    }
    same_bits(&lines, pipeline, 1_500);
}

/// The same through `driftline send`, from CSV, whose cells arrive as what they are.
#[test]
fn what_send_writes_from_csv_is_what_evaluate_reads() {
    let Some(kafka) = harness::broker() else { return };
    let pipeline = "[task]\nkind = \"binary\"\nclasses = [\"no\", \"yes\"]\n";
    let live = Live::new(kafka, 1, &format!("{INPUT}{pipeline}"));
    let mut csv = "id,ts,a,b,c,y\n".to_owned();
    for line in binary(500) {
        let event: Value = serde_json::from_str(&line).expect("JSON");
        let cell = |name: &str| event[name].as_str().map_or_else(|| event[name].to_string(), str::to_owned);
        let cells =
            ["id", "ts", "a", "b", "c", "y"].map(cell).map(|cell| if cell == "null" { String::new() } else { cell });
        csv += &(cells.join(",") + "\n");
    }
    let file = live.home.path().join("stream.csv");
    let trace = live.home.path().join("trace.jsonl");
    std::fs::write(&file, csv).expect("written");
    let (file, trace_path) = (file.to_string_lossy(), trace.to_string_lossy());
    live.command(&["evaluate", &file, "-c", &live.config_path(), "--trace", &trace_path]);
    live.command(&["send", &file, "-c", &live.config_path()]);
    let mut worker = live.run();
    let found = kafka.read_until(&live.topic("predictions"), 500, PATIENCE);
    assert_eq!(worker.stop(PATIENCE).code(), Some(0), "{}", worker.log());
    let offline = std::fs::read_to_string(&trace).expect("a trace");
    let offline: Vec<_> = offline.lines().map(|line| comparable(serde_json::from_str(line).expect("JSON"))).collect();
    assert_eq!(offline, found.iter().map(|record| comparable(record.json())).collect::<Vec<_>>());
}
