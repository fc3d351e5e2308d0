//! Split criteria: how much purer the branches of a test are than the leaf.

use std::slice::ChunksExact;

use get_size2::GetSize;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::linalg::times_ln;

/// What a split is judged by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, GetSize)]
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

/// Judges splits of one leaf: what they have in common is computed once.
#[derive(Clone, Copy, Debug)]
pub struct Judge<'a> {
    criterion: Criterion,
    before: &'a [f64],
    impurity: f64,
}

impl<'a> Judge<'a> {
    /// For splits of a leaf with this weight by class.
    pub fn new(criterion: Criterion, before: &'a [f64]) -> Self {
        let impurity = match criterion {
            Criterion::InfoGain => disorder(before) / before.iter().sum::<f64>().max(f64::MIN_POSITIVE),
            Criterion::Gini => gini(before),
            Criterion::Hellinger => 0.0,
        };
        Self { criterion, before, impurity }
    }

    /// Weight by class before the split.
    pub fn before(&self) -> &[f64] {
        self.before
    }

    /// How good it is to split into `branches` (rows of as many weights as there are classes); negative infinity where fewer
    /// than two branches have weight.
    pub fn merit(&self, branches: &[f64]) -> f64 {
        let mut merit = f64::NEG_INFINITY;
        self.merits(branches, branches.len(), |_, of| merit = of);
        merit
    }

    /// The [merits](Judge::merit) of several splits, each of `width` weights, handed to `take` with their numbers.
    pub fn merits(&self, splits: &[f64], width: usize, mut take: impl FnMut(usize, f64)) {
        let classes = self.before.len();
        let gains = self.criterion == Criterion::InfoGain;
        let disorders = if gains { disorders(splits, width, classes) } else { SmallVec::new() };
        for (i, split) in splits.chunks_exact(width).enumerate() {
            let total: f64 = split.iter().sum();
            let branches = split.chunks_exact(classes);
            let heavy = |branch: &&[f64]| branch.iter().sum::<f64>() > MIN_BRANCH * total;
            if branches.clone().filter(heavy).count() < 2 {
                take(i, f64::NEG_INFINITY);
                continue;
            }
            let merit = match self.criterion {
                Criterion::InfoGain => self.impurity - disorders[i] / total,
                Criterion::Gini => {
                    let weighted = |branch: &[f64]| branch.iter().sum::<f64>() / total * gini(branch);
                    self.impurity - branches.map(weighted).sum::<f64>()
                }
                Criterion::Hellinger => hellinger(self.before, branches),
            };
            take(i, merit);
        }
    }
}

impl Criterion {
    /// The range R of the merit in Hoeffding's bound.
    pub fn range(self, classes: usize) -> f64 {
        match self {
            Self::InfoGain => libm::log2(classes.max(2) as f64),
            Self::Gini => 1.0,
            Self::Hellinger => std::f64::consts::SQRT_2,
        }
    }
}

/// Of each split of `width` weights: the entropy in bits times the weight, summed over its branches of `classes` weights each.
fn disorders(splits: &[f64], width: usize, classes: usize) -> SmallVec<[f64; 16]> {
    let sum = |values: &[f64]| values.iter().sum::<f64>();
    let mut branches: SmallVec<[f64; 32]> = splits.chunks_exact(classes).map(sum).collect();
    let mut weights: SmallVec<[f64; 64]> = SmallVec::from_slice(splits);
    times_ln(&mut branches);
    times_ln(&mut weights);
    let each = branches.chunks_exact(width / classes).map(sum).zip(weights.chunks_exact(width).map(sum));
    each.map(|(branches, weights)| (branches - weights) * std::f64::consts::LOG2_E).collect()
}

/// Entropy in bits times the weight.
fn disorder(weights: &[f64]) -> f64 {
    if weights.is_empty() { 0.0 } else { disorders(weights, weights.len(), weights.len())[0] }
}

fn gini(weights: &[f64]) -> f64 {
    let total: f64 = weights.iter().sum();
    if total <= 0.0 {
        return 0.0;
    }
    1.0 - weights.iter().map(|w| (w / total) * (w / total)).sum::<f64>()
}

/// The largest over the pairs (class, rest) of the distance between the two distributions over the branches.
fn hellinger(before: &[f64], branches: ChunksExact<'_, f64>) -> f64 {
    let total: f64 = before.iter().sum();
    let distance = |class: usize| {
        let (one, rest) = (before[class], total - before[class]);
        if one <= 0.0 || rest <= 0.0 {
            return 0.0;
        }
        let squares = branches.clone().map(|branch| {
            let others = branch.iter().sum::<f64>() - branch[class];
            let difference = (branch[class] / one).max(0.0).sqrt() - (others / rest).max(0.0).sqrt();
            difference * difference
        });
        squares.sum::<f64>().sqrt()
    };
    (0..before.len()).map(distance).fold(0.0, f64::max)
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
            let judge = Judge::new(criterion, &before);
            let perfect = judge.merit(&[10.0, 0.0, 0.0, 10.0]);
            let useless = judge.merit(&[5.0, 5.0, 5.0, 5.0]);
            assert!(perfect > 0.49 && useless.abs() < 1e-12, "{criterion:?} {perfect} {useless}");
            assert_eq!(judge.merit(&[10.0, 10.0, 0.0, 0.0]), f64::NEG_INFINITY);
        }
    }
}
