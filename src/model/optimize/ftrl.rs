//! FTRL-Proximal: the weights that best follow all gradients so far, under the penalty in closed form; sparse by L1.
//!
//! H. B. McMahan et al., "Ad click prediction: a view from the trenches", KDD 2013, algorithm 1.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Decay, Optimize, Penalty, Schedule};
use crate::params::About;

pub const ABOUT: About = About {
    summary: "follow the regularized leader: a rate for each weight, and sparse weights by L1",
    source: "H. B. McMahan et al., Ad click prediction: a view from the trenches, KDD 2013",
    example: "type = \"ftrl\"\nlearning_rate = 0.1\nbeta = 1.0",
};

crate::params! {
    pub struct Params {
        /// The paper's alpha: a weight's rate is learning_rate / (beta + √ Σ g²).
        pub learning_rate: f64 = 0.1, in f64::MIN_POSITIVE..=1e6 => "in (0, 1e6]";
        /// How the learning rate falls beside that: constant, inverse_scaling or exponential.
        pub decay: Decay = Decay::default() => nested;
        /// Tames the first steps of a weight.
        pub beta: f64 = 1.0, in f64::MIN_POSITIVE..=1e6 => "in (0, 1e6]";
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Ftrl {
    schedule: Schedule,
    beta: f64,
    /// The rate of the last step; `None` before the first.
    rate: Option<f64>,
    /// The paper's z and n for each weight.
    linear: Vec<f64>,
    squares: Vec<f64>,
}

impl Ftrl {
    pub fn new(params: Params, weights: usize) -> Self {
        let schedule = Schedule::new(params.learning_rate, params.decay);
        Self { schedule, beta: params.beta, rate: None, linear: vec![0.0; weights], squares: vec![0.0; weights] }
    }

    /// `z` belongs to one rate; under another it would move every weight at once. Makes the `z` that gives the same weights.
    fn change_rate(&mut self, weights: &[f64], rate: f64, penalty: Penalty) {
        for ((z, n), &weight) in self.linear.iter_mut().zip(&self.squares).zip(weights) {
            if weight != 0.0 {
                let curvature = (self.beta + n.sqrt()) / rate + penalty.l2;
                *z = -weight * curvature - penalty.l1.copysign(weight);
            }
        }
    }
}

impl Optimize for Ftrl {
    fn step(&mut self, weights: &mut [f64], gradient: &[f64], penalty: Penalty) {
        let rate = self.schedule.step();
        if self.rate.is_some_and(|last| last != rate) {
            self.change_rate(weights, rate, penalty);
        }
        self.rate = Some(rate);
        let state = self.linear.iter_mut().zip(&mut self.squares);
        for ((weight, (z, n)), g) in weights.iter_mut().zip(state).zip(gradient) {
            let after = *n + g * g;
            let sigma = (after.sqrt() - n.sqrt()) / rate;
            *z += g - sigma * *weight;
            *n = after;
            *weight = if z.abs() <= penalty.l1 {
                0.0
            } else {
                -(*z - penalty.l1.copysign(*z)) / ((self.beta + n.sqrt()) / rate + penalty.l2)
            };
        }
    }

    fn grow(&mut self, weights: usize) {
        self.linear.resize(weights, 0.0);
        self.squares.resize(weights, 0.0);
    }

    fn scale_learning_rate(&mut self, factor: f64) {
        self.schedule.scale(factor);
    }
}
