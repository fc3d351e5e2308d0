//! The drift action `swap`: a background model grows from the warning on and takes the model's place at the drift.

use driftline::event::{Event, RawLabel};
use driftline::learner::{Learner, Spec, Step};
use serde_json::{Value, json};

use super::support::{place, spec};

fn swapping(detector: Value, more: Value) -> Spec {
    let mut watch = json!({"detector": detector, "on_drift": ["alert", "swap"]});
    watch.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    spec(json!({
        "task": {"kind": "binary", "classes": ["false", "true"]},
        "model": {"type": "naive_bayes"},
        "drift": [watch],
        "window": {"size": 1_000, "method": "unlearn"},
    }))
}

/// Event `offset` of a stream whose label is the sign of `a`, but for each tenth, and the other sign from 500 on.
fn event(spec: &Spec, offset: i64) -> Event {
    let mut event = Event::empty(&spec.layout);
    event.offset = offset;
    let a = (offset * 7 % 19 - 9) as f64 / 9.0;
    let turned = (offset % 10 == 0) != (offset >= 500);
    event.label = Some(RawLabel::Bool((a > 0.0) != turned));
    event.features.numbers[0] = a;
    event
}

fn run(learner: &mut Learner, events: impl Iterator<Item = i64>) -> Vec<Step> {
    let spec = learner.spec().clone();
    events.map(|offset| learner.step(&place(&spec), &event(&spec, offset)).unwrap()).collect()
}

fn section(learner: &Learner, name: &str) -> Vec<String> {
    learner.describe().into_iter().find(|(section, _)| *section == name).unwrap().1
}

fn learned(step: &Step) -> u64 {
    step.prediction.as_ref().unwrap().learned
}

#[test]
fn the_model_that_grew_since_the_warning_takes_over_with_its_part_of_the_window() {
    let spec = swapping(json!({"type": "ddm"}), json!({"on_warning": "alert"}));
    let mut learner = Learner::new(&spec);
    let steps = run(&mut learner, 0..600);
    let told: Vec<_> = steps.iter().flat_map(|step| &step.alerts).collect();
    let [.., warning, drift] = &told[..] else { panic!("{told:?}") };
    assert_eq!(drift.actions, ["swap"]);
    assert!(drift.message.ends_with("ddm sees a drift; the background model takes the model's place"), "{drift:?}");
    assert_eq!((learner.counters()["swaps"], learner.counters()["resets"]), (1, 0));

    // It is the model that one would have who began at the warning.
    let began = warning.origin.offset;
    assert!((500..drift.origin.offset).contains(&began), "{warning:?}");
    let mut late = Learner::new(&spec);
    run(&mut late, began..600);
    assert_eq!(learned(&run(&mut learner, 600..601)[0]), (600 - began) as u64);
    run(&mut late, 600..601);
    assert_eq!(section(&learner, "window"), [format!("{} labelled rows", 601 - began)]);
    let words = |learner: &Learner| section(learner, "model");
    assert_eq!(words(&learner), words(&late));
}

#[test]
fn without_a_warning_there_is_no_background_and_the_model_starts_afresh() {
    let spec = swapping(json!({"type": "page_hinkley", "threshold": 5.0}), json!({}));
    let mut learner = Learner::new(&spec);
    let steps = run(&mut learner, 0..700);
    let alert = steps.iter().flat_map(|step| &step.alerts).next().unwrap();
    assert_eq!(alert.actions, ["reset"]);
    assert_eq!((learner.counters()["swaps"], learner.counters()["resets"] > 0), (0, true));
}

#[test]
fn a_background_that_no_drift_follows_is_dropped() {
    let never = json!({"type": "ddm", "drift_threshold": 1e9});
    let lives = |within: u64| {
        let mut learner = Learner::new(&swapping(never.clone(), json!({"swap_within": within, "on_warning": "alert"})));
        let warned = (0..600).find(|&offset| !run(&mut learner, offset..offset + 1)[0].alerts.is_empty()).unwrap();
        let grows = |learner: &Learner| section(learner, "model").iter().any(|line| line.starts_with("background"));
        assert!(grows(&learner), "warned at {warned}");
        (1..600).find(|passed| {
            run(&mut learner, warned + passed..warned + passed + 1);
            !grows(&learner)
        })
    };
    assert_eq!((lives(20), lives(70)), (Some(20), Some(70)));
}
