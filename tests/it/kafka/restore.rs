//! What a restore sees of the state topic.

use std::time::{Duration, Instant};

use driftline::stream::{Commit, Source as _, StateRecord};

use super::member::{Rig, checkpoint, state};
use crate::harness;

fn saved(records: Vec<StateRecord>, position: i64) -> Commit {
    Commit { checkpoints: vec![checkpoint(0, records)], positions: vec![(0, position)], ..Commit::default() }
}

#[test]
fn the_newest_record_of_each_key_is_seen_in_order_whatever_the_log_ends_with() {
    let Some(kafka) = harness::broker() else { return };
    let rig = Rig::new(kafka, 1);
    let mut member = rig.member("one");
    member.assigned();
    assert_eq!(member.observe(0).state, []);
    member.source.start(0, 0).unwrap();
    for n in 0..5 {
        let n = n.to_string();
        member
            .commit(saved(vec![state("a", &n), state("b", &n), StateRecord { key: b"c".to_vec(), value: None }], 0))
            .unwrap();
    }
    member.commit(saved(vec![state("a", "last")], 0)).unwrap();
    let gone = StateRecord { key: b"c".to_vec(), value: None };
    assert_eq!(member.observe(0).state, [state("b", "4"), gone.clone(), state("a", "last")]);
    // An aborted transaction ends the log with records and a marker that nobody may see.
    let mut commit = saved(vec![state("a", "aborted")], 0);
    commit.checkpoints.push(driftline::stream::Checkpoint {
        partition: 0,
        encode: Box::new(|| {
            std::thread::sleep(Duration::from_millis(300));
            Err(driftline::stream::StreamError::State { partition: 0, cause: "no".to_owned() })
        }),
    });
    member.commit(commit).unwrap_err();
    assert_eq!(member.observe(0).state, [state("b", "4"), gone, state("a", "last")]);
}

#[test]
fn an_open_transaction_is_waited_for() {
    let Some(kafka) = harness::broker() else { return };
    let rig = Rig::new(kafka, 1);
    let mut one = rig.member("one");
    one.assigned();
    one.source.start(0, 0).unwrap();
    one.commit(saved(vec![state("a", "1")], 1)).unwrap();
    let mut slow = saved(vec![state("a", "2")], 2);
    slow.checkpoints.push(driftline::stream::Checkpoint {
        partition: 0,
        encode: Box::new(|| {
            std::thread::sleep(Duration::from_secs(3));
            Ok(Vec::new())
        }),
    });
    driftline::stream::Outbox::submit(&mut one.outbox, slow).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    let start = Instant::now();
    // The record is in the log and not committed: neither its value nor the one before is the answer yet.
    let observed = driftline::stream::kafka::Reader::open(&rig.settings).unwrap().observe(0).unwrap();
    assert!(start.elapsed() > Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!(observed.state, [state("a", "2")]);
    one.outcome().unwrap();
}

#[test]
fn a_compacted_log_keeps_what_is_newest() {
    let Some(broker) = harness::private_broker(harness::COMPACTION) else { return };
    let rig = Rig::new(&broker, 1);
    let kafka: &harness::Cluster = &broker;
    kafka.delete(&rig.settings.state);
    std::thread::sleep(Duration::from_millis(500));
    kafka.create(
        &rig.settings.state,
        1,
        &[
            ("cleanup.policy", "compact"),
            ("segment.ms", "100"),
            ("min.cleanable.dirty.ratio", "0.01"),
            ("max.compaction.lag.ms", "100"),
        ],
    );
    let mut member = rig.member("one");
    member.assigned();
    member.source.start(0, 0).unwrap();
    let mut written = 0;
    let start = Instant::now();
    // Until compaction has taken something away, and a little more.
    loop {
        for _ in 0..10 {
            let slot = ["A", "B"][written % 2];
            let n = written.to_string();
            member
                .commit(saved(vec![state(&format!("{slot}/0"), &n), state(&format!("{slot}/manifest"), &n)], 0))
                .unwrap();
            written += 1;
            std::thread::sleep(Duration::from_millis(20));
        }
        let left = kafka.read_all(&rig.settings.state).len();
        if left < 2 * written {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "{left} of {written} pairs left");
    }
    let (last, before) = ((written - 1).to_string(), (written - 2).to_string());
    let slot = |n: usize| ["A", "B"][n % 2];
    assert_eq!(
        member.observe(0).state,
        [
            state(&format!("{}/0", slot(written - 2)), &before),
            state(&format!("{}/manifest", slot(written - 2)), &before),
            state(&format!("{}/0", slot(written - 1)), &last),
            state(&format!("{}/manifest", slot(written - 1)), &last),
        ]
    );
}
