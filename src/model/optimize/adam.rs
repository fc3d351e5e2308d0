//! Adam: running means of the gradient and of its square, corrected for their start at 0.
//!
//! D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015; the form at the end of §2, where the
//! correction is in the rate and epsilon is added to the uncorrected root.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Decay, Optimize, Penalty, Schedule};
use crate::params::About;

pub const ABOUT: About = About {
    summary: "running means of the gradient and of its square give each weight its own rate",
    source: "D. P. Kingma, J. Ba, Adam: a method for stochastic optimization, ICLR 2015",
    example: "type = \"adam\"\nlearning_rate = 0.01",
};

/// Powers of the betas below this are 0: products of subnormal numbers are slow and never get there.
const VANISHED: f64 = 1e-300;

crate::params! {
    pub struct Params {
        /// Size of a step, in units of weight.
        pub learning_rate: f64 = 0.01, in f64::MIN_POSITIVE..=1e6 => "in (0, 1e6]";
        /// How the learning rate falls: constant, inverse_scaling or exponential.
        pub decay: Decay = Decay::default() => nested;
        /// Share of the running mean of gradients that is left after a step.
        pub beta_1: f64 = 0.9, in 0.0..=0.9999 => "in [0, 0.9999]";
        /// Share of the running mean of squared gradients that is left after a step.
        pub beta_2: f64 = 0.999, in 0.0..=0.999999 => "in [0, 0.999999]";
        /// Added to the root of the mean square.
        pub epsilon: f64 = 1e-8, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Adam {
    schedule: Schedule,
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
    power_1: f64,
    power_2: f64,
    means: Vec<f64>,
    squares: Vec<f64>,
}

impl Adam {
    pub fn new(params: Params, weights: usize) -> Self {
        let Params { learning_rate, decay, beta_1, beta_2, epsilon } = params;
        Self {
            schedule: Schedule::new(learning_rate, decay),
            beta_1,
            beta_2,
            epsilon,
            power_1: 1.0,
            power_2: 1.0,
            means: vec![0.0; weights],
            squares: vec![0.0; weights],
        }
    }
}

impl Optimize for Adam {
    fn step(&mut self, weights: &mut [f64], gradient: &[f64], penalty: Penalty) {
        let Self { beta_1, beta_2, epsilon, .. } = *self;
        self.power_1 = shrunk(self.power_1, beta_1);
        self.power_2 = shrunk(self.power_2, beta_2);
        let rate = self.schedule.step() * (1.0 - self.power_2).sqrt() / (1.0 - self.power_1);
        let moments = self.means.iter_mut().zip(&mut self.squares);
        for ((weight, (mean, square)), g) in weights.iter_mut().zip(moments).zip(gradient) {
            *mean = beta_1 * *mean + (1.0 - beta_1) * g;
            *square = beta_2 * *square + (1.0 - beta_2) * (g * g);
            let own = rate / (square.sqrt() + epsilon);
            // A weight whose gradients were all 0 has an unbounded rate, and stays where it is.
            *weight = if *square > 0.0 { penalty.shrink(*weight - own * *mean, own) } else { *weight };
        }
    }

    fn grow(&mut self, weights: usize) {
        self.means.resize(weights, 0.0);
        self.squares.resize(weights, 0.0);
    }

    fn scale_learning_rate(&mut self, factor: f64) {
        self.schedule.scale(factor);
    }
}

fn shrunk(power: f64, beta: f64) -> f64 {
    if power < VANISHED { 0.0 } else { power * beta }
}
