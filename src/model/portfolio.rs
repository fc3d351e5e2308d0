//! Portfolio: diverse experts under prediction with expert advice; the default model, which needs no tuning.
//!
//! The best family of models differs from stream to stream, and on one stream from time to time; a combination that follows
//! the best is better than its best member wherever members err apart. See `model::combine` for the two levels.

use serde::{Deserialize, Serialize};

use super::combine::classes::ClassCombiner;
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
    combiner: ClassCombiner,
    #[serde(skip)]
    encoded: Scratch<Row>,
    #[serde(skip)]
    gain: Scratch<Vec<f64>>,
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
        let experts: Vec<Expert> = roster(&params, context.task)
            .into_iter()
            .map(|(name, encoded, model)| {
                let layout = if encoded { &layout } else { context.layout };
                Expert { name: name.to_owned(), model: model.build(Context { layout, ..context }), encoded }
            })
            .collect();
        let combiner = ClassCombiner::new(experts.len());
        Self { encoders, experts, combiner, encoded: Scratch::default(), gain: Scratch::default() }
    }

    fn encode(&self, row: &Row) -> Row {
        let mut encoded = row.clone();
        self.encoders.iter().for_each(|encoder| encoder.transform(&mut encoded));
        encoded
    }
}

/// The experts: their names, whether they see encoded rows, their parameters.
fn roster(params: &Params, task: Task) -> Vec<(&'static str, bool, ModelParams)> {
    let mut roster = Vec::new();
    for (name, rate) in [("linear 0.01", 0.01), ("linear 0.1", 0.1), ("linear 1", 1.0)] {
        roster.push((name, true, linear(task, rate)));
    }
    roster.push(("hoeffding_tree", false, ModelParams::HoeffdingTree(Default::default())));
    roster.push(("naive_bayes", false, ModelParams::NaiveBayes(Default::default())));
    if params.neighbours_window > 0 {
        let knn = super::knn::Params { window: params.neighbours_window, ..Default::default() };
        roster.push(("knn", false, ModelParams::Knn(knn)));
    }
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
        &[Task::Binary, Task::Multiclass]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        self.predict_with_advice(row, prediction, &mut Vec::new());
    }

    /// The advice: how many classes there were, the table of answers (see [`ClassCombiner::combine`]), then each expert's own
    /// advice behind its length.
    fn predict_with_advice(&self, row: &Row, prediction: &mut Prediction, advice: &mut Vec<f64>) {
        let classes = prediction.probabilities_mut().len();
        advice.clear();
        advice.push(classes as f64);
        advice.resize(1 + self.combiner.rows() * classes, 0.0);
        if classes == 0 {
            return;
        }
        let encoded = self.encode(row);
        let mut answer = Prediction::Classes(vec![0.0; classes]);
        let mut own = Vec::new();
        for (k, expert) in self.experts.iter().enumerate() {
            answer.reset(classes);
            let row = if expert.encoded { &encoded } else { row };
            expert.model.predict_with_advice(row, &mut answer, &mut own);
            advice[1 + k * classes..][..classes].copy_from_slice(answer.probabilities_mut());
            advice.push(own.len() as f64);
            advice.append(&mut own);
        }
        let table = &mut advice[1..][..self.combiner.rows() * classes];
        self.combiner.combine(table, prediction.probabilities_mut());
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        let mut prediction = Prediction::Classes(vec![0.0; label.class() + 1]);
        let mut advice = Vec::new();
        self.predict_with_advice(row, &mut prediction, &mut advice);
        self.learn_with_advice(row, label, weight, &advice);
    }

    fn learn_with_advice(&mut self, row: &Row, label: Label, weight: f64, advice: &[f64]) {
        let Some((classes, said)) = advice.split_first() else { return self.learn(row, label, weight) };
        let classes = *classes as usize;
        let (table, mut own) = said.split_at(self.combiner.rows() * classes);
        if label.class() < classes {
            self.combiner.learn(table, classes, label.class(), &mut self.gain);
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
        let combiners = ["fixed share", "hits", "stacking 0.02", "stacking 0.05", "stacking 0.1", "least squares"];
        let names = self.experts.iter().map(|expert| expert.name.as_str()).chain(combiners);
        let weights = self.combiner.weights().iter().map(|weight| format!("{weight:.4}"));
        names.map(|name| format!("weight of {name}")).zip(weights).collect()
    }
}
