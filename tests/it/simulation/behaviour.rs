//! What a user meets: how a worker ends, what it refuses, and what it says.

use std::time::Duration;

use driftline::stream::memory::{Fault, Stored, Topic};
use driftline::stream::{Delivery, OutputTopic};
use driftline::worker::Stop;

use super::oracle::{check, origin};
use super::world::{Failure, Kind, Scenario, World, input, kind, run};

const DEAD_LETTERS: Topic = Topic::Output(OutputTopic::DeadLetters);
const PREDICTIONS: Topic = Topic::Output(OutputTopic::Predictions);

/// A cluster whose first workers consumed everything and left in order.
fn done(scenario: Scenario) -> World {
    let mut world = World::new(&scenario);
    world.run().unwrap();
    world.close().unwrap();
    world
}

/// Adds records to every partition, the first `n` of another stream of the same kind.
fn more(world: &mut World, scenario: &Scenario, n: i64) {
    for partition in 0..scenario.partitions {
        let records = input(partition, &Scenario { records: n, ..scenario.clone() });
        records.into_iter().for_each(|record| world.log.send(partition, record));
    }
    let records = scenario.records + n;
    world.then(|scenario| scenario.records = records);
}

fn max_bad(share: f64) -> toml::Value {
    toml::Value::Table([("share".to_owned(), share.into()), ("of".to_owned(), 8.into())].into_iter().collect())
}

fn stop(failure: Result<(), Failure>) -> Stop {
    match failure {
        Err(Failure::Stopped(stop)) => stop,
        other => panic!("{other:?}"),
    }
}

fn origins(world: &World, topic: Topic, partition: i32) -> Vec<String> {
    world.log.settle();
    world.log.read(topic, partition).iter().map(origin).collect()
}

#[test]
fn after_an_orderly_end_nothing_is_learned_again() {
    let scenario = Scenario::default();
    let mut world = done(scenario.clone());
    world.then(|_| {});
    for _ in 0..20 {
        world.round();
    }
    let status = world.status();
    assert_eq!((status.lanes.len(), status.events, status.restores), (2, 0, 2));
    assert!(status.lanes.iter().all(|lane| lane.position == scenario.records && lane.lag == Some(0)), "{status:?}");
}

#[test]
fn too_many_bad_records_end_with_6_and_their_dead_letters_are_there() {
    let mut scenario = Scenario { partitions: 1, records: 30, ..Scenario::default() };
    scenario.set.push(("worker.max_bad", max_bad(0.5)));
    let mut world = World::new(&Scenario { records: 0, ..scenario.clone() });
    for offset in 0..30 {
        let bad = offset >= 10;
        let value = if bad { "?".to_owned() } else { format!(r#"{{"id":"{offset}","x":1,"y":2,"c":"a","label":1}}"#) };
        world.log.send(0, Stored { value: Some(value.into_bytes()), ..Stored::default() });
    }
    world.then(|s| *s = scenario);
    let stop = stop(world.run());
    assert_eq!(stop.code(), 6, "{stop}");
    assert!(stop.to_string().contains("at offset 14"), "{stop}");
    let expected: Vec<String> = (10..15).map(|offset| format!("in-0-{offset}")).collect();
    assert_eq!((origins(&world, DEAD_LETTERS, 0), world.log.committed(0)), (expected, Some(15)));
}

#[test]
fn a_label_that_nobody_waits_for_is_no_bad_record() {
    let mut scenario = Scenario { partitions: 1, records: 0, later: true, ..Scenario::default() };
    scenario.set.push(("worker.max_bad", max_bad(0.1)));
    let mut world = World::new(&scenario);
    for offset in 0..10 {
        let value = format!(r#"{{"id":"nobody-{offset}","label":1}}"#).into_bytes();
        world.log.send(0, Stored { value: Some(value), ..Stored::default() });
    }
    world.then(|s| s.records = 10);
    world.run().unwrap();
    assert_eq!(origins(&world, DEAD_LETTERS, 0).len(), 10);
}

#[test]
fn what_retention_took_before_it_was_learned_ends_with_5_and_other_lanes_commit() {
    let scenario = Scenario::default();
    let mut world = done(scenario.clone());
    more(&mut world, &scenario, 6);
    world.log.truncate(0, 17);
    let stop = stop(world.run());
    assert_eq!(stop.code(), 5, "{stop}");
    let text = stop.to_string();
    assert!(text.contains("offsets 14 to 16 are lost") && text.contains("state -c FILE reset"), "{text}");
    assert_eq!(world.log.committed(0), Some(14));
}

#[test]
fn a_topic_that_was_created_again_ends_with_5() {
    // Shorter than before, and as long as before.
    for (records, says) in [(9, "beyond the end"), (14, "another record is there")] {
        let scenario = Scenario::default();
        let mut world = done(scenario.clone());
        world.log.recreate(Topic::Input, 0);
        for record in input(1, &Scenario { records, ..scenario }) {
            world.log.send(0, record);
        }
        more(&mut world, &Scenario::default(), 1);
        let stop = stop(world.run());
        assert_eq!(stop.code(), 5, "{stop}");
        assert!(stop.to_string().contains(says), "{stop}");
    }
}

#[test]
fn a_changed_configuration_is_refused_or_begun_afresh() {
    let scenario = Scenario::default();
    let refused = |on_change: &'static str| {
        let mut world = done(scenario.clone());
        more(&mut world, &scenario, 5);
        world.then(|s| s.set = vec![("seed", 9.into()), ("checkpoint.on_change", on_change.into())]);
        (world.run(), world)
    };
    let stop = stop(refused("refuse").0);
    assert!(stop.code() == 5 && stop.to_string().contains("fingerprint"), "{stop}");
    let (outcome, world) = refused("fresh");
    outcome.unwrap();
    assert_eq!(world.log.committed(0), Some(19));
}

#[test]
fn a_damaged_checkpoint_is_passed_over_and_no_bit_is_lost() {
    let scenario = Scenario::default();
    let calm = run(&Scenario { records: 14, ..scenario.clone() }).unwrap();
    let mut world = done(scenario);
    (0..2).for_each(|partition| world.log.damage(partition));
    world.audit().unwrap();
    assert_eq!(world.report().outputs, calm.outputs);
    assert_eq!(world.report().digests, calm.digests);
}

#[test]
fn offsets_that_expired_are_found_in_the_state_and_offsets_set_back_are_refused() {
    let mut world = done(Scenario::default());
    world.log.reset_offset(0, None);
    world.audit().unwrap();
    assert_eq!(world.log.committed(0), Some(14));
    world.log.reset_offset(1, Some(5));
    let stop = stop(world.audit());
    assert!(stop.code() == 5 && stop.to_string().contains("offsets were reset"), "{stop}");
}

#[test]
fn a_broker_that_stays_away_ends_with_3() {
    let away = Fault::Unavailable { calls: 1_000_000 };
    let set = vec![("worker.retry_for", "30s".into())];
    let scenario = Scenario { faults: vec![(60, away)], set, ..Scenario::default() };
    let stop = stop(World::new(&scenario).run());
    assert!(stop.code() == 3 && stop.to_string().contains("worker.retry_for"), "{stop}");
}

#[test]
fn a_fenced_worker_ends_with_4() {
    let scenario = Scenario { faults: vec![(60, Fault::Fence)], ..Scenario::default() };
    assert_eq!(run(&scenario).unwrap().stops, [4]);
}

#[test]
fn a_full_batch_holds_back_and_changes_nothing() {
    let calm = run(&Scenario::default()).unwrap();
    for delivery in [Delivery::ExactlyOnce, Delivery::AtLeastOnce] {
        // Rounds of three seconds: the group hears of the member although the commit takes long.
        let (max_events, pace, round) = (2, 1, Duration::from_secs(3));
        let scenario = Scenario { max_events, pace, round, delivery, ..Scenario::default() };
        assert_eq!(check(&scenario, &calm), Ok(()));
    }
}

#[test]
fn outputs_can_be_turned_off() {
    let set = ["outputs.alerts", "outputs.evaluations", "outputs.dead_letters"].map(|key| (key, "".into()));
    let scenario = Scenario { set: set.to_vec(), ..Scenario::default() };
    let (report, calm) = (run(&scenario).unwrap(), run(&Scenario::default()).unwrap());
    for ((topic, partition), found) in report.outputs {
        let all = &calm.outputs[&(topic, partition)];
        assert_eq!(found.len(), if topic == PREDICTIONS { all.len() } else { 0 }, "{topic:?}");
    }
    assert_eq!(report.digests, calm.digests);
}

/// The schema of partition 0's records cannot be looked up; partition 1 has none to look up.
#[test]
fn a_registry_that_is_away_stops_one_partition_and_not_the_other() {
    let mut scenario = Scenario { records: 0, ..Scenario::default() };
    scenario.set.push(("worker.retry_for", "30s".into()));
    scenario.set.push(("input.format", "avro".into()));
    scenario.set.push(("kafka.registry", "http://127.0.0.1:1".into()));
    let mut world = World::new(&scenario);
    let send = |partition, value: &[u8]| {
        world.log.send(partition, Stored { value: Some(value.to_vec()), ..Stored::default() })
    };
    for _ in 0..4 {
        send(0, &[0, 0, 0, 0, 7, 1, 2, 3]);
        send(1, b"no frame");
    }
    world.then(|s| s.records = 4);
    let stop = stop(world.run());
    assert!(stop.code() == 3 && stop.to_string().contains("worker.retry_for"), "{stop}");
    assert_eq!((world.log.committed(0), world.log.committed(1)), (Some(0), Some(4)));
    assert_eq!((origins(&world, DEAD_LETTERS, 0).len(), origins(&world, DEAD_LETTERS, 1).len()), (0, 4));
}

#[test]
fn dead_letters_are_the_record_as_it_came_and_why() {
    let world = done(Scenario::default());
    let bad = (0..14).find(|offset| kind(0, *offset, false) == Kind::Broken).unwrap();
    let letters = world.log.read(DEAD_LETTERS, 0);
    let sent = &input(0, &Scenario::default())[bad as usize];
    let letter = letters.iter().find(|letter| origin(letter) == format!("in-0-{bad}")).unwrap();
    assert_eq!((&letter.key, &letter.value, &letter.headers[0]), (&sent.key, &sent.value, &sent.headers[0]));
    let names: Vec<&str> = letter.headers.iter().map(|(name, _)| name.as_ref()).collect();
    assert_eq!(names, ["trace", "driftline.reason", "driftline.error", "driftline.origin"]);
    assert_eq!(letter.headers[1].1.as_deref(), Some(&b"not_json"[..]));
}
