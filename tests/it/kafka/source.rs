//! What the source hands out, and from where.

use std::time::Duration;

use driftline::stream::{Source as _, Start, StreamError};

use super::member::{Member, Rig, minutes_ago};
use crate::harness;

fn offsets(member: &mut Member, count: usize) -> Vec<i64> {
    member.read(count).into_iter().map(|(_, offset, _)| offset).collect()
}

#[test]
fn a_partition_is_handed_out_from_the_asked_offset_and_only_once_started() {
    let Some(kafka) = harness::broker() else { return };
    let rig = Rig::new(kafka, 1);
    rig.fill(1, 50);
    let mut member = rig.member("one");
    assert_eq!(member.assigned(), [0]);
    member.quiet(Duration::from_millis(300));
    member.source.start(0, 17).unwrap();
    assert_eq!(offsets(&mut member, 33), (17..50).collect::<Vec<_>>());
    member.quiet(Duration::from_millis(100));
}

#[test]
fn rewinding_and_pausing_at_any_moment_neither_repeats_nor_skips() {
    let Some(kafka) = harness::broker() else { return };
    let rig = Rig::new(kafka, 1);
    rig.fill(1, 2_000);
    let mut member = rig.member("one");
    member.assigned();
    for round in 0..20_i64 {
        let from = round * 90;
        member.source.start(0, from).unwrap();
        // Paused before the first fetch, during it, and after records have come.
        std::thread::sleep(Duration::from_millis(round as u64));
        member.source.pause(&[0]).unwrap();
        member.quiet(Duration::from_millis(20));
        member.source.resume(&[0]).unwrap();
        let mut seen = offsets(&mut member, 1);
        member.source.pause(&[0]).unwrap();
        member.source.resume(&[0]).unwrap();
        let last = seen[seen.len() - 1];
        let more = usize::try_from(from + 90 - last).unwrap_or(0);
        seen.extend(offsets(&mut member, more));
        let expected: Vec<_> = (from..from + seen.len() as i64).collect();
        assert_eq!(seen, expected, "round {round}");
    }
}

#[test]
fn an_offset_that_is_not_there_is_told_with_its_partition() {
    let Some(kafka) = harness::broker() else { return };
    let rig = Rig::new(kafka, 2);
    rig.fill(2, 10);
    kafka.delete_records(&rig.settings.input, 1, 5);
    let mut member = rig.member("one");
    member.assigned();
    for (asked, starts) in [(2, 7), (99, 5)] {
        member.source.start(0, 0).unwrap();
        member.source.start(1, asked).unwrap();
        let error = loop {
            if let Err(error) = member.try_poll() {
                break error;
            }
        };
        assert_eq!(error, StreamError::OutOfRange { partition: 1, offset: asked });
        // The lane can be started again where there is something.
        member.seen.clear();
        member.source.start(1, starts).unwrap();
        member.poll_until("the rest", |member| {
            member.seen.iter().any(|(partition, offset, _)| (*partition, *offset) == (1, 9))
        });
        let first = member.seen.iter().find(|(partition, ..)| *partition == 1).unwrap();
        assert_eq!(first.1, starts);
    }
}

#[test]
fn where_a_new_group_begins_is_observed() {
    let Some(kafka) = harness::broker() else { return };
    let mut rig = Rig::new(kafka, 1);
    let base = minutes_ago(5);
    let records: Vec<_> =
        (0..10).map(|n| harness::Message::value(format!("0:{n}")).timestamp(base + i64::from(n) * 1_000)).collect();
    kafka.produce(&rig.settings.input, &records);
    kafka.delete_records(&rig.settings.input, 0, 2);
    for (start, begin) in
        [(Start::Earliest, 2), (Start::Latest, 10), (Start::At(base + 4_500), 5), (Start::At(base + 60_000), 10)]
    {
        rig.settings.start = start;
        let mut member = rig.member("one");
        member.assigned();
        let observed = member.observe(0);
        assert_eq!(
            (observed.committed, observed.low, observed.high, observed.begin),
            (None, 2, 10, begin),
            "{start:?}"
        );
    }
}
