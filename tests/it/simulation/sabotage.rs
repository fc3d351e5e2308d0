//! Tests of the test: a protocol that is broken on purpose is found out.

use driftline::stream::Delivery;
use driftline::stream::memory::Fault;

use super::oracle::check;
use super::rigged::Sabotage;
use super::world::{Scenario, run};

/// How many of the runs with faults at each point are found out; none of the honest ones may be. `from`: the share of the
/// run after which faults begin.
fn found_out(sabotage: Sabotage, faults: impl Fn(u64) -> Vec<(u64, Fault)>, from: f64, scenario: &Scenario) -> usize {
    let calm = run(scenario).unwrap();
    let first = 1 + (from * calm.points as f64) as u64;
    let reds = |sabotage| {
        let red = |point: &u64| {
            let faulty = Scenario { sabotage, faults: faults(*point), ..scenario.clone() };
            check(&faulty, &calm).is_err()
        };
        (first..=calm.points).filter(red).count()
    };
    assert_eq!(reds(Sabotage::Nothing), 0, "the honest protocol");
    reds(sabotage)
}

fn crash(point: u64) -> Vec<(u64, Fault)> {
    vec![(point, Fault::Crash)]
}

#[test]
fn positions_before_outputs() {
    assert!(found_out(Sabotage::PositionsFirst, crash, 0.0, &Scenario::default()) > 0);
}

#[test]
fn checkpoint_outside_the_transaction() {
    assert!(found_out(Sabotage::CheckpointOutside, crash, 0.0, &Scenario::default()) > 0);
}

#[test]
fn emission_during_replay() {
    assert!(found_out(Sabotage::EmitReplay, crash, 0.0, &Scenario::default()) > 0);
}

/// With two slots a damaged checkpoint costs time; with one it costs the state. (The very first has no other beside it.)
#[test]
fn one_slot() {
    let damage = |point| vec![(point, Fault::Damage), (point + 1, Fault::Crash)];
    let scenario = Scenario { records: 18, ..Scenario::default() };
    assert!(found_out(Sabotage::OneSlot, damage, 0.75, &scenario) > 0);
}

/// A write that is cut off, where nothing makes it atomic.
#[test]
fn one_slot_without_transactions() {
    let scenario = Scenario { delivery: Delivery::AtLeastOnce, ..Scenario::default() };
    assert!(found_out(Sabotage::OneSlot, crash, 0.0, &scenario) > 0);
}
