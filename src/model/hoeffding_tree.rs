//! Hoeffding tree: grows a decision tree from a stream, splitting a leaf once the best test is surely the best.
//!
//! P. Domingos, G. Hulten, "Mining high-speed data streams", KDD 2000. A missing number or category, and a category
//! that a test has no branch for, takes the branch that was heaviest at the split.

use serde::{Deserialize, Serialize};

use super::tree::arena::Arena;
use super::tree::class_leaf::{ClassLeaf, LeafPrediction, Rule, Subspace};
use super::tree::criterion::Criterion;
use super::{Context, Model};
use crate::params::About;
use crate::row::{Label, Prediction, Row, Task};

pub const ABOUT: About = About {
    summary: "decision tree that splits a leaf once the best test is surely the best; missing values take the heavier branch",
    source: "P. Domingos, G. Hulten, Mining high-speed data streams, KDD 2000",
    example: "type = \"hoeffding_tree\"\ngrace_period = 200\nleaf_prediction = \"naive_bayes_adaptive\"",
};

crate::params! {
    pub struct Params {
        /// Weight that a leaf sees between two attempts to split.
        pub grace_period: f64 = 200.0, in 1.0.. => ">= 1";
        /// Probability of choosing the wrong test.
        pub delta: f64 = 1e-7, in f64::MIN_POSITIVE..1.0 => "in (0, 1)";
        /// Below this bound the best two tests are taken as tied, and one is chosen.
        pub tie: f64 = 0.05, in 0.0..=1.0 => "in [0, 1]";
        /// The deepest leaf.
        pub max_depth: usize = 60, in 1.. => ">= 1";
        /// What tests are judged by: info_gain, gini or hellinger.
        pub criterion: Criterion = Criterion::InfoGain;
        /// How leaves predict: majority, naive_bayes or naive_bayes_adaptive.
        pub leaf_prediction: LeafPrediction = LeafPrediction::NaiveBayesAdaptive;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HoeffdingTree {
    params: Params,
    arena: Arena<ClassLeaf>,
}

impl HoeffdingTree {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let subspace = Subspace::all(context.layout.numbers.len(), context.layout.categories.len());
        Self { params, arena: Arena::new(ClassLeaf::new(Vec::new(), subspace)) }
    }

    fn rule(&self) -> Rule {
        let Params { criterion, grace_period, delta, tie, .. } = self.params;
        Rule { criterion, grace_period, delta, tie }
    }

    fn split(&mut self, leaf: usize) {
        let rule = self.rule();
        let Some(winner) = self.arena.leaf_mut(leaf).attempt(&rule) else { return };
        let subspace = self.arena.leaf(leaf).subspace().clone();
        let classes = winner.branches.len() / winner.test.branches();
        let weights: Vec<Vec<f64>> = winner.branches.chunks_exact(classes).map(<[f64]>::to_vec).collect();
        let sums = weights.iter().map(|branch| branch.iter().sum::<f64>());
        let heavier = sums.enumerate().fold((0, f64::MIN), |best, (i, sum)| if sum > best.1 { (i, sum) } else { best }).0;
        let children = weights.into_iter().map(|branch| ClassLeaf::new(branch, subspace.clone())).collect();
        self.arena.split(leaf, winner.test, children, heavier);
    }
}

impl Model for HoeffdingTree {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary, Task::Multiclass]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        let leaf = self.arena.leaf(self.arena.route(row));
        leaf.vote(self.params.leaf_prediction, row, 1.0, prediction.probabilities_mut());
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        let index = self.arena.route(row);
        let rule = self.rule();
        let deep = self.arena.depth(index) >= self.params.max_depth;
        let leaf = self.arena.leaf_mut(index);
        leaf.learn(self.params.leaf_prediction, row, label.class(), weight);
        if !deep && leaf.is_due(&rule) {
            self.split(index);
        }
    }
}
