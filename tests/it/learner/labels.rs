//! Labels as later records: the prediction made then is what is evaluated, and the waiting room is bounded.

use driftline::event::{Event, RawLabel};
use driftline::facts::Reason;
use driftline::learner::{Learner, Spec};
use proptest::prelude::*;
use serde_json::json;

use super::support::{deeds, place, play, run, spec, specs};

fn later(wait: serde_json::Value, expired: &str) -> Spec {
    spec(json!({
        "task": {"kind": "binary", "classes": ["false", "true"]},
        "model": {"type": "majority"},
        "labels": {"from": "later", "wait": wait, "expired": expired},
    }))
}

fn event(spec: &Spec, offset: i64, label: Option<bool>) -> Event {
    let mut event = Event::empty(&spec.layout);
    event.id = format!("id {}", if label.is_some() { offset - 1_000 } else { offset }).into();
    (event.offset, event.event_time, event.label) = (offset, offset, label.map(RawLabel::Bool));
    event
}

#[test]
fn the_stored_prediction_is_what_is_evaluated() {
    let spec = later(json!({"events": 10}), "drop");
    let place = place(&spec);
    let mut learner = Learner::new(&spec);
    for offset in 0..3 {
        assert!(learner.step(&place, &event(&spec, offset, None)).unwrap().prediction.is_some());
    }
    // All three were predicted "false", the first class, by a model and a baseline that knew nothing.
    for offset in 1_000..1_003 {
        let step = learner.step(&place, &event(&spec, offset, Some(true))).unwrap();
        assert!(step.prediction.is_none());
        assert_eq!(step.truths.iter().cloned().collect::<Vec<_>>(), [(offset - 1_000, "true".into())]);
    }
    let evaluation = learner.evaluation(&place);
    let accuracy = |scores: &[(&str, f64)]| scores.iter().find(|(name, _)| *name == "accuracy").unwrap().1;
    assert_eq!((accuracy(&evaluation.metrics), accuracy(&evaluation.no_change)), (0.0, 0.0));
    assert_eq!((evaluation.events, evaluation.labelled, evaluation.counters["waiting"]), (3, 3, 0));
    assert_eq!(learner.step(&place, &event(&spec, 9, None)).unwrap().prediction.unwrap().label, "true");
}

#[test]
fn who_waits_too_long_leaves_in_order_of_arrival_forgotten_or_taken_for_negative() {
    for (wait, left) in [(json!({"events": 2, "time": null}), 2), (json!({"events": 100, "time": "1ms"}), 2)] {
        for (expired, labels) in [("drop", 0), ("negative", 3)] {
            let spec = later(wait.clone(), expired);
            let mut learner = Learner::new(&spec);
            let events: Vec<_> = (0..5).map(|offset| event(&spec, offset, None)).collect();
            run(&mut learner, &events);
            let counters = learner.counters();
            assert_eq!(
                (counters["waiting"], counters["expired"], counters["labels"]),
                (left, 3, labels),
                "{wait} {expired}"
            );
            let reason = learner.step(&place(&spec), &event(&spec, 1_002, Some(true))).unwrap_err().reason;
            assert_eq!(reason, Reason::LabelWithoutEvent);
            assert!(learner.step(&place(&spec), &event(&spec, 1_003, Some(true))).is_ok());
        }
    }
}

#[test]
fn an_id_waits_once() {
    let spec = later(json!({"events": 10}), "drop");
    let mut learner = Learner::new(&spec);
    let mut again = event(&spec, 1, None);
    again.id = "id 0".into();
    learner.step(&place(&spec), &event(&spec, 0, None)).unwrap();
    assert_eq!(learner.step(&place(&spec), &again).unwrap_err().reason, Reason::DuplicateId);
    learner.step(&place(&spec), &event(&spec, 1_000, Some(true))).unwrap();
    assert!(learner.step(&place(&spec), &again).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_waiting_room_keeps_its_bounds(spec in specs(), deeds in deeds()) {
        let mut learner = Learner::new(&spec);
        for event in play(&deeds, &spec) {
            let _ = learner.step(&place(&spec), &event);
            prop_assert!(learner.counters()["waiting"] <= spec.labels.wait.events as u64);
        }
    }

    /// A label that follows its event at once teaches what a label in the event does.
    #[test]
    fn later_without_delay_equals_in_the_event(mut spec in specs(), deeds in deeds()) {
        spec.labels = Default::default();
        // Offsets differ, so epochs do; a reset between prediction and label would come one record earlier.
        spec.epoch = serde_json::from_value(json!({"events": 1_000})).unwrap();
        spec.drift.retain(|watch| ["error", "label"].contains(&watch.watch.as_str()));
        let mut joined = spec.clone();
        joined.labels = serde_json::from_value(json!({"from": "later", "wait": {"events": 5, "time": null}})).unwrap();

        let mut now = Learner::new(&spec);
        let mut then = Learner::new(&joined);
        for mut event in play(&deeds, &spec) {
            event.offset *= 2;
            event.id = event.offset.to_string().into();
            let Ok(step) = now.step(&place(&spec), &event) else { continue };
            let label = event.label.take();
            let first = then.step(&place(&spec), &event).unwrap();
            (event.offset, event.label) = (event.offset + 1, label);
            let second = then.step(&place(&spec), &event).unwrap();
            prop_assert_eq!(step.prediction, first.prediction);
            prop_assert_eq!(step.truths, second.truths);
            prop_assert_eq!(step.alerts.len(), second.alerts.len());
        }
        let (now, then) = (now.evaluation(&place(&spec)), then.evaluation(&place(&spec)));
        prop_assert_eq!((now.metrics, now.rolling, now.no_change), (then.metrics, then.rolling, then.no_change));
    }
}
