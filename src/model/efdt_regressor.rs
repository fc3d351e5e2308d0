//! Extremely fast decision tree for values: splits as soon as the best test surely reduces the variance, and replaces a test
//! once another is surely better.
//!
//! The regression twin of C. Manapragada, G. I. Webb, M. Salehi, "Extremely fast decision tree", KDD 2018: a test is
//! judged by the share of the target's variance that it explains, which lies in [0, 1] as Hoeffding's bound wants.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::tree::arena::Test;
use super::tree::criterion::hoeffding_bound;
use super::tree::histogram::Moments;
use super::tree::revising::{Evidence, Proposal, Revision, RevisingTree};
use super::tree::subspace::Subspace;
use super::tree::value_leaf::{ValueLeaf, ValuePrediction};
use super::tree::value_observers::ValueRule;
use super::tree::value_tree::{ValueGrowth, nodes_within};
use super::{Context, Model};
use crate::event::Layout;
use crate::params::About;
use crate::row::{Label, Prediction, Row, Task};

pub const ABOUT: About = About {
    summary: "regression tree that splits as soon as that is better than not, and replaces tests that others come to beat",
    source: "C. Manapragada, G. I. Webb, M. Salehi, Extremely fast decision tree, KDD 2018",
    example: "type = \"efdt_regressor\"\ngrace_period = 200\nmin_samples_reevaluate = 1_000",
};

crate::params! {
    pub struct Params {
        /// Weight that a leaf sees between two attempts to split.
        pub grace_period: f64 = 200.0, in 1.0.. => ">= 1";
        /// Weight that an inner node sees before its test is looked at again.
        pub min_samples_reevaluate: f64 = 2_000.0, in 1.0.. => ">= 1";
        /// Probability of choosing the wrong test.
        pub delta: f64 = 1e-7, in f64::MIN_POSITIVE..1.0 => "in (0, 1)";
        /// Below this bound any test is better than none, and one that leads by half of this replaces another.
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
pub struct EfdtRegressor {
    growth: Growth,
    tree: RevisingTree<ValueLeaf>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Growth {
    values: ValueGrowth,
    features: Subspace,
}

impl EfdtRegressor {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let Params { grace_period, delta, tie, min_branch, max_depth, .. } = params;
        let rule = ValueRule { grace_period, delta, tie, min_branch };
        let Params { leaf_prediction: prediction, leaf_rate, .. } = params;
        let numbers = context.layout.numbers.len();
        let features = Subspace::of(context.layout);
        // Here inner nodes hold as much as leaves.
        let (max_nodes, _) = nodes_within(params.max_bytes, numbers, features.len());
        let values = ValueGrowth { rule, prediction, leaf_rate, max_depth, max_nodes, per_leaf: usize::MAX };
        let revision = Revision { tie, max_depth, max_nodes, reevaluate_every: params.min_samples_reevaluate };
        let tree = RevisingTree::new(values.leaf(numbers, features.clone()), revision);
        Self { growth: Growth { values, features }, tree }
    }
}

impl Evidence for ValueLeaf {
    type Growth = Growth;
    type Target = f64;
    type Branches = [Moments; 2];

    /// An inner node keeps the linear model that it had as a leaf.
    fn learn(&mut self, growth: &Growth, row: &Row, value: f64, weight: f64, inner: bool) {
        let how = if inner { ValuePrediction::Mean } else { growth.values.prediction };
        ValueLeaf::learn(self, how, row, value, weight);
    }

    fn weight(&self) -> f64 {
        self.predictor().target().weight
    }

    fn is_due(&mut self, growth: &Growth) -> bool {
        let due = ValueLeaf::is_due(self, &growth.values.rule);
        if due {
            self.note_attempt();
        }
        due
    }

    fn best(&self, growth: &Growth) -> Option<Proposal<[Moments; 2]>> {
        let target = self.predictor().target();
        let best = self.observers().best(target, growth.values.rule.min_branch).0?;
        let (heavier, merit) = (best.heavier(), best.merit / target.variance());
        merit.is_finite().then_some(Proposal { test: best.test, merit, heavier, branches: best.branches })
    }

    fn merit(&self, _: &Growth, test: &Test) -> Option<f64> {
        let target = self.predictor().target();
        let merit = self.observers().judge(test, target)?.merit / target.variance();
        merit.is_finite().then_some(merit)
    }

    fn bound(&self, growth: &Growth) -> f64 {
        hoeffding_bound(1.0, growth.values.rule.delta, Evidence::weight(self))
    }

    fn children(&self, growth: &Growth, branches: [Moments; 2]) -> Vec<Self> {
        branches.map(|target| self.child(target, growth.features.clone())).into()
    }
}

impl Model for EfdtRegressor {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Regression]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        if let Prediction::Value(value) = prediction {
            *value = self.tree.leaf(row).predict(self.growth.values.prediction, row);
        }
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        self.tree.learn(&self.growth, row, label.value(), weight);
    }

    fn describe(&self, _: &Layout) -> Vec<(String, String)> {
        self.tree.describe()
    }
}
