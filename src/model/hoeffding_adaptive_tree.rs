//! Hoeffding adaptive tree: a Hoeffding tree whose branches watch their own error and give way to alternates that err less.
//!
//! A. Bifet, R. Gavaldà, "Adaptive learning from evolving data streams", IDA 2009. A branch's detector sees the error
//! *before* learning; while an alternate errs less than the branch it may replace, it answers in the branch's place.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::tree::adaptive::{Adaptation, AdaptiveTree, Learned, WATCH};
use super::tree::arena::Arena;
use super::tree::budget::Budget;
use super::tree::class_leaf::{ClassLeaf, LeafPrediction, Rule, Voting};
use super::tree::class_tree::split;
use super::tree::criterion::Criterion;
use super::tree::statement::{Statement, key};
use super::tree::subspace::Subspace;
use super::{Context, Model};
use crate::drift::adwin;
use crate::event::Layout;
use crate::params::About;
use crate::rng::{Rng, mix};
use crate::row::{Label, Prediction, Row, Task};

pub const ABOUT: About = About {
    summary: "Hoeffding tree whose branches watch their own error and give way to alternates that err less",
    source: "A. Bifet, R. Gavaldà, Adaptive learning from evolving data streams, IDA 2009",
    example: "type = \"hoeffding_adaptive_tree\"\ngrace_period = 200\ndrift_delta = 0.1",
};

crate::params! {
    pub struct Params {
        /// Weight that a leaf sees between two attempts to split.
        pub grace_period: f64 = 200.0, in 1.0.. => ">= 1";
        /// Probability of choosing the wrong test; larger than a plain tree's, since an alternate mends a wrong choice.
        pub delta: f64 = 1e-3, in f64::MIN_POSITIVE..1.0 => "in (0, 1)";
        /// Below this bound the best two tests are taken as tied, and one is chosen.
        pub tie: f64 = 0.05, in 0.0..=1.0 => "in [0, 1]";
        /// A leaf of which one class holds this share is not split.
        pub max_share: f64 = 1.0, in 0.0..=1.0 => "in [0, 1]";
        /// The deepest leaf.
        pub max_depth: usize = 60, in 1.. => ">= 1";
        /// The most memory that the tree takes, in bytes: beyond, the least promising leaves do without statistics.
        pub max_bytes: usize = 32 << 20, in 1 << 14.. => ">= 16384";
        /// What tests are judged by: info_gain, gini or hellinger.
        pub criterion: Criterion = Criterion::InfoGain;
        /// How leaves predict: majority, naive_bayes or naive_bayes_adaptive.
        pub leaf_prediction: LeafPrediction = LeafPrediction::NaiveBayesAdaptive;
        /// ADWIN's delta for starting an alternate.
        pub drift_delta: f64 = 0.1, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// Whether only a rise of the error counts.
        pub one_sided: bool = true;
        /// Labels that a branch and its alternate must have seen before they are compared.
        pub min_window: u64 = 100;
        /// Chance that an alternate takes over without being better.
        pub switch_delta: f64 = 0.05, in f64::MIN_POSITIVE..1.0 => "in (0, 1)";
        /// Whether leaves learn rows with Poisson weights of mean 1, but at least 1 (as in MOA and River).
        pub bootstrap: bool = false;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct HoeffdingAdaptiveTree {
    params: Params,
    features: Subspace,
    tree: AdaptiveTree<ClassLeaf>,
    rng: Rng,
    budget: Budget,
}

impl HoeffdingAdaptiveTree {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let features = Subspace::of(context.layout);
        let window =
            adwin::Params { delta: params.drift_delta, one_sided: params.one_sided, ..adwin::Params::default() };
        let Params { min_window, switch_delta, .. } = params;
        let root = ClassLeaf::new(Vec::new(), features.clone());
        let tree = AdaptiveTree::new(root, Adaptation { window, min_window, switch_delta });
        Self { params, features, tree, rng: Rng::new(context.seed, "hoeffding_adaptive_tree"), budget: Budget::default() }
    }
}

impl HoeffdingAdaptiveTree {
    fn vote(&self, row: &Row, prediction: &mut Prediction) -> Statement {
        let index = self.tree.route(row);
        let voting = Voting::new(self.params.leaf_prediction);
        let said = self.tree.arena().leaf(index).vote(voting, row, prediction.probabilities_mut());
        Statement::new(key(self.stream(), self.tree.arena().shape(), index), index, said)
    }

    /// Names the tree as it is put together now.
    fn stream(&self) -> u64 {
        self.rng.key() ^ mix(self.tree.changes())
    }
}

impl Model for HoeffdingAdaptiveTree {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary, Task::Multiclass]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        self.vote(row, prediction);
    }

    /// The advice is what the leaf said.
    fn predict_with_advice(&self, row: &Row, prediction: &mut Prediction, advice: &mut Vec<f64>) {
        let said = self.vote(row, prediction);
        advice.clear();
        advice.extend(said.write());
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        self.learn_with_advice(row, label, weight, &[]);
    }

    fn learn_with_advice(&mut self, row: &Row, label: Label, weight: f64, advice: &[f64]) {
        let stream = self.stream();
        let Self { params, features, tree, rng, budget } = self;
        let Params { criterion, grace_period, delta, tie, max_share, max_depth, max_bytes, .. } = *params;
        let rule = Rule { criterion, grace_period, delta, tie, max_share };
        let voting = Voting::new(params.leaf_prediction);
        let class = label.class();
        let mut said = Statement::read(advice); // for the first leaf asked, before any node comes or goes
        let (room, mut taken) = (budget.room(max_bytes), 0);
        let learn = |arena: &mut Arena<ClassLeaf>, index: usize| {
            let times = if params.bootstrap { f64::from(rng.poisson(1.0)).max(1.0) } else { 1.0 };
            let deep = arena.depth(index) >= max_depth;
            let key = key(stream, arena.shape(), index);
            let leaf = arena.leaf_mut(index);
            let said = said.take().and_then(|said| said.of(key)).unwrap_or_else(|| leaf.say(voting, row));
            taken += leaf.learn(voting, row, said, class, times * weight) as isize;
            let due = !deep && leaf.is_due(&rule);
            let split = if due { split(arena, index, &rule, room, || features.clone()) } else { None };
            taken += split.map_or(0, |taken| taken + WATCH as isize);
            Learned { error: if said.class() == Some(class) { 0.0 } else { 1.0 }, split: split.is_some() }
        };
        let changes = tree.changes();
        tree.learn(row, learn, || ClassLeaf::new(Vec::new(), features.clone()));
        if tree.changes() != changes {
            budget.count(tree.arena(), tree.watch_bytes());
        }
        if budget.spend(taken, tree.nodes(), max_bytes) {
            let others = tree.watch_bytes();
            budget.keep(tree.arena_mut(), others, max_bytes);
        }
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

    /// Accuracy over each of 20 stretches of 1,000 rows whose concept turns around every 5,000, and the most nodes.
    fn run(seed: u64) -> (Vec<f64>, usize) {
        let layout = Layout::new([("a", Kind::Number), ("b", Kind::Number)]);
        let mut rng = Rng::new(seed, "test");
        let context = Context { task: Task::Binary, layout: &layout, classes: 2, seed };
        let mut model = HoeffdingAdaptiveTree::new(Params::default(), context);
        let (mut accuracies, mut nodes) = (vec![0.0; 20], 0);
        for i in 0..20_000 {
            let row = Row { numbers: vec![rng.uniform(), rng.uniform()], ..Row::default() };
            let class = u32::from((row.numbers[0] > 0.5) == (row.numbers[1] > 0.3)) ^ (i / 5_000 % 2) as u32;
            let mut prediction = Prediction::Classes(vec![0.0; 2]);
            model.predict(&row, &mut prediction);
            accuracies[i / 1_000] += f64::from(u8::from(prediction.class() == Some(class as usize))) / 1_000.0;
            model.learn(&row, Label::Class(class), 1.0);
            nodes = nodes.max(model.tree.nodes());
        }
        (accuracies, nodes)
    }

    #[test]
    fn a_turned_concept_is_learned_anew_and_old_branches_are_freed() {
        for seed in 0..3 {
            let (accuracies, nodes) = run(seed);
            for end in [9, 14, 19] {
                assert!(accuracies[end] > 0.8, "seed {seed}: {accuracies:?}");
            }
            assert!(nodes < 200, "seed {seed}: {nodes} nodes");
        }
    }

    /// Noise that a tree splits on without end.
    #[test]
    fn the_tree_stays_within_its_bytes() {
        let params = Params { grace_period: 20.0, delta: 0.5, tie: 1.0, max_share: 1.0, max_bytes: 1 << 18, ..Params::default() };
        let layout = Layout::new([("a", Kind::Number), ("b", Kind::Number)]);
        let context = Context { task: Task::Binary, layout: &layout, classes: 2, seed: 1 };
        let mut model = HoeffdingAdaptiveTree::new(params.clone(), context);
        let (mut rng, mut largest) = (Rng::new(1, "test"), 0);
        for n in 0..40_000 {
            let row = Row { numbers: vec![rng.normal(), rng.normal()], ..Row::default() };
            model.learn(&row, Label::Class(rng.below(2) as u32), 1.0);
            if n % 50 == 0 {
                largest = largest.max(model.bytes());
            }
        }
        assert!((params.max_bytes / 2..=params.max_bytes / 10 * 11).contains(&largest), "{largest} bytes");
    }
}
