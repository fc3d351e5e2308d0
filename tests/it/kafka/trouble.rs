//! A cluster that says no, or nothing.

use std::time::{Duration, Instant};

use driftline::stream::kafka::{self, Settings, topics};
use driftline::stream::{Commit, Fault, Outbox as _, Output, Source as _, StreamError};

use super::member::{Rig, outputs, prediction};
use crate::harness;

#[test]
fn an_input_that_is_not_there_is_refused_by_name() {
    let Some(kafka) = harness::broker() else { return };
    let mut rig = Rig::new(kafka, 1);
    rig.settings.input = harness::unique("nowhere");
    let mut member = rig.member("one");
    let start = Instant::now();
    let error = loop {
        if let Err(error) = member.try_poll() {
            break error;
        }
        assert!(start.elapsed() < Duration::from_secs(30));
    };
    assert!(matches!(error, StreamError::Refused { .. }), "{error:?}");
    assert!(error.to_string().contains("nowhere-") && error.to_string().contains("topics create"), "{error}");
}

#[test]
fn an_output_that_cannot_be_written_stops_with_its_topic_and_a_remedy() {
    let Some(kafka) = harness::broker() else { return };
    let rig = Rig::new(kafka, 1).property("transaction.timeout.ms", "5000");
    let mut member = rig.member("one");
    member.assigned();
    member.source.start(0, 0).unwrap();
    let mut word = 1_u64;
    let noise: Vec<u8> = (0..2_000_000)
        .map(|_| {
            word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (word >> 56) as u8
        })
        .collect();
    let large = Output { value: Some(noise), ..prediction(0, "") };
    let error = member
        .commit(Commit { outputs: vec![prediction(0, "small"), large], positions: vec![(0, 1)], ..Commit::default() })
        .unwrap_err();
    assert_eq!(error.fault(), Fault::Fatal(3), "{error}");
    assert!(error.to_string().contains("max.message.bytes"), "{error}");
    assert_eq!((rig.predictions(), rig.committed(0)), (vec![], None));
    member.commit(outputs(0, &["after"], 1)).unwrap();
    // An output topic that somebody deletes.
    kafka.delete(&rig.settings.outputs.predictions);
    let start = Instant::now();
    let error = loop {
        match member.commit(outputs(0, &["x"], 2)) {
            Err(error @ StreamError::Refused { .. }) => break error,
            other => assert!(start.elapsed() < Duration::from_secs(40), "{other:?}"),
        }
    };
    assert!(error.to_string().contains("topics create"), "{error}");
}

#[test]
fn where_nobody_listens_opening_gives_up_in_time() {
    let settings = Settings {
        name: "nobody".to_owned(),
        bootstrap: "127.0.0.1:1".to_owned(),
        properties: [].into(),
        input: "in".to_owned(),
        state: "state".to_owned(),
        outputs: kafka::OutputTopics { predictions: "out".to_owned(), ..kafka::OutputTopics::default() },
        start: driftline::stream::Start::Earliest,
        delivery: driftline::stream::Delivery::ExactlyOnce,
        instance: "one".to_owned(),
        patience: Duration::from_secs(2),
    };
    let start = Instant::now();
    let error = kafka::open(&settings, 0).err().unwrap();
    assert!(matches!(error, StreamError::Unavailable { .. }), "{error}");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    let error = kafka::Admin::open(&settings).and_then(|admin| admin.brokers()).unwrap_err();
    assert!(matches!(error, StreamError::Unavailable { .. }), "{error}");
}

#[test]
fn a_broker_that_goes_and_comes_back_costs_nothing_but_time() {
    let Some(broker) = harness::private_broker(&[]) else { return };
    let rig = Rig::new(&broker, 1);
    rig.fill(1, 10);
    let mut member = rig.member("one");
    member.assigned();
    member.source.start(0, 0).unwrap();
    member.read(10);
    member.commit(outputs(0, &["before"], 1)).unwrap();
    let ways = [(2, harness::Broker::stop as fn(&harness::Broker), "stopped"), (3, harness::Broker::kill, "killed")];
    for (expected, stop, label) in ways {
        stop(&broker);
        member.outbox.submit(outputs(0, &[label], 2)).unwrap();
        let away = Instant::now();
        while away.elapsed() < Duration::from_secs(3) {
            member.follow();
        }
        broker.start();
        let start = Instant::now();
        let mut outcome = member.outcome();
        // The broker may have forgotten the session: then the member joins again, and commits again.
        while let Err(error) = outcome {
            assert_eq!(error.fault(), Fault::Transient, "{error}");
            assert!(start.elapsed() < Duration::from_secs(120), "{error}");
            member.follow();
            let again = !rig.predictions_soon(expected).contains(&label.to_owned());
            outcome = if again { member.commit(outputs(0, &[label], 2)) } else { Ok(()) };
        }
        let seen = rig.predictions_soon(expected);
        assert_eq!(seen.iter().filter(|seen| *seen == label).count(), 1, "{seen:?}");
    }
    member.follow();
    member.source.start(0, 10).unwrap();
    rig.fill(1, 5);
    member.read(5);
}

#[test]
fn topics_are_planned_made_checked_and_never_changed() {
    let Some(kafka) = harness::broker() else { return };
    let mut rig = Rig::new(kafka, 3);
    let admin = kafka::Admin::open(&rig.settings).unwrap();
    let name = harness::unique("made");
    rig.settings.outputs.predictions = format!("{name}.predictions");
    rig.settings.state = format!("{name}.state");
    let names: Vec<String> = topics::roles(&rig.settings).into_iter().map(|(_, name)| name).collect();
    let found = admin.describe(&names).unwrap();
    let missing = topics::check(&rig.settings, &found);
    assert_eq!(missing.iter().filter(|finding| finding.what.contains("does not exist")).count(), 2, "{missing:?}");
    let plan = topics::plan(&rig.settings, &found, 1, 1);
    assert!(admin.create(&plan).unwrap().iter().all(|(_, made)| made.is_ok()));
    // Made in the cluster before every broker knows of it.
    let start = Instant::now();
    let found = loop {
        let found = admin.describe(&names).unwrap();
        if found.values().all(Option::is_some) || start.elapsed() > Duration::from_secs(20) {
            break found;
        }
    };
    let state = found[&rig.settings.state].as_ref().unwrap();
    assert_eq!((state.partitions, state.replication), (3, 1));
    assert_eq!(state.settings.as_ref().unwrap()["cleanup.policy"], "compact");
    let dangers: Vec<_> = topics::check(&rig.settings, &found)
        .into_iter()
        .filter(|finding| finding.severity == topics::Severity::Danger)
        .collect();
    assert_eq!(dangers, []);
    kafka::try_transactions(&rig.settings).unwrap();
}
