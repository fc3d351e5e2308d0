//! Adaptive random forest: Hoeffding trees on Poisson-weighted rows and random features, each watched by a detector that
//! replaces it by a tree grown in the background once its error has risen.
//!
//! H. M. Gomes et al., "Adaptive random forests for evolving data stream classification", Machine Learning 106 (2017).
//! A detector sees whether its tree was right *before* learning the row, and only a rise of the error counts.

use serde::{Deserialize, Serialize};

use super::tree::class_leaf::{LeafPrediction, Rule, Subspace};
use super::tree::class_tree::{ClassTree, Growth};
use super::tree::criterion::Criterion;
use super::{Context, Model};
use crate::drift::{Adwin, DriftDetector as _, Signal, adwin};
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
        pub delta: f64 = 0.01, in f64::MIN_POSITIVE..1.0 => "in (0, 1)";
        /// Below this bound the best two tests are taken as tied, and one is chosen.
        pub tie: f64 = 0.05, in 0.0..=1.0 => "in [0, 1]";
        /// The deepest leaf.
        pub max_depth: usize = 60, in 1.. => ">= 1";
        /// What tests are judged by: info_gain, gini or hellinger.
        pub criterion: Criterion = Criterion::InfoGain;
        /// How leaves predict: majority, naive_bayes or naive_bayes_adaptive.
        pub leaf_prediction: LeafPrediction = LeafPrediction::NaiveBayesAdaptive;
        /// ADWIN's delta for starting a tree in the background.
        pub warning_delta: f64 = 0.01, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// ADWIN's delta for putting it in the place of the old one.
        pub drift_delta: f64 = 0.001, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// Whether only a rise of the error counts.
        pub one_sided: bool = true;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdaptiveRandomForest {
    params: Params,
    growth: Growth,
    members: Vec<Member>,
    /// Classes seen so far.
    classes: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Member {
    tree: ClassTree,
    background: Option<ClassTree>,
    warning: Adwin,
    drift: Adwin,
    /// Labels since the tree took its place, and how many it got right.
    seen: f64,
    right: f64,
    trees_grown: u64,
    rng: Rng,
}

impl AdaptiveRandomForest {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let features = Subspace::all(context.layout.numbers.len(), context.layout.categories.len());
        let Params { criterion, grace_period, delta, tie, leaf_prediction, max_depth, .. } = params;
        let rule = Rule { criterion, grace_period, delta, tie };
        let per_leaf = ((params.feature_share * features.len() as f64).round() as usize).max(1);
        let growth = Growth { rule, leaf_prediction, max_depth, features, per_leaf };
        let rng = Rng::new(context.seed, "adaptive_random_forest");
        let members = (0..params.trees as u64).map(|i| Member::new(&params, &growth, rng.child(i))).collect();
        Self { params, growth, members, classes: 0 }
    }
}

impl Member {
    fn new(params: &Params, growth: &Growth, rng: Rng) -> Self {
        let detector = |delta| Adwin::new(adwin::Params { delta, one_sided: params.one_sided, ..Default::default() }, ());
        Self {
            tree: ClassTree::new(growth, rng.child(0)),
            background: None,
            warning: detector(params.warning_delta),
            drift: detector(params.drift_delta),
            seen: 0.0,
            right: 0.0,
            trees_grown: 1,
            rng,
        }
    }

    /// Accuracy since the tree took its place; 1 before its first label.
    fn accuracy(&self) -> f64 {
        if self.seen > 0.0 { self.right / self.seen } else { 1.0 }
    }

    /// `right`: whether the tree said so before it learned.
    fn learn(&mut self, params: &Params, growth: &Growth, row: &Row, class: usize, weight: f64, right: bool) {
        self.seen += 1.0;
        self.right += f64::from(u8::from(right));
        let times = f64::from(self.rng.poisson(params.lambda));
        if times > 0.0 {
            self.tree.learn(growth, row, class, times * weight);
            if let Some(background) = &mut self.background {
                background.learn(growth, row, class, times * weight);
            }
        }
        self.watch(params, growth, if right { 0.0 } else { 1.0 });
    }

    fn watch(&mut self, params: &Params, growth: &Growth, error: f64) {
        let warned = self.warning.update(error) == Signal::Drift;
        if self.drift.update(error) == Signal::Drift {
            let background = self.background.take();
            let mut fresh = Self::new(params, growth, self.rng);
            fresh.trees_grown = self.trees_grown;
            fresh.tree = background.unwrap_or_else(|| fresh.grow(growth));
            *self = fresh;
        } else if warned {
            self.background = Some(self.grow(growth));
        }
    }

    fn grow(&mut self, growth: &Growth) -> ClassTree {
        let tree = ClassTree::new(growth, self.rng.child(self.trees_grown));
        self.trees_grown += 1;
        tree
    }
}

impl Model for AdaptiveRandomForest {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary, Task::Multiclass]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        self.predict_with_advice(row, prediction, &mut Vec::new());
    }

    /// The advice is the class that each tree said.
    fn predict_with_advice(&self, row: &Row, prediction: &mut Prediction, advice: &mut Vec<f64>) {
        let votes = prediction.probabilities_mut();
        let classes = votes.len();
        advice.clear();
        advice.resize(classes, 0.0);
        for member in &self.members {
            advice[..classes].fill(0.0);
            member.tree.vote(&self.growth, row, 1.0, &mut advice[..classes]);
            let accuracy = member.accuracy();
            votes.iter_mut().zip(&*advice).for_each(|(sum, vote)| *sum += accuracy * vote);
            let said = argmax(&advice[..classes]).map_or(-1.0, |class| class as f64);
            advice.push(said);
        }
        advice.drain(..classes);
        let total: f64 = votes.iter().sum();
        if total > 0.0 {
            votes.iter_mut().for_each(|vote| *vote /= total);
        }
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        let mut prediction = Prediction::Classes(vec![0.0; self.classes.max(label.class() + 1)]);
        let mut advice = Vec::new();
        self.predict_with_advice(row, &mut prediction, &mut advice);
        self.learn_with_advice(row, label, weight, &advice);
    }

    fn learn_with_advice(&mut self, row: &Row, label: Label, weight: f64, advice: &[f64]) {
        if advice.len() != self.members.len() {
            return self.learn(row, label, weight);
        }
        let class = label.class();
        self.classes = self.classes.max(class + 1);
        for (member, said) in self.members.iter_mut().zip(advice) {
            member.learn(&self.params, &self.growth, row, class, weight, *said == class as f64);
        }
    }

    fn describe(&self, _: &Layout) -> Vec<(String, String)> {
        let nodes: usize = self.members.iter().map(|member| member.tree.nodes()).sum();
        let grown: u64 = self.members.iter().map(|member| member.trees_grown).sum();
        vec![("nodes".to_owned(), nodes.to_string()), ("trees grown".to_owned(), grown.to_string())]
    }
}

fn argmax(votes: &[f64]) -> Option<usize> {
    let mut best: Option<usize> = None;
    for (class, vote) in votes.iter().enumerate() {
        if *vote > 0.0 && best.is_none_or(|b| *vote > votes[b]) {
            best = Some(class);
        }
    }
    best
}
