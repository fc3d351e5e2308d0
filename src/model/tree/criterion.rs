//! Split criteria: how much purer the branches of a test are than the leaf.

use serde::{Deserialize, Serialize};

/// What a split is judged by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// Reduction of entropy, in bits. J. R. Quinlan, "Induction of decision trees", Machine Learning 1 (1986).
    #[default]
    InfoGain,
    /// Reduction of Gini impurity.
    Gini,
    /// Hellinger distance between the branches' distributions over the classes; insensitive to skew.
    /// D. A. Cieslak, N. V. Chawla, "Learning decision trees for unbalanced data", ECML PKDD 2008.
    Hellinger,
}

/// Branches lighter than this share of the leaf do not count as a split.
const MIN_BRANCH: f64 = 0.01;

impl Criterion {
    /// How good it is to split `before` (weight by class) into `branches` (rows of `before.len()` weights each);
    /// negative infinity where fewer than two branches have weight.
    pub fn merit(self, before: &[f64], branches: &[f64]) -> f64 {
        let classes = before.len();
        let total: f64 = branches.iter().sum();
        let weights = branches.chunks_exact(classes).map(|branch| branch.iter().sum::<f64>());
        if weights.filter(|weight| *weight > MIN_BRANCH * total).count() < 2 {
            return f64::NEG_INFINITY;
        }
        match self {
            Self::InfoGain => entropy(before) - mean_over(branches, classes, total, entropy),
            Self::Gini => gini(before) - mean_over(branches, classes, total, gini),
            Self::Hellinger => hellinger(before, branches),
        }
    }

    /// The range R of the merit in Hoeffding's bound.
    pub fn range(self, classes: usize) -> f64 {
        match self {
            Self::InfoGain => libm::log2(classes.max(2) as f64),
            Self::Gini => 1.0,
            Self::Hellinger => std::f64::consts::SQRT_2,
        }
    }
}

fn mean_over(branches: &[f64], classes: usize, total: f64, impurity: fn(&[f64]) -> f64) -> f64 {
    branches.chunks_exact(classes).map(|branch| branch.iter().sum::<f64>() / total * impurity(branch)).sum()
}

fn entropy(weights: &[f64]) -> f64 {
    let total: f64 = weights.iter().sum();
    if total <= 0.0 {
        return 0.0;
    }
    let sum: f64 = weights.iter().filter(|w| **w > 0.0).map(|w| w * libm::log2(*w)).sum();
    libm::log2(total) - sum / total
}

fn gini(weights: &[f64]) -> f64 {
    let total: f64 = weights.iter().sum();
    if total <= 0.0 {
        return 0.0;
    }
    1.0 - weights.iter().map(|w| (w / total) * (w / total)).sum::<f64>()
}

/// The largest over the pairs (class, rest) of the distance between the two distributions over the branches.
fn hellinger(before: &[f64], branches: &[f64]) -> f64 {
    let classes = before.len();
    let total: f64 = before.iter().sum();
    let distance = |class: usize| {
        let (one, rest) = (before[class], total - before[class]);
        if one <= 0.0 || rest <= 0.0 {
            return 0.0;
        }
        let squares = branches.chunks_exact(classes).map(|branch| {
            let others = branch.iter().sum::<f64>() - branch[class];
            let difference = (branch[class] / one).max(0.0).sqrt() - (others / rest).max(0.0).sqrt();
            difference * difference
        });
        squares.sum::<f64>().sqrt()
    };
    (0..classes).map(distance).fold(0.0, f64::max)
}

/// Hoeffding's bound: with probability 1 - `delta` the mean of `n` draws within a range is this close to its expectation.
///
/// W. Hoeffding, "Probability inequalities for sums of bounded random variables", JASA 58 (1963).
pub fn hoeffding_bound(range: f64, delta: f64, n: f64) -> f64 {
    (range * range * libm::log(1.0 / delta) / (2.0 * n)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perfect_split_gains_everything_and_a_useless_one_nothing() {
        let before = [10.0, 10.0];
        for criterion in [Criterion::InfoGain, Criterion::Gini, Criterion::Hellinger] {
            let perfect = criterion.merit(&before, &[10.0, 0.0, 0.0, 10.0]);
            let useless = criterion.merit(&before, &[5.0, 5.0, 5.0, 5.0]);
            assert!(perfect > 0.49 && useless.abs() < 1e-12, "{criterion:?} {perfect} {useless}");
            assert_eq!(criterion.merit(&before, &[10.0, 10.0, 0.0, 0.0]), f64::NEG_INFINITY);
        }
    }
}
