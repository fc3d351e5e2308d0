//! The harness itself.

use std::process::Command;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

use super::{Cluster, Message, broker, guard, jvm, private_broker, private_registry, registry};

#[test]
fn records_come_back_as_they_went() {
    let Some(kafka) = broker() else { return };
    let topic = kafka.topic("harness", 2);
    let sent = [
        Message::value("a").key("k").timestamp(1_700_000_000_000).header("h", "v"),
        Message::value("b").partition(1),
        Message { key: Some(b"gone".to_vec()), ..Message::default() },
    ];
    kafka.produce(&topic, &sent);
    let found = kafka.read_all(&topic);
    assert_eq!(found.len(), 3);
    assert_eq!((found[0].text(), found[0].timestamp), ("a".to_owned(), 1_700_000_000_000));
    assert_eq!(found[0].header_text("h").as_deref(), Some("v"));
    assert_eq!((found[1].key.as_deref(), found[1].value.as_deref(), found[1].offset), (Some(&b"gone"[..]), None, 1));
    assert_eq!((found[2].text(), found[2].partition), ("b".to_owned(), 1));
}

#[test]
fn only_committed_records_are_read() {
    let Some(kafka) = broker() else { return };
    let topic = kafka.topic("harness", 1);
    transact(kafka, &topic, "kept", true);
    transact(kafka, &topic, "aborted", false);
    transact(kafka, &topic, "kept", true);
    assert_eq!(kafka.read_all(&topic).iter().map(Message::text).collect::<Vec<_>>(), ["kept", "kept"]);
    assert_eq!(kafka.read_uncommitted(&topic).len(), 3);
}

fn transact(kafka: &Cluster, topic: &str, value: &str, commit: bool) {
    let second = Duration::from_secs(30);
    let producer: BaseProducer = kafka.config().set("transactional.id", topic).create().expect("a producer");
    producer.init_transactions(second).expect("init");
    producer.begin_transaction().expect("begin");
    producer.send(BaseRecord::<[u8], str>::to(topic).payload(value)).expect("sent");
    producer.flush(second).expect("flushed");
    if commit { producer.commit_transaction(second) } else { producer.abort_transaction(second) }.expect("done");
}

#[test]
fn a_private_broker_keeps_its_log_when_stopped_and_killed() {
    let Some(kafka) = private_broker(&[("log.cleaner.backoff.ms", "200")]) else { return };
    let topic = kafka.topic("harness", 1);
    kafka.produce(&topic, &[Message::value("before")]);
    kafka.stop();
    let client: BaseConsumer = kafka.config().create().expect("a client");
    assert!(client.fetch_metadata(Some(&topic), Duration::from_millis(500)).is_err(), "it is down");
    kafka.start();
    assert_eq!(kafka.read_all(&topic).len(), 1);
    kafka.kill();
    kafka.start();
    kafka.produce(&topic, &[Message::value("after")]);
    assert_eq!(kafka.read_all(&topic).len(), 2);
}

#[test]
fn compaction_can_be_forced() {
    let Some(kafka) = private_broker(jvm::COMPACTION) else { return };
    let topic = super::client::unique("compacted");
    let settings = [("cleanup.policy", "compact"), ("segment.ms", "100"), ("min.cleanable.dirty.ratio", "0.001")];
    kafka.create(&topic, 1, &settings);
    for round in 0..100 {
        kafka.produce(&topic, &[Message::value(round.to_string()).key("one")]);
        if round > 2 && kafka.read_all(&topic).len() < round {
            return;
        }
        std::thread::sleep(Duration::from_millis(150));
    }
    panic!("nothing was compacted");
}

#[test]
fn a_registry_gives_ids_and_takes_evolved_schemas() {
    let Some(registry) = registry() else { return };
    let subject = super::client::unique("harness");
    let one = r#"{"type":"record","name":"R","fields":[{"name":"a","type":"double"}]}"#;
    let two = r#"{"type":"record","name":"R","fields":[{"name":"a","type":"double"},{"name":"b","type":"string","default":""}]}"#;
    let first = registry.register(&subject, one);
    assert_eq!(registry.register(&subject, one), first);
    assert_ne!(registry.register(&subject, two), first);
}

#[test]
fn a_registry_can_be_away_and_come_back() {
    let Some(registry) = private_registry() else { return };
    registry.stop();
    assert!(ureq::get(format!("{}/subjects", registry.url())).call().is_err(), "it is down");
    registry.start();
    assert!(ureq::get(format!("{}/subjects", registry.url())).call().is_ok(), "it is up");
}

/// Runs itself as a child that starts a guarded process, and kills the child as a crash does.
#[test]
fn guarded_processes_end_with_a_killed_parent() {
    const MARK: &str = "DRIFTLINE_TEST_GUARDED";
    let home = tempfile::tempdir().expect("a folder");
    if let Ok(mark) = std::env::var(MARK) {
        let command = ["sh", "-c", "echo ready; while :; do sleep 0.1; done", &mark].map(str::to_owned);
        let mut child = guard::Guarded::spawn(&command, &home.path().join("log"), None).expect("started");
        child.await_line("ready", 0, Duration::from_secs(10)).expect("ready");
        std::thread::sleep(Duration::from_secs(60));
    }
    let mark = super::client::unique("guarded");
    let alive = || {
        Command::new("pgrep")
            .args(["-f", &format!("sleep 0.1; done {mark}")])
            .output()
            .is_ok_and(|out| out.status.success())
    };
    let await_alive = |wanted| {
        (0..200).any(|_| {
            alive() == wanted || {
                std::thread::sleep(Duration::from_millis(50));
                false
            }
        })
    };
    let test = "harness::selftest::guarded_processes_end_with_a_killed_parent";
    let mut parent = Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", test])
        .env(MARK, &mark)
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("started");
    assert!(await_alive(true), "the guarded process runs");
    parent.kill().expect("killed");
    parent.wait().expect("ended");
    assert!(await_alive(false), "the guarded process ended with its parent");
}
