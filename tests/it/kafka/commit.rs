//! What a commit makes visible, and when.

use std::time::Duration;

use driftline::stream::{Commit, Delivery, Outbox as _, Output, OutputTopic, Source as _, StreamError};

use super::member::{Rig, checkpoint, minutes_ago, outputs, prediction, state};
use crate::harness;

#[test]
fn outputs_state_and_positions_become_visible_together() {
    let Some(kafka) = harness::broker() else { return };
    for delivery in [Delivery::ExactlyOnce, Delivery::AtLeastOnce] {
        let mut rig = Rig::new(kafka, 2);
        rig.settings.delivery = delivery;
        rig.fill(2, 10);
        let mut member = rig.member("one");
        assert_eq!(member.assigned(), [0, 1]);
        for partition in 0..2 {
            member.source.start(partition, 0).unwrap();
        }
        let commit = Commit {
            checkpoints: vec![checkpoint(1, vec![state("a", "1"), state("b", "2")])],
            positions: vec![(0, 4), (1, 6)],
            outputs: vec![prediction(0, "x"), prediction(1, "y")],
        };
        member.commit(commit).unwrap();
        assert_eq!((rig.committed(0), rig.committed(1)), (Some(4), Some(6)));
        let seen = kafka.read_all(&rig.settings.outputs.predictions);
        assert_eq!(
            seen.iter().map(|one| (one.partition, one.text())).collect::<Vec<_>>(),
            [(0, "x".to_owned()), (1, "y".to_owned())]
        );
        assert_eq!(seen[0].key.as_deref(), Some(&b"key"[..]));
        assert_eq!(seen[0].timestamp, minutes_ago(1));
        assert_eq!(seen[0].header_text("driftline.origin").as_deref(), Some("in-0-0"));
        let observed = member.observe(1);
        assert_eq!((observed.committed, observed.low, observed.high), (Some(6), 0, 10), "{delivery:?}");
        assert_eq!(observed.state, [state("a", "1"), state("b", "2")]);
        assert_eq!(member.observe(0).state, []);
    }
}

#[test]
fn a_commit_that_fails_half_way_shows_nothing_and_the_next_one_works() {
    let Some(kafka) = harness::broker() else { return };
    let rig = Rig::new(kafka, 1);
    rig.fill(1, 10);
    let mut member = rig.member("one");
    member.assigned();
    member.source.start(0, 0).unwrap();
    let mut commit = outputs(0, &["lost"], 3);
    let cause = || StreamError::State { partition: 0, cause: "cannot be written".to_owned() };
    commit.checkpoints.push(driftline::stream::Checkpoint { partition: 0, encode: Box::new(move || Err(cause())) });
    assert_eq!(member.commit(commit), Err(cause()));
    assert_eq!(rig.committed(0), None);
    member.commit(outputs(0, &["kept"], 3)).unwrap();
    assert_eq!(rig.predictions(), ["kept"]);
    assert_eq!(rig.committed(0), Some(3));
}

#[test]
fn submitting_does_not_wait_for_the_commit() {
    let Some(kafka) = harness::broker() else { return };
    let rig = Rig::new(kafka, 1);
    let mut member = rig.member("one");
    member.assigned();
    member.source.start(0, 0).unwrap();
    let (open, opened) = std::sync::mpsc::channel::<()>();
    let mut commit = outputs(0, &["x"], 0);
    commit.checkpoints.push(driftline::stream::Checkpoint {
        partition: 0,
        encode: Box::new(move || {
            let _ = opened.recv();
            Ok(Vec::new())
        }),
    });
    member.outbox.submit(commit).unwrap();
    assert_eq!(member.outbox.outcome(Duration::from_millis(10)), None);
    assert!(member.outbox.submit(outputs(0, &["y"], 0)).is_err(), "one at a time");
    open.send(()).unwrap();
    member.outcome().unwrap();
    assert_eq!(member.outbox.outcome(Duration::ZERO), None);
    assert_eq!(rig.predictions(), ["x"]);
}

#[test]
fn what_nobody_could_fence_is_refused() {
    let Some(kafka) = harness::broker() else { return };
    let rig = Rig::new(kafka, 2);
    let mut member = rig.member("one");
    member.assigned();
    member.source.start(0, 0).unwrap();
    member.commit(Commit::default()).unwrap();
    let unfenced = Commit { outputs: vec![prediction(0, "x")], ..Commit::default() };
    assert!(matches!(member.commit(unfenced), Err(StreamError::Refused { .. })));
    // Partition 1 is assigned but not started: no lane of ours stands behind it.
    assert!(matches!(member.commit(outputs(1, &["x"], 0)), Err(StreamError::Aborted { .. })));
    assert_eq!(rig.predictions(), [""; 0]);
}

#[test]
fn a_dead_letter_that_the_topic_cannot_take_is_cut() {
    let Some(kafka) = harness::broker() else { return };
    let rig = Rig::new(kafka, 1);
    let mut member = rig.member("one");
    member.assigned();
    member.source.start(0, 0).unwrap();
    // Incompressible: whether it fits must not hang on its contents.
    let mut word = 1_u64;
    let value: Vec<u8> = (0..3_000_000)
        .map(|_| {
            word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (word >> 56) as u8
        })
        .collect();
    let letter = Output { topic: OutputTopic::DeadLetters, value: Some(value.clone()), ..prediction(0, "") };
    let small = Output { topic: OutputTopic::DeadLetters, ..prediction(0, "small") };
    member.commit(Commit { outputs: vec![letter, small], positions: vec![(0, 0)], ..Commit::default() }).unwrap();
    let letters = kafka.read_all(rig.settings.outputs.dead_letters.as_deref().unwrap());
    let cut = letters[0].value.as_ref().unwrap();
    assert!(cut.len() > 1_000_000 && value.starts_with(cut), "{} bytes", cut.len());
    assert_eq!(letters[0].header_text("driftline.truncated").as_deref(), Some("3000000"));
    assert_eq!((letters[1].text().as_str(), letters[1].header_text("driftline.truncated")), ("small", None));
}

#[test]
fn a_commit_takes_no_longer_than_its_round_trips() {
    let Some(kafka) = harness::broker() else { return };
    let rig = Rig::new(kafka, 1);
    let mut member = rig.member("one");
    member.assigned();
    member.source.start(0, 0).unwrap();
    let mut took: Vec<Duration> = (0..20)
        .map(|_| {
            let start = std::time::Instant::now();
            member.commit(outputs(0, &["x"; 100], 0)).unwrap();
            start.elapsed()
        })
        .collect();
    took.sort_unstable();
    // rust-rdkafka's flush would make it 100 ms at least.
    assert!(took[5] < Duration::from_millis(80), "{took:?}");
}
