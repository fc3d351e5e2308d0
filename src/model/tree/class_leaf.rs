//! A leaf that predicts classes: by majority, by naive Bayes, or by whichever of the two has been right more often.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::arena::Test;
use super::criterion::{Criterion, Judge, hoeffding_bound};
use super::gaussian::{Gaussians, LOWEST_EXPONENT};
use super::nominal::Nominals;
use super::split::{self, Candidate, Place, Scored};
use super::subspace::Subspace;
use crate::row::Row;

/// How a leaf predicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, GetSize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, GetSize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, GetSize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
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

/// What a leaf says of a row, by both ways, and which of them counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Said {
    /// `None` before the first row.
    pub majority: Option<usize>,
    /// `None` also where naive Bayes was not asked.
    pub bayes: Option<usize>,
    pub by_bayes: bool,
}

impl Said {
    /// The class that the leaf names.
    pub fn class(self) -> Option<usize> {
        if self.by_bayes { self.bayes } else { self.majority }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
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
            gaussians: Gaussians::new(subspace.numbers.len(), &weights),
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

    /// Writes the probability of each class into `votes`, all 0; classes beyond `votes` are left out. Gives what the leaf says
    /// by both ways.
    pub fn vote(&self, how: Voting, row: &Row, votes: &mut [f64]) -> Said {
        let classes = votes.len().min(self.weights.len());
        let votes = &mut votes[..classes];
        let mut said = self.silent(how);
        if said.by_bayes {
            let mut best = f64::NEG_INFINITY;
            for (class, joint) in votes.iter_mut().enumerate() {
                *joint = self.log_joint(how, row, class).unwrap_or(f64::NEG_INFINITY);
                if *joint > best {
                    (best, said.bayes) = (*joint, Some(class));
                }
            }
            let none = said.bayes.is_none();
            let share = |joint| {
                if none {
                    0.0
                } else if joint == best {
                    1.0
                } else {
                    libm::exp(joint - best)
                }
            };
            votes.iter_mut().for_each(|joint| *joint = share(*joint));
        } else {
            if how.by == LeafPrediction::NaiveBayesAdaptive {
                said.bayes = self.likeliest(how, row);
            }
            votes.copy_from_slice(&self.weights[..classes]);
        }
        let total: f64 = votes.iter().sum();
        if total > 0.0 {
            votes.iter_mut().for_each(|vote| *vote /= total);
        }
        said
    }

    /// What the leaf says of a row.
    pub fn say(&self, how: Voting, row: &Row) -> Said {
        let said = self.silent(how);
        let asked = said.by_bayes || how.by == LeafPrediction::NaiveBayesAdaptive;
        Said { bayes: if asked { self.likeliest(how, row) } else { None }, ..said }
    }

    /// What the leaf says without a look at the row.
    fn silent(&self, how: Voting) -> Said {
        let by_bayes = self.observed.is_some()
            && match how.by {
                LeafPrediction::Majority => false,
                LeafPrediction::NaiveBayes => true,
                LeafPrediction::NaiveBayesAdaptive => self.bayes_right >= self.majority_right,
            };
        Said { majority: argmax(&self.weights), bayes: None, by_bayes }
    }

    /// Log of prior times likelihood, but for a term that all classes share; `None` for a class without weight.
    fn log_joint(&self, how: Voting, row: &Row, class: usize) -> Option<f64> {
        let observed = self.observed.as_ref()?;
        let weight = self.weights[class];
        if weight <= 0.0 {
            return None;
        }
        if !observed.has_seen(class) {
            // All that the leaf has of the class is what the split handed down: here it is not to be expected.
            return Some(libm::log(weight) + how.impossible * self.subspace.len() as f64);
        }
        let numbers = observed.gaussians.log_joint(row, &self.subspace.numbers, class, weight, how.impossible);
        Some(numbers + observed.nominals.log_likelihood(row, &self.subspace.categories, class))
    }

    fn likeliest(&self, how: Voting, row: &Row) -> Option<usize> {
        let mut best = None;
        for class in 0..self.weights.len() {
            if let Some(log) = self.log_joint(how, row, class)
                && best.is_none_or(|(_, b)| log > b)
            {
                best = Some((class, log));
            }
        }
        best.map(|(class, _)| class)
    }

    /// Learns a row of which the leaf `said` this before; with adaptive leaves, notes which way of predicting was right. Gives
    /// the bytes that this took.
    pub fn learn(&mut self, how: Voting, row: &Row, said: Said, class: usize, weight: f64) -> usize {
        if how.by == LeafPrediction::NaiveBayesAdaptive && self.observed.is_some() {
            if said.majority.is_none_or(|best| best == class) {
                self.majority_right += weight;
            }
            if said.bayes == Some(class) {
                self.bayes_right += weight;
            }
        }
        let mut taken = 0;
        if class >= self.weights.len() {
            taken += (class + 1 - self.weights.len()) * 8;
            self.weights.reserve_exact(class + 1 - self.weights.len());
            self.weights.resize(class + 1, 0.0);
        }
        self.weights[class] += weight;
        if let Some(Observed { gaussians, nominals }) = &mut self.observed {
            taken += gaussians.learn(row, &self.subspace.numbers, class, weight, self.weights[class]);
            taken += nominals.learn(row, &self.subspace.categories, class, weight);
        }
        taken
    }

    /// Whether enough has been learned since the last attempt to try a split, and there is anything to tell apart.
    pub fn is_due(&self, rule: &Rule) -> bool {
        self.observed.is_some()
            && self.weight() - self.weight_at_attempt >= rule.grace_period
            && self.weights.iter().copied().fold(0.0, f64::max) < rule.max_share * self.weight()
    }

    /// Tries to split: the winning test, if there is one.
    pub fn attempt(&mut self, rule: &Rule) -> Option<Candidate> {
        self.note_attempt();
        let bound = self.bound(rule);
        split::winner(self.scored(rule.criterion), bound, rule.tie).and_then(|winner| self.candidate(winner))
    }

    /// A split is due again once another grace period has been seen.
    pub fn note_attempt(&mut self) {
        self.weight_at_attempt = self.weight();
    }

    /// How far merits may be from their expectations.
    pub fn bound(&self, rule: &Rule) -> f64 {
        let classes = self.weights.iter().filter(|weight| **weight > 0.0).count();
        hoeffding_bound(rule.criterion.range(classes), rule.delta, self.weight())
    }

    /// How many classes have been seen, those before the last one included.
    pub fn classes(&self) -> usize {
        self.weights.len()
    }

    /// The best test of each feature.
    pub fn scored(&self, criterion: Criterion) -> impl Iterator<Item = Scored> {
        let judge = Judge::new(criterion, &self.weights);
        let number = move |(i, observed): (usize, &Observed)| split::best_threshold(&judge, &observed.gaussians, i);
        let category = move |(i, observed): (usize, &Observed)| split::by_category(&judge, &observed.nominals, i);
        let each = |features: usize| (0..features).filter_map(move |i| Some((i, self.observed.as_ref()?)));
        let Subspace { numbers, categories } = &self.subspace;
        each(numbers.len()).filter_map(number).chain(each(categories.len()).filter_map(category))
    }

    /// A test written out.
    pub fn candidate(&self, Scored { merit, place }: Scored) -> Option<Candidate> {
        let Observed { gaussians, nominals } = self.observed.as_ref()?;
        let classes = self.weights.len();
        Some(match place {
            Place::Number { i, threshold } => {
                let mut branches = vec![0.0; 2 * classes];
                gaussians.divide(i, std::iter::once(threshold), &mut branches, classes);
                Candidate { merit, test: Test::Number { feature: self.subspace.numbers[i], threshold }, branches }
            }
            Place::Category { i } => {
                let test = Test::Category { feature: self.subspace.categories[i], codes: nominals.codes(i).to_vec() };
                Candidate { merit, test, branches: nominals.branches(i, classes).into_owned() }
            }
        })
    }

    /// The merit of `test` on what the leaf has seen; `None` where that is not told apart.
    pub fn merit(&self, criterion: Criterion, test: &Test) -> Option<f64> {
        let Observed { gaussians, nominals } = self.observed.as_ref()?;
        let judge = Judge::new(criterion, &self.weights);
        let merit = match test {
            Test::Number { feature, threshold } => {
                let at = self.subspace.numbers.iter().position(|slot| slot == feature)?;
                let mut branches = vec![0.0; 2 * self.weights.len()];
                gaussians.divide(at, std::iter::once(*threshold), &mut branches, self.weights.len());
                judge.merit(&branches)
            }
            Test::Category { feature, .. } => {
                let at = self.subspace.categories.iter().position(|slot| slot == feature)?;
                split::by_category(&judge, nominals, at)?.merit
            }
        };
        merit.is_finite().then_some(merit)
    }

    /// How much there is to win by splitting here: the weight that majority gets wrong.
    pub fn promise(&self) -> f64 {
        self.weight() - self.weights.iter().copied().fold(0.0, f64::max)
    }

    pub fn is_active(&self) -> bool {
        self.observed.is_some()
    }

    /// Bytes on the heap by what is held, not by what there is room for, so that it is the same after a restore.
    pub fn footprint(&self) -> usize {
        self.weights.len() * 8 + self.subspace.len() * 4 + self.observed_bytes()
    }

    /// Of these, what deactivating gives back.
    pub fn observed_bytes(&self) -> usize {
        self.observed.as_ref().map_or(0, |o| o.gaussians.footprint() + o.nominals.footprint())
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
}

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
