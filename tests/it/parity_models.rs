//! Linear models and the scaler against River's, row by row, on River's own data sets.

use std::collections::BTreeMap;
use std::io::Read as _;

use driftline::event::{Kind, Layout};
use driftline::model::{self, Model as _};
use driftline::row::{Label, Prediction, Row, Task};
use driftline::transform::{self, Transformer as _};

use crate::harness;

#[derive(serde::Deserialize)]
struct Fixture {
    phishing: BTreeMap<String, Vec<f64>>,
    phishing_scaler: Moments,
    trump: BTreeMap<String, Vec<f64>>,
    trees: BTreeMap<String, Vec<f64>>,
}

#[derive(serde::Deserialize)]
struct Moments {
    means: BTreeMap<String, f64>,
    vars: BTreeMap<String, f64>,
}

struct Data {
    layout: Layout,
    rows: Vec<Row>,
    labels: Vec<f64>,
}

fn fixture() -> Fixture {
    serde_json::from_str(include_str!("../fixtures/river_models.json")).unwrap()
}

/// `name`.csv.gz with its columns by slot and its last column as label; `None`, with a word on stderr, where it is absent.
fn data(name: &str) -> Option<Data> {
    let file = std::fs::File::open(harness::data_set(&format!("{name}.csv.gz"))?).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let features = &names[..names.len() - 1];
    let layout = Layout::new(features.iter().map(|&name| (name, Kind::Number)));
    let columns: Vec<usize> =
        layout.numbers.iter().map(|name| features.iter().position(|feature| feature == name).unwrap()).collect();
    let mut data = Data { layout, rows: Vec::new(), labels: Vec::new() };
    for line in lines {
        let values: Vec<f64> = line.split(',').map(|value| value.parse().unwrap()).collect();
        data.rows.push(Row { numbers: columns.iter().map(|&column| values[column]).collect(), ..Row::default() });
        data.labels.push(values[features.len()]);
    }
    Some(data)
}

/// Progressive predictions in River's order: the scaler learns a row after it was predicted and before the model learns it.
fn progressive(data: &Data, task: Task, model: &str, scaled: bool) -> Vec<f64> {
    let params: model::Params = toml::from_str(model).unwrap();
    let context = model::Context { task, layout: &data.layout, classes: 2, seed: 1 };
    let mut model = params.build(context);
    let mut scaler = scaler().build(&data.layout);
    let mut predicted = Vec::new();
    for (raw, &label) in data.rows.iter().zip(&data.labels) {
        let mut row = raw.clone();
        let mut prediction = Prediction::empty(task);
        prediction.reset(2);
        if scaled {
            scaler.transform(&mut row);
        }
        model.predict(&row, &mut prediction);
        predicted.push(if task == Task::Binary { prediction.probability(1) } else { prediction.value() });
        if scaled {
            row.clone_from(raw);
            scaler.learn(&row, None);
            scaler.transform(&mut row);
        }
        let label = if task == Task::Binary { Label::Class(label as u32) } else { Label::Value(label) };
        model.learn(&row, label, 1.0);
    }
    predicted
}

fn scaler() -> transform::Params {
    toml::from_str("type = 'standard_scaler'").unwrap()
}

fn assert_equal(ours: &[f64], rivers: &[f64], case: &str) {
    assert_eq!(ours.len(), rivers.len(), "{case}: rows");
    for (row, (ours, rivers)) in ours.iter().zip(rivers).enumerate() {
        assert!((ours - rivers).abs() <= 1e-9, "{case}, row {row}: {ours} is not River's {rivers}");
    }
}

#[test]
fn linear_and_bayesian_classifiers_equal_rivers() {
    let Some(data) = data("phishing") else { return };
    let cases = [
        ("logistic_regression", "type = 'logistic_regression'", false),
        ("naive_bayes", "type = 'naive_bayes'\nleast_density = 1e-9", false),
        ("scaler_logistic_regression", "type = 'logistic_regression'", true),
        (
            "scaler_logistic_regression_adam",
            "type = 'logistic_regression'\noptimizer = { type = 'adam', learning_rate = 0.01 }",
            true,
        ),
    ];
    let rivers = fixture().phishing;
    for (case, model, scaled) in cases {
        assert_equal(&progressive(&data, Task::Binary, model, scaled), &rivers[case], case);
    }
}

#[test]
fn hoeffding_tree_equals_rivers() {
    let Some(data) = data("phishing") else { return };
    let rivers = fixture().trees;
    for leaves in ["majority", "naive_bayes", "naive_bayes_adaptive"] {
        let model = format!("type = 'hoeffding_tree'\nleaf_prediction = '{leaves}'\nignore_zero_density = true");
        assert_equal(&progressive(&data, Task::Binary, &model, false), &rivers[leaves], leaves);
    }
}

#[test]
fn linear_regression_equals_rivers() {
    let Some(data) = data("trump_approval") else { return };
    let case = "scaler_linear_regression";
    assert_equal(
        &progressive(&data, Task::Regression, "type = 'linear_regression'", true),
        &fixture().trump[case],
        case,
    );
}

/// Rows that the shorter records of these models have.
fn assert_begins_equal(data: &Data, task: Task, model: &str, rivers: &[f64], case: &str) {
    assert_equal(&progressive(data, task, model, true)[..rivers.len()], rivers, case);
}

#[test]
fn passive_aggressive_equals_rivers() {
    let (Some(phishing), Some(trump)) = (data("phishing"), data("trump_approval")) else { return };
    let fixture = fixture();
    for mode in 0..=2 {
        let model = format!("type = 'passive_aggressive'\nc = 0.1\nmode = {mode}");
        let case = format!("passive_aggressive_{mode}");
        assert_begins_equal(&phishing, Task::Binary, &model, &fixture.phishing[&case], &case);
        assert_begins_equal(&trump, Task::Regression, &model, &fixture.trump[&case], &case);
    }
}

#[test]
fn bayesian_linear_equals_rivers() {
    let Some(data) = data("trump_approval") else { return };
    let fixture = fixture();
    for (case, more) in [("bayesian_linear", ""), ("bayesian_linear_smoothing", "smoothing = 0.9")] {
        let model = format!("type = 'bayesian_linear'\nintercept = false\n{more}");
        assert_begins_equal(&data, Task::Regression, &model, &fixture.trump[case], case);
    }
}

#[test]
fn the_scaler_ends_with_rivers_moments() {
    let Some(data) = data("phishing") else { return };
    let mut scaler = scaler().build(&data.layout);
    data.rows.iter().for_each(|row| scaler.learn(row, None));
    let Moments { means, vars } = fixture().phishing_scaler;
    // A row one deviation above each mean must come out as ones.
    let above = data.layout.numbers.iter().map(|name| means[name] + vars[name].sqrt()).collect();
    let mut row = Row { numbers: above, ..Row::default() };
    scaler.transform(&mut row);
    row.numbers.iter().for_each(|value| assert!((value - 1.0).abs() < 1e-12, "{value}"));
    let mut mean = Row { numbers: data.layout.numbers.iter().map(|name| means[name]).collect(), ..Row::default() };
    scaler.transform(&mut mean);
    mean.numbers.iter().for_each(|value| assert!(value.abs() < 1e-12, "{value}"));
}
