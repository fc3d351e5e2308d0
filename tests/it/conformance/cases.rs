//! Every component as something that takes events and gives numbers.

use std::fmt::Debug;

use driftline::drift::{self, Detector, DriftDetector as _};
use driftline::event::Layout;
use driftline::metric::{self, AnyMetric, Metric as _, Outcome};
use driftline::model::{self, AnyModel, Model as _, optimize};
use driftline::params::{Check, Component, Problems};
use driftline::row::{Label, Prediction, Task};
use driftline::transform::{self, Transform, Transformer as _};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::stream::Sample;

pub const TASKS: [Task; 3] = [Task::Binary, Task::Multiclass, Task::Regression];
pub const CLASSES: usize = 3;

/// A component at work: takes an event in the learner's order and gives all that comes out.
pub trait Subject: Clone + PartialEq + Debug + Serialize + DeserializeOwned {
    fn turn(&mut self, sample: &Sample) -> Vec<f64>;
}

/// A component in one configuration: `family/name` and which configuration that is.
pub struct Case<S> {
    pub name: String,
    build: Build<S>,
}

type Build<S> = Box<dyn Fn(&Layout, u64) -> S>;

impl<S: Subject> Case<S> {
    pub fn build(&self, layout: &Layout, seed: u64) -> S {
        (self.build)(layout, seed)
    }
}

impl Subject for Transform {
    fn turn(&mut self, sample: &Sample) -> Vec<f64> {
        let mut row = sample.row.clone();
        self.transform(&mut row);
        self.learn(&sample.row, Some(sample.label(Task::Binary)));
        let codes = row.categories.iter().map(|category| f64::from(category.code));
        row.numbers.iter().copied().chain(codes).collect()
    }
}

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ModelSubject {
    pub model: AnyModel,
    pub task: Task,
    known: usize,
}

impl ModelSubject {
    pub fn predict(&self, sample: &Sample) -> Prediction {
        let mut prediction = Prediction::empty(self.task);
        prediction.reset(self.known);
        self.model.predict(&sample.row, &mut prediction);
        prediction
    }

    pub fn learn(&mut self, sample: &Sample) {
        let label = sample.label(self.task);
        self.known = self.known.max((label.class() + 1).min(CLASSES));
        self.model.learn(&sample.row, label, sample.weight);
    }
}

impl Subject for ModelSubject {
    fn turn(&mut self, sample: &Sample) -> Vec<f64> {
        let prediction = self.predict(sample);
        self.learn(sample);
        match prediction {
            Prediction::Classes(probabilities) => probabilities,
            Prediction::Value(value) => vec![value],
        }
    }
}

impl Subject for Detector {
    fn turn(&mut self, sample: &Sample) -> Vec<f64> {
        vec![f64::from(self.update(sample.signal()) as u8)]
    }
}

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct MetricSubject {
    metric: AnyMetric,
    task: Task,
    previous: Option<Label>,
}

impl Subject for MetricSubject {
    fn turn(&mut self, sample: &Sample) -> Vec<f64> {
        let label = sample.label(self.task);
        // A prediction that knows half of the truth.
        let guess = sample.row.numbers[0];
        let positive = if guess.is_nan() { 0.5 } else { guess.clamp(0.0, 1.0) };
        let prediction = match self.task {
            Task::Regression => Prediction::Value(if guess.is_nan() { 0.0 } else { guess }),
            _ => Prediction::Classes(vec![1.0 - positive, positive * 0.6, positive * 0.4]),
        };
        self.metric.update(&Outcome::new(label, self.previous.replace(label), &prediction));
        self.metric.get().into_iter().collect()
    }
}

/// Each component of a family with its defaults and with its example.
fn configurations<P: DeserializeOwned>(defaults: Vec<P>, pages: &[Component]) -> Vec<(String, P)> {
    let plain = pages.iter().zip(defaults).map(|(page, params)| (title(page, "with its defaults"), params));
    let examples = pages.iter().map(|page| {
        let name = title(page, "as in its example");
        let params = toml::from_str(page.about.example).unwrap_or_else(|e| panic!("{name}: {e}"));
        (name, params)
    });
    plain.chain(examples).collect()
}

fn title(page: &Component, configuration: &str) -> String {
    format!("{}/{} {configuration}", page.family, page.name)
}

pub fn transforms() -> Vec<Case<Transform>> {
    let configurations = configurations(transform::Params::defaults(), &transform::components());
    let case = |(name, params): (String, transform::Params)| Case {
        name,
        build: Box::new(move |layout, _| params.build(layout)),
    };
    configurations.into_iter().map(case).collect()
}

/// Every model for every task it serves; those with an optimizer with each of them.
pub fn models() -> Vec<Case<ModelSubject>> {
    let mut found = configurations(model::Params::defaults(), &model::components());
    for page in model::components().iter().filter(|page| page.params.iter().any(|param| param.name == "optimizer")) {
        for (optimizer_name, optimizer) in configurations(optimize::Params::defaults(), &optimize::components()) {
            let table = serde_json::json!({ "type": page.name, "optimizer": optimizer });
            let params = serde_json::from_value(table).unwrap();
            found.push((title(page, &format!("by {optimizer_name}")), params));
        }
    }
    let served = |(name, params): (String, model::Params)| {
        let tasks = TASKS.into_iter().filter(|task| serves(&params, *task)).collect::<Vec<_>>();
        assert!(!tasks.is_empty(), "{name} serves no task");
        tasks.into_iter().map(move |task| model_case(format!("{name}, {task:?}"), params.clone(), task))
    };
    found.into_iter().flat_map(served).collect()
}

pub fn serves(params: &model::Params, task: Task) -> bool {
    let mut problems = Problems::default();
    params.check_task(task, &mut problems);
    problems.found().is_empty()
}

pub fn model_case(name: String, params: model::Params, task: Task) -> Case<ModelSubject> {
    let classes = if task == Task::Binary { 2 } else { CLASSES };
    let build = move |layout: &Layout, seed| {
        let context = model::Context { task, layout, classes, seed };
        ModelSubject { model: params.build(context), task, known: 0 }
    };
    Case { name, build: Box::new(build) }
}

pub fn detectors() -> Vec<Case<Detector>> {
    let configurations = configurations(drift::Params::defaults(), &drift::components());
    let case = |(name, params): (String, drift::Params)| Case { name, build: Box::new(move |_, _| params.build()) };
    configurations.into_iter().map(case).collect()
}

/// Every metric for every task it suits.
pub fn metrics() -> Vec<Case<MetricSubject>> {
    let suited = |(name, params): (String, metric::Params)| {
        let tasks = TASKS.into_iter().filter(|task| params.suits(*task)).collect::<Vec<_>>();
        tasks.into_iter().map(move |task| {
            let params = params.clone();
            let build = move |_: &Layout, _| MetricSubject { metric: params.build(task), task, previous: None };
            Case { name: format!("{name}, {task:?}"), build: Box::new(build) }
        })
    };
    configurations(metric::Params::defaults(), &metric::components()).into_iter().flat_map(suited).collect()
}

/// Runs a generic check over every case of every family.
macro_rules! for_every_component {
    ($check:path) => {
        $crate::conformance::cases::transforms().iter().for_each(|case| $check(case));
        $crate::conformance::cases::models().iter().for_each(|case| $check(case));
        $crate::conformance::cases::detectors().iter().for_each(|case| $check(case));
        $crate::conformance::cases::metrics().iter().for_each(|case| $check(case));
    };
}
pub(super) use for_every_component;

/// Every default and every example passes its own check.
#[test]
fn foundpass_their_checks() {
    fn check<P: Check>(configurations: Vec<(String, P)>) {
        for (name, params) in configurations {
            let mut problems = Problems::default();
            params.check(&mut problems);
            assert!(problems.found().is_empty(), "{name}: {:?}", problems.found());
        }
    }
    check(configurations(transform::Params::defaults(), &transform::components()));
    check(configurations(model::Params::defaults(), &model::components()));
    check(configurations(optimize::Params::defaults(), &optimize::components()));
    check(configurations(drift::Params::defaults(), &drift::components()));
    check(configurations(metric::Params::defaults(), &metric::components()));
}
