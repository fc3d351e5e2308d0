//! Prediction with expert advice under drift: one answer from many, on two levels.
//!
//! The answers of all experts go to several combiners, and what these answer goes, beside the experts themselves, to a last
//! one, so that no stream needs a choice among combiners.

pub mod classes;
pub mod discounted;
pub mod fixed_share;
pub mod least_squares;
pub mod stacking;
pub mod values;

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

/// Adds `weights[k]` times row `k` of `answers` to `mixed`, for all rows.
fn mix(weights: &[f64], answers: &[f64], mixed: &mut [f64]) {
    for (weight, answer) in weights.iter().zip(answers.chunks_exact(mixed.len())) {
        mixed.iter_mut().zip(answer).for_each(|(sum, p)| *sum += weight * p);
    }
}
