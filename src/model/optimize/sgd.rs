//! Stochastic gradient descent: `w -= rate · g`.
//!
//! H. Robbins, S. Monro, "A stochastic approximation method", Annals of Mathematical Statistics 22 (1951).

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Decay, Optimize, Penalty, Schedule};
use crate::params::About;

pub const ABOUT: About = About {
    summary: "stochastic gradient descent: steps against the gradient",
    source: "H. Robbins, S. Monro, A stochastic approximation method, Annals of Mathematical Statistics 22 (1951)",
    example: "type = \"sgd\"\nlearning_rate = 0.05\ndecay = { type = \"exponential\", half_life = 50_000 }",
};

crate::params! {
    pub struct Params {
        /// Size of a step, in units of weight for each unit of gradient.
        pub learning_rate: f64 = 0.01, in f64::MIN_POSITIVE..=1e6 => "in (0, 1e6]";
        /// How the learning rate falls: constant, inverse_scaling or exponential.
        pub decay: Decay = Decay::default() => nested;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Sgd {
    schedule: Schedule,
}

impl Sgd {
    pub fn new(params: Params, _weights: usize) -> Self {
        Self { schedule: Schedule::new(params.learning_rate, params.decay) }
    }
}

impl Optimize for Sgd {
    fn step(&mut self, weights: &mut [f64], gradient: &[f64], penalty: Penalty) {
        let rate = self.schedule.step();
        for (weight, g) in weights.iter_mut().zip(gradient) {
            *weight = penalty.shrink(*weight - rate * g, rate);
        }
    }

    fn grow(&mut self, _weights: usize) {}

    fn scale_learning_rate(&mut self, factor: f64) {
        self.schedule.scale(factor);
    }
}
