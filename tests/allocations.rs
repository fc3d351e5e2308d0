//! Memory, by an allocator that counts: models say what they hold, and a learner in its stride allocates nothing.
//!
//! One test in a binary of its own: whatever else ran would be counted with it.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::unwrap_used)]

#[path = "it/conformance/stream.rs"]
#[allow(dead_code)]
mod stream;

use std::alloc::System;
use std::fmt::Write;

use driftline::event::{Event, Kind, Layout, RawLabel};
use driftline::learner::{Learner, Place, Spec};
use driftline::model::{self, Model as _};
use driftline::params::Problems;
use driftline::rng::Rng;
use driftline::row::Task;
use serde_json::{Value, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Bytes on the heap, less those that were there before.
fn held(before: usize) -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated - before
}

#[test]
fn memory_is_accounted_for_and_used_again() {
    let mut wrong = String::new();
    every_model_says_what_it_holds(&mut wrong);
    no_event_allocates_in_steady_state(&mut wrong);
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Within 10 % of the allocator, after a stream with categories, missing values and new classes.
fn every_model_says_what_it_holds(wrong: &mut String) {
    let (layout, samples) = (stream::layout(), stream::plain(3_000, stream::Missing::Some));
    for params in model::Params::defaults() {
        for task in [Task::Binary, Task::Multiclass, Task::Regression] {
            let mut problems = Problems::default();
            params.check_task(task, &mut problems);
            if !problems.found().is_empty() {
                continue;
            }
            let before = held(0);
            let mut model = params.build(model::Context { task, layout: &layout, classes: 3, seed: 1 });
            for (n, sample) in samples.iter().enumerate() {
                model.learn(&sample.row, sample.label(task), sample.weight);
                if n % 500 == 100 {
                    let (said, held) = (model.bytes() - size_of_val(&model), held(before));
                    if said.abs_diff(held) > held / 10 {
                        let _ = writeln!(
                            wrong,
                            "{} for {task:?}, {n} rows: says {said} bytes, holds {held}",
                            params.name()
                        );
                    }
                }
            }
        }
    }
}

const WARM_UP: usize = 6_000;
const COUNTED: usize = 2_000;

/// Trees try to split again and again and must not: the label is noise, and ties are no reason. Detectors are deaf to it.
fn no_event_allocates_in_steady_state(wrong: &mut String) {
    let still = json!({ "tie": 0.0, "delta": 1e-12 });
    let deaf = json!({ "tie": 0.0, "delta": 1e-12, "drift_delta": 1e-12 });
    let forest = json!({ "tie": 0.0, "delta": 1e-12, "drift_delta": 1e-12, "warning_delta": 1e-12 });
    let pipelines = [
        ("logistic_regression", json!({}), json!([{ "type": "standard_scaler" }])),
        ("naive_bayes", json!({}), json!([])),
        ("knn", json!({}), json!([])),
        ("hoeffding_tree", still, json!([])),
        ("hoeffding_adaptive_tree", deaf.clone(), json!([])),
        ("leveraging_bagging", deaf, json!([])),
        ("adaptive_random_forest", forest.clone(), json!([])),
        ("streaming_random_patches", forest, json!([])),
    ];
    for (name, mut model, transforms) in pipelines {
        model["type"] = name.into();
        let drift = json!([{ "detector": { "type": "adwin", "delta": 1e-12 } }]);
        let spec = spec(&json!({ "model": model, "transforms": transforms, "drift": drift }));
        let place = Place { topic: "test".into(), partition: 0, fingerprint: spec.fingerprint() };
        let events = events(WARM_UP + COUNTED);
        let mut learner = Learner::new(&spec);
        events[..WARM_UP].iter().for_each(|event| drop(learner.step(&place, event).unwrap()));
        let before = ALLOCATOR.stats();
        events[WARM_UP..].iter().for_each(|event| drop(learner.step(&place, event).unwrap()));
        let allocations = (ALLOCATOR.stats() - before).allocations;
        if allocations > 0 {
            let _ = writeln!(wrong, "{name}: {allocations} allocations in {COUNTED} events");
        }
    }
}

fn layout() -> Layout {
    let numbers = ["a", "b", "c", "d", "e"].map(|name| (name, Kind::Number));
    Layout::new(numbers.into_iter().chain([("colour", Kind::Category)]))
}

fn spec(pipeline: &Value) -> Spec {
    let mut spec = json!({
        "name": "test", "layout": layout(), "task": { "kind": "binary", "classes": ["no", "yes"] },
        "epoch": { "events": 1_000_000 },
    });
    spec.as_object_mut().unwrap().extend(pipeline.as_object().unwrap().clone());
    serde_json::from_value(spec).unwrap()
}

fn events(n: usize) -> Vec<Event> {
    let mut rng = Rng::new(5, "allocations");
    let event = |offset: usize| {
        let mut event = Event::empty(&layout());
        event.features.numbers.iter_mut().for_each(|number| *number = rng.normal());
        event.features.categories[0] = Some(["red", "green", "blue"][rng.below(3)].into());
        event.label = Some(RawLabel::Text(["no", "yes"][rng.below(2)].into()));
        (event.id, event.offset) = (offset.to_string().into(), offset as i64);
        event
    };
    (0..n).map(event).collect()
}
