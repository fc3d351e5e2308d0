//! Adaptive random tree ensemble: Hoeffding trees on random features of a random number, that vote only while they are at
//! least as often right as all on average, and start anew once their error has risen.
//!
//! A. M. Paim, F. Enembreck, "Adaptive random tree ensemble for evolving data stream classification", Knowledge-Based
//! Systems 309 (2025). Leaves look at all cut points that trees here look at, in the place of random ones; no tree grows in
//! the background.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::ensemble::{Ensemble, Plan, Response, Size, Voters, voting_model};
use super::tree::class_leaf::{LeafPrediction, Rule, Voting};
use super::tree::class_tree::Growth;
use super::tree::criterion::Criterion;
use super::tree::subspace::Subspace;
use super::Context;
use crate::params::About;
use crate::rng::Rng;

pub const ABOUT: About = About {
    summary: "Hoeffding trees on random numbers of random features; those vote that are right at least as often as all on average",
    source: "A. M. Paim, F. Enembreck, Adaptive random tree ensemble for evolving data stream classification, Knowledge-Based Systems 309 (2025)",
    example: "type = \"arte\"\ntrees = 10\nwindow = 400",
};

crate::params! {
    pub struct Params {
        /// How many trees there are.
        pub trees: usize = 10, in 1..=1_000 => "in 1..=1000";
        /// Mean of the Poisson weights of rows.
        pub lambda: f64 = 6.0, in f64::MIN_POSITIVE..=100.0 => "in (0, 100]";
        /// Labels over which a tree must be as often right as all on average, for its vote to count.
        pub window: usize = 400, in 1..=1_000_000 => "in 1..=1000000";
        /// Weight that a leaf sees between two attempts to split.
        pub grace_period: f64 = 100.0, in 1.0.. => ">= 1";
        /// Probability of choosing the wrong test.
        pub delta: f64 = 0.01, in f64::MIN_POSITIVE..1.0 => "in (0, 1)";
        /// Below this bound the best two tests are taken as tied, and one is chosen.
        pub tie: f64 = 0.05, in 0.0..=1.0 => "in [0, 1]";
        /// A leaf of which one class holds this share is not split.
        pub max_share: f64 = 1.0, in 0.0..=1.0 => "in [0, 1]";
        /// The deepest leaf.
        pub max_depth: usize = 60, in 1.. => ">= 1";
        /// What tests are judged by: info_gain, gini or hellinger.
        pub criterion: Criterion = Criterion::InfoGain;
        /// How leaves predict: majority, naive_bayes or naive_bayes_adaptive.
        pub leaf_prediction: LeafPrediction = LeafPrediction::NaiveBayesAdaptive;
        /// ADWIN's delta for a tree to start anew.
        pub drift_delta: f64 = 0.001, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// Whether only a rise of the error counts.
        pub one_sided: bool = true;
        /// The most memory that the trees take.
        pub max_bytes: usize = 128 << 20, in 1 << 20.. => ">= 1048576";
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Arte {
    ensemble: Ensemble,
}

impl Arte {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let features = Subspace::of(context.layout);
        let Params { criterion, grace_period, delta, tie, max_share, leaf_prediction, max_depth, .. } = params;
        let rule = Rule { criterion, grace_period, delta, tie, max_share };
        let max_bytes = params.max_bytes / params.trees;
        let growth = Growth { rule, voting: Voting::new(leaf_prediction), max_depth, per_leaf: features.len(), max_bytes };
        let Params { lambda, drift_delta, one_sided, .. } = params;
        let response = Response::Reset;
        let per_tree = Size::Any;
        let plan = Plan { growth, features, per_tree, lambda, drift_delta, one_sided, response, voters: Voters::BetterHalf { window: params.window } };
        Self { ensemble: Ensemble::new(plan, params.trees, Rng::new(context.seed, "arte")) }
    }
}

voting_model!(Arte);
