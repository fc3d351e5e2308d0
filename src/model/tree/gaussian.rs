//! Numbers seen in a leaf, summarised by class: weight, mean, sum of squares, minimum and maximum of every feature.

use serde::{Deserialize, Serialize};

use crate::row::Row;

/// Statistics of `features` numbers by class, class after class, each class five contiguous stretches.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gaussians {
    features: usize,
    data: Vec<f64>,
}

const STRETCHES: usize = 5;

/// One class: slices over the features.
struct Class<'a> {
    weights: &'a [f64],
    means: &'a [f64],
    squares: &'a [f64],
    lows: &'a [f64],
    highs: &'a [f64],
}

impl Gaussians {
    pub fn new(features: usize) -> Self {
        Self { features, data: Vec::new() }
    }

    fn grow(&mut self, classes: usize) {
        let block = self.features * STRETCHES;
        while self.data.len() < classes * block {
            self.data.resize(self.data.len() + 3 * self.features, 0.0);
            self.data.resize(self.data.len() + self.features, f64::INFINITY);
            self.data.resize(self.data.len() + self.features, f64::NEG_INFINITY);
        }
    }

    fn class(&self, class: usize) -> Option<Class<'_>> {
        let n = self.features;
        let block = self.data.get(class * n * STRETCHES..(class + 1) * n * STRETCHES)?;
        let (weights, rest) = block.split_at(n);
        let (means, rest) = rest.split_at(n);
        let (squares, rest) = rest.split_at(n);
        let (lows, highs) = rest.split_at(n);
        Some(Class { weights, means, squares, lows, highs })
    }

    /// Absorbs the numbers that `subspace` names, of a row of `class`. Missing numbers leave their statistics as they are.
    pub fn learn(&mut self, row: &Row, subspace: &[u32], class: usize, weight: f64) {
        self.grow(class + 1);
        let n = self.features;
        let block = &mut self.data[class * n * STRETCHES..(class + 1) * n * STRETCHES];
        let (weights, rest) = block.split_at_mut(n);
        let (means, rest) = rest.split_at_mut(n);
        let (squares, rest) = rest.split_at_mut(n);
        let (lows, highs) = rest.split_at_mut(n);
        for (i, &feature) in subspace.iter().enumerate().take(n) {
            let value = row.numbers[feature as usize];
            if value.is_nan() {
                continue;
            }
            weights[i] += weight;
            let deviation = value - means[i];
            means[i] += deviation * weight / weights[i];
            squares[i] += weight * deviation * (value - means[i]);
            lows[i] = lows[i].min(value);
            highs[i] = highs[i].max(value);
        }
    }

    /// Whether any number of a row of `class` was absorbed.
    pub fn has_seen(&self, class: usize) -> bool {
        self.class(class).is_some_and(|class| class.weights.iter().any(|weight| *weight > 0.0))
    }

    /// Log density of the row's numbers under `class`, features taken as independent. `impossible` stands for the log
    /// of a density of 0: a number far out, or off the only value that the class has shown.
    pub fn log_likelihood(&self, row: &Row, subspace: &[u32], class: usize, impossible: f64) -> f64 {
        let Some(class) = self.class(class) else { return 0.0 };
        let mut exponents = 0.0;
        let mut spread = 1.0; // product of the variances: one logarithm for many features
        let mut logs = 0.0;
        for (i, &feature) in subspace.iter().enumerate() {
            let value = row.numbers[feature as usize];
            let freedom = class.weights[i] - 1.0;
            if value.is_nan() || class.weights[i] <= 0.0 {
                continue;
            }
            if class.squares[i] <= 0.0 || freedom <= 0.0 {
                if value != class.means[i] {
                    exponents += impossible;
                }
                continue;
            }
            let variance = class.squares[i] / freedom;
            let deviation = value - class.means[i];
            let exponent = deviation * deviation / (-2.0 * variance);
            if exponent < LOWEST_EXPONENT {
                exponents += impossible;
                continue;
            }
            exponents += exponent;
            spread *= std::f64::consts::TAU * variance;
            if !(1e-100..1e100).contains(&spread) {
                logs += libm::log(spread);
                spread = 1.0;
            }
        }
        exponents - 0.5 * (logs + libm::log(spread))
    }

    /// The range of feature `i` over all classes; `None` where nothing or one value was seen.
    pub fn range(&self, i: usize) -> Option<(f64, f64)> {
        let classes = self.data.len() / (self.features * STRETCHES).max(1);
        let mut range = (f64::INFINITY, f64::NEG_INFINITY);
        for class in (0..classes).filter_map(|class| self.class(class)) {
            range = (range.0.min(class.lows[i]), range.1.max(class.highs[i]));
        }
        (range.0 < range.1).then_some(range)
    }

    /// Adds, by class, the weight of feature `i` at most `threshold` to `left` and the rest to `right`.
    pub fn divide(&self, i: usize, threshold: f64, left: &mut [f64], right: &mut [f64]) {
        for c in 0..left.len() {
            let Some(class) = self.class(c) else { continue };
            let weight = class.weights[i];
            if weight <= 0.0 || threshold < class.lows[i] {
                right[c] += weight;
            } else if threshold >= class.highs[i] {
                left[c] += weight;
            } else {
                let below = weight * class.below(i, threshold);
                left[c] += below;
                right[c] += weight - below;
            }
        }
    }

    /// Bytes held on the heap.
    pub fn bytes(&self) -> usize {
        self.data.capacity() * size_of::<f64>()
    }
}

/// `exp` of less is 0 in double precision.
pub const LOWEST_EXPONENT: f64 = -745.2;

impl Class<'_> {
    /// The share of a normal distribution below `threshold`.
    fn below(&self, i: usize, threshold: f64) -> f64 {
        let variance = self.squares[i] / (self.weights[i] - 1.0).max(f64::MIN_POSITIVE);
        if variance <= 0.0 {
            return if threshold >= self.means[i] { 1.0 } else { 0.0 };
        }
        0.5 * (1.0 + libm::erf((threshold - self.means[i]) / (variance.sqrt() * std::f64::consts::SQRT_2)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(value: f64) -> Row {
        Row { numbers: vec![value], ..Row::default() }
    }

    #[test]
    fn the_likelier_class_is_the_nearer_one() {
        let mut gaussians = Gaussians::new(1);
        for i in 0..100 {
            let wobble = f64::from(i % 10) / 10.0;
            gaussians.learn(&row(wobble), &[0], 0, 1.0);
            gaussians.learn(&row(5.0 + wobble), &[0], 1, 1.0);
        }
        let likelihood = |value, class| gaussians.log_likelihood(&row(value), &[0], class, 0.0);
        assert!(likelihood(0.5, 0) > likelihood(0.5, 1));
        assert!(likelihood(5.2, 1) > likelihood(5.2, 0));
        assert_eq!(likelihood(f64::NAN, 0), 0.0);
        let (mut left, mut right) = ([0.0; 2], [0.0; 2]);
        gaussians.divide(0, 2.0, &mut left, &mut right);
        assert_eq!((left, right), ([100.0, 0.0], [0.0, 100.0]));
    }
}
