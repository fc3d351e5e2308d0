//! Candidate tests of a leaf, the best per feature, and the decision whether the best is good enough.

use smallvec::SmallVec;

use super::arena::Test;
use super::criterion::Judge;
use super::gaussian::Gaussians;
use super::nominal::Nominals;

/// Thresholds tried between the lowest and the highest value of a number, equally spaced, both ends left out.
const THRESHOLDS: usize = 10;

/// A test with its merit and, branch after branch, the weight by class that it sends there.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    pub merit: f64,
    pub test: Test,
    pub branches: Vec<f64>,
}

/// The best test of one feature, before it is written out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    pub merit: f64,
    pub place: Place,
}

/// What is tested: by position among the leaf's numbers or categories.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    Number { i: usize, threshold: f64 },
    Category { i: usize },
}

/// The best test on number `i` of the leaf.
pub fn best_threshold(judge: &Judge<'_>, gaussians: &Gaussians, i: usize) -> Option<Scored> {
    let (low, high) = gaussians.range(i)?;
    let step = (high - low) / (THRESHOLDS + 1) as f64;
    let classes = judge.before().len();
    let width = 2 * classes;
    let mut splits: SmallVec<[f64; 64]> = SmallVec::from_elem(0.0, width * THRESHOLDS);
    let threshold = |k: usize| low + step * (k + 1) as f64;
    gaussians.divide(i, (0..THRESHOLDS).map(threshold), &mut splits, classes);
    let mut best: Option<Scored> = None;
    judge.merits(&splits, width, |k, merit| {
        if best.is_none_or(|best| merit > best.merit) {
            best = Some(Scored { merit, place: Place::Number { i, threshold: threshold(k) } });
        }
    });
    best
}

/// The test on category `i` of the leaf with one branch per code.
pub fn by_category(judge: &Judge<'_>, nominals: &Nominals, i: usize) -> Option<Scored> {
    let branches = nominals.branches(i, judge.before().len());
    (nominals.codes(i).len() > 1).then(|| Scored { merit: judge.merit(&branches), place: Place::Category { i } })
}

/// The best of `scored` where it beats the second best by more than `bound`, or where they are as good as tied: `bound`
/// below `tie`.
pub fn winner(scored: impl Iterator<Item = Scored>, bound: f64, tie: f64) -> Option<Scored> {
    let mut second = f64::NEG_INFINITY;
    let mut best: Option<Scored> = None;
    for next in scored {
        match best {
            Some(leader) if next.merit <= leader.merit => second = second.max(next.merit),
            _ => second = second.max(best.replace(next).map_or(f64::NEG_INFINITY, |loser| loser.merit)),
        }
    }
    best.filter(|best| best.merit.is_finite() && (best.merit - second > bound || bound < tie))
}
