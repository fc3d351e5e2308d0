//! Records that cannot be used: the reason, and the words.

use driftline::event::{Event, RawLabel};
use driftline::facts::Reason;
use driftline::learner::{Learner, Spec};
use serde_json::json;

use super::support::{place, spec};

fn binary() -> Spec {
    spec(json!({"task": {"kind": "binary", "classes": ["false", "true"]}, "model": {"type": "majority"}}))
}

fn regression() -> Spec {
    spec(json!({"task": {"kind": "regression"}, "model": {"type": "mean"}}))
}

fn reject(spec: &Spec, change: impl FnOnce(&mut Event)) -> (Reason, String) {
    let mut event = Event::empty(&spec.layout);
    event.label = Some(RawLabel::Number(1.0));
    change(&mut event);
    let rejection = Learner::new(spec).step(&place(spec), &event).unwrap_err();
    (rejection.reason, rejection.error)
}

fn class(spec: &Spec, label: RawLabel) -> Result<String, Reason> {
    let mut event = Event::empty(&spec.layout);
    event.label = Some(label);
    let step = Learner::new(spec).step(&place(spec), &event).map_err(|rejection| rejection.reason)?;
    Ok(step.truths.iter().next().unwrap().1.to_string())
}

#[test]
fn each_has_its_reason_and_names_the_value() {
    let [a, b] = [RawLabel::Text("yes".into()), RawLabel::Number(f64::INFINITY)];
    let unknown = "the label \"yes\" is not among the classes false, true";
    assert_eq!(reject(&binary(), |e| e.label = Some(a.clone())), (Reason::UnknownClass, unknown.to_owned()));
    assert_eq!(reject(&binary(), |e| e.label = Some(b.clone())).0, Reason::NonFinite);
    assert_eq!(reject(&regression(), |e| e.label = Some(b)), (Reason::NonFinite, "the label is inf".to_owned()));
    assert_eq!(reject(&regression(), |e| e.label = Some(a)).0, Reason::WrongType);
    let infinite = (Reason::NonFinite, "the feature b is -inf".to_owned());
    assert_eq!(reject(&binary(), |e| e.features.numbers[1] = f64::NEG_INFINITY), infinite);
    let weightless = (Reason::WrongType, "the weight is 0; it must be > 0".to_owned());
    assert_eq!(reject(&binary(), |e| e.weight = 0.0), weightless);
    assert_eq!(reject(&binary(), |e| e.weight = f64::NAN).0, Reason::NonFinite);
}

#[test]
fn two_valued_labels_may_be_spelt_either_way() {
    let numbered = spec(json!({"task": {"kind": "binary", "classes": ["0", "1"]}, "model": {"type": "majority"}}));
    for (spec, no, yes) in [(binary(), "false", "true"), (numbered, "0", "1")] {
        for (label, expected) in [
            (RawLabel::Bool(false), no),
            (RawLabel::Bool(true), yes),
            (RawLabel::Number(-0.0), no),
            (RawLabel::Number(1.0), yes),
            (RawLabel::Text(yes.into()), yes),
        ] {
            assert_eq!(class(&spec, label), Ok(expected.to_owned()));
        }
        assert_eq!(class(&spec, RawLabel::Number(2.0)), Err(Reason::UnknownClass));
    }
}

#[test]
fn classes_are_learned_in_order_of_arrival_up_to_the_bound() {
    let spec = spec(json!({"task": {"kind": "multiclass", "max_classes": 2}, "model": {"type": "majority"}}));
    let mut learner = Learner::new(&spec);
    let mut step = |label: &str| {
        let mut event = Event::empty(&spec.layout);
        event.label = Some(RawLabel::Text(label.into()));
        learner.step(&place(&spec), &event).map(|step| step.prediction.unwrap().probabilities.iter().count())
    };
    assert_eq!([step("b").unwrap(), step("a").unwrap(), step("b").unwrap()], [0, 1, 2]);
    assert_eq!(step("c").unwrap_err().reason, Reason::UnknownClass);
}
