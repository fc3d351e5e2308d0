//! Stacking: a softmax over the experts' log probabilities, each expert with a weight of its own, learned by AdaGrad with
//! squared gradients that fade.
//!
//! D. H. Wolpert, "Stacked generalization", Neural Networks 5 (1992); J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient
//! methods", JMLR 12 (2011).

use serde::{Deserialize, Serialize};

use super::clip;

/// What a round leaves of the squared gradients before it.
const DISCOUNT: f64 = 0.9995;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stacking {
    rate: f64,
    experts: Vec<Weight>,
    /// By class.
    biases: Vec<Weight>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
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

    /// Writes probabilities of sum 1 into `mixed`; `answers` are rows of as many probabilities, a row an expert.
    pub fn combine(&self, answers: &[f64], mixed: &mut [f64]) {
        for (class, z) in mixed.iter_mut().enumerate() {
            *z = self.biases.get(class).map_or(0.0, |bias| bias.value);
        }
        for (weight, answer) in self.experts.iter().zip(answers.chunks_exact(mixed.len())) {
            mixed.iter_mut().zip(answer).for_each(|(z, p)| *z += weight.value * libm::log(clip(*p)));
        }
        let highest = mixed.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        mixed.iter_mut().for_each(|z| *z = libm::exp(*z - highest));
        super::normalise(mixed);
    }

    /// Learns that `class` came; `mixed` is what [`Stacking::combine`] made of the same `answers`.
    pub fn learn(&mut self, answers: &[f64], mixed: &[f64], class: usize) {
        if self.biases.len() < mixed.len() {
            self.biases.resize(mixed.len(), Weight::default());
        }
        let residual = |c: usize| mixed[c] - if c == class { 1.0 } else { 0.0 };
        for (weight, answer) in self.experts.iter_mut().zip(answers.chunks_exact(mixed.len())) {
            let gradient = answer.iter().enumerate().map(|(c, p)| residual(c) * libm::log(clip(*p))).sum();
            weight.descend(gradient, self.rate);
        }
        for (c, bias) in self.biases.iter_mut().enumerate().take(mixed.len()) {
            bias.descend(residual(c), self.rate);
        }
    }
}
