//! The learner alone: what a step costs and where it goes, what a checkpoint costs. No broker.
//!
//! `cargo bench --bench learner`. Eight numbers per event, as in Elec; binary labels; one core.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::unwrap_used)]

use std::cell::LazyCell;
use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use driftline::checkpoint::{self, Checkpoint, Slots};
use driftline::event::{Event, Kind, Layout, RawLabel};
use driftline::learner::{Learner, Place, Spec};
use driftline::rng::Rng;
use driftline::stream::StateRecord;

const FEATURES: [&str; 8] = ["date", "day", "nswdemand", "nswprice", "period", "transfer", "vicdemand", "vicprice"];
const EVENTS: usize = 10_000;

fn layout() -> Layout {
    Layout::new(FEATURES.map(|name| (name, Kind::Number)))
}

fn events(n: usize) -> Vec<Event> {
    let mut rng = Rng::new(7, "bench");
    let event = |offset: i64| {
        let mut event = Event::empty(&layout());
        event.features.numbers.iter_mut().for_each(|number| *number = rng.uniform());
        let sum = event.features.numbers[0] + event.features.numbers[3];
        event.label = Some(RawLabel::Text(if sum > 1.0 { "UP".into() } else { "DOWN".into() }));
        (event.id, event.offset) = (offset.to_string().into(), offset);
        event
    };
    (0..n as i64).map(event).collect()
}

fn spec(pipeline: serde_json::Value) -> Spec {
    let mut spec = serde_json::json!({
        "name": "bench", "layout": layout(), "task": { "kind": "binary", "classes": ["DOWN", "UP"] },
    });
    spec.as_object_mut().unwrap().extend(pipeline.as_object().unwrap().clone());
    serde_json::from_value(spec).unwrap()
}

fn place(spec: &Spec) -> Place {
    Place { topic: "bench".into(), partition: 0, fingerprint: spec.fingerprint() }
}

fn learned(spec: &Spec, events: &[Event]) -> Learner {
    let mut learner = Learner::new(spec);
    let place = place(spec);
    for event in events {
        learner.step(&place, event).unwrap();
    }
    learner
}

fn step(c: &mut Criterion) {
    let events = events(EVENTS);
    let scaler = serde_json::json!([{ "type": "standard_scaler" }]);
    let logistic = serde_json::json!({ "type": "logistic_regression" });
    let adwin = serde_json::json!([{ "detector": { "type": "adwin" } }]);
    let pipelines = [
        ("no_change", serde_json::json!({ "model": { "type": "no_change" } })),
        ("scaler", serde_json::json!({ "transforms": scaler, "model": { "type": "no_change" } })),
        ("scaler_lr", serde_json::json!({ "transforms": scaler, "model": logistic })),
        ("scaler_lr_adwin", serde_json::json!({ "transforms": scaler, "model": logistic, "drift": adwin })),
        ("hoeffding_tree", serde_json::json!({ "model": { "type": "hoeffding_tree" } })),
        ("adaptive_random_forest", serde_json::json!({ "model": { "type": "adaptive_random_forest" } })),
    ];
    let mut group = c.benchmark_group("step");
    group.throughput(Throughput::Elements(EVENTS as u64)).sample_size(20);
    for (name, pipeline) in pipelines {
        let spec = spec(pipeline);
        let place = place(&spec);
        let warm = learned(&spec, &events);
        group.bench_function(name, |b| {
            let pass = |mut learner: Learner| {
                for event in &events {
                    black_box(learner.step(&place, event).unwrap());
                }
                learner
            };
            b.iter_batched(|| warm.clone(), pass, BatchSize::LargeInput);
        });
    }
    group.finish();
}

/// A waiting room of `events` rows makes a state of the size wanted: about 1 MB for 5,000, 100 MB for 500,000.
fn waiting(events: usize) -> Learner {
    let wait = serde_json::json!({ "from": "later", "wait": { "events": events, "time": "7d" } });
    let spec = spec(serde_json::json!({ "model": { "type": "logistic_regression" }, "labels": wait }));
    let mut unlabelled = self::events(events);
    unlabelled.iter_mut().for_each(|event| event.label = None);
    learned(&spec, &unlabelled)
}

/// `model` after so many events.
fn grown(model: &str, events: usize) -> Learner {
    learned(&spec(serde_json::json!({ "model": { "type": model } })), &self::events(events))
}

type Make = fn() -> Learner;

fn checkpoints(c: &mut Criterion) {
    let mut group = c.benchmark_group("checkpoint");
    group.sample_size(10);
    let states: [(&str, Make); 4] = [
        ("1MB", || waiting(5_000)),
        ("100MB", || waiting(500_000)),
        ("adaptive_random_forest", || grown("adaptive_random_forest", 100_000)),
        ("portfolio", || grown("portfolio", 100_000)),
    ];
    for (name, learner) in states {
        // Made only where it is asked for.
        let learner = LazyCell::new(learner);
        let records = LazyCell::new(|| {
            let (records, model) = (encode(&learner), learner.model_bytes());
            let bytes: usize = records.iter().filter_map(|record| record.value.as_ref()).map(Vec::len).sum();
            eprintln!(
                "checkpoint {name}: {bytes} bytes in {} records; {model} bytes of model in memory",
                records.len()
            );
            records
        });
        group.bench_function(format!("pause_{name}"), |b| b.iter(|| black_box((*learner).clone())));
        group.bench_function(format!("encode_{name}"), |b| b.iter(|| black_box(encode(&learner))));
        let restore = || checkpoint::candidates(&records, "bench", 0)[0].restore().unwrap();
        group.bench_function(format!("restore_{name}"), |b| b.iter(|| black_box(restore())));
    }
    group.finish();
}

fn encode(learner: &Learner) -> Vec<StateRecord> {
    let checkpoint = Checkpoint {
        pipeline: "bench",
        partition: 0,
        next_offset: 1,
        sequence: 1,
        fingerprint: &learner.spec().fingerprint(),
        last: None,
        counters: Default::default(),
        learner,
    };
    checkpoint::encode(&checkpoint, &Slots::default()).unwrap()
}

criterion_group!(benches, step, checkpoints);
criterion_main!(benches);
