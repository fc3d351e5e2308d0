//! What linear models share: scores, their gradient, and the optimizer that moves their weights.
//!
//! A score is `intercept + Σ weight · number`. A missing number contributes 0, which behind a scaler is its mean, and
//! moves no weight. Categories and texts are not seen: encode them with `one_hot` or `hasher`.

mod loss;
mod one_vs_rest;
mod scratch;

pub use loss::{Absolute, Huber, Loss, Quantile, Squared};
pub use one_vs_rest::OneVsRest;
pub use scratch::Scratch;

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::optimize::{self, Optimize, Optimizer, Penalty};
use crate::event::Layout;
use crate::linalg::{add_scaled, bounded_or_zero, dot};
use crate::row::Row;

/// What a linear model's parameters say about its scores.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Settings {
    pub penalty: Penalty,
    pub intercept_learning_rate: f64,
    pub clip_gradient: f64,
}

/// One or more linear scores of a row: for each, a weight for every number and an intercept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Scores {
    settings: Settings,
    width: usize,
    /// Score by score, each `width` long.
    weights: Vec<f64>,
    intercepts: Vec<f64>,
    optimizer: Optimizer,
    /// What the intercepts' learning rate is multiplied with.
    factor: f64,
    #[serde(skip)]
    gradient: Scratch,
    #[serde(skip)]
    slopes: Scratch,
}

impl Scores {
    pub fn new(scores: usize, width: usize, optimizer: &optimize::Params, settings: Settings) -> Self {
        Self {
            settings,
            width,
            weights: vec![0.0; scores * width],
            intercepts: vec![0.0; scores],
            optimizer: optimizer.build(scores * width),
            factor: 1.0,
            gradient: Scratch::default(),
            slopes: Scratch::default(),
        }
    }

    /// How many scores there are.
    pub fn len(&self) -> usize {
        self.intercepts.len()
    }

    /// Makes room for `scores` scores in all; new ones are 0 until they learn.
    pub fn grow(&mut self, scores: usize) {
        self.intercepts.resize(scores, 0.0);
        self.weights.resize(scores * self.width, 0.0);
        self.optimizer.grow(scores * self.width);
    }

    /// Score `index` of a row, finite.
    pub fn score(&self, index: usize, row: &Row) -> f64 {
        let weights = &self.weights[index * self.width..(index + 1) * self.width];
        bounded_or_zero(self.intercepts[index] + dot(weights, &row.numbers))
    }

    /// Adds one example to the gradient: `slope` is the derivative of its loss by score `index`, times its weight.
    pub fn add_gradient(&mut self, index: usize, row: &Row, slope: f64) {
        let slope = slope.clamp(-self.settings.clip_gradient, self.settings.clip_gradient);
        self.slopes.sized(self.intercepts.len())[index] += slope;
        let gradient = self.gradient.sized(self.weights.len());
        add_scaled(&mut gradient[index * self.width..(index + 1) * self.width], slope, &row.numbers);
    }

    /// Steps along the mean gradient of the `examples` examples added since the last step.
    pub fn step(&mut self, examples: usize) {
        if examples == 0 || self.len() == 0 {
            return;
        }
        let gradient = self.gradient.sized(self.weights.len());
        let slopes = self.slopes.sized(self.intercepts.len());
        if examples > 1 {
            let share = 1.0 / examples as f64;
            gradient.iter_mut().chain(slopes.iter_mut()).for_each(|g| *g *= share);
        }
        let rate = self.settings.intercept_learning_rate * self.factor;
        for (intercept, slope) in self.intercepts.iter_mut().zip(slopes.iter()) {
            *intercept -= rate * slope;
        }
        self.optimizer.step(&mut self.weights, gradient, self.settings.penalty);
        gradient.fill(0.0);
        slopes.fill(0.0);
    }

    pub fn scale_learning_rate(&mut self, factor: f64) {
        self.factor = factor;
        self.optimizer.scale_learning_rate(factor);
    }

    /// The intercept and the weights of score `index`, by the names of the numbers.
    pub fn describe(&self, index: usize, layout: &Layout) -> Vec<(String, String)> {
        let weights = &self.weights[index * self.width..(index + 1) * self.width];
        weights_in_words(self.intercepts[index], weights, layout)
    }
    /// The same of each score, which is a class's.
    pub fn describe_classes(&self, layout: &Layout) -> Vec<(String, String)> {
        let of_class = |class| {
            let words = self.describe(class, layout).into_iter();
            words.map(move |(name, value)| (format!("class {class}: {name}"), value))
        };
        (0..self.len()).flat_map(of_class).collect()
    }
}

/// An intercept and weights as `state show` prints them.
pub fn weights_in_words(intercept: f64, weights: &[f64], layout: &Layout) -> Vec<(String, String)> {
    let named = layout.numbers.iter().zip(weights).map(|(name, w)| (format!("weight of {name}"), format!("{w:.6}")));
    std::iter::once(("intercept".to_owned(), format!("{intercept:.6}"))).chain(named).collect()
}

/// Both bounds of a linear model's penalty in one check of its parameters.
pub const PENALTY: std::ops::RangeInclusive<f64> = 0.0..=1e6;

/// The logistic function, without overflow.
pub fn sigmoid(score: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-score))
}

#[cfg(test)]
mod tests;
