//! How a learning rate falls with the steps made.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use crate::params::{Check, Problems};

crate::params! {
    pub struct Constant {}
}

crate::params! {
    pub struct InverseScaling {
        /// The rate of step t, from 0, is learning_rate / (t + 1)^power.
        pub power: f64 = 0.25, in 0.0..=1.0 => "in [0, 1]";
    }
}

crate::params! {
    pub struct Exponential {
        /// Steps after which half of the rate is left.
        pub half_life: f64 = 10_000.0, in 1.0.. => ">= 1";
    }
}

/// `decay = { type = "inverse_scaling", power = 0.25 }`: how the learning rate falls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Decay {
    Constant(Constant),
    InverseScaling(InverseScaling),
    Exponential(Exponential),
}

impl Default for Decay {
    fn default() -> Self {
        Self::Constant(Constant {})
    }
}

impl Check for Decay {
    fn check(&self, problems: &mut Problems) {
        match self {
            Self::Constant(decay) => decay.check(problems),
            Self::InverseScaling(decay) => decay.check(problems),
            Self::Exponential(decay) => decay.check(problems),
        }
    }
}

/// A learning rate on its way down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Schedule {
    learning_rate: f64,
    decay: Decay,
    factor: f64,
    steps: u64,
}

impl Schedule {
    pub fn new(learning_rate: f64, decay: Decay) -> Self {
        Self { learning_rate, decay, factor: 1.0, steps: 0 }
    }

    pub fn scale(&mut self, factor: f64) {
        self.factor = factor;
    }

    /// The rate of the step that is being made.
    pub fn step(&mut self) -> f64 {
        let made = self.steps as f64;
        self.steps += 1;
        let left = match &self.decay {
            Decay::Constant(_) => 1.0,
            Decay::InverseScaling(decay) => 1.0 / libm::pow(made + 1.0, decay.power),
            Decay::Exponential(decay) => libm::exp2(-made / decay.half_life),
        };
        self.learning_rate * left * self.factor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(decay: &str, steps: usize) -> Vec<f64> {
        let decay: Decay = toml::from_str(decay).unwrap();
        let mut schedule = Schedule::new(0.8, decay);
        (0..steps).map(|_| schedule.step()).collect()
    }

    #[test]
    fn rates_fall_as_stated() {
        assert_eq!(rates("type = 'constant'", 3), [0.8, 0.8, 0.8]);
        assert_eq!(rates("type = 'inverse_scaling'\npower = 0.5", 4)[3], 0.4);
        let halved = rates("type = 'exponential'\nhalf_life = 2", 5);
        assert_eq!((halved[0], halved[2], halved[4]), (0.8, 0.4, 0.2));
    }

    #[test]
    fn a_scaled_rate_goes_back_to_its_own_path() {
        let mut schedule = Schedule::new(0.1, Decay::default());
        schedule.scale(4.0);
        assert_eq!(schedule.step(), 0.4);
        schedule.scale(1.0);
        assert_eq!(schedule.step(), 0.1);
    }
}
