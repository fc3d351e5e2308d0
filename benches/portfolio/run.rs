//! One pass of a portfolio over a stream, and what its experts said.

use std::collections::VecDeque;

use driftline::model::combine::Combiner;
use driftline::model::portfolio::{Params, Portfolio};
use driftline::model::{Context, Model as _};
use driftline::row::{Label, Prediction, Task};

use crate::data::Stream;

/// What the experts said of one row, and what came.
pub struct Said {
    pub columns: usize,
    pub awake: Vec<f64>,
    /// A row of `columns` for each expert.
    pub answers: Vec<f64>,
    pub label: Label,
}

pub struct Pass {
    pub names: Vec<String>,
    pub score: f64,
    pub no_change: f64,
    /// Of CPU time.
    pub events_per_second: f64,
    /// Mean weight of each expert over the stream.
    pub weights: Vec<f64>,
    /// Share of the rows in which each answered.
    pub awake: Vec<f64>,
    /// Empty unless asked for.
    pub said: Vec<Said>,
}

/// 1 or 0 for a class, the absolute error for a value.
pub fn gain(prediction: &Prediction, label: Label) -> f64 {
    match prediction {
        Prediction::Value(value) => (value - label.value()).abs(),
        classes => f64::from(u8::from(classes.class() == Some(label.class()))),
    }
}

/// Labels come `delay` rows late.
pub fn pass(stream: &Stream, params: &Params, seed: u64, delay: usize, log: bool) -> Pass {
    let context = Context { task: stream.task, layout: &stream.layout, classes: stream.classes, seed };
    let mut portfolio = Portfolio::new(params.clone(), context);
    let names: Vec<String> = portfolio.weights().into_iter().map(|(name, _)| name).collect();
    let mut known = 0;
    let started = cpu_seconds();
    let (mut score, mut no_change, mut last) = (0.0, 0.0, Prediction::empty(stream.task));
    let (mut weights, mut answered) = (vec![0.0; names.len()], vec![0.0; names.len()]);
    let mut waiting: VecDeque<(usize, Vec<f64>)> = VecDeque::new();
    let (mut said, mut spare) = (Vec::new(), Vec::new());
    let mut prediction = Prediction::empty(stream.task);
    for (at, (row, label)) in stream.rows.iter().enumerate() {
        let mut advice: Vec<f64> = std::mem::take(&mut spare);
        prediction.reset(known);
        portfolio.predict_with_advice(row, &mut prediction, &mut advice);
        score += gain(&prediction, *label);
        no_change += gain(&last, *label);
        let (columns, awake, answers) = portfolio.answers(&advice);
        answered.iter_mut().zip(awake).for_each(|(sum, awake)| *sum += awake);
        if log {
            said.push(Said { columns, awake: awake.to_vec(), answers: answers.to_vec(), label: *label });
        }
        waiting.push_back((at, advice));
        if waiting.len() > delay {
            let (then, advice) = waiting.pop_front().unwrap();
            let (row, label) = &stream.rows[then];
            portfolio.learn_with_advice(row, *label, 1.0, &advice);
            known = known.max(label.class() + 1);
            last = certain(*label, stream.task, known);
            spare = advice;
        }
        if at % 100 == 0 {
            weights.iter_mut().zip(portfolio.weights()).for_each(|(sum, (_, weight))| *sum += weight);
        }
    }
    let rows = stream.rows.len() as f64;
    weights.iter_mut().for_each(|sum| *sum /= (rows / 100.0).ceil());
    answered.iter_mut().for_each(|sum| *sum /= rows);
    let events_per_second = rows / (cpu_seconds() - started).max(0.01);
    Pass { names, score: score / rows, no_change: no_change / rows, events_per_second, weights, awake: answered, said }
}

/// CPU time of this process, in hundredths of a second; 0 where there is no `/proc`.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().skip(11).take(2);
    fields.map(|ticks| ticks.parse::<f64>().unwrap_or(0.0)).sum::<f64>() / 100.0
}

fn certain(label: Label, task: Task, known: usize) -> Prediction {
    let mut certain = Prediction::empty(task);
    certain.reset(known);
    match &mut certain {
        Prediction::Value(value) => *value = label.value(),
        Prediction::Classes(probabilities) => probabilities[label.class()] = 1.0,
    }
    certain
}

/// The score of expert `k` alone.
pub fn alone(said: &[Said], k: usize, task: Task) -> f64 {
    let one = |said: &Said| {
        let answer = &said.answers[k * said.columns..][..said.columns];
        let mut prediction = Prediction::empty(task);
        match &mut prediction {
            Prediction::Value(value) => *value = answer[0],
            Prediction::Classes(probabilities) => *probabilities = answer.to_vec(),
        }
        gain(&prediction, said.label)
    };
    said.iter().map(one).sum::<f64>() / said.len() as f64
}

/// The score of a combination of the experts `kept`; labels come at once.
pub fn replay(said: &[Said], kept: &[usize], task: Task) -> f64 {
    let mut combiner = Combiner::new(task, kept.len());
    let (mut table, mut scratch, mut score) = (Vec::new(), Vec::new(), 0.0);
    let mut prediction = Prediction::empty(task);
    for said in said {
        prediction.reset(said.columns);
        if said.columns > 0 {
            let awake: Vec<f64> = kept.iter().map(|k| said.awake[*k]).collect();
            table.clear();
            kept.iter().for_each(|k| table.extend_from_slice(&said.answers[k * said.columns..][..said.columns]));
            table.resize(combiner.rows() * said.columns, 0.0);
            combiner.combine(&awake, &mut table, &mut prediction);
            combiner.learn(&awake, &table, said.columns, said.label, &mut scratch);
        }
        score += gain(&prediction, said.label);
    }
    score / said.len() as f64
}
