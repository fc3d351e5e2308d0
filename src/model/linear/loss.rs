//! Losses of a regression: what an error costs, by its slope.
//!
//! R. Koenker, G. Bassett, "Regression quantiles", Econometrica 46 (1978); P. J. Huber, "Robust estimation of a location
//! parameter", Annals of Mathematical Statistics 35 (1964).

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use crate::params::{Check, Problems};

crate::params! {
    pub struct Squared {}
}

crate::params! {
    pub struct Absolute {}
}

crate::params! {
    pub struct Huber {
        /// Errors up to this count as half their square, larger ones in proportion; in units of the label.
        pub delta: f64 = 1.0, in f64::MIN_POSITIVE.. => "> 0";
    }
}

crate::params! {
    pub struct Quantile {
        /// The quantile that is learned.
        pub alpha: f64 = 0.5, in 0.0..=1.0 => "in [0, 1]";
    }
}

/// `loss = { type = "huber", delta = 2.0 }`: what an error costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Loss {
    Squared(Squared),
    Absolute(Absolute),
    Huber(Huber),
    Quantile(Quantile),
}

impl Default for Loss {
    fn default() -> Self {
        Self::Squared(Squared {})
    }
}

impl Check for Loss {
    fn check(&self, problems: &mut Problems) {
        match self {
            Self::Squared(loss) => loss.check(problems),
            Self::Absolute(loss) => loss.check(problems),
            Self::Huber(loss) => loss.check(problems),
            Self::Quantile(loss) => loss.check(problems),
        }
    }
}

impl Loss {
    /// The derivative of the loss by the prediction: of `(p - y)²`, `|p - y|`, Huber's, the pinball.
    pub fn slope(&self, predicted: f64, truth: f64) -> f64 {
        let error = predicted - truth;
        match self {
            Self::Squared(_) => 2.0 * error,
            Self::Absolute(_) if error == 0.0 => 0.0,
            Self::Absolute(_) => 1.0_f64.copysign(error),
            Self::Huber(Huber { delta }) => error.clamp(-delta, *delta),
            Self::Quantile(Quantile { alpha }) if error > 0.0 => 1.0 - alpha,
            Self::Quantile(Quantile { alpha }) if error < 0.0 => -alpha,
            Self::Quantile(_) => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(loss: &Loss, error: f64) -> f64 {
        match loss {
            Loss::Squared(_) => error * error,
            Loss::Absolute(_) => error.abs(),
            Loss::Huber(Huber { delta }) if error.abs() <= *delta => error * error / 2.0,
            Loss::Huber(Huber { delta }) => delta * (error.abs() - delta / 2.0),
            Loss::Quantile(Quantile { alpha }) => error.max(0.0) * (1.0 - alpha) + (-error).max(0.0) * alpha,
        }
    }

    #[test]
    fn slopes_are_the_derivatives() {
        let losses = [
            Loss::default(),
            Loss::Absolute(Absolute {}),
            Loss::Huber(Huber { delta: 0.7 }),
            Loss::Quantile(Quantile { alpha: 0.9 }),
        ];
        for loss in losses {
            for error in [-3.0, -0.5, 0.3, 2.0] {
                let difference = (value(&loss, error + 1e-6) - value(&loss, error - 1e-6)) / 2e-6;
                assert!((loss.slope(10.0 + error, 10.0) - difference).abs() < 1e-6, "{loss:?} at {error}");
            }
        }
    }
}
