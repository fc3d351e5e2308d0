//! Stacking by an extended Kalman filter: a softmax over the experts' log probabilities, each with a weight, by the second
//! moments of what they say, so that experts that say the same share one weight. The class that came is taught against its strongest rival.
//!
//! D. H. Wolpert, "Stacked generalization", Neural Networks 5 (1992); S. Haykin, "Kalman Filtering and Neural Networks", 2001, chapter 1; W. D. Penny, S. J. Roberts, "Dynamic logistic regression",
//! IJCNN 1999.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::least_squares::LeastSquares;

/// What a round leaves of those before it.
const FORGETTING: f64 = 0.9995;
/// Variance of each weight at the start.
const START: f64 = 0.05;
/// The least variance of an outcome: where one is sure, errors would otherwise count without bound.
const LEAST_VARIANCE: f64 = 0.02;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Margins {
    squares: LeastSquares,
}

impl Margins {
    pub fn new(experts: usize) -> Self {
        Self { squares: LeastSquares::new(vec![1.0 / experts as f64; experts], START, FORGETTING) }
    }

    /// One for each expert, of any sign.
    pub fn weights(&self) -> &[f64] {
        self.squares.weights()
    }

    /// Writes probabilities of sum 1 into `mixed`; `logs` are rows of as many log probabilities, a row an expert.
    pub fn combine(&self, logs: &[f64], mixed: &mut [f64]) {
        let classes = mixed.len();
        for (class, z) in mixed.iter_mut().enumerate() {
            *z = self.squares.predict(|k| logs[k * classes + class]);
        }
        super::softmax(mixed);
    }

    /// Learns that `class` came; `mixed` is what [`Margins::combine`] made of the same `logs`. `gain` is scratch.
    pub fn learn(&mut self, logs: &[f64], mixed: &[f64], class: usize, gain: &mut Vec<f64>) {
        let classes = mixed.len();
        let rivals = (0..classes).filter(|rival| *rival != class);
        let stronger = |a: &usize, b: &usize| mixed[*a].total_cmp(&mixed[*b]).then(b.cmp(a));
        let Some(rival) = rivals.max_by(stronger) else { return };
        let margin = |k: usize| logs[k * classes + class] - logs[k * classes + rival];
        let p = 1.0 / (1.0 + libm::exp(-self.squares.predict(margin)));
        let variance = (p * (1.0 - p)).max(LEAST_VARIANCE);
        self.squares.learn(margin, (1.0 - p) / variance, 1.0 / variance, gain);
    }
}
