//! Hoeffding adaptive tree regressor: a model tree whose branches watch their own error and give way to alternates that err
//! less.
//!
//! E. Ikonomovska, J. Gama, S. Dzeroski, "Learning model trees from evolving data streams", DMKD 23 (2011), with the
//! windows of A. Bifet, R. Gavaldà, "Adaptive learning from evolving data streams", IDA 2009, in the place of the
//! Page-Hinkley test. A detector sees the absolute error *before* learning, in deviations of the target.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::tree::adaptive::{Adaptation, AdaptiveTree, Learned};
use super::tree::arena::Arena;
use super::tree::subspace::Subspace;
use super::tree::value_leaf::{ValueLeaf, ValuePrediction};
use super::tree::value_observers::ValueRule;
use super::tree::value_tree::{self, ValueGrowth};
use super::{Context, Model};
use crate::drift::adwin;
use crate::event::Layout;
use crate::params::About;
use crate::row::{Label, Prediction, Row, Task};
use crate::stats::ErrorScale;

pub const ABOUT: About = About {
    summary: "regression tree whose branches watch their own error and give way to alternates that err less",
    source: "A. Bifet, R. Gavaldà, Adaptive learning from evolving data streams, IDA 2009",
    example: "type = \"hoeffding_adaptive_tree_regressor\"\ngrace_period = 200\ndrift_delta = 0.002",
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
        /// The most memory that the tree takes, alternates included, in bytes: beyond, no leaf splits.
        pub max_bytes: usize = 64 << 20, in 1 << 16.. => ">= 65536";
        /// How leaves predict: mean, linear or adaptive.
        pub leaf_prediction: ValuePrediction = ValuePrediction::Adaptive;
        /// Step of the leaves' linear models, relative to the row's length.
        pub leaf_rate: f64 = 0.1, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// ADWIN's delta for starting an alternate.
        pub drift_delta: f64 = 0.002, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// Whether only a rise of the error counts.
        pub one_sided: bool = true;
        /// Labels that a branch and its alternate must have seen before they are compared.
        pub min_window: u64 = 100;
        /// Chance that an alternate takes over without being better.
        pub switch_delta: f64 = 0.05, in f64::MIN_POSITIVE..1.0 => "in (0, 1)";
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct HoeffdingAdaptiveTreeRegressor {
    growth: ValueGrowth,
    features: Subspace,
    numbers: usize,
    tree: AdaptiveTree<ValueLeaf>,
    scale: ErrorScale,
}

impl HoeffdingAdaptiveTreeRegressor {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let Params { grace_period, delta, tie, min_branch, .. } = params;
        let rule = ValueRule { grace_period, delta, tie, min_branch };
        let Params { leaf_prediction: prediction, leaf_rate, max_depth, .. } = params;
        let numbers = context.layout.numbers.len();
        let features = Subspace::of(context.layout);
        let (_, max_nodes) = value_tree::nodes_within(params.max_bytes, numbers, features.len());
        let growth = ValueGrowth { rule, prediction, leaf_rate, max_depth, max_nodes, per_leaf: usize::MAX };
        let window =
            adwin::Params { delta: params.drift_delta, one_sided: params.one_sided, ..adwin::Params::default() };
        let Params { min_window, switch_delta, .. } = params;
        let root = growth.leaf(numbers, features.clone());
        let tree = AdaptiveTree::new(root, Adaptation { window, min_window, switch_delta });
        Self { growth, features, numbers, tree, scale: ErrorScale::default() }
    }
}

impl Model for HoeffdingAdaptiveTreeRegressor {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Regression]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        if let Prediction::Value(value) = prediction {
            *value = self.tree.arena().leaf(self.tree.route(row)).predict(self.growth.prediction, row);
        }
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        let Self { growth, features, numbers, tree, scale } = self;
        let value = label.value();
        let learn = |arena: &mut Arena<ValueLeaf>, index: usize| {
            let error = scale.scaled(value, value - arena.leaf(index).predict(growth.prediction, row));
            let split = value_tree::learn(arena, index, growth, row, (value, weight), || features.clone());
            Learned { error, split }
        };
        tree.learn(row, learn, || growth.leaf(*numbers, features.clone()));
    }

    fn describe(&self, _: &Layout) -> Vec<(String, String)> {
        let nodes = self.tree.nodes().to_string();
        vec![("nodes".to_owned(), nodes), ("alternates that took over".to_owned(), self.tree.switched().to_string())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Kind;
    use crate::rng::Rng;

    /// Mean absolute error over each of 20 stretches of 1,000 rows whose concept turns around every 5,000, how many
    /// alternates took over, and the most nodes.
    fn run(seed: u64, drift_delta: f64) -> (Vec<f64>, u64, usize) {
        let layout = Layout::new([("a", Kind::Number), ("b", Kind::Number)]);
        let mut rng = Rng::new(seed, "test");
        let context = Context { task: Task::Regression, layout: &layout, classes: 0, seed };
        let mut model = HoeffdingAdaptiveTreeRegressor::new(Params { drift_delta, ..Params::default() }, context);
        let (mut errors, mut nodes) = (vec![0.0; 20], 0);
        for i in 0..20_000 {
            let row = Row { numbers: vec![rng.uniform(), rng.uniform()], ..Row::default() };
            let high = (row.numbers[0] > 0.5) == (row.numbers[1] > 0.3);
            let value = if high == (i / 5_000 % 2 == 0) { 10.0 } else { -10.0 } + rng.normal();
            let mut prediction = Prediction::Value(0.0);
            model.predict(&row, &mut prediction);
            errors[i / 1_000] += (prediction.value() - value).abs() / 1_000.0;
            model.learn(&row, Label::Value(value), 1.0);
            nodes = nodes.max(model.tree.nodes());
        }
        (errors, model.tree.switched(), nodes)
    }

    #[test]
    fn a_turned_concept_is_learned_anew_and_old_branches_are_freed() {
        for seed in 0..3 {
            let (errors, switched, nodes) = run(seed, 0.002);
            for end in [9, 14, 19] {
                assert!(errors[end] < 3.0, "seed {seed}: {errors:?}");
            }
            assert!(switched >= 3 && nodes < 400, "seed {seed}: {switched} alternates, {nodes} nodes");
            let (still, never, _) = run(seed, f64::MIN_POSITIVE);
            assert!(never == 0 && still[16] > 1.5 * errors[16], "seed {seed}: {still:?} without a detector, {errors:?}");
        }
    }
}
