//! Streaming random patches: Hoeffding trees on Poisson-weighted rows, each on features of its own, each watched by a
//! detector that replaces it by a tree grown in the background, on other features, once its error has risen.
//!
//! H. M. Gomes, J. Read, A. Bifet, "Streaming random patches for evolving data stream classification", ICDM 2019.
//! A detector sees whether its tree was right *before* learning the row, and only a rise of the error counts.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::ensemble::{Ensemble, Plan, Response, Size, Voters, share_of, voting_model};
use super::tree::class_leaf::{LeafPrediction, Rule, Voting};
use super::tree::class_tree::Growth;
use super::tree::criterion::Criterion;
use super::tree::subspace::Subspace;
use super::Context;
use crate::params::About;
use crate::rng::Rng;

pub const ABOUT: About = About {
    summary: "Hoeffding trees on random features and weighted rows, each replaced by a background tree once its error rises",
    source: "H. M. Gomes, J. Read, A. Bifet, Streaming random patches for evolving data stream classification, ICDM 2019",
    example: "type = \"streaming_random_patches\"\ntrees = 10\nfeature_share = 0.6",
};

crate::params! {
    pub struct Params {
        /// How many trees vote.
        pub trees: usize = 10, in 1..=1_000 => "in 1..=1000";
        /// Share of the features that a tree looks at; at least one feature.
        pub feature_share: f64 = 0.6, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// Mean of the Poisson weights of rows.
        pub lambda: f64 = 6.0, in f64::MIN_POSITIVE..=100.0 => "in (0, 100]";
        /// Weight that a leaf sees between two attempts to split.
        pub grace_period: f64 = 50.0, in 1.0.. => ">= 1";
        /// Probability of choosing the wrong test.
        pub delta: f64 = 0.01, in f64::MIN_POSITIVE..1.0 => "in (0, 1)";
        /// Below this bound the best two tests are taken as tied, and one is chosen.
        pub tie: f64 = 0.05, in 0.0..=1.0 => "in [0, 1]";
        /// A leaf of which one class holds this share is not split.
        pub max_share: f64 = 1.0, in 0.0..=1.0 => "in [0, 1]";
        /// The deepest leaf.
        pub max_depth: usize = 60, in 1.. => ">= 1";
        /// The most memory that all trees take together, in bytes: beyond, the least promising leaves do without statistics.
        pub max_bytes: usize = 256 << 20, in 1 << 20.. => ">= 1048576";
        /// What tests are judged by: info_gain, gini or hellinger.
        pub criterion: Criterion = Criterion::InfoGain;
        /// How leaves predict: majority, naive_bayes or naive_bayes_adaptive.
        pub leaf_prediction: LeafPrediction = LeafPrediction::NaiveBayesAdaptive;
        /// ADWIN's delta for starting a tree in the background.
        pub warning_delta: f64 = 0.0001, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// ADWIN's delta for putting it in the place of the old one.
        pub drift_delta: f64 = 0.00001, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// Whether only a rise of the error counts.
        pub one_sided: bool = true;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct StreamingRandomPatches {
    ensemble: Ensemble,
}

impl StreamingRandomPatches {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let features = Subspace::of(context.layout);
        let Params { criterion, grace_period, delta, tie, max_share, leaf_prediction, max_depth, .. } = params;
        let rule = Rule { criterion, grace_period, delta, tie, max_share };
        let max_bytes = params.max_bytes / (2 * params.trees); // as many may grow in the background
        let growth = Growth { rule, voting: Voting::new(leaf_prediction), max_depth, per_leaf: features.len(), max_bytes };
        let Params { lambda, drift_delta, one_sided, .. } = params;
        let response = Response::Swap { warning_delta: params.warning_delta };
        let per_tree = Size::Same(share_of(params.feature_share, &features));
        let plan = Plan { growth, features, per_tree, lambda, drift_delta, one_sided, response, voters: Voters::ByAccuracy };
        Self { ensemble: Ensemble::new(plan, params.trees, Rng::new(context.seed, "streaming_random_patches")) }
    }
}

voting_model!(StreamingRandomPatches);
