//! Hoeffding tree regressor: a model tree that splits a leaf once the best test surely reduces the variance most.
//!
//! E. Ikonomovska, J. Gama, S. Dzeroski, "Learning model trees from evolving data streams", DMKD 23 (2011), with histograms
//! in the place of search trees. A missing value takes the branch that was heaviest at the split.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::tree::arena::Arena;
use super::tree::histogram::Moments;
use super::tree::subspace::Subspace;
use super::tree::value_leaf::{Linear, ValueLeaf, ValuePrediction, ValueRule};
use super::{Context, Model};
use crate::params::About;
use crate::row::{Label, Prediction, Row, Task};

pub const ABOUT: About = About {
    summary: "regression tree with means or linear models in its leaves; missing values take the heavier branch",
    source: "E. Ikonomovska, J. Gama, S. Dzeroski, Learning model trees from evolving data streams, DMKD 23 (2011)",
    example: "type = \"hoeffding_tree_regressor\"\nleaf_prediction = \"adaptive\"",
};

crate::params! {
    pub struct Params {
        /// Weight that a leaf sees between two attempts to split.
        pub grace_period: f64 = 200.0, in 1.0.. => ">= 1";
        /// Probability of choosing the wrong test.
        pub delta: f64 = 1e-7, in f64::MIN_POSITIVE..1.0 => "in (0, 1)";
        /// Below this bound the best two tests are taken as tied, and one is chosen.
        pub tie: f64 = 0.05, in 0.0..=1.0 => "in [0, 1]";
        /// Weight that each branch of a test must have.
        pub min_branch: f64 = 5.0, in 1.0.. => ">= 1";
        /// The deepest leaf.
        pub max_depth: usize = 60, in 1.. => ">= 1";
        /// How leaves predict: mean, linear or adaptive.
        pub leaf_prediction: ValuePrediction = ValuePrediction::Adaptive;
        /// Step of the leaves' linear models, relative to the row's length.
        pub leaf_rate: f64 = 0.1, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct HoeffdingTreeRegressor {
    params: Params,
    arena: Arena<ValueLeaf>,
}

impl HoeffdingTreeRegressor {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let numbers = context.layout.numbers.len();
        let subspace = Subspace::all(numbers, context.layout.categories.len());
        let leaf = ValueLeaf::new(Moments::default(), subspace, Linear::new(numbers, params.leaf_rate));
        Self { params, arena: Arena::new(leaf) }
    }

    fn rule(&self) -> ValueRule {
        let Params { grace_period, delta, tie, min_branch, .. } = self.params;
        ValueRule { grace_period, delta, tie, min_branch }
    }

    fn split(&mut self, index: usize) {
        let rule = self.rule();
        let Some(winner) = self.arena.leaf_mut(index).attempt(&rule) else { return };
        let leaf = self.arena.leaf(index);
        let child = |target: &Moments| ValueLeaf::new(*target, leaf.subspace().clone(), leaf.linear().clone());
        let children = winner.branches.iter().map(child).collect();
        let weights = winner.branches.iter().map(|branch| branch.weight).enumerate();
        let heavier = weights.fold((0, f64::MIN), |best, (i, w)| if w > best.1 { (i, w) } else { best }).0;
        self.arena.split(index, winner.test, children, heavier);
    }
}

impl Model for HoeffdingTreeRegressor {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Regression]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        if let Prediction::Value(value) = prediction {
            *value = self.arena.leaf(self.arena.route(row)).predict(self.params.leaf_prediction, row);
        }
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        let index = self.arena.route(row);
        let rule = self.rule();
        let deep = self.arena.depth(index) >= self.params.max_depth;
        let leaf = self.arena.leaf_mut(index);
        leaf.learn(self.params.leaf_prediction, row, label.value(), weight);
        if !deep && leaf.is_due(&rule) {
            self.split(index);
        }
    }
}
