//! Adaptive random forest: Hoeffding trees on Poisson-weighted rows and random features, each watched by a detector that
//! replaces it by a tree grown in the background once its error has risen.
//!
//! H. M. Gomes et al., "Adaptive random forests for evolving data stream classification", Machine Learning 106 (2017).
//! A detector sees whether its tree was right *before* learning the row, and only a rise of the error counts.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::ensemble::values::{Combination, ValueEnsemble, ValuePlan};
use super::ensemble::{Ensemble, Plan, Response, Size, Voters, share_of};
use super::tree::class_leaf::{LeafPrediction, Rule, Voting};
use super::tree::class_tree::Growth;
use super::tree::criterion::Criterion;
use super::tree::subspace::Subspace;
use super::tree::value_leaf::ValuePrediction;
use super::tree::value_observers::ValueRule;
use super::tree::value_tree::{ValueGrowth, nodes_within};
use super::{Context, Model};
use crate::event::Layout;
use crate::params::About;
use crate::rng::Rng;
use crate::row::{Label, Prediction, Row, Task};

pub const ABOUT: About = About {
    summary: "forest of Hoeffding trees on random features, each replaced by a background tree once its error rises",
    source: "H. M. Gomes et al., Adaptive random forests for evolving data stream classification, Machine Learning 106 (2017)",
    example: "type = \"adaptive_random_forest\"\ntrees = 10\nlambda = 6.0",
};

crate::params! {
    pub struct Params {
        /// How many trees vote.
        pub trees: usize = 10, in 1..=1_000 => "in 1..=1000";
        /// Share of the features that a leaf looks at; at least one feature.
        pub feature_share: f64 = 0.6, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// Mean of the Poisson weights of rows.
        pub lambda: f64 = 6.0, in f64::MIN_POSITIVE..=100.0 => "in (0, 100]";
        /// Weight that a leaf sees between two attempts to split.
        pub grace_period: f64 = 50.0, in 1.0.. => ">= 1";
        /// Probability of choosing the wrong test.
        pub delta: f64 = 0.02, in f64::MIN_POSITIVE..1.0 => "in (0, 1)";
        /// Below this bound the best two tests are taken as tied, and one is chosen.
        pub tie: f64 = 0.05, in 0.0..=1.0 => "in [0, 1]";
        /// Classes: a leaf of which one class holds this share is not split.
        pub max_share: f64 = 1.0, in 0.0..=1.0 => "in [0, 1]";
        /// The deepest leaf.
        pub max_depth: usize = 60, in 1.. => ">= 1";
        /// The most memory that all trees take together, in bytes: beyond, the least promising leaves do without statistics (classes),
        /// or no leaf splits (values).
        pub max_bytes: usize = 256 << 20, in 1 << 20.. => ">= 1048576";
        /// Classes: what tests are judged by: info_gain, gini or hellinger.
        pub criterion: Criterion = Criterion::InfoGain;
        /// Classes: how leaves predict: majority, naive_bayes or naive_bayes_adaptive.
        pub leaf_prediction: LeafPrediction = LeafPrediction::NaiveBayesAdaptive;
        /// Values: how leaves predict: mean, linear or adaptive.
        pub value_prediction: ValuePrediction = ValuePrediction::Adaptive;
        /// Values: step of the leaves' linear models, relative to the row's length.
        pub leaf_rate: f64 = 0.1, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// Values: weight that each branch of a test must have.
        pub min_branch: f64 = 5.0, in 1.0.. => ">= 1";
        /// Values: how the trees' answers become one: mean, median or weighted.
        pub combination: Combination = Combination::Median;
        /// ADWIN's delta for starting a tree in the background.
        pub warning_delta: f64 = 0.01, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// ADWIN's delta for putting it in the place of the old one.
        pub drift_delta: f64 = 0.001, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// Whether only a rise of the error counts.
        pub one_sided: bool = true;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct AdaptiveRandomForest {
    forest: Forest,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
enum Forest {
    Classes(Ensemble),
    Values(ValueEnsemble),
}

impl AdaptiveRandomForest {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let numbers = context.layout.numbers.len();
        let features = Subspace::of(context.layout);
        let rng = Rng::new(context.seed, "adaptive_random_forest");
        let forest = match context.task {
            Task::Regression => Forest::Values(ValueEnsemble::new(params.value_plan(numbers, features), params.trees, rng)),
            _ => Forest::Classes(Ensemble::new(params.class_plan(features), params.trees, rng)),
        };
        Self { forest }
    }
}

impl Params {
    fn class_plan(&self, features: Subspace) -> Plan {
        let Self { criterion, grace_period, delta, tie, max_share, leaf_prediction, max_depth, .. } = *self;
        let rule = Rule { criterion, grace_period, delta, tie, max_share };
        let per_leaf = share_of(self.feature_share, &features);
        let max_bytes = self.max_bytes / (2 * self.trees); // as many may grow in the background
        let growth = Growth { rule, voting: Voting::new(leaf_prediction), max_depth, per_leaf, max_bytes };
        let Self { lambda, drift_delta, one_sided, .. } = *self;
        let response = Response::Swap { warning_delta: self.warning_delta };
        let per_tree = Size::Same(features.len());
        let voters = Voters::ByAccuracy;
        Plan { growth, features, per_tree, lambda, drift_delta, one_sided, response, voters }
    }

    fn value_plan(&self, numbers: usize, features: Subspace) -> ValuePlan {
        let Self { grace_period, delta, tie, max_depth, leaf_rate, min_branch, .. } = *self;
        let rule = ValueRule { grace_period, delta, tie, min_branch };
        let per_leaf = share_of(self.feature_share, &features);
        // As many trees may grow in the background.
        let (_, max_nodes) = nodes_within(self.max_bytes / (2 * self.trees), numbers, per_leaf);
        let growth = ValueGrowth { rule, prediction: self.value_prediction, leaf_rate, max_depth, max_nodes, per_leaf };
        let Self { lambda, warning_delta, drift_delta, one_sided, combination, .. } = *self;
        let per_tree = features.len();
        ValuePlan { growth, numbers, features, per_tree, lambda, warning_delta, drift_delta, one_sided, combination }
    }
}

impl Model for AdaptiveRandomForest {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary, Task::Multiclass, Task::Regression]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        self.predict_with_advice(row, prediction, &mut Vec::new());
    }

    /// The advice is what each tree said.
    fn predict_with_advice(&self, row: &Row, prediction: &mut Prediction, advice: &mut Vec<f64>) {
        match &self.forest {
            Forest::Classes(ensemble) => ensemble.predict(row, prediction, advice),
            Forest::Values(ensemble) => ensemble.predict(row, prediction, advice),
        }
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        self.learn_with_advice(row, label, weight, &[]);
    }

    fn learn_with_advice(&mut self, row: &Row, label: Label, weight: f64, advice: &[f64]) {
        match &mut self.forest {
            Forest::Classes(ensemble) => ensemble.learn(row, label.class(), weight, advice),
            Forest::Values(ensemble) => ensemble.learn(row, label.value(), weight, advice),
        }
    }

    fn describe(&self, _: &Layout) -> Vec<(String, String)> {
        match &self.forest {
            Forest::Classes(ensemble) => ensemble.describe(),
            Forest::Values(ensemble) => ensemble.describe(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Kind;

    /// Mean absolute error over each of 8 stretches of 1,000 rows, of a concept that turns around half-way.
    fn errors(params: Params) -> (Vec<f64>, AdaptiveRandomForest) {
        let layout = Layout::new([("a", Kind::Number), ("b", Kind::Number), ("c", Kind::Number)]);
        let mut rng = Rng::new(1, "test");
        let context = Context { task: Task::Regression, layout: &layout, classes: 0, seed: 1 };
        let (mut model, mut errors) = (AdaptiveRandomForest::new(params, context), vec![0.0; 8]);
        for i in 0..8_000 {
            let row = Row { numbers: (0..3).map(|_| rng.uniform()).collect(), ..Row::default() };
            let high = (row.numbers[0] > 0.5) == (row.numbers[1] > 0.5);
            let value = if high == (i < 4_000) { 10.0 } else { -10.0 };
            let (mut prediction, mut advice) = (Prediction::Value(0.0), Vec::new());
            model.predict_with_advice(&row, &mut prediction, &mut advice);
            errors[i / 1_000] += (prediction.value() - value).abs() / 1_000.0;
            model.learn_with_advice(&row, Label::Value(value), 1.0, &advice);
        }
        (errors, model)
    }

    #[test]
    fn trees_of_values_whose_error_rises_give_way() {
        let grown = |model: &AdaptiveRandomForest| model.describe(&Layout::default())[1].1.parse::<u64>().unwrap();
        for combination in [Combination::Mean, Combination::Median, Combination::Weighted] {
            let (adaptive, model) = errors(Params { combination, ..Params::default() });
            assert!(adaptive[3] < 3.0 && adaptive[7] < 3.0, "{combination:?}: {adaptive:?}");
            assert!(grown(&model) >= 20, "{combination:?}: {} trees", grown(&model));
            let tiny = f64::MIN_POSITIVE;
            let (_, model) =
                errors(Params { combination, warning_delta: tiny, drift_delta: tiny, ..Params::default() });
            assert_eq!(grown(&model), 10, "{combination:?}");
        }
    }
}
