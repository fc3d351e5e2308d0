//! The default model on small streams: as good as the best of its experts, no better than the labels allow where they come late,
//! and the same bits however often it is written and read back while experts rest.

use std::collections::VecDeque;

use driftline::event::{Kind, Layout};
use driftline::model::portfolio::{Params, Portfolio};
use driftline::model::{Context, Model as _};
use driftline::rng::Rng;
use driftline::row::{Label, Prediction, Row, Task};

type Rows = Vec<(Row, Label)>;

fn layout() -> Layout {
    Layout::new([("a", Kind::Number), ("b", Kind::Number)])
}

fn build(params: Params, task: Task) -> Portfolio {
    let classes = if task == Task::Regression { 0 } else { 2 };
    Portfolio::new(params, Context { task, layout: &layout(), classes, seed: 1 })
}

/// A rule on two numbers that turns round in the middle: an exclusive or for classes, its product for values.
fn turning(n: usize, task: Task) -> Rows {
    let mut rng = Rng::new(5, "portfolio");
    let row = |i: usize| {
        let (a, b) = (rng.normal(), rng.normal());
        let sign = if i < n / 2 { 1.0 } else { -1.0 };
        let value = sign * (3.0 * a * b.signum() + b) + 0.3 * rng.normal();
        let label = if task == Task::Regression { Label::Value(value) } else { Label::Class(u32::from(value > 0.0)) };
        (Row { numbers: vec![a, b], ..Row::default() }, label)
    };
    (0..n).map(row).collect()
}

/// 1 or 0 for a class, the absolute error for a value.
fn gain(prediction: &Prediction, label: Label) -> f64 {
    match prediction {
        Prediction::Value(value) => (value - label.value()).abs(),
        classes => f64::from(u8::from(classes.class() == Some(label.class()))),
    }
}

/// The mean gain of the portfolio and of each expert; labels come `delay` rows late.
fn scores(portfolio: &mut Portfolio, task: Task, rows: &Rows, delay: usize) -> (f64, Vec<f64>) {
    let mut waiting: VecDeque<(usize, Vec<f64>)> = VecDeque::new();
    let (mut own, mut alone) = (0.0, Vec::new());
    for (at, (row, label)) in rows.iter().enumerate() {
        let mut prediction = Prediction::empty(task);
        prediction.reset(2);
        let mut advice = Vec::new();
        portfolio.predict_with_advice(row, &mut prediction, &mut advice);
        own += gain(&prediction, *label) / rows.len() as f64;
        let (columns, awake, answers) = portfolio.answers(&advice);
        alone.resize(awake.len(), 0.0);
        for (sum, answer) in alone.iter_mut().zip(answers.chunks_exact(columns)) {
            let said = match task {
                Task::Regression => Prediction::Value(answer[0]),
                _ => Prediction::Classes(answer.to_vec()),
            };
            *sum += gain(&said, *label) / rows.len() as f64;
        }
        waiting.push_back((at, advice));
        if waiting.len() > delay
            && let Some((then, advice)) = waiting.pop_front()
        {
            portfolio.learn_with_advice(&rows[then].0, rows[then].1, 1.0, &advice);
        }
    }
    (own, alone)
}

#[test]
fn it_is_near_or_above_its_best_expert() {
    let small = || Params { trees: 3, neighbours_window: 200, ..Params::default() };
    let rows = turning(3_000, Task::Binary);
    let (own, alone) = scores(&mut build(small(), Task::Binary), Task::Binary, &rows, 0);
    let best = alone.iter().copied().fold(0.0, f64::max);
    assert!(own > best - 0.01 && best > 0.8, "{own:.3}, the best expert's {best:.3}");

    let rows = turning(2_000, Task::Regression);
    let (own, alone) = scores(&mut build(small(), Task::Regression), Task::Regression, &rows, 0);
    let best = alone.iter().copied().fold(f64::INFINITY, f64::min);
    assert!(own < 1.02 * best, "{own:.3}, the best expert's {best:.3}");
}

/// Labels that stay what they are for a while, and rows that say nothing.
fn sticky(n: usize) -> Rows {
    let mut rng = Rng::new(6, "portfolio");
    let mut class = 0;
    let row = |_| {
        class = if rng.uniform() < 0.05 { 1 - class } else { class };
        (Row { numbers: vec![rng.normal(), rng.normal()], ..Row::default() }, Label::Class(class))
    };
    (0..n).map(row).collect()
}

#[test]
fn recent_labels_are_worth_what_is_known_of_them() {
    let rows = sticky(3_000);
    let params = || Params { trees: 2, neighbours_window: 0, ..Params::default() };
    let (at_once, _) = scores(&mut build(params(), Task::Binary), Task::Binary, &rows, 0);
    let (late, alone) = scores(&mut build(params(), Task::Binary), Task::Binary, &rows, 100);
    assert!(at_once > 0.92, "{at_once}");
    // A hundred labels on, a label has nothing to do with the last one that is known.
    assert!((0.45..0.58).contains(&late), "{late}");
    assert!(alone.iter().all(|score| *score < 0.58), "{alone:?}");
}

#[test]
fn who_rests_is_state() {
    let rows = turning(3_400, Task::Binary);
    let poor = Params { budget: 0.0, trees: 2, neighbours_window: 50 };
    let turn = |portfolio: &mut Portfolio, rows: &Rows| -> Vec<u64> {
        let one = |(row, label): &(Row, Label)| {
            let mut prediction = Prediction::Classes(vec![0.0; 2]);
            portfolio.predict(row, &mut prediction);
            portfolio.learn(row, *label, 1.0);
            prediction.probability(1).to_bits()
        };
        rows.iter().map(one).collect()
    };
    let mut whole = build(poor.clone(), Task::Binary);
    let expected = turn(&mut whole, &rows);
    let resting = |portfolio: &Portfolio| {
        let described = portfolio.describe(&layout());
        described.iter().filter(|(_, value)| value.ends_with("rests")).count()
    };
    assert!(resting(&whole) >= 3, "{:?}", whole.describe(&layout()));

    let mut parts = build(poor, Task::Binary);
    let mut out = Vec::new();
    for part in rows.chunks(850) {
        out.extend(turn(&mut parts, &part.to_vec()));
        let bytes = rmp_serde::to_vec_named(&parts).expect("bytes");
        parts = rmp_serde::from_slice(&bytes).expect("a portfolio");
    }
    assert_eq!(out, expected);
    assert_eq!(parts, whole);
}
