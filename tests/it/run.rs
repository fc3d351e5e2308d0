//! How `driftline run` ends, and what it makes of bad records: the real binary on a real Kafka.

use std::time::Duration;

use driftline::facts::Reason;
use serde_json::Value;

use crate::harness::{self, Cluster, Driftline, Live, Message, unique};

const PATIENCE: Duration = Duration::from_secs(60);

const PIPELINE: &str = r#"
KAFKA
INPUT
id = "id"
label = "y"
[input.features]
a = "number"
[task]
kind = "binary"
classes = ["no", "yes"]
[checkpoint]
events = 5
"#;

fn event(number: u32) -> Message {
    let y = if number.is_multiple_of(2) { "yes" } else { "no" };
    Message::value(format!(r#"{{"id":"{number}","a":{number},"y":"{y}"}}"#)).key("k")
}

fn events(numbers: std::ops::Range<u32>) -> Vec<Message> {
    numbers.map(event).collect()
}

/// A pipeline that has learned from ten records.
fn learned(kafka: &Cluster) -> Live<'_> {
    let live = Live::new(kafka, 1, PIPELINE);
    kafka.produce(&live.topic("in"), &events(0..10));
    go_on(&live, &[], 10);
    live
}

/// Runs until there are `predictions` in all, then stops in good order.
fn go_on(live: &Live<'_>, sets: &[&str], predictions: usize) {
    let mut worker = start(live, sets);
    let found = live.kafka.read_until(&live.topic("predictions"), predictions, PATIENCE);
    assert_eq!(found.len(), predictions, "{}", worker.log());
    assert_eq!(worker.stop(PATIENCE).code(), Some(0), "{}", worker.log());
}

fn start(live: &Live<'_>, sets: &[&str]) -> Driftline {
    let config = live.config_path();
    let sets = sets.iter().flat_map(|set| ["--set", set]);
    let args: Vec<_> = ["run", "-c", &config].into_iter().chain(sets).collect();
    Driftline::start(&args, &live.home.path().join("run.log"))
}

/// Runs to an end that is expected; the log of all runs so far.
fn ends(live: &Live<'_>, sets: &[&str], code: i32) -> String {
    let mut worker = start(live, sets);
    assert_eq!(worker.wait(PATIENCE).code(), Some(code), "{}", worker.log());
    worker.log()
}

#[test]
fn a_cluster_that_does_not_answer_ends_with_3_after_the_deadline() {
    let nowhere = Cluster::at("127.0.0.1:9");
    let live = Live::named(&nowhere, &unique("live"), PIPELINE);
    let log = ends(&live, &["worker.retry_for=2s"], 3);
    assert!(log.contains("worker.retry_for"), "{log}");
}

#[test]
fn topics_that_are_not_there_end_with_3_and_say_how_to_make_them() {
    let Some(kafka) = harness::broker() else { return };
    let live = Live::named(kafka, &unique("live"), PIPELINE);
    let log = ends(&live, &[], 3);
    assert!(log.contains("topics create"), "{log}");
}

#[test]
fn a_second_process_of_the_same_name_ends_the_first_with_4() {
    let Some(kafka) = harness::broker() else { return };
    let live = Live::new(kafka, 1, PIPELINE);
    let set = ["worker.instance=one"];
    let mut first = start(&live, &set);
    first.await_log("lane starts", PATIENCE);
    let mut second = start(&live, &set);
    let mut sent = 0;
    while first.running() {
        assert!(sent < 600, "{}", first.log());
        kafka.produce(&live.topic("in"), &[event(sent)]);
        sent += 1;
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(first.wait(PATIENCE).code(), Some(4), "{}", first.log());
    let found = kafka.read_until(&live.topic("predictions"), sent as usize, PATIENCE);
    assert_eq!(found.len(), sent as usize, "{}", second.log());
    assert_eq!(second.stop(PATIENCE).code(), Some(0));
}

#[test]
fn a_changed_pipeline_is_refused_with_5_and_begins_afresh_where_told() {
    let Some(kafka) = harness::broker() else { return };
    let live = learned(kafka);
    let changed = "max_categories=77";
    let log = ends(&live, &[changed], 5);
    assert!(log.contains("fingerprint") && log.contains("on_change"), "{log}");
    kafka.produce(&live.topic("in"), &events(10..20));
    go_on(&live, &[changed, "checkpoint.on_change=fresh"], 20);
    let learned = kafka.read_all(&live.topic("predictions"))[10].json()["learned"].as_u64();
    assert_eq!(learned, Some(0), "a model that has learned nothing, from the position on");
}

#[test]
fn what_retention_took_is_told_with_5_and_reset_goes_on_behind_it() {
    let Some(kafka) = harness::broker() else { return };
    let live = learned(kafka);
    kafka.produce(&live.topic("in"), &events(10..30));
    kafka.delete_records(&live.topic("in"), 0, 20);
    let log = ends(&live, &[], 5);
    assert!(log.contains("offsets 10 to 19 are lost") && log.contains("state -c FILE reset"), "{log}");
    live.command(&["state", "-c", &live.config_path(), "reset", "--partition", "0", "--yes"]);
    go_on(&live, &[], 20);
    assert_eq!(kafka.read_all(&live.topic("predictions"))[10].json()["origin"]["offset"], 20);
}

#[test]
fn an_input_that_was_made_anew_ends_with_5() {
    let Some(kafka) = harness::broker() else { return };
    let live = learned(kafka);
    kafka.delete(&live.topic("in"));
    std::thread::sleep(Duration::from_secs(1));
    kafka.create(&live.topic("in"), 1, &[]);
    kafka.produce(&live.topic("in"), &events(100..130));
    let log = ends(&live, &[], 5);
    assert!(log.contains("created again"), "{log}");
}

/// An input that grew is refused until what belongs to its partitions has grown too; then the new one is learned like any other.
#[test]
fn partitions_that_are_added_need_their_outputs() {
    let Some(kafka) = harness::broker() else { return };
    let live = learned(kafka);
    kafka.grow(&live.topic("in"), 2);
    let log = ends(&live, &[], 3);
    assert!(log.contains("1 partitions, the input has 2"), "{log}");
    for topic in ["predictions", "alerts", "evaluations", "dead-letters", "state"] {
        kafka.grow(&live.topic(topic), 2);
    }
    let more: Vec<_> = events(10..20).into_iter().map(|event| event.partition(1)).collect();
    kafka.produce(&live.topic("in"), &more);
    go_on(&live, &[], 20);
}

#[test]
fn too_many_bad_records_end_with_6_and_are_all_in_the_dead_letters() {
    let Some(kafka) = harness::broker() else { return };
    let live = Live::new(kafka, 1, PIPELINE);
    kafka.produce(&live.topic("in"), &events(0..5));
    let bad: Vec<_> = (0..30).map(|_| Message::value("no JSON")).collect();
    kafka.produce(&live.topic("in"), &bad);
    let log = ends(&live, &["worker.max_bad.share=0.5", "worker.max_bad.of=20"], 6);
    assert!(log.contains("max_bad"), "{log}");
    assert_eq!(kafka.read_all(&live.topic("predictions")).len(), 5);
    let dead = kafka.read_all(&live.topic("dead-letters")).len();
    assert!((11..=30).contains(&dead), "{dead}");
    // It goes on behind what it has processed.
    go_on(&live, &["worker.max_bad.share=1.0"], 5);
    kafka.produce(&live.topic("in"), &events(5..10));
    go_on(&live, &["worker.max_bad.share=1.0"], 10);
    assert_eq!(kafka.read_all(&live.topic("dead-letters")).len(), 30);
}

#[test]
fn each_reason_of_a_dead_letter_of_json() {
    let Some(kafka) = harness::broker() else { return };
    let more = "[labels]\nfrom = \"later\"\n[worker]\nmax_bad = { share = 1.0, of = 1000 }\n";
    let body = PIPELINE.replace("label = \"y\"", "label = \"y\"\nmax_record = \"1kB\"");
    let live = Live::new(kafka, 1, &(body + more));
    let large = format!(r#"{{"id":"1","a":1,"padding":"{}"}}"#, "x".repeat(2_000));
    let cases = [
        (r#"{"id":"e","a":1}"#, None),
        ("{\"id\":", Some(Reason::NotJson)),
        ("\u{fffd}", Some(Reason::NotJson)),
        (r#"{"id":"w","a":"many"}"#, Some(Reason::WrongType)),
        (r#"{"id":"e","y":"perhaps"}"#, Some(Reason::UnknownClass)),
        (r#"{"id":"n","a":1e999}"#, Some(Reason::NonFinite)),
        (r#"{"a":1}"#, Some(Reason::NoId)),
        (r#"{"id":"e","a":2}"#, Some(Reason::DuplicateId)),
        (&large, Some(Reason::TooLarge)),
        (r#"{"id":"nobody","y":"yes"}"#, Some(Reason::LabelWithoutEvent)),
        (r#"{"id":"e","y":"yes"}"#, None),
        (r#"{"id":"f","a":null,"unknown":[1]}"#, None),
    ];
    let records: Vec<_> =
        cases.iter().map(|(value, _)| Message::value(*value).key("k").header("trace", "t1")).collect();
    kafka.produce(&live.topic("in"), &records);
    // A tombstone is neither an event nor bad.
    kafka.produce(&live.topic("in"), &[Message::default().key("k"), Message::value(r#"{"id":"g","a":1}"#)]);
    go_on(&live, &[], 3);
    let dead = kafka.read_all(&live.topic("dead-letters"));
    let expected: Vec<_> =
        cases.iter().enumerate().filter_map(|(at, (value, reason))| Some((at, value, (*reason)?))).collect();
    assert_eq!(dead.len(), expected.len());
    for (letter, (at, value, reason)) in dead.iter().zip(expected) {
        assert_eq!(letter.header_text("driftline.reason").as_deref(), Some(reason.name()), "{value}");
        assert_eq!(letter.text(), *value, "as it came");
        assert_eq!((letter.key.as_deref(), letter.header_text("trace").as_deref()), (Some(&b"k"[..]), Some("t1")));
        assert_eq!(letter.header_text("driftline.origin"), Some(format!("{}-0-{at}", live.topic("in"))));
        assert!(letter.header_text("driftline.error").is_some_and(|error| !error.is_empty()));
    }
}

#[test]
fn a_second_signal_ends_at_once() {
    let Some(kafka) = harness::broker() else { return };
    let live = Live::new(kafka, 1, PIPELINE);
    let mut worker = start(&live, &[]);
    worker.await_log("lane starts", PATIENCE);
    worker.signal("INT");
    worker.signal("TERM");
    let code = worker.wait(PATIENCE).code();
    // The first may have been enough by then.
    assert!(matches!(code, Some(130 | 0)), "{code:?}");
}

/// Start, assignment, restore, drift, checkpoint, status; of bad records the first few.
#[test]
fn what_happens_is_logged_line_by_line_as_json() {
    let Some(kafka) = harness::broker() else { return };
    let live = Live::new(kafka, 1, &format!("{PIPELINE}[[drift]]\ntype = \"adwin\"\nwatch = \"label\"\n"));
    let labelled =
        |i: u32| Message::value(format!(r#"{{"id":"{i}","a":1,"y":"{}"}}"#, if i < 300 { "no" } else { "yes" }));
    let bad = (0..30).map(|_| Message::value("no JSON"));
    kafka.produce(&live.topic("in"), &(0..600).map(labelled).chain(bad).collect::<Vec<_>>());
    let log = live.home.path().join("run.log");
    let mut worker = Driftline::start(&["run", "-c", &live.config_path(), "--log-format", "json"], &log);
    worker.await_log("events_per_second", PATIENCE);
    assert_eq!(kafka.read_until(&live.topic("dead-letters"), 30, PATIENCE).len(), 30, "{}", worker.log());
    assert_eq!(worker.stop(PATIENCE).code(), Some(0), "{}", worker.log());

    let log = worker.log();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let all = |begin: &str| {
        let begins = |line: &&Value| line["message"].as_str().is_some_and(|text| text.starts_with(begin));
        lines.iter().filter(begins).collect::<Vec<_>>()
    };
    for (begin, fields) in [
        ("driftline starts", &["name", "fingerprint", "threads"][..]),
        ("assigned", &["partitions"]),
        ("lane restored", &["position", "replayed", "seconds"]),
        ("the label rose", &["partition", "offset"]),
        ("checkpoint", &["next_offset", "bytes"]),
        ("0: accuracy", &["events_per_second", "lag", "commit_ms"]),
    ] {
        let found = all(begin);
        let whole = |line: &&&Value| fields.iter().all(|field| !line[field].is_null());
        assert!(found.iter().any(|line| whole(&line)), "{begin}: {found:?}\n{log}");
    }
    let told = all("dead letter").len();
    assert!((1..30).contains(&told), "{told} of 30 dead letters are told\n{log}");
}
