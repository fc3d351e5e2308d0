//! Optimizers: each moves weights against a gradient, at a rate that follows a schedule, under an elastic-net penalty.
//!
//! All but FTRL meet the penalty by a proximal step (J. Duchi, Y. Singer, "Efficient online and batch learning using
//! forward backward splitting", JMLR 10 (2009)), each weight at the rate at which its gradient was taken: weights that
//! carry nothing are exactly 0.
//!
//! To add one: a file beside the others, shaped like them, and its line in `family!` below.

mod penalty;
mod schedule;

pub use penalty::Penalty;
pub use schedule::{Constant, Decay, Exponential, InverseScaling, Schedule};

/// Moves weights downhill.
pub trait Optimize {
    /// One step of every weight; both slices have the length the optimizer was last grown to.
    fn step(&mut self, weights: &mut [f64], gradient: &[f64], penalty: Penalty);

    /// Makes room for `weights` weights in all; new ones have no history.
    fn grow(&mut self, weights: usize);

    /// Multiplies the learning rate from now on; 1 is as configured.
    fn scale_learning_rate(&mut self, factor: f64);
}

crate::family!("optimizer", Optimizer, {
    sgd => Sgd,
    momentum => Momentum,
    adagrad => Adagrad,
    adam => Adam,
    ftrl => Ftrl,
});

impl Params {
    /// An optimizer of `weights` weights that has made no step.
    pub fn build(&self, weights: usize) -> Optimizer {
        build_each!(self, params => weights)
    }
}

impl Optimize for Optimizer {
    fn step(&mut self, weights: &mut [f64], gradient: &[f64], penalty: Penalty) {
        each!(self, optimizer => optimizer.step(weights, gradient, penalty));
    }

    fn grow(&mut self, weights: usize) {
        each!(self, optimizer => optimizer.grow(weights));
    }

    fn scale_learning_rate(&mut self, factor: f64) {
        each!(self, optimizer => optimizer.scale_learning_rate(factor));
    }
}
