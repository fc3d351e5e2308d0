//! Candidate tests of a leaf, the best per feature, and the decision whether the best is good enough.

use super::arena::Test;
use super::criterion::Criterion;
use super::gaussian::Gaussians;
use super::nominal::Nominals;

/// Thresholds tried between the lowest and the highest value of a number, equally spaced, both ends left out.
const THRESHOLDS: usize = 10;

/// A test with its merit and, branch after branch, the weight by class that it sends there.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    pub merit: f64,
    /// Position in the leaf's list of features: numbers first, then categories.
    pub position: usize,
    pub test: Test,
    pub branches: Vec<f64>,
}

/// The best test on number `i` of the leaf, which is slot `feature` of the row.
pub fn best_threshold(
    criterion: Criterion,
    before: &[f64],
    gaussians: &Gaussians,
    i: usize,
    feature: u32,
) -> Option<Candidate> {
    let (low, high) = gaussians.range(i)?;
    let step = (high - low) / (THRESHOLDS + 1) as f64;
    let classes = before.len();
    let mut branches = vec![0.0; 2 * classes];
    let mut best: Option<Candidate> = None;
    for k in 1..=THRESHOLDS {
        let threshold = low + step * k as f64;
        branches.fill(0.0);
        let (left, right) = branches.split_at_mut(classes);
        gaussians.divide(i, threshold, left, right);
        let merit = criterion.merit(before, &branches);
        if best.as_ref().is_none_or(|best| merit > best.merit) {
            let test = Test::Number { feature, threshold };
            best = Some(Candidate { merit, position: i, test, branches: branches.clone() });
        }
    }
    best
}

/// The test on category `i` of the leaf with one branch per code, which is slot `feature` of the row.
pub fn by_category(
    criterion: Criterion,
    before: &[f64],
    nominals: &Nominals,
    i: usize,
    feature: u32,
) -> Option<Candidate> {
    let (codes, branches) = nominals.table(i, before.len());
    if codes.len() < 2 {
        return None;
    }
    let merit = criterion.merit(before, &branches);
    Some(Candidate { merit, position: i, test: Test::Category { feature, codes }, branches })
}

/// The best of `candidates` where it beats the second best by more than `bound`, or where they are as good as tied:
/// `bound` below `tie`.
pub fn winner(candidates: Vec<Candidate>, bound: f64, tie: f64) -> Option<Candidate> {
    let mut second = f64::NEG_INFINITY;
    let mut best: Option<Candidate> = None;
    for candidate in candidates {
        match &best {
            Some(leader) if candidate.merit <= leader.merit => second = second.max(candidate.merit),
            _ => second = second.max(best.replace(candidate).map_or(f64::NEG_INFINITY, |loser| loser.merit)),
        }
    }
    best.filter(|best| best.merit.is_finite() && (best.merit - second > bound || bound < tie))
}
