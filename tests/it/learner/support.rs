//! Random specifications that pass their checks, and random streams for them, with bad records among the good.

use driftline::event::{Event, Kind, Layout, RawLabel};
use driftline::learner::{LabelsFrom, Learner, Place, Spec, Step};
use driftline::params::{Check, Problems};
use driftline::row::Task;
use driftline::{drift, model, transform};
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Value, json};

/// What a stream does next; offsets, ids and times are given when it is played.
#[derive(Clone, Debug)]
pub enum Deed {
    Event {
        numbers: Vec<f64>,
        categories: Vec<Option<u8>>,
        label: RawLabel,
        weight: f64,
        later: i64,
    },
    /// A label for one of the events before.
    Label {
        of: Index,
        label: RawLabel,
        later: i64,
    },
}

pub fn layout() -> Layout {
    Layout::new([("a", Kind::Number), ("b", Kind::Number), ("c", Kind::Category), ("d", Kind::Bool)])
}

pub fn spec(json: Value) -> Spec {
    let mut whole = json!({ "name": "test", "layout": layout() });
    whole.as_object_mut().unwrap().extend(json.as_object().unwrap().clone());
    let spec: Spec = serde_json::from_value(whole).unwrap();
    assert_eq!(problems(&spec), Vec::<String>::new());
    spec
}

pub fn problems(spec: &Spec) -> Vec<String> {
    let mut problems = Problems::default();
    spec.check(&mut problems);
    problems.found().iter().map(|problem| format!("{}: {}", problem.key, problem.message)).collect()
}

pub fn place(spec: &Spec) -> Place {
    Place { topic: "events".into(), partition: 3, fingerprint: spec.fingerprint() }
}

fn serves(task: Task) -> Vec<Value> {
    let serves = |params: &model::Params| {
        let mut problems = Problems::default();
        params.check_task(task, &mut problems);
        problems.found().is_empty()
    };
    model::Params::defaults().into_iter().filter(serves).map(|params| json!(params)).collect()
}

fn task_and_model() -> impl Strategy<Value = (Value, Value)> {
    let tasks = prop_oneof![
        Just((Task::Binary, json!({"kind": "binary", "classes": ["false", "true"]}))),
        Just((Task::Multiclass, json!({"kind": "multiclass", "classes": ["0", "1", "x"]}))),
        Just((Task::Multiclass, json!({"kind": "multiclass", "max_classes": 3}))),
        Just((Task::Regression, json!({"kind": "regression"}))),
    ];
    tasks.prop_flat_map(|(task, json)| (Just(json), select(serves(task))))
}

fn window() -> impl Strategy<Value = Value> {
    let bound = prop_oneof![
        (1..20usize).prop_map(|size| json!({ "size": size })),
        (1..60i64).prop_map(|span| json!({ "span": format!("{span}ms") })),
        Just(json!({"adaptive": true, "max_events": 30})),
    ];
    let method = prop_oneof![
        (1..3usize).prop_map(|rows| json!({"method": "replay", "rows": rows})),
        (1..9usize, 1..3usize).prop_map(|(every, epochs)| json!({"method": "refit", "every": every, "epochs": epochs})),
        Just(json!({"method": "unlearn"})),
    ];
    prop_oneof![
        Just(Value::Null),
        (bound, method).prop_map(|(mut bound, method)| {
            bound.as_object_mut().unwrap().extend(method.as_object().unwrap().clone());
            bound
        })
    ]
}

fn watch() -> impl Strategy<Value = Value> {
    let mut detectors: Vec<_> = drift::Params::defaults().into_iter().map(|params| json!(params)).collect();
    detectors.push(json!({"type": "page_hinkley", "min_instances": 3, "threshold": 0.2}));
    detectors.push(json!({"type": "ddm", "warm_start": 3, "warning_threshold": 0.1, "drift_threshold": 50.0}));
    detectors.push(json!({"type": "ddm", "warm_start": 3, "warning_threshold": 0.1, "drift_threshold": 1.0}));
    detectors.push(json!({"type": "hddm_a", "drift_confidence": 0.3, "warning_confidence": 0.9}));
    detectors.push(json!({"type": "kswin", "alpha": 0.2, "window_size": 10, "stat_size": 5}));
    detectors.push(json!({"type": "adwin", "delta": 1.0, "clock": 1}));
    let actions = || subsequence(vec!["alert", "reset", "boost_learning_rate", "shrink_window"], 0..=4);
    let on_drift = prop_oneof![actions(), subsequence(vec!["alert", "boost_learning_rate", "swap"], 1..=3)];
    let watch = select(vec!["error", "prediction", "label", "a", "features"]);
    (select(detectors), watch, actions(), on_drift, 1..40u64).prop_map(|(detector, watch, on_warning, on_drift, within)| {
        json!({
            "detector": detector, "watch": watch, "on_warning": on_warning, "on_drift": on_drift, "boost_half_life": 3.0,
            "swap_within": within,
        })
    })
}

fn labels() -> impl Strategy<Value = Value> {
    let wait = (1..12usize, prop_oneof![Just(None), (1..50i64).prop_map(|time| Some(format!("{time}ms")))]);
    prop_oneof![
        Just(json!({})),
        (wait, select(vec!["drop", "negative"])).prop_map(|((events, time), expired)| {
            json!({"from": "later", "wait": {"events": events, "time": time}, "expired": expired})
        })
    ]
}

fn transforms() -> impl Strategy<Value = Vec<Value>> {
    let all: Vec<_> = transform::Params::defaults().into_iter().map(|params| json!(params)).collect();
    let count = all.len();
    subsequence(all, 0..=count.min(3)).prop_shuffle()
}

/// Any specification that passes its own check.
pub fn specs() -> impl Strategy<Value = Spec> {
    let epoch = prop_oneof![
        (1..20u64).prop_map(|events| json!({ "events": events })),
        (1..40i64).prop_map(|time| json!({ "time": format!("{time}ms") })),
    ];
    let learning = (window(), proptest::collection::vec(watch(), 0..3), 1..4usize, 0..1000u64);
    (task_and_model(), transforms(), labels(), learning, epoch, 1..4usize).prop_filter_map(
        "passes its check",
        |((task, model), transforms, labels, (window, drift, mini_batch, seed), epoch, max_categories)| {
            let spec: Spec = serde_json::from_value(json!({
                "name": "test", "layout": layout(), "seed": seed, "task": task, "model": model, "transforms": transforms,
                "labels": labels, "window": window, "drift": drift, "learn": {"mini_batch": mini_batch}, "epoch": epoch,
                "metrics": {"window": 7}, "max_categories": max_categories,
            }))
            .unwrap();
            problems(&spec).is_empty().then_some(spec)
        },
    )
}

fn raw_label() -> impl Strategy<Value = RawLabel> {
    prop_oneof![
        6 => (0..2u8).prop_map(|number| RawLabel::Number(f64::from(number))),
        1 => any::<bool>().prop_map(RawLabel::Bool),
        1 => select(vec!["x", "y", "true"]).prop_map(|text| RawLabel::Text(text.into())),
        1 => Just(RawLabel::Number(f64::NAN)),
    ]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![20 => -3.0..3.0, 2 => Just(f64::NAN), 1 => Just(f64::INFINITY), 1 => Just(-0.0)]
}

fn deed() -> impl Strategy<Value = Deed> {
    let numbers = proptest::collection::vec(number(), 3);
    let categories = proptest::collection::vec(proptest::option::of(0..5u8), 1);
    let weight = prop_oneof![9 => Just(1.0), 2 => 0.1..3.0, 1 => Just(0.0)];
    prop_oneof![
        (numbers, categories, raw_label(), weight, -5..9i64).prop_map(|(numbers, categories, label, weight, later)| {
            Deed::Event { numbers, categories, label, weight, later }
        }),
        (any::<Index>(), raw_label(), -5..9i64).prop_map(|(of, label, later)| Deed::Label { of, label, later }),
    ]
}

pub fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    proptest::collection::vec(deed(), 1..120)
}

/// The events of a stream: where labels come later, events have none and label records join them by id; ids repeat.
pub fn play(deeds: &[Deed], spec: &Spec) -> Vec<Event> {
    let mut time = 0;
    let mut events: Vec<Event> = Vec::new();
    let later = spec.labels.from == LabelsFrom::Later;
    for (offset, deed) in (0..).zip(deeds) {
        let mut event = Event::empty(&spec.layout);
        event.offset = offset;
        event.id = format!("id {}", offset % 97).into();
        match deed {
            Deed::Event { numbers, categories, label, weight, later: passed } => {
                time += passed;
                event.features.numbers.clone_from(numbers);
                event.features.categories = categories.iter().map(|c| c.map(|c| format!("c{c}").into())).collect();
                event.weight = *weight;
                event.label = (!later).then(|| label.clone());
            }
            Deed::Label { of, label, later: passed } => {
                time += passed;
                if !events.is_empty() {
                    event.id = events[of.index(events.len())].id.clone();
                }
                event.label = Some(label.clone());
            }
        }
        event.event_time = time;
        events.push(event);
    }
    events
}

/// Steps through all of `events`; a rejected one is `None`.
pub fn run(learner: &mut Learner, events: &[Event]) -> Vec<Option<Step>> {
    let place = place(&learner.spec().clone());
    events.iter().map(|event| learner.step(&place, event).ok()).collect()
}
