//! Two of one id, and members that were given up for dead.

use std::time::Duration;

use driftline::stream::{Change, Fault, Source as _, StreamError};

use super::member::{Rig, outputs};
use crate::harness;

#[test]
fn a_newer_instance_of_the_same_id_fences_the_older() {
    let Some(kafka) = harness::broker() else { return };
    let rig = Rig::new(kafka, 1);
    let mut older = rig.member("same");
    older.assigned();
    older.source.start(0, 0).unwrap();
    older.commit(outputs(0, &["first"], 1)).unwrap();
    let newer = rig.member("same");
    let error = older.commit(outputs(0, &["late"], 2)).unwrap_err();
    assert!(matches!(error, StreamError::Fenced { .. }), "{error}");
    assert_eq!(error.fault(), Fault::Fatal(4));
    assert_eq!((rig.predictions(), rig.committed(0)), (vec!["first".to_owned()], Some(1)));
    drop(newer);
}

#[test]
fn a_restart_settles_at_once_what_its_past_self_left_open() {
    let Some(kafka) = harness::broker() else { return };
    let rig = Rig::new(kafka, 1).property("transaction.timeout.ms", "60000");
    let mut past = rig.member("same");
    past.assigned();
    past.source.start(0, 0).unwrap();
    let mut commit = outputs(0, &["open"], 1);
    let (hold, held) = std::sync::mpsc::channel::<()>();
    commit.checkpoints.push(driftline::stream::Checkpoint {
        partition: 0,
        encode: Box::new(move || {
            let _ = held.recv();
            Ok(Vec::new())
        }),
    });
    driftline::stream::Outbox::submit(&mut past.outbox, commit).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    let present = rig.member("same");
    // Not after the sixty seconds for which the broker would have held the transaction open.
    let start = std::time::Instant::now();
    assert_eq!(rig.predictions(), [""; 0]);
    assert!(start.elapsed() < Duration::from_secs(20));
    drop(hold);
    assert!(past.outcome().is_err());
    drop(present);
}

#[test]
fn a_transaction_that_outlives_its_time_is_no_fencing() {
    let Some(kafka) = harness::broker() else { return };
    let rig = Rig::new(kafka, 1).property("transaction.timeout.ms", "1000");
    let mut member = rig.member("slow");
    member.assigned();
    member.source.start(0, 0).unwrap();
    let mut commit = outputs(0, &["late"], 1);
    commit.checkpoints.push(driftline::stream::Checkpoint {
        partition: 0,
        encode: Box::new(|| {
            // Longer than the timeout and the interval at which a broker looks for what timed out.
            std::thread::sleep(Duration::from_secs(13));
            Ok(Vec::new())
        }),
    });
    let error = member.commit(commit).unwrap_err();
    assert!(matches!(error, StreamError::Aborted { .. }), "{error}");
    member.commit(outputs(0, &["again"], 1)).unwrap();
    assert_eq!(rig.predictions(), ["again"]);
}

#[test]
fn who_did_not_poll_in_time_can_commit_nothing_more() {
    let Some(kafka) = harness::broker() else { return };
    let rig = Rig::new(kafka, 1).property("max.poll.interval.ms", "6000").property("session.timeout.ms", "6000");
    rig.fill(1, 10);
    let mut zombie = rig.member("zombie");
    zombie.assigned();
    zombie.source.start(0, 0).unwrap();
    zombie.read(5);
    // It stops polling; its partition goes to another, who commits.
    let mut heir = rig.member("heir");
    assert_eq!(heir.assigned(), [0]);
    heir.source.start(0, 0).unwrap();
    heir.commit(outputs(0, &["heir"], 3)).unwrap();
    let error = zombie.commit(outputs(0, &["zombie"], 5)).unwrap_err();
    assert!(matches!(error, StreamError::Aborted { .. }), "{error}");
    // It learns that it has lost the partition, lets go, and is a member again.
    zombie.poll_until("the loss", |member| member.changes.contains(&Change::Lost(vec![0])));
    assert!(zombie.commit(outputs(0, &["zombie"], 5)).is_err());
    zombie.source.release(&[0]).unwrap();
    heir.source.close();
    drop(heir);
    zombie.changes.clear();
    assert_eq!(zombie.assigned(), [0]);
    assert_eq!(zombie.observe(0).committed, Some(3));
    zombie.source.start(0, 3).unwrap();
    zombie.commit(outputs(0, &["back"], 4)).unwrap();
    assert_eq!(rig.predictions(), ["heir", "back"]);
}
