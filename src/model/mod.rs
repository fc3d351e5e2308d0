//! Models: each predicts before it learns.
//!
//! To add one: a file beside the others, shaped like them, and its line in `family!` below.

use get_size2::GetSize;

use crate::event::Layout;
use crate::params::Problems;
use crate::row::{Example, Label, Prediction, Row, Task};

/// What a model is built for.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub task: Task,
    /// The rows the model will see, after all transforms.
    pub layout: &'a Layout,
    /// The most classes there can be; 0 for regression.
    pub classes: usize,
    pub seed: u64,
}

/// Learns from labelled rows. Predicting never mutates. Missing numbers, unseen categories and classes beyond those
/// seen do no harm.
pub trait Model: GetSize {
    /// Writes the answer into `prediction`, which the learner has reset.
    fn predict(&self, row: &Row, prediction: &mut Prediction);

    /// Learns one labelled row with a weight > 0. A class is below [`Context::classes`].
    fn learn(&mut self, row: &Row, label: Label, weight: f64);

    /// Predicts, and writes into `advice` what a model made of many said one by one, so that it can be judged by just that when
    /// the label comes, however late.
    fn predict_with_advice(&self, row: &Row, prediction: &mut Prediction, advice: &mut Vec<f64>) {
        advice.clear();
        self.predict(row, prediction);
    }

    /// Learns a row that was predicted with this `advice`; with none, or one that does not fit, as [`Model::learn`] does.
    fn learn_with_advice(&mut self, row: &Row, label: Label, weight: f64, _advice: &[f64]) {
        self.learn(row, label, weight);
    }

    /// Learns a mini-batch: one after the other, unless the model has a gradient to average.
    fn learn_batch(&mut self, batch: &[Example]) {
        for example in batch {
            self.learn(&example.row, example.label, example.weight);
        }
    }

    /// The tasks that the model serves.
    fn tasks(&self) -> &'static [Task];

    /// Whether [`Model::unlearn`] is exact.
    fn can_unlearn(&self) -> bool {
        false
    }

    /// Takes back what [`Model::learn`] made of exactly this row; only where [`Params::can_unlearn`].
    fn unlearn(&mut self, _row: &Row, _label: Label, _weight: f64) {}

    /// Multiplies the learning rate from now on; 1 is as configured. Models without a rate ignore it.
    fn scale_learning_rate(&mut self, _factor: f64) {}

    /// The memory that the model holds, in bytes, with what it keeps for use again. Its derived [`GetSize`] counts it.
    fn bytes(&self) -> usize {
        self.get_size()
    }

    /// What has been learned, in words and numbers for `state show`: a name and a value each. `layout` is the one the
    /// model was built for.
    fn describe(&self, _layout: &Layout) -> Vec<(String, String)> {
        Vec::new()
    }

    /// The share that each member has in the answers now, by its name: not negative, of sum 1. Empty for a model of one.
    fn weights(&self) -> Vec<(String, f64)> {
        Vec::new()
    }
}

mod boosting;
pub mod combine;
mod ensemble;
mod linear;
mod mondrian;
pub mod optimize;
mod rules;
pub mod tree;

pub use linear::{Absolute, Huber, Loss, Quantile, Squared};

crate::family!("model", AnyModel, {
    no_change => NoChange,
    majority => Majority,
    mean => Mean,
    logistic_regression => LogisticRegression,
    softmax_regression => SoftmaxRegression,
    linear_regression => LinearRegression,
    ridge => Ridge,
    recursive_least_squares => RecursiveLeastSquares,
    passive_aggressive => PassiveAggressive,
    bayesian_linear => BayesianLinear,
    hoeffding_tree => HoeffdingTree,
    hoeffding_adaptive_tree => HoeffdingAdaptiveTree,
    hoeffding_tree_regressor => HoeffdingTreeRegressor,
    hoeffding_adaptive_tree_regressor => HoeffdingAdaptiveTreeRegressor,
    efdt => Efdt,
    efdt_regressor => EfdtRegressor,
    amrules => Amrules,
    adaptive_random_forest => AdaptiveRandomForest,
    streaming_random_patches => StreamingRandomPatches,
    leveraging_bagging => LeveragingBagging,
    aggregated_mondrian_forest => AggregatedMondrianForest,
    sgbt => Sgbt,
    arte => Arte,
    naive_bayes => NaiveBayes,
    knn => Knn,
    transitions => Transitions,
    portfolio => Portfolio,
});

impl Params {
    /// A model that has learned nothing.
    pub fn build(&self, context: Context<'_>) -> AnyModel {
        build_each!(self, params => context)
    }

    /// Whether the model has an exact [`Model::unlearn`].
    pub fn can_unlearn(&self) -> bool {
        self.prototype().can_unlearn()
    }

    /// A model without features, to ask what the kind can do.
    fn prototype(&self) -> AnyModel {
        self.build(Context { task: Task::Binary, layout: &Layout::default(), classes: 2, seed: 0 })
    }

    /// Notes where the model cannot serve the task.
    pub fn check_task(&self, task: Task, problems: &mut Problems) {
        let served = self.prototype().tasks();
        if !served.contains(&task) {
            let name = |task: &Task| format!("{task:?}").to_lowercase();
            let names: Vec<String> = served.iter().map(name).collect();
            problems.add(
                "type",
                format!("{} serves {} only, and the task is {}", self.name(), names.join(" or "), name(&task)),
            );
        }
    }
}

impl Model for AnyModel {
    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        each!(self, model => model.predict(row, prediction));
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        each!(self, model => model.learn(row, label, weight));
    }

    fn predict_with_advice(&self, row: &Row, prediction: &mut Prediction, advice: &mut Vec<f64>) {
        each!(self, model => model.predict_with_advice(row, prediction, advice));
    }

    fn learn_with_advice(&mut self, row: &Row, label: Label, weight: f64, advice: &[f64]) {
        each!(self, model => model.learn_with_advice(row, label, weight, advice));
    }

    fn learn_batch(&mut self, batch: &[Example]) {
        each!(self, model => model.learn_batch(batch));
    }

    fn tasks(&self) -> &'static [Task] {
        each!(self, model => model.tasks())
    }

    fn can_unlearn(&self) -> bool {
        each!(self, model => model.can_unlearn())
    }

    fn unlearn(&mut self, row: &Row, label: Label, weight: f64) {
        each!(self, model => model.unlearn(row, label, weight));
    }

    fn scale_learning_rate(&mut self, factor: f64) {
        each!(self, model => model.scale_learning_rate(factor));
    }

    fn describe(&self, layout: &Layout) -> Vec<(String, String)> {
        each!(self, model => model.describe(layout))
    }

    fn weights(&self) -> Vec<(String, f64)> {
        each!(self, model => model.weights())
    }
}
