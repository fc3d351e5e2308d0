//! Portfolio: diverse experts under prediction with expert advice; the default model, which needs no tuning.
//!
//! The best family of models differs from stream to stream, and on one stream from time to time; a combination that follows
//! the best is better than its best member wherever members err apart. See `model::combine` for the two levels.

use serde::{Deserialize, Serialize};

use super::combine::classes::ClassCombiner;
use super::combine::values::ValueCombiner;
use super::tree::value_leaf::ValuePrediction;
use super::{AnyModel, Context, Model, Params as ModelParams};
use crate::event::Layout;
use crate::params::About;
use crate::row::{Label, Prediction, Row, Task};
use crate::stats::Scratch;
use crate::transform::{self, Transform, Transformer as _};

pub const ABOUT: About = About {
    summary: "linear models, trees, a forest, naive Bayes, neighbours and baselines, combined by how right they have been of late",
    source: "N. Cesa-Bianchi, G. Lugosi, Prediction, Learning, and Games, Cambridge 2006",
    example: "type = \"portfolio\"\ntrees = 10",
};

crate::params! {
    pub struct Params {
        /// Trees of the forest among the experts; 0 leaves the forest out.
        pub trees: usize = 10, in 0..=1_000 => "in 0..=1000";
        /// Labelled rows that the neighbours are looked for in; 0 leaves them out.
        pub neighbours_window: usize = 1_000, in 0..=1_000_000 => "in 0..=1000000";
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Portfolio {
    /// Make rows for linear experts: scaled numbers, categories as numbers.
    encoders: Vec<Transform>,
    experts: Vec<Expert>,
    combiner: Combiner,
    #[serde(skip)]
    encoded: Scratch<Row>,
    #[serde(skip)]
    gain: Scratch<Vec<f64>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Combiner {
    Classes(ClassCombiner),
    Values(ValueCombiner),
}

impl Combiner {
    fn new(task: Task, experts: usize) -> Self {
        match task {
            Task::Regression => Self::Values(ValueCombiner::new(experts)),
            _ => Self::Classes(ClassCombiner::new(experts)),
        }
    }

    fn rows(&self) -> usize {
        self.weights().len()
    }

    fn weights(&self) -> &[f64] {
        match self {
            Self::Classes(combiner) => combiner.weights(),
            Self::Values(combiner) => combiner.weights(),
        }
    }

    fn combine(&self, table: &mut [f64], prediction: &mut Prediction) {
        match (self, prediction) {
            (Self::Classes(combiner), prediction) => combiner.combine(table, prediction.probabilities_mut()),
            (Self::Values(combiner), Prediction::Value(value)) => *value = combiner.combine(table),
            (Self::Values(_), Prediction::Classes(_)) => {}
        }
    }

    /// `columns`: classes, or 1 for values.
    fn learn(&mut self, table: &[f64], columns: usize, label: Label, scratch: &mut Vec<f64>) {
        match self {
            Self::Classes(combiner) if label.class() < columns => combiner.learn(table, columns, label.class(), scratch),
            Self::Classes(_) => {}
            Self::Values(combiner) => combiner.learn(table, label.value(), scratch),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Expert {
    name: String,
    model: AnyModel,
    /// Whether it sees encoded rows.
    encoded: bool,
}

impl Portfolio {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let mut encoders = Vec::new();
        let mut layout = context.layout.clone();
        for params in [transform::Params::StandardScaler(Default::default()), transform::Params::OneHot(Default::default())] {
            let encoder = params.build(&layout);
            layout = encoder.layout(&layout);
            encoders.push(encoder);
        }
        let experts: Vec<Expert> = roster(&params, context.task, layout.numbers.len())
            .into_iter()
            .map(|(name, encoded, model)| {
                let layout = if encoded { &layout } else { context.layout };
                Expert { name: name.to_owned(), model: model.build(Context { layout, ..context }), encoded }
            })
            .collect();
        let combiner = Combiner::new(context.task, experts.len());
        Self { encoders, experts, combiner, encoded: Scratch::default(), gain: Scratch::default() }
    }

    fn encode(&self, row: &Row) -> Row {
        let mut encoded = row.clone();
        self.encoders.iter().for_each(|encoder| encoder.transform(&mut encoded));
        encoded
    }
}

/// The experts: their names, whether they see encoded rows, their parameters.
fn roster(params: &Params, task: Task, encoded: usize) -> Vec<(&'static str, bool, ModelParams)> {
    match task {
        Task::Regression => value_roster(params, encoded),
        _ => class_roster(params, task),
    }
}

fn value_roster(params: &Params, encoded: usize) -> Vec<(&'static str, bool, ModelParams)> {
    let tree = super::hoeffding_tree_regressor::Params::default;
    let mut roster = vec![("hoeffding_tree_regressor", false, ModelParams::HoeffdingTreeRegressor(tree()))];
    let eager = super::hoeffding_tree_regressor::Params { grace_period: 50.0, delta: 0.01, ..tree() };
    roster.push(("hoeffding_tree_regressor, eager", false, ModelParams::HoeffdingTreeRegressor(eager)));
    for (name, leaf_rate) in [("linear 0.02", 0.02), ("linear 0.2", 0.2)] {
        // A tree that never splits: the normalised linear model of its one leaf.
        let leaf = super::hoeffding_tree_regressor::Params {
            grace_period: f64::MAX,
            leaf_prediction: ValuePrediction::Linear,
            leaf_rate,
            ..tree()
        };
        roster.push((name, true, ModelParams::HoeffdingTreeRegressor(leaf)));
    }
    if encoded <= WIDEST_RIDGE {
        roster.push(("ridge", true, ModelParams::Ridge(Default::default())));
    }
    roster.extend(neighbours(params));
    roster.push(("no_change", false, ModelParams::NoChange(Default::default())));
    roster.push(("mean", false, ModelParams::Mean(Default::default())));
    roster
}

/// Ridge costs the square of its inputs.
const WIDEST_RIDGE: usize = 32;

fn neighbours(params: &Params) -> Option<(&'static str, bool, ModelParams)> {
    let knn = super::knn::Params { window: params.neighbours_window.max(1), ..Default::default() };
    (params.neighbours_window > 0).then_some(("knn", false, ModelParams::Knn(knn)))
}

fn class_roster(params: &Params, task: Task) -> Vec<(&'static str, bool, ModelParams)> {
    let mut roster = Vec::new();
    for (name, rate) in [("linear 0.01", 0.01), ("linear 0.1", 0.1), ("linear 1", 1.0)] {
        roster.push((name, true, linear(task, rate)));
    }
    roster.push(("hoeffding_tree", false, ModelParams::HoeffdingTree(Default::default())));
    roster.push(("naive_bayes", false, ModelParams::NaiveBayes(Default::default())));
    roster.extend(neighbours(params));
    if params.trees > 0 {
        let forest = super::adaptive_random_forest::Params { trees: params.trees, ..Default::default() };
        roster.push(("adaptive_random_forest", false, ModelParams::AdaptiveRandomForest(forest)));
    }
    roster.push(("transitions", false, ModelParams::Transitions(Default::default())));
    let prior = super::transitions::Params { given_last: false, ..Default::default() };
    roster.push(("prior", false, ModelParams::Transitions(prior)));
    roster
}

fn linear(task: Task, learning_rate: f64) -> ModelParams {
    let optimizer = super::optimize::Params::Sgd(super::optimize::sgd::Params { learning_rate, ..Default::default() });
    match task {
        Task::Binary => ModelParams::LogisticRegression(super::logistic_regression::Params {
            optimizer,
            intercept_learning_rate: learning_rate,
            ..Default::default()
        }),
        _ => ModelParams::SoftmaxRegression(super::softmax_regression::Params {
            optimizer,
            intercept_learning_rate: learning_rate,
            ..Default::default()
        }),
    }
}

impl Model for Portfolio {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary, Task::Multiclass, Task::Regression]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        self.predict_with_advice(row, prediction, &mut Vec::new());
    }

    /// The advice: how many columns the table has, the table of answers (see [`ClassCombiner::combine`]), then each expert's own
    /// advice behind its length.
    fn predict_with_advice(&self, row: &Row, prediction: &mut Prediction, advice: &mut Vec<f64>) {
        let columns = columns(prediction);
        advice.clear();
        advice.push(columns as f64);
        advice.resize(1 + self.combiner.rows() * columns, 0.0);
        if columns == 0 {
            return;
        }
        let encoded = self.encode(row);
        let mut answer = prediction.clone();
        let mut own = Vec::new();
        for (k, expert) in self.experts.iter().enumerate() {
            answer.reset(columns);
            let row = if expert.encoded { &encoded } else { row };
            expert.model.predict_with_advice(row, &mut answer, &mut own);
            let said = &mut advice[1 + k * columns..][..columns];
            match &answer {
                Prediction::Classes(probabilities) => said.copy_from_slice(probabilities),
                Prediction::Value(value) => said.fill(*value),
            }
            advice.push(own.len() as f64);
            advice.append(&mut own);
        }
        let table = &mut advice[1..][..self.combiner.rows() * columns];
        self.combiner.combine(table, prediction);
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        let mut prediction = match self.combiner {
            Combiner::Classes(_) => Prediction::Classes(vec![0.0; label.class() + 1]),
            Combiner::Values(_) => Prediction::Value(0.0),
        };
        let mut advice = Vec::new();
        self.predict_with_advice(row, &mut prediction, &mut advice);
        self.learn_with_advice(row, label, weight, &advice);
    }

    fn learn_with_advice(&mut self, row: &Row, label: Label, weight: f64, advice: &[f64]) {
        let Some((columns, said)) = advice.split_first() else { return self.learn(row, label, weight) };
        let columns = *columns as usize;
        let (table, mut own) = said.split_at(self.combiner.rows() * columns);
        if columns > 0 {
            self.combiner.learn(table, columns, label, &mut self.gain);
        }
        self.encoded.copy_from(row);
        for encoder in &mut self.encoders {
            encoder.learn(&self.encoded, Some(label));
            encoder.transform(&mut self.encoded);
        }
        for expert in &mut self.experts {
            let length = own.first().map_or(0, |length| *length as usize);
            let (said, rest) = own.get(1..).unwrap_or_default().split_at(length);
            own = rest;
            let row = if expert.encoded { &self.encoded } else { row };
            expert.model.learn_with_advice(row, label, weight, said);
        }
    }

    fn scale_learning_rate(&mut self, factor: f64) {
        self.experts.iter_mut().for_each(|expert| expert.model.scale_learning_rate(factor));
    }

    fn describe(&self, _: &Layout) -> Vec<(String, String)> {
        let combiners: &[&str] = match self.combiner {
            Combiner::Classes(_) => &["fixed share", "hits", "stacking 0.02", "stacking 0.05", "stacking 0.1", "least squares"],
            Combiner::Values(_) => &["leader", "losses", "least squares"],
        };
        let names = self.experts.iter().map(|expert| expert.name.as_str()).chain(combiners.iter().copied());
        let weights = self.combiner.weights().iter().map(|weight| format!("{weight:.4}"));
        names.map(|name| format!("weight of {name}")).zip(weights).collect()
    }
}

/// Columns of the table of answers: classes, or 1 for a value.
fn columns(prediction: &Prediction) -> usize {
    match prediction {
        Prediction::Classes(probabilities) => probabilities.len(),
        Prediction::Value(_) => 1,
    }
}
