//! Windows: exact unlearning, refits that equal a fit from scratch, and what a specification must say.

use driftline::event::{Event, RawLabel};
use driftline::learner::{Learner, Spec};
use driftline::rng::Rng;
use serde_json::{Value, json};

use super::support::{place, problems, spec};

fn windowed(model: &str, window: Value, transforms: Value) -> Spec {
    spec(json!({"task": {"kind": "regression"}, "model": {"type": model}, "window": window, "transforms": transforms}))
}

fn events(spec: &Spec, n: i64) -> Vec<Event> {
    let mut rng = Rng::new(5, "windows");
    let event = |offset| {
        let mut event = Event::empty(&spec.layout);
        (event.offset, event.event_time) = (offset, offset);
        event.features.numbers = (0..3).map(|_| rng.normal()).collect();
        let [a, b, _] = event.features.numbers[..] else { unreachable!() };
        let turn = if offset < n / 2 { 1.0 } else { -1.0 };
        event.label = Some(RawLabel::Number(turn * (2.0 * a - b) + 3.0 + 0.1 * rng.normal()));
        event
    };
    (0..n).map(event).collect()
}

fn predict(learner: &mut Learner, event: &Event) -> f64 {
    let mut unlabelled = event.clone();
    unlabelled.label = None;
    let place = place(&learner.spec().clone());
    learner.step(&place, &unlabelled).unwrap().prediction.unwrap().value.unwrap()
}

fn learn(learner: &mut Learner, events: &[Event]) {
    let place = place(&learner.spec().clone());
    events.iter().for_each(|event| drop(learner.step(&place, event).unwrap()));
}

#[test]
fn unlearning_equals_a_fresh_fit_on_the_window() {
    for bound in [json!({"size": 50}), json!({"span": "50ms"})] {
        let mut window = bound.clone();
        window["method"] = json!("unlearn");
        let spec = windowed("ridge", window, json!([]));
        let events = events(&spec, 3_000);
        let mut sliding = Learner::new(&spec);
        learn(&mut sliding, &events);

        let mut fresh = Learner::new(&windowed("ridge", Value::Null, json!([])));
        let kept = if bound["size"].is_null() { 51 } else { 50 };
        learn(&mut fresh, &events[events.len() - kept..]);
        for event in &events[..100] {
            let (slid, fit) = (predict(&mut sliding, event), predict(&mut fresh, event));
            assert!((slid - fit).abs() < 1e-8, "{bound}: {slid} and {fit}");
        }
    }
}

#[test]
fn a_refit_equals_a_fit_from_scratch() {
    let scaler = json!([{"type": "standard_scaler"}]);
    let window = |size| json!({"size": size, "method": "refit", "every": 40, "epochs": 3});
    let spec = windowed("linear_regression", window(40), scaler.clone());
    let events = events(&spec, 400);
    let mut refitted = Learner::new(&spec);
    learn(&mut refitted, &events);
    let mut scratch = Learner::new(&windowed("linear_regression", window(1_000), scaler));
    learn(&mut scratch, &events[360..]);
    assert_eq!(predict(&mut refitted, &events[0]).to_bits(), predict(&mut scratch, &events[0]).to_bits());
}

#[test]
fn replaying_learns_more_and_rejoins_after_a_drift() {
    let error = |window: Value| {
        let spec = windowed("linear_regression", window, json!([{"type": "standard_scaler"}]));
        let events = events(&spec, 2_000);
        let mut learner = Learner::new(&spec);
        learn(&mut learner, &events);
        let scores = learner.evaluation(&place(&spec)).metrics;
        scores.iter().find(|(name, _)| *name == "mae").unwrap().1
    };
    let (alone, replayed) = (error(Value::Null), error(json!({"size": 100, "rows": 4})));
    assert!(replayed < alone, "mean absolute error {replayed} with replay, {alone} without");
}

#[test]
fn an_adaptive_window_follows_the_error() {
    let spec = windowed("linear_regression", json!({"adaptive": true}), json!([]));
    let events = events(&spec, 4_000);
    let held = |learner: &Learner| {
        let lines = learner.describe().into_iter().find(|(name, _)| *name == "window").unwrap().1;
        lines[0].split(' ').next().unwrap().replace(',', "").parse::<usize>().unwrap()
    };
    let mut learner = Learner::new(&spec);
    learn(&mut learner, &events[..2_000]);
    let before = held(&learner);
    learn(&mut learner, &events[2_000..2_200]);
    assert!(held(&learner) < before, "{} of {before} rows after the drift", held(&learner));
}

#[test]
fn everything_wrong_is_told_at_once() {
    let mut wrong = windowed("linear_regression", json!({"size": 5}), json!([]));
    wrong.window = serde_json::from_value(json!({"size": 0, "adaptive": true, "method": "unlearn"})).unwrap();
    wrong.task.classes = vec!["a".to_owned()];
    wrong.learn.mini_batch = 0;
    wrong.drift = serde_json::from_value(json!([
        {"detector": {"type": "adwin", "delta": 2.0}, "watch": "e"}
    ]))
    .unwrap();
    let found = problems(&wrong).join("\n");
    for expected in [
        "task.classes: a regression has no classes",
        "learn.mini_batch: 0 must be >= 1",
        "window: is bounded by exactly one of size, span and adaptive",
        "window.size: 0 must be >= 1",
        "window.method: linear_regression cannot unlearn exactly",
        "drift.0.delta: 2 must be in (0, 1]",
        "drift.0.watch: \"e\" is neither error, prediction, label, features nor a number feature (a, b, d)",
    ] {
        assert!(found.contains(expected), "{expected} is not in\n{found}");
    }
}

#[test]
fn the_fingerprint_follows_every_parameter_and_nothing_else() {
    let one = windowed("ridge", Value::Null, json!([]));
    let mut other = one.clone();
    assert_eq!(one.fingerprint(), other.fingerprint());
    other.seed = 1;
    assert_ne!(one.fingerprint(), other.fingerprint());
    assert_eq!(one.fingerprint().len(), 16);
}
