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
use crate::linalg::LogProduct;
use crate::params::About;
use crate::row::Task;

pub const ABOUT: About = About {
    summary: "mean of -ln of the probability given to the label, clipped to [1e-15, 1 - 1e-15]",
    source: "I. J. Good, Rational decisions, J. R. Stat. Soc. B 14 (1952)",
    example: "type = \"log_loss\"",
};

/// Nearer to 0 or 1 no probability is taken.
const CLIP: f64 = 1e-15;

crate::params! {
    pub struct Params {}
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct LogLoss {
    n: u64,
    /// Of all the probabilities: its logarithm is taken once it is asked for.
    product: LogProduct,
}

impl LogLoss {
    pub fn new(_: Params, _: Task) -> Self {
        Self { n: 0, product: LogProduct::default() }
    }
}

impl Metric for LogLoss {
    fn update(&mut self, outcome: &Outcome) {
        let Some(outcome) = outcome.class() else { return };
        self.n += 1;
        self.product.push(outcome.probability.clamp(CLIP, 1.0 - CLIP));
    }

    fn get(&self) -> Option<f64> {
        ratio(-self.product.ln(), self.n as f64)
    }
}
