//! What must hold after any run.

use std::collections::BTreeSet;

use driftline::stream::Delivery;
use driftline::stream::memory::Topic;

use super::world::{Found, Report, Scenario, run};

/// Runs `scenario` and compares with `calm`, the uninterrupted run.
pub fn check(scenario: &Scenario, calm: &Report) -> Result<(), String> {
    let report = run(scenario).map_err(|failure| failure.to_string())?;
    if !report.violations.is_empty() {
        return Err(format!("rules broken: {:?}", report.violations));
    }
    for (place, expected) in &calm.outputs {
        let found = &report.outputs[place];
        match scenario.delivery {
            Delivery::ExactlyOnce => same(*place, expected, found)?,
            Delivery::AtLeastOnce => same(*place, expected, &first_of_each(*place, found)?)?,
        }
    }
    if report.digests != calm.digests {
        return Err(format!("digests {:?} instead of {:?}", report.digests, calm.digests));
    }
    Ok(())
}

fn same(place: (Topic, i32), expected: &[Found], found: &[Found]) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    let origins = |records: &[Found]| records.iter().map(origin).collect::<Vec<_>>();
    Err(format!("{place:?}: {:?} instead of {:?}", origins(found), origins(expected)))
}

/// Drops repetitions, which must be the same byte for byte.
fn first_of_each(place: (Topic, i32), found: &[Found]) -> Result<Vec<Found>, String> {
    let mut seen: Vec<Found> = Vec::new();
    for record in found {
        // One record may lead to several alerts: within one origin they are told apart by their bytes.
        let twins = seen.iter().filter(|other| origin(other) == origin(record));
        let twins: Vec<&Found> = twins.collect();
        if twins.contains(&record) {
            continue;
        }
        if !twins.is_empty() && place.0 != Topic::Output(driftline::stream::OutputTopic::Alerts) {
            return Err(format!("{place:?}: {} was written twice with different bytes", origin(record)));
        }
        seen.push(record.clone());
    }
    Ok(seen)
}

pub fn origin(record: &Found) -> String {
    let header = record.headers.iter().find(|(name, _)| name == "driftline.origin");
    String::from_utf8(header.unwrap().1.clone().unwrap()).unwrap()
}

/// Distinct failures, a few of them in words.
pub fn summary(failures: &[(String, String)]) -> String {
    let kinds: BTreeSet<&String> = failures.iter().map(|(_, what)| what).collect();
    let shown: Vec<String> = failures.iter().take(5).map(|(at, what)| format!("{at}: {what}")).collect();
    format!("{} failures of {} kinds, first:\n{}", failures.len(), kinds.len(), shown.join("\n"))
}
