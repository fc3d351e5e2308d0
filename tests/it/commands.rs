//! The commands that meet a cluster, on a real Kafka, in the order of a pipeline's life.

use std::process::Output;
use std::time::Duration;

use serde_json::Value;

use crate::harness::{self, Driftline, Live, said};

const PATIENCE: Duration = Duration::from_secs(90);

const BODY: &str = r#"
KAFKA
INPUT
id = "txn_id"
time = "ts"
label = "is_fraud"
[input.features]
amount = "number"
hour = "number"
country = "category"
[task]
kind = "binary"
[[transform]]
type = "standard_scaler"
[model]
type = "logistic_regression"
"#;

fn json(args: &[&str]) -> Value {
    let out = Driftline::output(args);
    serde_json::from_slice(&out.stdout).unwrap_or_else(|error| panic!("{args:?}: {error}: {}", said(&out)))
}

fn code(args: &[&str]) -> (Option<i32>, Output) {
    let out = Driftline::output(args);
    (out.status.code(), out)
}

#[test]
fn from_topics_to_reset() {
    let Some(kafka) = harness::broker() else { return };
    let live = Live::named(kafka, &harness::unique("commands"), BODY);
    let config = live.config_path();
    let config = config.as_str();

    let (before, out) = code(&["check", "-c", config]);
    assert_eq!(before, Some(3), "{}", said(&out));
    assert!(said(&out).contains("does not exist"), "{}", said(&out));
    let plan = json(&["topics", "-c", config, "plan", "--partitions", "2", "--replication", "1", "--json"]);
    assert_eq!(plan["topics"].as_array().map(Vec::len), Some(6), "{plan}");
    live.command(&["topics", "-c", config, "create", "--partitions", "2", "--replication", "1"]);
    // A second time there is nothing to do.
    let again = json(&["topics", "-c", config, "create", "--json"]);
    assert_eq!(again["created"].as_array().map(Vec::len), Some(0), "{again}");
    let well = json(&["check", "-c", config, "--json"]);
    assert_eq!(well["ok"], true, "{well}");
    assert!(well["cluster"].to_string().contains("the coordinator answers"), "{well}");

    let file = live.home.path().join("payments.csv").display().to_string();
    std::fs::write(&file, live.command(&["generate", "fraud", "-n", "400"])).expect("a file");
    let sent = json(&["send", &file, "-c", config, "--rate", "100000", "--json"]);
    assert_eq!(sent["records"], 400, "{sent}");
    let records = kafka.read_all(&live.topic("in"));
    assert_eq!(records.len(), 400);
    assert!(records.iter().all(|record| record.key.is_some()), "input.id is the key");
    assert!([0, 1].iter().all(|&p| records.iter().any(|record| record.partition == p)), "over both partitions");

    let mut worker = live.run();
    kafka.read_until(&live.topic("predictions"), 400, PATIENCE);
    assert_eq!(worker.stop(PATIENCE).code(), Some(0), "{}", worker.log());
    state(config, &live);
    reset(config, &live, kafka);
}

fn state(config: &str, live: &Live<'_>) {
    let list = json(&["state", "-c", config, "list", "--json"]);
    let list = list.as_array().expect("a list");
    for partition in [0, 1] {
        let of = |found: &&Value| found["partition"] == partition;
        let newest = list.iter().find(of).unwrap_or_else(|| panic!("no checkpoint of {partition}: {list:?}"));
        assert_eq!(newest["manifest"]["next_offset"], newest["committed"]);
        assert_eq!(newest["damage"], Value::Null);
    }
    let table = live.command(&["state", "-c", config, "list"]);
    assert!(table.contains("fingerprint") && table.contains("ago"), "{table}");
    let shown = live.command(&["state", "-c", config, "show", "--partition", "1"]);
    assert!(shown.contains("logistic_regression") && shown.contains("amount"), "{shown}");
    let exported = live.home.path().join("model.json").display().to_string();
    live.command(&["state", "-c", config, "export", "--partition", "1", "-o", &exported]);
    let exported: Value = serde_json::from_slice(&std::fs::read(exported).expect("a file")).expect("JSON");
    assert_eq!(exported["manifest"]["partition"], 1);
    let (beyond, out) = code(&["state", "-c", config, "show", "--partition", "7"]);
    assert_eq!(beyond, Some(2), "{}", said(&out));
}

/// A changed configuration stops with 5; after a reset its new model begins where the old one stood.
fn reset(config: &str, live: &Live<'_>, kafka: &harness::Cluster) {
    let changed = ["run", "-c", config, "--set", "model.type=logistic_regression", "--set", "model.l2=0.5"];
    let (refused, out) = code(&changed);
    assert_eq!(refused, Some(5), "{}", said(&out));
    let new = ["--set", "model.type=logistic_regression", "--set", "model.l2=0.5"];
    let (unasked, out) = code(&[&["state", "-c", config], &new[..], &["reset"]].concat());
    assert_eq!(unasked, Some(2), "{}", said(&out));
    live.command(&[&["state", "-c", config], &new[..], &["reset", "--yes"]].concat());
    let list = json(&[&["state", "-c", config], &new[..], &["list", "--json"]].concat());
    let list = list.as_array().expect("a list");
    assert_eq!(list.len(), 2, "the old checkpoints are gone: {list:?}");
    for found in list {
        assert_eq!(found["manifest"]["next_offset"], found["committed"]);
        assert_eq!(found["manifest"]["counters"]["events"], 0, "{found}");
    }

    let file = live.home.path().join("payments.csv").display().to_string();
    live.command(&["send", &file, "-c", config]);
    let log = live.home.path().join("again.log");
    let mut worker = Driftline::start(&changed, &log);
    let found = kafka.read_until(&live.topic("predictions"), 800, PATIENCE);
    let (alive, out) = code(&[&["state", "-c", config], &new[..], &["reset", "--yes"]].concat());
    assert_eq!(alive, Some(3), "a worker is alive: {}", said(&out));
    assert!(said(&out).contains("stop all workers"), "{}", said(&out));
    assert_eq!(worker.stop(PATIENCE).code(), Some(0), "{}", worker.log());
    assert_eq!(found.len(), 800, "each record once, before and after");
}

#[test]
fn the_demo_on_a_real_cluster_leaves_no_topic() {
    let Some(kafka) = harness::broker() else { return };
    let demo = ["demo", "--events", "2000", "--speed", "4000", "--kafka", kafka.bootstrap()];
    let out = Driftline::output(&demo);
    let said = said(&out);
    assert_eq!(out.status.code(), Some(0), "{said}");
    assert!(said.contains("each of the 2000 payments has exactly one prediction"), "{said}");
    let client: rdkafka::consumer::BaseConsumer = kafka.config().create().expect("a client");
    let metadata = rdkafka::consumer::Consumer::fetch_metadata(&client, None, PATIENCE).expect("topics");
    let left: Vec<_> = metadata.topics().iter().map(|topic| topic.name()).filter(|n| n.contains("demo")).collect();
    assert!(left.is_empty(), "{left:?}");
}
