//! Optimizers: each moves weights against a gradient, at a rate that follows a schedule, under an elastic-net penalty.
//!
//! All but FTRL meet the penalty by a proximal step (J. Duchi, Y. Singer, "Efficient online and batch learning using
//! forward backward splitting", JMLR 10 (2009)), each weight at the rate at which its gradient was taken: weights that
//! carry nothing are exactly 0. FTRL meets the sum of all gradients with one penalty, as its paper does: there, `l1` and
//! `l2` count for less the more events there were.
//!
//! To add one: a file beside the others, shaped like them, and its line in `family!` below.
//!
//! ```
//! use driftline::model::optimize::{Adam, Optimize, Penalty, adam::Params};
//!
//! let mut adam = Adam::new(Params { learning_rate: 0.1, ..Params::default() }, 1);
//! let mut weights = [0.0];
//! for _ in 0..500 {
//!     let gradient = [weights[0] - 3.0];
//!     adam.step(&mut weights, &gradient, Penalty { l1: 0.0, l2: 0.0 });
//! }
//! assert!((weights[0] - 3.0).abs() < 0.01);
//! ```

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    /// Steps along the noisy gradient of `Σ c (w - target)² / 2` until the weights are still.
    fn descend(params: &Params, penalty: Penalty, steps: usize) -> Vec<f64> {
        let target = [1.0, -0.5, 0.03, 0.0];
        let mut rng = Rng::new(1, "optimize");
        let mut weights = vec![0.0; 4];
        let mut optimizer = params.build(4);
        for _ in 0..steps {
            let slope = |(w, t): (&f64, &f64)| w - t + 0.01 * rng.normal();
            let gradient: Vec<f64> = weights.iter().zip(&target).map(slope).collect();
            optimizer.step(&mut weights, &gradient, penalty);
        }
        weights
    }

    #[test]
    fn every_optimizer_finds_the_bottom() {
        for params in Params::defaults() {
            let weights = descend(&params, Penalty::default(), 5_000);
            for (weight, target) in weights.iter().zip([1.0, -0.5, 0.03, 0.0]) {
                assert!((weight - target).abs() < 0.05, "{}: {weights:?}", params.name());
            }
        }
    }

    /// FTRL meets the sum of all gradients with one penalty where the others meet each gradient with one, so its share falls.
    fn steps(params: &Params) -> usize {
        if params.name() == "ftrl" { 5 } else { 5_000 }
    }

    #[test]
    fn l1_makes_weights_exactly_zero_and_shortens_the_others() {
        for params in Params::defaults() {
            let steps = steps(&params);
            let (free, bound) =
                (descend(&params, Penalty::default(), steps), descend(&params, Penalty { l1: 0.2, l2: 0.0 }, steps));
            assert_eq!(bound[2..], [0.0, 0.0], "{}", params.name());
            assert!(bound[0] > 0.0 && bound[0] < 0.99 * free[0], "{}: {bound:?} of {free:?}", params.name());
            assert!(bound[1] < 0.0 && bound[1] > 0.99 * free[1], "{}: {bound:?} of {free:?}", params.name());
        }
    }

    #[test]
    fn l2_shortens_every_weight() {
        for params in Params::defaults() {
            let steps = steps(&params);
            let (free, bound) =
                (descend(&params, Penalty::default(), steps), descend(&params, Penalty { l1: 0.0, l2: 0.5 }, steps));
            assert!(bound[0] > 0.0 && bound[0] < 0.99 * free[0], "{}: {bound:?} of {free:?}", params.name());
            assert!(bound[1] < 0.0 && bound[1] > 0.99 * free[1], "{}: {bound:?} of {free:?}", params.name());
        }
    }

    #[test]
    fn another_rate_moves_no_weight_by_itself() {
        for params in Params::defaults().iter().filter(|params| params.name() != "momentum") {
            for penalty in [Penalty::default(), Penalty { l1: 0.001, l2: 0.0 }] {
                let mut optimizer = params.build(1);
                let mut weights = [0.0];
                for _ in 0..100 {
                    optimizer.step(&mut weights, &[-0.5], penalty);
                }
                optimizer.scale_learning_rate(5.0);
                let before = weights[0];
                optimizer.step(&mut weights, &[-1e-12], penalty);
                let moved = (weights[0] - before).abs() / before.abs();
                let by_memory = if params.name() == "adam" { 1.0 } else { 0.01 };
                assert!(moved < by_memory, "{}: moved by {moved}", params.name());
            }
        }
    }
}
