//! Hoeffding tree regressor: a model tree that splits a leaf once the best test surely reduces the variance most.
//!
//! E. Ikonomovska, J. Gama, S. Dzeroski, "Learning model trees from evolving data streams", DMKD 23 (2011), with histograms
//! in the place of search trees. A missing value takes the branch that was heaviest at the split.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::tree::subspace::Subspace;
use super::tree::value_leaf::ValuePrediction;
use super::tree::value_observers::ValueRule;
use super::tree::value_tree::{ValueGrowth, ValueTree, nodes_within};
use super::{Context, Model};
use crate::event::Layout;
use crate::params::About;
use crate::rng::Rng;
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
        /// The most memory that the tree takes, in bytes: beyond, no leaf splits.
        pub max_bytes: usize = 64 << 20, in 1 << 16.. => ">= 65536";
        /// How leaves predict: mean, linear or adaptive.
        pub leaf_prediction: ValuePrediction = ValuePrediction::Adaptive;
        /// Step of the leaves' linear models, relative to the row's length.
        pub leaf_rate: f64 = 0.1, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct HoeffdingTreeRegressor {
    growth: ValueGrowth,
    tree: ValueTree,
}

impl HoeffdingTreeRegressor {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let Params { grace_period, delta, tie, min_branch, .. } = params;
        let rule = ValueRule { grace_period, delta, tie, min_branch };
        let Params { leaf_prediction: prediction, leaf_rate, max_depth, .. } = params;
        let numbers = context.layout.numbers.len();
        let features = Subspace::of(context.layout);
        let (_, max_nodes) = nodes_within(params.max_bytes, numbers, features.len());
        let growth = ValueGrowth { rule, prediction, leaf_rate, max_depth, max_nodes, per_leaf: usize::MAX };
        let rng = Rng::new(context.seed, "hoeffding_tree_regressor");
        Self { tree: ValueTree::new(&growth, numbers, features, rng), growth }
    }
}

impl Model for HoeffdingTreeRegressor {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Regression]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        if let Prediction::Value(value) = prediction {
            *value = self.tree.predict(&self.growth, row);
        }
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        self.tree.learn(&self.growth, row, label.value(), weight);
    }

    fn describe(&self, _: &Layout) -> Vec<(String, String)> {
        vec![("nodes".to_owned(), self.tree.nodes().to_string())]
    }
}
