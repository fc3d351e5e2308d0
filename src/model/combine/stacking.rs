//! Stacking: a softmax over the experts' log probabilities, each expert with a weight of its own, learned by AdaGrad with
//! squared gradients that fade.
//!
//! D. H. Wolpert, "Stacked generalization", Neural Networks 5 (1992); J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient
//! methods", JMLR 12 (2011).

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

/// What a round leaves of the squared gradients before it.
const DISCOUNT: f64 = 0.9995;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Stacking {
    rate: f64,
    experts: Vec<Weight>,
    /// By class.
    biases: Vec<Weight>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
struct Weight {
    value: f64,
    squares: f64,
}

impl Weight {
    fn descend(&mut self, gradient: f64, rate: f64) {
        self.squares = DISCOUNT * self.squares + gradient * gradient;
        self.value -= rate * gradient / (self.squares.sqrt() + 1e-8);
    }
}

impl Stacking {
    pub fn new(experts: usize, rate: f64) -> Self {
        let weight = Weight { value: 1.0 / experts as f64, squares: 0.0 };
        Self { rate, experts: vec![weight; experts], biases: Vec::new() }
    }

    /// One for each expert, of any sign.
    pub fn weights(&self) -> impl Iterator<Item = f64> + Clone {
        self.experts.iter().map(|weight| weight.value)
    }

    /// Writes probabilities of sum 1 into `mixed`; `logs` are rows of as many log probabilities, a row an expert.
    pub fn combine(&self, logs: &[f64], mixed: &mut [f64]) {
        for (class, z) in mixed.iter_mut().enumerate() {
            *z = self.biases.get(class).map_or(0.0, |bias| bias.value);
        }
        for (weight, logs) in self.experts.iter().zip(logs.chunks_exact(mixed.len())) {
            mixed.iter_mut().zip(logs).for_each(|(z, log)| *z += weight.value * log);
        }
        super::softmax(mixed);
    }

    /// Learns that `class` came; `mixed` is what [`Stacking::combine`] made of the same `logs`.
    pub fn learn(&mut self, logs: &[f64], mixed: &[f64], class: usize) {
        if self.biases.len() < mixed.len() {
            self.biases.resize(mixed.len(), Weight::default());
        }
        let residual = |c: usize| mixed[c] - if c == class { 1.0 } else { 0.0 };
        for (weight, logs) in self.experts.iter_mut().zip(logs.chunks_exact(mixed.len())) {
            let gradient = logs.iter().enumerate().map(|(c, log)| residual(c) * log).sum();
            weight.descend(gradient, self.rate);
        }
        for (c, bias) in self.biases.iter_mut().enumerate().take(mixed.len()) {
            bias.descend(residual(c), self.rate);
        }
    }
}
