//! What is known of a target by feature: numbers in histograms, categories by code; and the tests that follow from it.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::arena::Test;
use super::criterion::hoeffding_bound;
use super::histogram::{Histogram, Moments};
use super::subspace::Subspace;
use crate::row::Row;

/// What decides whether a test is made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct ValueRule {
    /// Weight between two attempts.
    pub grace_period: f64,
    /// Probability of a wrong choice.
    pub delta: f64,
    /// Below this bound the best two are taken as tied.
    pub tie: f64,
    /// Weight that each branch must have at least.
    pub min_branch: f64,
}

/// A test with what is known of its branches' targets: at most and above a threshold, or one category and the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueSplit {
    pub test: Test,
    pub branches: [Moments; 2],
    /// How much less the target varies within the branches: variance, in squared units of the target.
    pub merit: f64,
}

impl ValueSplit {
    /// The branch for rows without an answer to the test: of numbers the heavier one, of categories the rest.
    pub fn heavier(&self) -> usize {
        match self.test {
            Test::Number { .. } => usize::from(self.branches[1].weight > self.branches[0].weight),
            Test::Category { .. } => 1,
        }
    }
}

/// Targets by the values of the features of a subspace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct ValueObservers {
    subspace: Subspace,
    histograms: Vec<Histogram>,
    nominals: Vec<Codes>,
}

/// Targets by category code, codes ascending.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
struct Codes {
    codes: Vec<u32>,
    targets: Vec<Moments>,
}

/// Codes of one category that are told apart; later ones count as the rest.
const MOST_CODES: usize = 64;

impl ValueObservers {
    /// What a feature takes at most, be it a number or a category: allocations of categories may be twice what they hold.
    pub const MOST_BYTES: usize = if Histogram::BYTES > MOST_CODES * 28 { Histogram::BYTES } else { MOST_CODES * 28 };

    pub fn new(subspace: Subspace) -> Self {
        Self {
            histograms: vec![Histogram::default(); subspace.numbers.len()],
            nominals: vec![Codes::default(); subspace.categories.len()],
            subspace,
        }
    }

    /// Absorbs a row's features; missing ones leave their statistics as they are.
    pub fn learn(&mut self, row: &Row, target: f64, weight: f64) {
        for (histogram, &slot) in self.histograms.iter_mut().zip(&self.subspace.numbers) {
            let number = row.numbers[slot as usize];
            if !number.is_nan() {
                histogram.add(number, target, weight);
            }
        }
        for (codes, &slot) in self.nominals.iter_mut().zip(&self.subspace.categories) {
            let category = row.categories[slot as usize];
            if !category.is_missing() {
                codes.add(category.code, target, weight);
            }
        }
    }

    /// The best test, and the merit of the best on another feature; `target` is that of all rows.
    pub fn best(&self, target: Moments, min_branch: f64) -> (Option<ValueSplit>, f64) {
        let mut second = 0.0_f64;
        let mut best: Option<ValueSplit> = None;
        for split in self.splits(target, min_branch) {
            match &best {
                Some(leader) if split.merit <= leader.merit => second = second.max(split.merit),
                _ => second = second.max(best.replace(split).map_or(0.0, |loser| loser.merit)),
            }
        }
        (best.filter(|best| best.merit > 0.0), second)
    }

    /// The best test where its reduction of variance is surely larger than that of any on another feature, or where both
    /// are as good as tied.
    ///
    /// E. Ikonomovska, J. Gama, S. Dzeroski, "Learning model trees from evolving data streams", DMKD 23 (2011).
    pub fn sure_winner(&self, target: Moments, rule: &ValueRule) -> Option<ValueSplit> {
        let bound = hoeffding_bound(1.0, rule.delta, target.weight);
        let (best, second) = self.best(target, rule.min_branch);
        best.filter(|best| second < (1.0 - bound) * best.merit || bound < rule.tie)
    }

    /// The best test of each feature.
    fn splits(&self, target: Moments, min_branch: f64) -> impl Iterator<Item = ValueSplit> {
        let numbers = self.histograms.iter().zip(&self.subspace.numbers).filter_map(move |(histogram, &feature)| {
            let division = histogram.best_threshold(min_branch)?;
            split(Test::Number { feature, threshold: division.at }, division.sides, target.weight)
        });
        let categories = self.nominals.iter().zip(&self.subspace.categories);
        numbers.chain(categories.filter_map(move |(codes, &feature)| codes.best(feature, target, min_branch)))
    }

    /// `test` as it would do on what has been seen; `None` where that is not told apart.
    pub fn judge(&self, test: &Test, target: Moments) -> Option<ValueSplit> {
        let branches = match test {
            Test::Number { feature, threshold } => {
                let at = self.subspace.numbers.iter().position(|slot| slot == feature)?;
                self.histograms[at].divide(*threshold)
            }
            Test::Category { feature, codes } => {
                let at = self.subspace.categories.iter().position(|slot| slot == feature)?;
                self.nominals[at].divide(*codes.first()?)?
            }
        };
        split(test.clone(), branches, target.weight)
    }

    /// Bytes held on the heap.
    pub fn bytes(&self) -> usize {
        let histograms: usize = self.histograms.iter().map(|h| size_of::<Histogram>() + h.bytes()).sum();
        let nominals =
            self.nominals.iter().map(|c| c.codes.capacity() * 4 + c.targets.capacity() * size_of::<Moments>());
        let slots = self.subspace.numbers.capacity() + self.subspace.categories.capacity();
        histograms + nominals.map(|inner| size_of::<Codes>() + inner).sum::<usize>() + slots * 4
    }
}

/// The reduction of variance over all rows, those without the feature included.
fn split(test: Test, branches: [Moments; 2], weight: f64) -> Option<ValueSplit> {
    let mut all = branches[0];
    all.merge(branches[1]);
    let merit = (all.scatter() - branches[0].scatter() - branches[1].scatter()) / weight;
    merit.is_finite().then_some(ValueSplit { test, branches, merit })
}

impl Codes {
    fn add(&mut self, code: u32, target: f64, weight: f64) {
        let at = match self.codes.binary_search(&code) {
            Ok(at) => at,
            Err(_) if self.codes.len() >= MOST_CODES => return,
            Err(at) => {
                self.codes.insert(at, code);
                self.targets.insert(at, Moments::default());
                at
            }
        };
        self.targets[at].add(target, weight);
    }

    fn total(&self) -> Moments {
        let mut total = Moments::default();
        self.targets.iter().for_each(|target| total.merge(*target));
        total
    }

    /// The best test for one code against the rest.
    fn best(&self, feature: u32, target: Moments, min_branch: f64) -> Option<ValueSplit> {
        let total = self.total();
        let heavy = |one: &Moments| one.weight >= min_branch && total.weight - one.weight >= min_branch;
        let explained = |one: &Moments| {
            let rest = total.minus(*one);
            one.sum * one.sum / one.weight + rest.sum * rest.sum / rest.weight
        };
        let candidates = self.targets.iter().enumerate().filter(|(_, one)| heavy(one));
        let (at, one) = candidates.max_by(|(_, a), (_, b)| explained(a).total_cmp(&explained(b)))?;
        let test = Test::Category { feature, codes: vec![self.codes[at]] };
        split(test, [*one, total.minus(*one)], target.weight)
    }

    fn divide(&self, code: u32) -> Option<[Moments; 2]> {
        let at = self.codes.binary_search(&code).ok()?;
        Some([self.targets[at], self.total().minus(self.targets[at])])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Category;

    fn row(code: u32) -> Row {
        Row { categories: vec![Category { code, hash: 0 }], ..Row::default() }
    }

    #[test]
    fn the_category_that_differs_is_split_from_the_rest_and_codes_are_bounded() {
        let mut observers = ValueObservers::new(Subspace::all(0, 1));
        let mut target = Moments::default();
        for i in 0..2_000 {
            let code = i % 100;
            let value = if code == 7 { 9.0 } else { 1.0 };
            observers.learn(&row(code), value, 1.0);
            target.add(value, 1.0);
        }
        let best = observers.best(target, 5.0).0.unwrap();
        assert_eq!(best.test, Test::Category { feature: 0, codes: vec![7] });
        assert_eq!((best.branches[0].mean(), best.branches[1].mean(), best.heavier()), (9.0, 1.0, 1));
        assert_eq!(observers.nominals[0].codes.len(), MOST_CODES);
        assert_eq!(observers.judge(&best.test, target).map(|split| split.merit), Some(best.merit));
    }
}
