//! The experts: which there are for a task, and how each sees rows.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::Params;
use super::views::{View, Views};
use crate::model::tree::value_leaf::ValuePrediction;
use crate::model::{self, AnyModel, Context, Params as Model};
use crate::row::Task;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Expert {
    pub name: String,
    pub model: AnyModel,
    pub view: View,
    /// What it costs in an event, in about microseconds.
    pub cost: f64,
}

/// Least squares cost the square of their inputs, and leaves keep much for each: where rows are wider than this when encoded,
/// only models that go by the gradient see them so.
const WIDEST: usize = 64;

/// One line of a roster: name, view, cost, parameters.
type Line = (String, View, f64, Model);

/// All experts of a task, none of which has learned anything.
pub fn all(params: &Params, views: &Views, context: Context<'_>) -> Vec<Expert> {
    let mut roster = match context.task {
        Task::Regression => of_values(),
        _ => of_classes(context),
    };
    roster.extend(forests(params, context));
    roster.extend(neighbours(params, context));
    let encoded = views.layout(context.layout, View::Recent).numbers.len();
    if encoded > WIDEST {
        let narrow = |view: &View| !matches!(view, View::Encoded | View::Recent);
        roster.retain(|(_, view, _, params)| narrow(view) || is_gradient(params));
    }
    let build = |(name, view, cost, params): Line| {
        let layout = views.layout(context.layout, view);
        Expert { name, view, cost, model: params.build(Context { layout: &layout, ..context }) }
    };
    roster.into_iter().map(build).collect()
}

fn is_gradient(params: &Model) -> bool {
    matches!(params, Model::LogisticRegression(_) | Model::SoftmaxRegression(_) | Model::PassiveAggressive(_))
}

fn of_values() -> Vec<Line> {
    let tree = model::hoeffding_tree_regressor::Params::default;
    let eager = || model::hoeffding_tree_regressor::Params { grace_period: 50.0, delta: 0.01, ..tree() };
    // A tree that never splits: the normalised linear model of its one leaf.
    let leaf = |leaf_rate| model::hoeffding_tree_regressor::Params {
        grace_period: f64::MAX,
        leaf_prediction: ValuePrediction::Linear,
        leaf_rate,
        ..tree()
    };
    let mut roster: Vec<Line> = Vec::new();
    let mut add = |name: &str, view, cost, params| roster.push((name.to_owned(), view, cost, params));
    add("tree", View::Plain, 1.0, Model::HoeffdingTreeRegressor(tree()));
    add("eager tree", View::Plain, 1.0, Model::HoeffdingTreeRegressor(eager()));
    add("linear 0.2, recent labels", View::Recent, 1.0, Model::HoeffdingTreeRegressor(leaf(0.2)));
    add("least squares, recent labels", View::Recent, 1.0, least_squares());
    add("kernel", View::Encoded, 15.0, kernel(100, 1.0));
    add("kernel, recent labels", View::Recent, 15.0, kernel(100, 1.0));
    add("boosting", View::Plain, 6.0, Model::Sgbt(Default::default()));
    add("boosting, recent labels", View::PlainRecent, 6.0, Model::Sgbt(Default::default()));
    add("no_change", View::Plain, 0.0, Model::NoChange(Default::default()));
    add("mean", View::Plain, 0.0, Model::Mean(Default::default()));
    roster
}

fn of_classes(context: Context<'_>) -> Vec<Line> {
    let task = context.task;
    let mut roster: Vec<Line> = Vec::new();
    let mut add = |name: &str, view, cost, params| roster.push((name.to_owned(), view, cost, params));
    for rate in [0.01, 0.1, 1.0] {
        add(&format!("linear {rate}"), View::Encoded, 1.0, linear(task, rate));
    }
    add("linear 0.1, recent labels", View::Recent, 1.0, linear(task, 0.1));
    let passive_aggressive = || Model::PassiveAggressive(Default::default());
    add("passive_aggressive", View::Encoded, 1.0, passive_aggressive());
    add("passive_aggressive, recent labels", View::Recent, 1.0, passive_aggressive());
    add("least squares", View::Encoded, 1.0, least_squares());
    add("least squares, recent labels", View::Recent, 1.0, least_squares());
    add("kernel", View::Encoded, 6.0, kernel(60, 0.6));
    add("hoeffding_adaptive_tree", View::Plain, 1.0, Model::HoeffdingAdaptiveTree(Default::default()));
    add("naive_bayes", View::Plain, 1.0, Model::NaiveBayes(Default::default()));
    // A score for each class that comes, of which there are seldom many; one for two.
    let scores = if task == Task::Binary { 1.0 } else { context.classes.min(10) as f64 };
    let cost = 2.0 + scores + features(context) as f64 * (0.8 + 0.3 * scores);
    add("boosting", View::Plain, cost, Model::Sgbt(Default::default()));
    add("boosting, recent labels", View::PlainRecent, cost, Model::Sgbt(Default::default()));
    add("transitions", View::Plain, 0.0, Model::Transitions(Default::default()));
    let prior = model::transitions::Params { given_last: false, ..Default::default() };
    add("prior", View::Plain, 0.0, Model::Transitions(prior));
    roster
}

fn forests(Params { trees, .. }: &Params, context: Context<'_>) -> Vec<Line> {
    if *trees == 0 {
        return Vec::new();
    }
    let (trees, cost) = (*trees, *trees as f64 * context.classes.clamp(2, 6) as f64 / 2.0);
    let mondrian = Model::AggregatedMondrianForest(model::aggregated_mondrian_forest::Params { trees, ..Default::default() });
    if context.task == Task::Regression {
        let forest = || Model::AdaptiveRandomForest(model::adaptive_random_forest::Params { trees, ..Default::default() });
        return vec![
            ("adaptive_random_forest".to_owned(), View::Plain, 1.5 * cost, forest()),
            ("adaptive_random_forest, recent labels".to_owned(), View::PlainRecent, 1.5 * cost, forest()),
            ("mondrian_forest, recent labels".to_owned(), View::PlainRecent, 2.0 * cost, mondrian),
        ];
    }
    let patches = model::streaming_random_patches::Params { trees, ..Default::default() };
    let arte = model::arte::Params { trees, ..Default::default() };
    vec![
        ("streaming_random_patches".to_owned(), View::Plain, cost, Model::StreamingRandomPatches(patches)),
        ("arte".to_owned(), View::Plain, cost, Model::Arte(arte)),
        ("mondrian_forest".to_owned(), View::Plain, cost, mondrian),
    ]
}

/// How many features rows have before any encoding.
fn features(context: Context<'_>) -> usize {
    context.layout.numbers.len() + context.layout.categories.len()
}

fn neighbours(params: &Params, context: Context<'_>) -> Vec<Line> {
    if params.neighbours_window == 0 {
        return Vec::new();
    }
    let cost = (params.neighbours_window * features(context).max(1)) as f64 / 1_000.0;
    let knn = model::knn::Params { window: params.neighbours_window, ..Default::default() };
    vec![("neighbours".to_owned(), View::Plain, cost, Model::Knn(knn))]
}

fn least_squares() -> Model {
    Model::RecursiveLeastSquares(model::recursive_least_squares::Params { forgetting: 0.9995, ..Default::default() })
}

/// Least squares on random features.
fn kernel(random_features: usize, length: f64) -> Model {
    Model::RecursiveLeastSquares(model::recursive_least_squares::Params {
        random_features,
        length,
        ..Default::default()
    })
}

fn linear(task: Task, learning_rate: f64) -> Model {
    let sgd = model::optimize::sgd::Params { learning_rate, ..Default::default() };
    let (optimizer, intercept_learning_rate) = (model::optimize::Params::Sgd(sgd), learning_rate);
    match task {
        Task::Binary => Model::LogisticRegression(model::logistic_regression::Params {
            optimizer,
            intercept_learning_rate,
            ..Default::default()
        }),
        _ => Model::SoftmaxRegression(model::softmax_regression::Params {
            optimizer,
            intercept_learning_rate,
            ..Default::default()
        }),
    }
}
