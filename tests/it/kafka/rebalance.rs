//! Partitions that move between living members.

use std::time::{Duration, Instant};

use driftline::stream::{Change, Source as _};

use super::member::{Member, PATIENCE, Rig, outputs};
use crate::harness;

/// Polls both members, as two processes would, until `done`.
fn both(one: &mut Member, two: &mut Member, mut done: impl FnMut(&mut Member, &mut Member) -> bool) {
    let start = Instant::now();
    while !done(one, two) {
        assert!(start.elapsed() < PATIENCE, "{:?} {:?}", one.changes, two.changes);
        one.try_poll().unwrap();
        two.try_poll().unwrap();
    }
}

#[test]
fn a_partition_moves_after_the_last_commit_of_its_owner_and_the_others_go_on() {
    let Some(kafka) = harness::broker() else { return };
    let rig = Rig::new(kafka, 3);
    rig.fill(3, 100);
    let mut one = rig.member("one");
    assert_eq!(one.assigned(), [0, 1, 2]);
    (0..3).for_each(|partition| one.source.start(partition, 0).unwrap());
    one.read(300);
    let mut two = rig.member("two");
    both(&mut one, &mut two, |one, _| !one.changes.is_empty());
    let Change::Revoked(leaving) = one.changes.remove(0) else { panic!() };
    assert_eq!(leaving.len(), 1, "cooperative: only what moves");
    // Not before its owner lets go.
    let start = Instant::now();
    both(&mut one, &mut two, |_, two| {
        assert!(two.changes.is_empty());
        start.elapsed() > Duration::from_secs(1)
    });
    let moved = leaving[0];
    one.commit(outputs(moved, &["last"], 100)).unwrap();
    one.source.release(&leaving).unwrap();
    assert!(one.commit(outputs(moved, &["too late"], 100)).is_err());
    both(&mut one, &mut two, |_, two| !two.changes.is_empty());
    assert_eq!(two.changes.remove(0), Change::Assigned(leaving));
    assert_eq!(two.observe(moved).committed, Some(100));
    // The others have never stopped.
    rig.fill(3, 1);
    two.source.start(moved, 100).unwrap();
    both(&mut one, &mut two, |one, two| one.seen.len() >= 2 && !two.seen.is_empty());
    assert!(one.seen.iter().all(|(partition, offset, _)| *partition != moved && *offset == 100), "{:?}", one.seen);
    assert_eq!(two.seen, [(moved, 100, format!("{moved}:0"))]);
    two.commit(outputs(moved, &["first"], 101)).unwrap();
    // A member that leaves in good order hands over at once, not after its session.
    let start = Instant::now();
    two.source.close();
    drop(two);
    assert_eq!(one.assigned(), [moved]);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert_eq!(one.observe(moved).committed, Some(101));
    assert_eq!(rig.predictions(), ["last", "first"]);
}

#[test]
fn a_member_can_be_dropped_in_the_middle_of_a_rebalance() {
    let Some(kafka) = harness::broker() else { return };
    let rig = Rig::new(kafka, 2);
    rig.fill(2, 100);
    let mut one = rig.member("one");
    one.assigned();
    one.source.start(0, 0).unwrap();
    let mut two = rig.member("two");
    both(&mut one, &mut two, |one, _| !one.changes.is_empty());
    let start = Instant::now();
    drop(one);
    two.poll_until("the rest", |two| {
        let mut all: Vec<i32> = two
            .changes
            .iter()
            .flat_map(|change| match change {
                Change::Assigned(partitions) => partitions.clone(),
                other => panic!("{other:?}"),
            })
            .collect();
        all.sort_unstable();
        all == [0, 1]
    });
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
}
