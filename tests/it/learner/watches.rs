//! Watches: what they say, when they say it, and what follows.

use driftline::event::{Event, RawLabel};
use driftline::facts::{Alert, AlertKind, Level};
use driftline::learner::{Learner, Spec};
use serde_json::{Value, json};

use super::support::{place, spec};

fn watching(drift: Value, window: Value) -> Spec {
    spec(json!({
        "task": {"kind": "binary", "classes": ["false", "true"]},
        "model": {"type": "majority"},
        "drift": drift,
        "window": window,
    }))
}

fn sensitive(watch: &str, actions: &[&str]) -> Value {
    let detector = json!({"type": "page_hinkley", "threshold": 5.0});
    json!({"detector": detector, "watch": watch, "on_drift": actions})
}

/// 300 events that are false but for each tenth, where there is `noise`; then 50 that are true. The feature `a` goes along.
fn turn(learner: &mut Learner, noise: bool) -> Vec<Alert> {
    let spec = learner.spec().clone();
    let mut alerts = Vec::new();
    for offset in 0..350 {
        let mut event = Event::empty(&spec.layout);
        event.offset = offset;
        event.label = Some(RawLabel::Bool(offset >= 300 || noise && offset % 10 == 0));
        event.features.numbers[0] = if offset >= 300 { 2.0 } else { 0.0 };
        alerts.extend(learner.step(&place(&spec), &event).unwrap().alerts);
    }
    alerts
}

#[test]
fn an_alert_says_what_happened_in_plain_words() {
    let mut learner = Learner::new(&watching(json!([sensitive("error", &["alert", "reset"])]), Value::Null));
    let alerts = turn(&mut learner, false);
    let [alert] = &alerts[..] else { panic!("{alerts:?}") };
    assert_eq!((alert.kind, alert.level), (AlertKind::ConceptDrift, Level::Drift));
    assert_eq!((alert.detector.as_str(), alert.watch.as_str()), ("page_hinkley", "error"));
    assert_eq!((alert.before.mean, alert.after.n, alert.actions.clone()), (0.0, 100, vec!["reset".to_owned()]));
    assert_eq!(alert.id, format!("test/events-3-{}/0.error/drift", alert.origin.offset));
    let (n, after) = (alert.before.n, alert.after.mean);
    assert_eq!(
        alert.message,
        format!(
            "the error rate rose from 0.000 (n {n}) to {after:.3} (last 100): page_hinkley sees a drift; the model starts afresh"
        )
    );
    assert_eq!(learner.counters()["resets"], 1);
}

#[test]
fn every_signal_can_be_watched_and_a_missing_feature_is_not_fed() {
    let all = json!([
        sensitive("label", &["alert"]),
        sensitive("a", &["alert"]),
        sensitive("features", &["alert"]),
        sensitive("prediction", &["alert"]),
    ]);
    let mut learner = Learner::new(&watching(all, Value::Null));
    let found: Vec<_> = turn(&mut learner, false).into_iter().map(|alert| (alert.watch, alert.kind)).collect();
    let feature = ("feature a".to_owned(), AlertKind::DataDrift);
    assert!(found.contains(&("label".to_owned(), AlertKind::ConceptDrift)), "{found:?}");
    assert_eq!(found.iter().filter(|&found| *found == feature).count(), 2, "{found:?}");
    assert!(!found.iter().any(|(watch, _)| watch == "feature b"), "b is always missing: {found:?}");
}

#[test]
fn a_warning_is_told_once_until_it_is_over() {
    let ddm = json!([{"detector": {"type": "ddm"}, "on_warning": "alert", "on_drift": []}]);
    let mut learner = Learner::new(&watching(ddm, Value::Null));
    let alerts = turn(&mut learner, true);
    assert_eq!(alerts.iter().map(|alert| alert.level).collect::<Vec<_>>(), [Level::Warning], "{alerts:?}");
    assert_eq!(learner.counters()["drifts"], 1);
}

#[test]
fn a_window_shrinks() {
    let watch = json!([sensitive("error", &["shrink_window"])]);
    let held = |spec: &Spec| {
        let mut learner = Learner::new(spec);
        turn(&mut learner, false);
        learner.describe().into_iter().find(|(name, _)| *name == "window").unwrap().1
    };
    let window = json!({"size": 1_000});
    assert_eq!(held(&watching(json!([]), window.clone())), ["350 labelled rows"]);
    assert_ne!(held(&watching(watch, window)), ["350 labelled rows"]);
}
