//! ROC AUC of a binary task: the chance that a label of class 1 was given a higher probability than one of class 0.
//!
//! The rolling twin is exact ([`exact`], ties count half). Over the whole stream the probabilities are kept in 1,281 bins,
//! 32 to each halving of the distance from 0 and from 1 down to 2^-20, and ties within a bin count half: the error is at
//! most half the chance that a positive and a negative share a bin.
//!
//! ```
//! use driftline::metric::{Metric, Outcome, RocAuc, roc_auc::Params};
//! use driftline::row::{Label, Prediction, Task};
//!
//! let mut auc = RocAuc::new(Params {}, Task::Binary);
//! for (label, p) in [(0, 0.1), (1, 0.4), (0, 0.6), (1, 0.9)] {
//!     auc.update(&Outcome::new(Label::Class(label), None, &Prediction::Classes(vec![1.0 - p, p])));
//! }
//! assert_eq!(auc.get(), Some(0.75));
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Metric, Outcome, ratio};
use crate::params::About;
use crate::row::Task;

pub const ABOUT: About = About {
    summary: "chance that a label of class 1 was given a higher probability than one of class 0; exact over the rolling \
              window, from 1,281 bins over the whole stream",
    source: "T. Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27 (2006)",
    example: "type = \"roc_auc\"",
};

crate::params! {
    pub struct Params {}
}

/// Bins on each side of 1/2.
const SIDE: usize = 32 * 20;
/// Of the bits of a number in (0, 1/2), those that name a bin: the exponent and 5 bits of the fraction.
const SHIFT: u32 = 52 - 5;
const HALF: usize = (0.5f64.to_bits() >> SHIFT) as usize;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct RocAuc {
    /// Labels of class 0 and of class 1, by bin of the probability of class 1.
    bins: Vec<(u64, u64)>,
}

impl RocAuc {
    pub fn new(_: Params, _: Task) -> Self {
        Self { bins: vec![(0, 0); 2 * SIDE + 1] }
    }
}

impl Metric for RocAuc {
    fn update(&mut self, outcome: &Outcome) {
        let Some(outcome) = outcome.class() else { return };
        let (negatives, positives) = &mut self.bins[bin(outcome.positive)];
        *(if outcome.label == 1 { positives } else { negatives }) += 1;
    }

    fn get(&self) -> Option<f64> {
        area(self.bins.iter().copied())
    }
}

/// The bin of a probability, in ascending order; NaN goes to the middle.
pub(super) fn bin(probability: f64) -> usize {
    let steps = |distance: f64| HALF.saturating_sub((distance.max(0.0).to_bits() >> SHIFT) as usize).min(SIDE);
    if probability < 0.5 {
        SIDE - steps(probability)
    } else if probability > 0.5 {
        SIDE + steps(1.0 - probability)
    } else {
        SIDE
    }
}

/// The area under the curve of (negatives, positives) with equal probabilities, in ascending order of it.
fn area(groups: impl Iterator<Item = (u64, u64)>) -> Option<f64> {
    let (mut negatives, mut positives, mut above) = (0.0, 0.0, 0.0);
    for (n, p) in groups {
        let (n, p) = (n as f64, p as f64);
        above += p * (negatives + n / 2.0);
        negatives += n;
        positives += p;
    }
    ratio(above, negatives * positives)
}

/// The exact area over these outcomes; ties count half.
pub fn exact<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> Option<f64> {
    let mut scored: Vec<(f64, bool)> =
        outcomes.filter_map(Outcome::class).map(|outcome| (outcome.positive, outcome.label == 1)).collect();
    scored.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let groups = scored.chunk_by(|a, b| a.0 == b.0).map(|group| {
        let positives = group.iter().filter(|(_, positive)| *positive).count();
        ((group.len() - positives) as u64, positives as u64)
    });
    area(groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_ascend_and_reach_both_ends() {
        let ascending = [-1.0, 1e-9, 1e-3, 0.1, 0.25, 0.4, 0.5, 0.6, 0.9, 0.99, 0.999_99, 1.0];
        let bins = ascending.map(bin);
        assert!(bins.is_sorted() && bins[0] == 0 && bins[6] == SIDE && bins[11] == 2 * SIDE, "{bins:?}");
        assert!(bins[2..11].windows(2).all(|pair| pair[0] < pair[1]), "{bins:?}");
        assert_eq!(bin(f64::NAN), SIDE);
    }
}
