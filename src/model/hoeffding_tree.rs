//! Hoeffding tree: grows a decision tree from a stream, splitting a leaf once the best test is surely the best.
//!
//! P. Domingos, G. Hulten, "Mining high-speed data streams", KDD 2000. A missing number or category, and a category
//! that a test has no branch for, takes the branch that was heaviest at the split.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::tree::class_leaf::{LeafPrediction, Rule, Voting};
use super::tree::class_tree::{ClassTree, Growth};
use super::tree::criterion::Criterion;
use super::tree::statement::Statement;
use super::tree::subspace::Subspace;
use super::{Context, Model};
use crate::event::Layout;
use crate::params::About;
use crate::rng::Rng;
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
        /// A leaf of which one class holds this share is not split.
        pub max_share: f64 = 1.0, in 0.0..=1.0 => "in [0, 1]";
        /// The deepest leaf.
        pub max_depth: usize = 60, in 1.. => ">= 1";
        /// The most memory that the tree takes, in bytes: beyond, the least promising leaves do without statistics.
        pub max_bytes: usize = 32 << 20, in 1 << 14.. => ">= 16384";
        /// What tests are judged by: info_gain, gini or hellinger.
        pub criterion: Criterion = Criterion::InfoGain;
        /// How leaves predict: majority, naive_bayes or naive_bayes_adaptive.
        pub leaf_prediction: LeafPrediction = LeafPrediction::NaiveBayesAdaptive;
        /// Whether a number whose density under a class is 0 says nothing (as in River), instead of nearly ruling the
        /// class out.
        pub ignore_zero_density: bool = false;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct HoeffdingTree {
    growth: Growth,
    tree: ClassTree,
}

impl HoeffdingTree {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let Params { criterion, grace_period, delta, tie, max_share, max_depth, max_bytes, leaf_prediction, .. } = params;
        let features = Subspace::of(context.layout);
        let rule = Rule { criterion, grace_period, delta, tie, max_share };
        let mut voting = Voting::new(leaf_prediction);
        if params.ignore_zero_density {
            voting.impossible = 0.0;
        }
        let growth = Growth { rule, voting, max_depth, per_leaf: features.len(), max_bytes };
        let tree = ClassTree::new(&growth, features, Rng::new(context.seed, "hoeffding_tree"));
        Self { growth, tree }
    }
}

impl Model for HoeffdingTree {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary, Task::Multiclass]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        self.tree.vote(&self.growth, row, prediction.probabilities_mut());
    }

    /// The advice is what the leaf said.
    fn predict_with_advice(&self, row: &Row, prediction: &mut Prediction, advice: &mut Vec<f64>) {
        let said = self.tree.vote(&self.growth, row, prediction.probabilities_mut());
        advice.clear();
        advice.extend(said.write());
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        self.tree.learn(&self.growth, row, label.class(), weight, None);
    }

    fn learn_with_advice(&mut self, row: &Row, label: Label, weight: f64, advice: &[f64]) {
        self.tree.learn(&self.growth, row, label.class(), weight, Statement::read(advice));
    }

    fn describe(&self, _: &Layout) -> Vec<(String, String)> {
        vec![("nodes".to_owned(), self.tree.nodes().to_string())]
    }
}
