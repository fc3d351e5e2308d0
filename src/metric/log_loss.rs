//! Log loss: the mean of -ln of the probability given to the label, clipped to [1e-15, 1 - 1e-15].
//!
//! A label of a class that was not known yet has probability 0, so it costs -ln 1e-15 = 34.5.
//!
//! ```
//! use driftline::metric::{LogLoss, Metric, Outcome, log_loss::Params};
//! use driftline::row::{Label, Prediction, Task};
//!
//! let mut loss = LogLoss::new(Params {}, Task::Binary);
//! loss.update(&Outcome::new(Label::Class(0), None, &Prediction::Classes(vec![0.25, 0.75])));
//! assert_eq!(loss.get(), Some(-(0.25f64.ln())));
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Metric, Outcome, ratio};
use crate::params::About;
use crate::row::Task;

pub const ABOUT: About = About {
    summary: "mean of -ln of the probability given to the label, clipped to [1e-15, 1 - 1e-15]",
    source: "I. J. Good, Rational decisions, J. R. Stat. Soc. B 14 (1952)",
    example: "type = \"log_loss\"",
};

/// Nearer to 0 or 1 no probability is taken.
const CLIP: f64 = 1e-15;
const LOG_CLIP: f64 = -34.538_776_394_910_684;
const LOG_SURE: f64 = -9.992007221626415e-16;

crate::params! {
    pub struct Params {}
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct LogLoss {
    n: u64,
    sum: f64,
}

impl LogLoss {
    pub fn new(_: Params, _: Task) -> Self {
        Self { n: 0, sum: 0.0 }
    }
}

impl Metric for LogLoss {
    fn update(&mut self, outcome: &Outcome) {
        let Some(outcome) = outcome.class() else { return };
        self.n += 1;
        self.sum -= match outcome.probability {
            // As the baseline's are: no logarithm each time.
            p if p <= CLIP => LOG_CLIP,
            p if p >= 1.0 - CLIP => LOG_SURE,
            p => libm::log(p),
        };
    }

    fn get(&self) -> Option<f64> {
        ratio(self.sum, self.n as f64)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_clipped_logarithm_is_the_logarithm() {
        assert_eq!(super::LOG_CLIP, libm::log(super::CLIP));
        assert_eq!(super::LOG_SURE, libm::log(1.0 - super::CLIP));
    }
}
