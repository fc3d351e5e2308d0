//! AdaGrad: a rate for each weight, which falls with the gradients that weight has seen: `w -= rate · g / √(Σ g² + ε)`.
//!
//! J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods for online learning and stochastic optimization",
//! JMLR 12 (2011).

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Decay, Optimize, Penalty, Schedule};
use crate::params::About;

pub const ABOUT: About = About {
    summary: "a learning rate for each weight, which falls with the gradients that weight has seen",
    source: "J. Duchi, E. Hazan, Y. Singer, Adaptive subgradient methods for online learning, JMLR 12 (2011)",
    example: "type = \"adagrad\"\nlearning_rate = 0.1",
};

crate::params! {
    pub struct Params {
        /// Size of the first step of a weight, in units of weight.
        pub learning_rate: f64 = 0.1, in f64::MIN_POSITIVE..=1e6 => "in (0, 1e6]";
        /// How the learning rate falls: constant, inverse_scaling or exponential.
        pub decay: Decay = Decay::default() => nested;
        /// Added to the sum of squared gradients.
        pub epsilon: f64 = 1e-8, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Adagrad {
    schedule: Schedule,
    epsilon: f64,
    squares: Vec<f64>,
}

impl Adagrad {
    pub fn new(params: Params, weights: usize) -> Self {
        let schedule = Schedule::new(params.learning_rate, params.decay);
        Self { schedule, epsilon: params.epsilon, squares: vec![0.0; weights] }
    }
}

impl Optimize for Adagrad {
    fn step(&mut self, weights: &mut [f64], gradient: &[f64], penalty: Penalty) {
        let rate = self.schedule.step();
        for ((weight, square), g) in weights.iter_mut().zip(&mut self.squares).zip(gradient) {
            *square += g * g;
            let own = rate / (*square + self.epsilon).sqrt();
            // A weight whose gradients were all 0 has an unbounded rate, and stays where it is.
            *weight = if *square > 0.0 { penalty.shrink(*weight - own * g, own) } else { *weight };
        }
    }

    fn grow(&mut self, weights: usize) {
        self.squares.resize(weights, 0.0);
    }

    fn scale_learning_rate(&mut self, factor: f64) {
        self.schedule.scale(factor);
    }
}
