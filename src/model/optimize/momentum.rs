//! Momentum: a velocity that remembers past gradients: `v = momentum · v + rate · g; w -= v`.
//!
//! B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", USSR Computational Mathematics and
//! Mathematical Physics 4 (1964).

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Decay, Optimize, Penalty, Schedule};
use crate::params::About;

pub const ABOUT: About = About {
    summary: "gradient descent with a velocity that remembers past gradients",
    source: "B. T. Polyak, Some methods of speeding up the convergence of iteration methods, USSR Comp. Math. 4 (1964)",
    example: "type = \"momentum\"\nlearning_rate = 0.005\nmomentum = 0.9",
};

crate::params! {
    pub struct Params {
        /// Size of a step, in units of weight for each unit of gradient.
        pub learning_rate: f64 = 0.01, in f64::MIN_POSITIVE..=1e6 => "in (0, 1e6]";
        /// How the learning rate falls: constant, inverse_scaling or exponential.
        pub decay: Decay = Decay::default() => nested;
        /// Share of the velocity that is left after a step.
        pub momentum: f64 = 0.9, in 0.0..=0.9999 => "in [0, 0.9999]";
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Momentum {
    schedule: Schedule,
    momentum: f64,
    velocities: Vec<f64>,
}

impl Momentum {
    pub fn new(params: Params, weights: usize) -> Self {
        let schedule = Schedule::new(params.learning_rate, params.decay);
        Self { schedule, momentum: params.momentum, velocities: vec![0.0; weights] }
    }
}

impl Optimize for Momentum {
    fn step(&mut self, weights: &mut [f64], gradient: &[f64], penalty: Penalty) {
        let rate = self.schedule.step();
        // What a gradient moves in the end, all velocities summed.
        let whole = rate / (1.0 - self.momentum);
        for ((weight, velocity), g) in weights.iter_mut().zip(&mut self.velocities).zip(gradient) {
            *velocity = self.momentum * *velocity + rate * g;
            *weight = penalty.shrink(*weight - *velocity, whole);
        }
    }

    fn grow(&mut self, weights: usize) {
        self.velocities.resize(weights, 0.0);
    }

    fn scale_learning_rate(&mut self, factor: f64) {
        self.schedule.scale(factor);
    }
}
