//! Prediction with expert advice under drift: one answer from many, on two levels.
//!
//! The answers of all experts go to several combiners, and what these answer goes, beside the experts themselves, to a last
//! one, so that no stream needs a choice among combiners.

pub mod classes;
pub mod discounted;
pub mod least_squares;
pub mod margins;
pub mod values;

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use crate::row::{Label, Prediction, Task};
use classes::ClassCombiner;
use values::ValueCombiner;

/// Combines the answers of experts, of which some may rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub enum Combiner {
    Classes(ClassCombiner),
    Values(ValueCombiner),
}

impl Combiner {
    pub fn new(task: Task, experts: usize) -> Self {
        match task {
            Task::Regression => Self::Values(ValueCombiner::new(experts)),
            _ => Self::Classes(ClassCombiner::new(experts)),
        }
    }

    /// Rows of the table of answers: the experts, then the combiners.
    pub fn rows(&self) -> usize {
        match self {
            Self::Classes(combiner) => combiner.rows(),
            Self::Values(combiner) => combiner.rows(),
        }
    }

    /// The share of each expert in the last answer, itself and through the combiners; of sum 1.
    pub fn shares(&self) -> Vec<f64> {
        match self {
            Self::Classes(combiner) => combiner.shares(),
            Self::Values(combiner) => combiner.shares(),
        }
    }

    /// `table`: [`Combiner::rows`] rows of as many numbers as there are classes, or of one; the experts' come first and are
    /// given, where `awake` is 1. Fills in the others and answers.
    pub fn combine(&self, awake: &[f64], table: &mut [f64], prediction: &mut Prediction) {
        match (self, prediction) {
            (Self::Classes(combiner), prediction) => combiner.combine(awake, table, prediction.probabilities_mut()),
            (Self::Values(combiner), Prediction::Value(value)) => *value = combiner.combine(awake, table),
            (Self::Values(_), Prediction::Classes(_)) => {}
        }
    }

    /// Learns the `label` of what [`Combiner::combine`] made a table of `columns` of; `scratch` is scratch.
    pub fn learn(&mut self, awake: &[f64], table: &[f64], columns: usize, label: Label, scratch: &mut Vec<f64>) {
        match self {
            Self::Classes(combiner) if label.class() < columns => {
                combiner.learn(awake, table, columns, label.class(), scratch);
            }
            Self::Classes(_) => {}
            Self::Values(combiner) => combiner.learn(awake, table, label.value(), scratch),
        }
    }
}

/// Probabilities are kept this far from 0 and 1, so that one confident expert that is wrong cannot silence the others.
const LEAST: f64 = 0.01;

fn clip(p: f64) -> f64 {
    p.clamp(LEAST, 1.0 - LEAST)
}

/// The index of the largest value, the lowest among equals.
fn leader(values: &[f64]) -> usize {
    let mut best = 0;
    for (i, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = i;
        }
    }
    best
}

/// Scales positive values to sum 1.
fn normalise(values: &mut [f64]) {
    let total: f64 = values.iter().sum();
    if total > 0.0 {
        values.iter_mut().for_each(|value| *value /= total);
    }
}

/// Makes a distribution of log odds.
fn softmax(values: &mut [f64]) {
    let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    values.iter_mut().for_each(|z| *z = libm::exp(*z - highest));
    normalise(values);
}

/// Adds `weights[k]` times row `k` of `answers` to `mixed`, for all rows, and scales to sum 1; those who rest are left out:
/// `awake` is 1 for those who answered, and a row beyond its end did.
fn mix(weights: &[f64], awake: &[f64], answers: &[f64], mixed: &mut [f64]) {
    let awake = awake.iter().copied().chain(std::iter::repeat(1.0));
    for ((weight, awake), answer) in weights.iter().zip(awake).zip(answers.chunks_exact(mixed.len())) {
        mixed.iter_mut().zip(answer).for_each(|(sum, p)| *sum += weight * awake * p);
    }
    normalise(mixed);
}

/// Adds to `shares` what each expert has in a combination by `weights`, whatever their signs, that itself counts `total`.
fn add_shares(weights: &[f64], total: f64, shares: &mut [f64]) {
    let sum: f64 = weights.iter().map(|weight| weight.abs()).sum();
    if sum > 0.0 {
        shares.iter_mut().zip(weights).for_each(|(share, weight)| *share += total * weight.abs() / sum);
    }
}

/// The mean of the `values` of those who are awake, by their weights; those beyond the end of `awake` are.
fn average(weights: &[f64], awake: &[f64], values: impl Iterator<Item = f64>) -> f64 {
    let awake = awake.iter().copied().chain(std::iter::repeat(1.0));
    let (mut sum, mut total) = (0.0, 0.0);
    for ((weight, awake), value) in weights.iter().zip(awake).zip(values) {
        if awake > 0.0 {
            sum += weight * value;
            total += weight;
        }
    }
    if total > 0.0 { sum / total } else { 0.0 }
}
