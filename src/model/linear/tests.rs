//! What the linear models promise beyond what every model does.

use crate::event::{Kind, Layout};
use crate::model::{AnyModel, Context, Model, Params};
use crate::row::{Example, Label, Prediction, Row, Task};

fn build(params: &str, task: Task) -> AnyModel {
    let layout = Layout::new([("a", Kind::Number), ("b", Kind::Number)]);
    let params: Params = toml::from_str(params).unwrap();
    params.build(Context { task, layout: &layout, classes: 3, seed: 1 })
}

fn example(a: f64, b: f64, label: Label, weight: f64) -> Example {
    Example { row: Row { numbers: vec![a, b], ..Row::default() }, label, weight }
}

fn learn(model: &mut AnyModel, example: &Example) {
    model.learn(&example.row, example.label, example.weight);
}

fn probabilities(model: &AnyModel, classes: usize) -> Vec<f64> {
    let mut prediction = Prediction::empty(Task::Multiclass);
    prediction.reset(classes);
    model.predict(&Row { numbers: vec![1.0, -1.0], ..Row::default() }, &mut prediction);
    prediction.probabilities_mut().to_vec()
}

const LOGISTIC: &str = "type = 'logistic_regression'";
const SOFTMAX: &str = "type = 'softmax_regression'";

#[test]
fn before_the_first_label_all_known_classes_are_equal() {
    assert_eq!(probabilities(&build(LOGISTIC, Task::Binary), 2), [0.5, 0.5]);
    assert_eq!(probabilities(&build(LOGISTIC, Task::Binary), 0), [0.0; 0]);
    assert_eq!(probabilities(&build(SOFTMAX, Task::Multiclass), 4), [0.25; 4]);
}

#[test]
fn one_score_for_each_class_is_learned_against_the_rest() {
    for params in [LOGISTIC, "type = 'passive_aggressive'\nc = 0.01"] {
        let mut model = build(params, Task::Multiclass);
        assert_eq!(probabilities(&model, 4), [0.25; 4], "{params}");
        for _ in 0..500 {
            for (class, at) in [(0, [1.0, 0.0]), (1, [-1.0, 1.0]), (2, [-1.0, -1.0])] {
                learn(&mut model, &example(at[0], at[1], Label::Class(class), 1.0));
            }
        }
        for (class, at) in [(0, [1.0, 0.0]), (1, [-1.0, 1.0]), (2, [-1.0, -1.0])] {
            let mut prediction = Prediction::Classes(vec![0.0; 3]);
            model.predict(&Row { numbers: at.to_vec(), ..Row::default() }, &mut prediction);
            assert_eq!(prediction.class(), Some(class), "{params}: {prediction:?}");
            assert!((prediction.probabilities_mut().iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
        let words = model.describe(&Layout::new([("a", Kind::Number), ("b", Kind::Number)]));
        assert!(words.len() == 9 && words[3].0 == "class 1: intercept", "{words:?}");
    }
}

/// Scores so low that every sigmoid is 0 still say which class is the likeliest.
#[test]
fn far_from_all_classes_the_nearest_is_named() {
    let mut model = build("type = 'passive_aggressive'\nmode = 0\nlearn_intercept = false", Task::Multiclass);
    for (class, a) in [(0, 1.0), (1, 1.0), (2, -1.0), (0, 1.0)] {
        learn(&mut model, &example(a, 0.5 - f64::from(class), Label::Class(class), 1.0));
    }
    let mut prediction = Prediction::Classes(vec![0.0; 3]);
    model.predict(&Row { numbers: vec![0.0, 1e6], ..Row::default() }, &mut prediction);
    let p = prediction.probabilities_mut();
    assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12 && p.iter().all(|p| p.is_finite()), "{p:?}");
}

#[test]
fn a_class_may_come_late() {
    let mut model = build(&format!("{SOFTMAX}\noptimizer = {{ type = 'adam' }}"), Task::Multiclass);
    for class in [0, 0, 1, 1, 2, 2, 2] {
        learn(&mut model, &example(1.0, -1.0, Label::Class(class), 1.0));
    }
    let p = probabilities(&model, 3);
    assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12 && p[2] > p[0] && p[2] > p[1], "{p:?}");
    assert_eq!(model.describe(&Layout::new([("a", Kind::Number), ("b", Kind::Number)])).len(), 3 * 3);
}

#[test]
fn a_batch_averages_its_gradient() {
    for (params, task) in
        [(LOGISTIC, Task::Binary), (SOFTMAX, Task::Multiclass), ("type = 'linear_regression'", Task::Regression)]
    {
        let of =
            |class: u32| if task == Task::Regression { Label::Value(f64::from(class)) } else { Label::Class(class) };
        let (same, other) = (example(0.5, 2.0, of(1), 1.0), example(-1.0, f64::NAN, of(0), 3.0));
        let (mut one, mut batch) = (build(params, task), build(params, task));
        learn(&mut one, &other);
        learn(&mut batch, &other);
        learn(&mut one, &same);
        batch.learn_batch(&[same.clone(), same.clone(), same.clone(), same]);
        assert_eq!(one, batch, "{params}");
    }
}

#[test]
fn a_weight_counts_as_so_many_events() {
    let steps = |weights: &[f64]| {
        let mut model = build(
            &format!("{LOGISTIC}\noptimizer = {{ type = 'sgd', learning_rate = 1e-7 }}\nintercept_learning_rate = 0"),
            Task::Binary,
        );
        weights.iter().for_each(|weight| learn(&mut model, &example(1.0, -1.0, Label::Class(1), *weight)));
        probabilities(&model, 2)[1] - 0.5
    };
    assert!((steps(&[3.0]) / steps(&[1.0, 1.0, 1.0]) - 1.0).abs() < 1e-4);
}

#[test]
fn the_gradient_is_clipped_and_the_intercept_has_its_own_rate() {
    let mut model =
        build("type = 'linear_regression'\nclip_gradient = 2\nintercept_learning_rate = 0.5", Task::Regression);
    learn(&mut model, &example(1.0, 0.0, Label::Value(1e6), 1.0));
    let layout = Layout::new([("a", Kind::Number), ("b", Kind::Number)]);
    let words = model.describe(&layout).into_iter().map(|(name, value)| format!("{name} {value}"));
    assert_eq!(words.collect::<Vec<_>>(), ["intercept 1.000000", "weight of a 0.020000", "weight of b 0.000000"]);
}

#[test]
fn bad_parameters_are_named_by_their_path() {
    use crate::params::{Check, Problems};
    let params: Params = toml::from_str(
        "type = 'linear_regression'\nl1 = -1\nloss = { type = 'quantile', alpha = 2 }\n\
         optimizer = { type = 'adam', beta_1 = 1, decay = { type = 'inverse_scaling', power = 3 } }",
    )
    .unwrap();
    let mut problems = Problems::default();
    params.check(&mut problems);
    let keys: Vec<_> = problems.found().iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["optimizer.decay.power", "optimizer.beta_1", "loss.alpha", "l1"]);
}
