//! Checkpoints: what is written is read back, what is damaged is told, and the decision follows its truth table.

mod damage;
mod golden;
mod round_trip;
mod truth_table;

use driftline::checkpoint::{self, Checkpoint, Facts, LastRecord, OnChange, Slots};
use driftline::event::{Event, Kind, Layout, RawLabel};
use driftline::learner::{Learner, Place, Spec};
use driftline::stream::{Delivery, StateRecord};
use serde_json::json;

fn spec() -> Spec {
    let spec = json!({
        "name": "fraud",
        "layout": Layout::new([("amount", Kind::Number), ("country", Kind::Category)]),
        "task": {"kind": "binary", "classes": ["false", "true"]},
        "transforms": [{"type": "standard_scaler"}],
        "model": {"type": "logistic_regression"},
        "drift": [{"detector": {"type": "page_hinkley"}}]
    });
    serde_json::from_value(spec).unwrap()
}

fn place(spec: &Spec) -> Place {
    Place { topic: "transactions".into(), partition: 0, fingerprint: spec.fingerprint() }
}

fn learner(spec: &Spec, events: i64) -> Learner {
    let mut learner = Learner::new(spec);
    for offset in 0..events {
        let mut event = Event::empty(&spec.layout);
        event.id = format!("event {offset}").into();
        event.offset = offset;
        event.event_time = offset * 1_000;
        event.features.numbers = vec![(offset % 17) as f64 * 0.3];
        event.features.categories = vec![Some(format!("c{}", offset % 5).into())];
        event.label = Some(RawLabel::Bool(offset % 3 == 0));
        learner.step(&place(spec), &event).unwrap();
    }
    learner
}

fn write(spec: &Spec, learner: &Learner, sequence: u64, next_offset: i64, slots: &Slots) -> Vec<StateRecord> {
    let checkpoint = Checkpoint {
        pipeline: &spec.name,
        partition: 0,
        next_offset,
        sequence,
        fingerprint: &spec.fingerprint(),
        last: Some(LastRecord::new(next_offset - 1, (next_offset - 1) * 1_000, Some(b"value"))),
        counters: [("dead_letters".to_owned(), 3)].into(),
        learner,
    };
    checkpoint::encode(&checkpoint, slots).unwrap()
}

fn facts(committed: Option<i64>, fingerprint: &str) -> Facts<'_> {
    Facts {
        partition: 0,
        committed,
        low: 0,
        high: 1_000,
        begin: 0,
        delivery: Delivery::ExactlyOnce,
        on_change: OnChange::Refuse,
        fingerprint,
    }
}
