//! The whole catalogue: every model, for every task that it serves, gives the same bits offline and live.
//!
//! Transforms, detectors and actions go round, so that each of them is in several of the pipelines. Each pipeline has its own
//! topics and its own worker, which is stopped and started in the middle of the stream; a few of them run at a time.

use std::sync::atomic::{AtomicUsize, Ordering};

use driftline::model;
use driftline::params::Problems;
use driftline::row::Task;
use driftline::{drift, transform};
use serde_json::{Value, json};

use super::{assert_same_bits, binary, regression};
use crate::harness;

const RECORDS: u32 = 300;
const AT_A_TIME: usize = 6;
const ACTIONS: [&[&str]; 4] = [&["alert"], &["alert", "reset"], &["alert", "boost_learning_rate"], &["alert", "swap"]];

/// A pipeline as the configuration says it.
struct Case {
    task: Task,
    toml: String,
}

fn cases() -> Vec<Case> {
    let tasks = [(Task::Binary, "binary"), (Task::Multiclass, "multiclass"), (Task::Regression, "regression")];
    let mut cases: Vec<Case> = Vec::new();
    for params in model::Params::defaults() {
        for (task, kind) in tasks {
            let mut problems = Problems::default();
            params.check_task(task, &mut problems);
            if problems.found().is_empty() {
                let toml = pipeline(cases.len(), kind, &json!(params));
                cases.push(Case { task, toml });
            }
        }
    }
    cases
}

/// Pipeline `index`: `model` behind a transform and under a detector, whose turn it is.
fn pipeline(index: usize, kind: &str, model: &Value) -> String {
    let transforms = transform::Params::defaults();
    let detectors = drift::Params::defaults();
    let mut watch = json!(detectors[index % detectors.len()]);
    watch["on_warning"] = json!("alert");
    watch["on_drift"] = json!(ACTIONS[index % ACTIONS.len()]);
    let table = json!({
        "task": { "kind": kind },
        "transform": [transforms[index % transforms.len()]],
        "model": model,
        "drift": [watch],
    });
    toml::to_string(&table).expect("TOML")
}

#[test]
fn every_model_gives_the_same_bits_offline_and_live() {
    let Some(kafka) = harness::broker() else { return };
    let (classes, values) = (binary(RECORDS), regression(RECORDS));
    let cases = cases();
    let whole_round = [transform::Params::NAMES.len(), drift::Params::NAMES.len(), ACTIONS.len()];
    assert!(
        whole_round.iter().all(|&round| round <= cases.len()),
        "too few pipelines for every component to have its turn"
    );
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(Case { task, toml }) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let lines = if task.is_classification() { &classes } else { &values };
            assert_same_bits(kafka, lines, toml, RECORDS as usize);
        }
    };
    std::thread::scope(|scope| (0..AT_A_TIME).for_each(|_| drop(scope.spawn(work))));
}
