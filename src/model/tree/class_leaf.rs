//! A leaf that predicts classes: by majority, by naive Bayes, or by whichever of the two has been right more often.

use serde::{Deserialize, Serialize};

use super::criterion::{Criterion, hoeffding_bound};
use super::gaussian::{Gaussians, LOWEST_EXPONENT};
use super::nominal::Nominals;
use super::split::{self, Candidate};
use super::subspace::Subspace;
use crate::row::Row;

/// How a leaf predicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeafPrediction {
    Majority,
    NaiveBayes,
    /// Naive Bayes while it has been right at least as often as the majority.
    /// G. Holmes, R. Kirkby, B. Pfahringer, "Stress-testing Hoeffding trees", PKDD 2005.
    #[default]
    NaiveBayesAdaptive,
}

/// How leaves vote.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Voting {
    pub by: LeafPrediction,
    /// What naive Bayes takes for the log of a density of 0. 0 is River's: the number then says nothing, and a class seen
    /// once beats all others.
    pub impossible: f64,
}

impl Voting {
    pub fn new(by: LeafPrediction) -> Self {
        Self { by, impossible: LOWEST_EXPONENT }
    }
}

/// What decides whether a leaf splits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    pub criterion: Criterion,
    /// Weight between two attempts.
    pub grace_period: f64,
    /// Probability of a wrong choice.
    pub delta: f64,
    /// Below this bound the best two are taken as tied.
    pub tie: f64,
    /// A leaf of which one class holds this share is pure enough to be left alone.
    pub max_share: f64,
}

/// A leaf with all it needs to predict and to split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassLeaf {
    /// Weight by class, including what the split that made the leaf handed down.
    weights: Vec<f64>,
    subspace: Subspace,
    /// `None`: deactivated, to stay within the budget of memory.
    observed: Option<Observed>,
    majority_right: f64,
    bayes_right: f64,
    weight_at_attempt: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Observed {
    gaussians: Gaussians,
    nominals: Nominals,
}

impl Observed {
    fn has_seen(&self, class: usize) -> bool {
        self.gaussians.has_seen(class) || self.nominals.has_seen(class)
    }
}

impl ClassLeaf {
    pub fn new(weights: Vec<f64>, subspace: Subspace) -> Self {
        let observed = Observed {
            gaussians: Gaussians::new(subspace.numbers.len()),
            nominals: Nominals::new(subspace.categories.len()),
        };
        let weight_at_attempt = weights.iter().sum();
        Self { weights, subspace, observed: Some(observed), majority_right: 0.0, bayes_right: 0.0, weight_at_attempt }
    }

    pub fn weight(&self) -> f64 {
        self.weights.iter().sum()
    }

    pub fn subspace(&self) -> &Subspace {
        &self.subspace
    }

    /// Adds the probability of each class, times `vote`, to `votes`; classes beyond `votes` are left out.
    pub fn vote(&self, how: Voting, row: &Row, vote: f64, votes: &mut [f64]) {
        if self.uses_bayes(how) {
            self.vote_by_bayes(how, row, vote, votes);
            return;
        }
        let total = self.weight();
        if total > 0.0 {
            for (sum, weight) in votes.iter_mut().zip(&self.weights) {
                *sum += vote * weight / total;
            }
        }
    }

    fn uses_bayes(&self, how: Voting) -> bool {
        self.observed.is_some()
            && match how.by {
                LeafPrediction::Majority => false,
                LeafPrediction::NaiveBayes => true,
                LeafPrediction::NaiveBayesAdaptive => self.bayes_right >= self.majority_right,
            }
    }

    fn vote_by_bayes(&self, how: Voting, row: &Row, vote: f64, votes: &mut [f64]) {
        let Some((_, best)) = self.likeliest(how, row) else { return };
        let shares = |class| self.log_joint(how, row, class).map_or(0.0, |log| libm::exp(log - best));
        let mut few = [0.0; FEW_CLASSES];
        let mut many = Vec::new();
        let classes = self.weights.len();
        let likelihoods = match few.get_mut(..classes) {
            Some(few) => few,
            None => {
                many.resize(classes, 0.0);
                &mut many[..]
            }
        };
        likelihoods.iter_mut().enumerate().for_each(|(class, share)| *share = shares(class));
        let total: f64 = likelihoods.iter().sum();
        for (sum, share) in votes.iter_mut().zip(likelihoods) {
            *sum += vote * *share / total;
        }
    }

    /// Log of prior times likelihood; `None` for a class without weight.
    fn log_joint(&self, how: Voting, row: &Row, class: usize) -> Option<f64> {
        let observed = self.observed.as_ref()?;
        let weight = self.weights[class];
        if weight <= 0.0 {
            return None;
        }
        let prior = libm::log(weight / self.weight());
        if !observed.has_seen(class) {
            // All that the leaf has of the class is what the split handed down: here it is not to be expected.
            return Some(prior + how.impossible * self.subspace.len() as f64);
        }
        let numbers = observed.gaussians.log_likelihood(row, &self.subspace.numbers, class, how.impossible);
        let categories = observed.nominals.log_likelihood(row, &self.subspace.categories, class);
        Some(prior + numbers + categories)
    }

    fn likeliest(&self, how: Voting, row: &Row) -> Option<(usize, f64)> {
        let mut best = None;
        for class in 0..self.weights.len() {
            if let Some(log) = self.log_joint(how, row, class)
                && best.is_none_or(|(_, b)| log > b)
            {
                best = Some((class, log));
            }
        }
        best
    }

    /// The class that the leaf names; `None` before its first row.
    pub fn class(&self, how: Voting, row: &Row) -> Option<usize> {
        if self.uses_bayes(how) { self.likeliest(how, row).map(|(class, _)| class) } else { argmax(&self.weights) }
    }

    /// Learns a row; before that, with adaptive leaves, notes which way of predicting would have been right. Says
    /// whether the leaf would have named the class before it learned.
    pub fn learn(&mut self, how: Voting, row: &Row, class: usize, weight: f64) -> bool {
        let by_bayes = self.uses_bayes(how);
        let adaptive = how.by == LeafPrediction::NaiveBayesAdaptive && self.observed.is_some();
        let majority = argmax(&self.weights);
        let bayes = (by_bayes || adaptive).then(|| self.likeliest(how, row)).flatten().map(|(class, _)| class);
        if adaptive {
            if majority.is_none_or(|best| best == class) {
                self.majority_right += weight;
            }
            if bayes == Some(class) {
                self.bayes_right += weight;
            }
        }
        if class >= self.weights.len() {
            self.weights.resize(class + 1, 0.0);
        }
        self.weights[class] += weight;
        if let Some(Observed { gaussians, nominals }) = &mut self.observed {
            gaussians.learn(row, &self.subspace.numbers, class, weight);
            nominals.learn(row, &self.subspace.categories, class, weight);
        }
        (if by_bayes { bayes } else { majority }) == Some(class)
    }

    /// Whether enough has been learned since the last attempt to try a split, and there is anything to tell apart.
    pub fn is_due(&self, rule: &Rule) -> bool {
        self.observed.is_some()
            && self.weight() - self.weight_at_attempt >= rule.grace_period
            && self.weights.iter().copied().fold(0.0, f64::max) < rule.max_share * self.weight()
    }

    /// Tries to split: the winning test, if there is one.
    pub fn attempt(&mut self, rule: &Rule) -> Option<Candidate> {
        self.weight_at_attempt = self.weight();
        let candidates = self.candidates(rule.criterion);
        let classes = self.weights.iter().filter(|weight| **weight > 0.0).count();
        let bound = hoeffding_bound(rule.criterion.range(classes), rule.delta, self.weight());
        split::winner(candidates, bound, rule.tie)
    }

    /// The best test of each feature.
    pub fn candidates(&self, criterion: Criterion) -> Vec<Candidate> {
        let Some(Observed { gaussians, nominals }) = &self.observed else { return Vec::new() };
        let number = |(i, &slot): (usize, &u32)| split::best_threshold(criterion, &self.weights, gaussians, i, slot);
        let category = |(i, &slot): (usize, &u32)| split::by_category(criterion, &self.weights, nominals, i, slot);
        let numbers = self.subspace.numbers.iter().enumerate().filter_map(number);
        numbers.chain(self.subspace.categories.iter().enumerate().filter_map(category)).collect()
    }

    /// How much there is to win by splitting here: the weight that majority gets wrong.
    pub fn promise(&self) -> f64 {
        self.weight() - self.weights.iter().copied().fold(0.0, f64::max)
    }

    pub fn is_active(&self) -> bool {
        self.observed.is_some()
    }

    /// Forgets the statistics: the leaf goes on predicting by majority.
    pub fn deactivate(&mut self) {
        self.observed = None;
    }

    /// Takes up statistics again, from nothing.
    pub fn activate(&mut self) {
        if self.observed.is_none() {
            *self = Self::new(std::mem::take(&mut self.weights), std::mem::take(&mut self.subspace));
        }
    }

    /// Bytes held on the heap.
    pub fn bytes(&self) -> usize {
        let observed = self.observed.as_ref().map_or(0, |o| o.gaussians.bytes() + o.nominals.bytes());
        self.weights.capacity() * 8
            + (self.subspace.numbers.capacity() + self.subspace.categories.capacity()) * 4
            + observed
    }
}

/// Up to this many classes a vote needs no memory of its own.
const FEW_CLASSES: usize = 16;

/// The first of the classes with the most weight; `None` where none has any.
pub fn argmax(weights: &[f64]) -> Option<usize> {
    let mut best: Option<usize> = None;
    for (class, weight) in weights.iter().enumerate() {
        if *weight > 0.0 && best.is_none_or(|b| *weight > weights[b]) {
            best = Some(class);
        }
    }
    best
}
