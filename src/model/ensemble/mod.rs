//! What ensembles of trees share: members on Poisson-weighted rows, each watched by a detector of its error.

mod member;
mod value_member;
pub mod values;

use std::sync::atomic::{AtomicBool, Ordering};

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::tree::class_tree::Growth;
use super::tree::statement::Statement;
use super::tree::subspace::Subspace;
use crate::rng::{Poisson, Rng};
use crate::row::{Prediction, Row};
use crate::spread;
use crate::stats::Scratch;
use member::Member;

/// What happens when the error of a member has risen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub enum Response {
    /// A tree grown in the background, since a detector with `warning_delta` warned, takes the member's place.
    Swap { warning_delta: f64 },
    /// The member of the largest error starts anew.
    ResetWorst,
    /// The member starts anew.
    Reset,
}

/// How an ensemble is made and kept up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Plan {
    pub growth: Growth,
    pub features: Subspace,
    /// How many of the features each tree looks at.
    pub per_tree: Size,
    /// Mean of the Poisson weights of rows.
    pub lambda: f64,
    /// ADWIN's delta.
    pub drift_delta: f64,
    /// Whether only a rise of the error counts.
    pub one_sided: bool,
    pub response: Response,
    pub voters: Voters,
}

/// How many features a tree looks at.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub enum Size {
    Same(usize),
    /// Drawn for each tree, uniform from two to all.
    Any,
}

/// Whose votes count.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub enum Voters {
    All,
    /// All, each by its accuracy since its tree took its place.
    ByAccuracy,
    /// Those that were at least as often right as all on average, over so many labels.
    BetterHalf {
        window: usize,
    },
}

impl Plan {
    /// Features for a new tree.
    fn draw(&self, rng: &mut Rng) -> Subspace {
        let size = match self.per_tree {
            Size::Same(size) => size,
            Size::Any => 2 + rng.below(self.features.len().saturating_sub(1)),
        };
        self.features.draw(size, rng)
    }
}

/// A thread of its own pays from so many trees on.
const A_THREADS_WORTH: usize = 8;

/// Trees that vote.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Ensemble {
    plan: Plan,
    members: Vec<Member>,
    #[serde(skip)]
    weights: Scratch<Poisson>,
}

impl Ensemble {
    pub fn new(plan: Plan, trees: usize, rng: Rng) -> Self {
        let mut chance = rng.child(trees as u64);
        let subspaces = match plan.per_tree {
            Size::Same(size) => plan.features.draw_evenly(size, trees, &mut chance),
            Size::Any => (0..trees).map(|_| plan.draw(&mut chance)).collect(),
        };
        let member = |(i, features)| Member::new(&plan, features, rng.child(i));
        let members = (0..).zip(subspaces).map(member).collect();
        Self { plan, members, weights: Scratch::default() }
    }

    /// Writes the share of the votes that each class has, and into `advice` what each member said, statement by statement.
    pub fn predict(&self, row: &Row, prediction: &mut Prediction, advice: &mut Vec<f64>) {
        let votes = prediction.probabilities_mut();
        let (classes, width) = (votes.len(), votes.len() + Statement::LEN);
        // Each member's statement and, until the end, its vote.
        advice.clear();
        advice.resize(self.members.len() * width, 0.0);
        spread::each_row(advice, width, A_THREADS_WORTH, |i, own| {
            let (said, vote) = own.split_at_mut(Statement::LEN);
            said.copy_from_slice(&self.members[i].vote(&self.plan, row, vote).write());
        });
        let bar = self.bar();
        for (i, member) in self.members.iter().enumerate() {
            let weight = match self.plan.voters {
                Voters::All => 1.0,
                Voters::ByAccuracy => member.accuracy(),
                Voters::BetterHalf { .. } => f64::from(u8::from(member.recent_accuracy() >= bar)),
            };
            let own = i * width..i * width + Statement::LEN;
            votes.iter_mut().zip(&advice[own.end..][..classes]).for_each(|(sum, vote)| *sum += weight * vote);
            advice.copy_within(own, i * Statement::LEN);
        }
        advice.truncate(self.members.len() * Statement::LEN);
        let total: f64 = votes.iter().sum();
        if total > 0.0 {
            votes.iter_mut().for_each(|vote| *vote /= total);
        }
    }

    /// The mean of the members' recent accuracies, a little lower: rounding must not put it above all of them.
    fn bar(&self) -> f64 {
        let sum: f64 = self.members.iter().map(Member::recent_accuracy).sum();
        sum / self.members.len() as f64 - 1e-9
    }

    /// Every member learns the row, and answers for what it said of it: by `advice`, or now where that does not fit.
    pub fn learn(&mut self, row: &Row, class: usize, weight: f64, advice: &[f64]) {
        let fits = advice.len() == self.members.len() * Statement::LEN;
        self.weights.set(self.plan.lambda);
        let (plan, weights, risen) = (&self.plan, &*self.weights, AtomicBool::new(false));
        spread::each(&mut self.members, A_THREADS_WORTH, |i, member| {
            let said = if fits { Statement::read(&advice[i * Statement::LEN..][..Statement::LEN]) } else { None };
            let times = f64::from(weights.draw(member.rng()));
            if member.learn(plan, row, class, times * weight, said) {
                risen.store(true, Ordering::Relaxed);
            }
        });
        if risen.into_inner() && self.plan.response == Response::ResetWorst {
            let worse = |a: &&mut Member, b: &&mut Member| a.error().total_cmp(&b.error());
            if let Some(worst) = self.members.iter_mut().max_by(worse) {
                worst.reset(&self.plan);
            }
        }
    }

    /// For `state show`.
    pub fn describe(&self) -> Vec<(String, String)> {
        described(self.members.iter().map(|member| (member.nodes(), member.trees_grown())))
    }
}

/// The verbs of a model that is an `ensemble` and nothing else.
macro_rules! voting_model {
    ($State:ident) => {
        impl $crate::model::Model for $State {
            fn tasks(&self) -> &'static [$crate::row::Task] {
                &[$crate::row::Task::Binary, $crate::row::Task::Multiclass]
            }

            fn predict(&self, row: &$crate::row::Row, prediction: &mut $crate::row::Prediction) {
                self.ensemble.predict(row, prediction, &mut Vec::new());
            }

            /// The advice is what each tree said.
            fn predict_with_advice(
                &self,
                row: &$crate::row::Row,
                prediction: &mut $crate::row::Prediction,
                advice: &mut Vec<f64>,
            ) {
                self.ensemble.predict(row, prediction, advice);
            }

            fn learn(&mut self, row: &$crate::row::Row, label: $crate::row::Label, weight: f64) {
                self.ensemble.learn(row, label.class(), weight, &[]);
            }

            fn learn_with_advice(
                &mut self,
                row: &$crate::row::Row,
                label: $crate::row::Label,
                weight: f64,
                advice: &[f64],
            ) {
                self.ensemble.learn(row, label.class(), weight, advice);
            }

            fn describe(&self, _: &$crate::event::Layout) -> Vec<(String, String)> {
                self.ensemble.describe()
            }
        }
    };
}
pub(super) use voting_model;

/// What `state show` says of trees: their nodes, and how many there have been.
fn described(trees: impl Iterator<Item = (usize, u64)>) -> Vec<(String, String)> {
    let (nodes, grown) = trees.fold((0, 0), |(nodes, grown), (more, times)| (nodes + more, grown + times));
    vec![("nodes".to_owned(), nodes.to_string()), ("trees grown".to_owned(), grown.to_string())]
}

/// `share` of `features`, at least two: a tree on a single feature sees no interaction.
pub fn share_of(share: f64, features: &Subspace) -> usize {
    ((share * features.len() as f64).round() as usize).max(2)
}
