//! Every fault at every point of the protocol.

use driftline::stream::memory::{Fault, Topic};
use driftline::stream::{Delivery, OutputTopic};

use super::oracle::{check, origin, summary};
use super::world::{Kind, Report, Scenario, kind, run};

/// Each fault at each point of the run that `scenario` is without faults.
fn enumerate(scenario: &Scenario) {
    let calm = run(&Scenario { members: 1, ..scenario.clone() }).unwrap();
    let points = run(scenario).unwrap().points;
    let (mut runs, mut failures) = (0, Vec::new());
    for fault in Fault::ALL {
        for point in 1..=points {
            let faulty = Scenario { faults: vec![(point, fault)], ..scenario.clone() };
            runs += 1;
            if let Err(what) = check(&faulty, &calm) {
                failures.push((format!("{fault:?} at {point}"), what));
            }
        }
    }
    println!("{runs} runs, {points} points");
    assert!(failures.is_empty(), "{}", summary(&failures));
}

#[test]
fn one_member() {
    enumerate(&Scenario::default());
}

#[test]
fn two_members() {
    enumerate(&Scenario { members: 2, partitions: 3, records: 9, ..Scenario::default() });
}

#[test]
fn labels_that_come_later() {
    enumerate(&Scenario { later: true, partitions: 1, records: 20, ..Scenario::default() });
}

#[test]
fn at_least_once() {
    enumerate(&Scenario { delivery: Delivery::AtLeastOnce, ..Scenario::default() });
}

/// The uninterrupted run itself: one prediction for each good record, one dead letter for each bad one, in order.
#[test]
fn the_uninterrupted_run_misses_nothing() {
    let scenario = Scenario::default();
    let report: Report = run(&scenario).unwrap();
    assert_eq!(report.violations, Vec::<String>::new());
    for partition in 0..scenario.partitions {
        let of = |topic| report.outputs[&(Topic::Output(topic), partition)].iter().map(origin).collect::<Vec<_>>();
        let expected = |kinds: &[Kind]| {
            let offsets = (0..scenario.records).filter(|o| kinds.contains(&kind(partition, *o, false)));
            offsets.map(|o| format!("in-{partition}-{o}")).collect::<Vec<_>>()
        };
        assert_eq!(of(OutputTopic::Predictions), expected(&[Kind::Event]));
        assert_eq!(of(OutputTopic::DeadLetters), expected(&[Kind::Broken, Kind::WrongType]));
        assert!(!of(OutputTopic::Alerts).is_empty() && !of(OutputTopic::Evaluations).is_empty());
    }
}
