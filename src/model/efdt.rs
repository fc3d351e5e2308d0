//! Extremely fast decision tree (Hoeffding anytime tree): splits as soon as the best test is surely better than no split, and
//! replaces a test once another is surely better.
//!
//! C. Manapragada, G. I. Webb, M. Salehi, "Extremely fast decision tree", KDD 2018. A threshold that moves keeps what lies
//! below it.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::tree::arena::Test;
use super::tree::class_leaf::{ClassLeaf, LeafPrediction, Rule, Voting};
use super::tree::criterion::Criterion;
use super::tree::revising::{Evidence, Proposal, Revision, RevisingTree};
use super::tree::subspace::Subspace;
use super::{Context, Model};
use crate::event::Layout;
use crate::params::About;
use crate::row::{Label, Prediction, Row, Task};

pub const ABOUT: About = About {
    summary: "Hoeffding tree that splits as soon as that is better than not, and replaces tests that others come to beat",
    source: "C. Manapragada, G. I. Webb, M. Salehi, Extremely fast decision tree, KDD 2018",
    example: "type = \"efdt\"\ngrace_period = 200\nmin_samples_reevaluate = 2_000",
};

crate::params! {
    pub struct Params {
        /// Weight that a leaf sees between two attempts to split.
        pub grace_period: f64 = 200.0, in 1.0.. => ">= 1";
        /// Weight that an inner node sees before its test is looked at again.
        pub min_samples_reevaluate: f64 = 1_000.0, in 1.0.. => ">= 1";
        /// Probability of choosing the wrong test.
        pub delta: f64 = 1e-7, in f64::MIN_POSITIVE..1.0 => "in (0, 1)";
        /// Below this bound any test is better than none, and one that leads by half of this replaces another.
        pub tie: f64 = 0.05, in 0.0..=1.0 => "in [0, 1]";
        /// A leaf of which one class holds this share is not split.
        pub max_share: f64 = 1.0, in 0.0..=1.0 => "in [0, 1]";
        /// The deepest leaf.
        pub max_depth: usize = 60, in 1.. => ">= 1";
        /// The most memory that the tree takes, in bytes: beyond, no leaf splits.
        pub max_bytes: usize = 64 << 20, in 1 << 16.. => ">= 65536";
        /// What tests are judged by: info_gain, gini or hellinger.
        pub criterion: Criterion = Criterion::InfoGain;
        /// How leaves predict: majority, naive_bayes or naive_bayes_adaptive.
        pub leaf_prediction: LeafPrediction = LeafPrediction::NaiveBayesAdaptive;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Efdt {
    growth: Growth,
    tree: RevisingTree<ClassLeaf>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Growth {
    rule: Rule,
    voting: Voting,
    features: Subspace,
}

impl Efdt {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let features = Subspace::of(context.layout);
        let Params { criterion, grace_period, delta, tie, max_share, leaf_prediction, .. } = params;
        let rule = Rule { criterion, grace_period, delta, tie, max_share };
        let max_nodes = params.max_bytes / node_bytes(context.classes, features.len());
        let growth = Growth { rule, voting: Voting::new(leaf_prediction), features };
        let Params { max_depth, min_samples_reevaluate: reevaluate_every, .. } = params;
        let revision = Revision { tie, max_depth, max_nodes, reevaluate_every };
        Self { tree: RevisingTree::new(ClassLeaf::new(Vec::new(), growth.features.clone()), revision), growth }
    }
}

/// What a node takes: five numbers for each feature and class, and its own.
fn node_bytes(classes: usize, features: usize) -> usize {
    size_of::<ClassLeaf>() + 128 + classes * (features * 5 + 1) * size_of::<f64>()
}

/// Inner nodes count only: they need not know which way of predicting is right.
const COUNTING: Voting = Voting { by: LeafPrediction::Majority, impossible: 0.0 };

impl Evidence for ClassLeaf {
    type Growth = Growth;
    type Target = usize;
    /// Weight by class, branch after branch.
    type Branches = Vec<f64>;

    fn learn(&mut self, growth: &Growth, row: &Row, class: usize, weight: f64, inner: bool) {
        let how = if inner { COUNTING } else { growth.voting };
        let said = self.say(how, row);
        ClassLeaf::learn(self, how, row, said, class, weight);
    }

    fn weight(&self) -> f64 {
        ClassLeaf::weight(self)
    }

    fn is_due(&mut self, growth: &Growth) -> bool {
        let due = ClassLeaf::is_due(self, &growth.rule);
        if due {
            self.note_attempt();
        }
        due
    }

    fn best(&self, growth: &Growth) -> Option<Proposal<Vec<f64>>> {
        let scored = self.scored(growth.rule.criterion).filter(|scored| scored.merit.is_finite());
        let best = self.candidate(scored.reduce(|best, other| if other.merit > best.merit { other } else { best })?)?;
        let classes = best.branches.len() / best.test.branches();
        let sums = best.branches.chunks_exact(classes).map(|branch| branch.iter().sum::<f64>()).enumerate();
        let heavier = sums.fold((0, f64::MIN), |most, (i, sum)| if sum > most.1 { (i, sum) } else { most }).0;
        Some(Proposal { test: best.test, merit: best.merit, heavier, branches: best.branches })
    }

    fn merit(&self, growth: &Growth, test: &Test) -> Option<f64> {
        ClassLeaf::merit(self, growth.rule.criterion, test)
    }

    fn bound(&self, growth: &Growth) -> f64 {
        ClassLeaf::bound(self, &growth.rule)
    }

    fn children(&self, growth: &Growth, branches: Vec<f64>) -> Vec<Self> {
        let leaf = |branch: &[f64]| Self::new(branch.to_vec(), growth.features.clone());
        branches.chunks_exact(self.classes()).map(leaf).collect()
    }
}

impl Model for Efdt {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary, Task::Multiclass]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        self.tree.leaf(row).vote(self.growth.voting, row, prediction.probabilities_mut());
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        self.tree.learn(&self.growth, row, label.class(), weight);
    }

    fn describe(&self, _: &Layout) -> Vec<(String, String)> {
        self.tree.describe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Kind;
    use crate::model::{HoeffdingTree, hoeffding_tree};
    use crate::rng::Rng;

    fn context(layout: &Layout) -> Context<'_> {
        Context { task: Task::Binary, layout, classes: 2, seed: 1 }
    }

    fn layout() -> Layout {
        Layout::new([("a", Kind::Number), ("b", Kind::Number)])
    }

    fn count(model: &impl Model, of: &str) -> u64 {
        let found = model.describe(&layout()).into_iter().find(|(name, _)| name == of);
        found.and_then(|(_, value)| value.parse().ok()).unwrap_or(u64::MAX)
    }

    /// The class follows `b` for 1,000 rows and `a` from then on: what the root was split by is soon the worse choice.
    #[test]
    fn a_split_gives_way_to_a_better_one() {
        let layout = layout();
        let mut rng = Rng::new(3, "test");
        let mut model = Efdt::new(Params { min_samples_reevaluate: 200.0, ..Params::default() }, context(&layout));
        for i in 0..8_000 {
            let row = Row { numbers: vec![rng.uniform(), rng.uniform()], ..Row::default() };
            let class = u32::from(row.numbers[usize::from(i < 1_000)] > 0.5);
            model.learn(&row, Label::Class(class), 1.0);
            if i == 999 {
                assert!(matches!(model.tree.root(), Some(Test::Number { feature: 1, .. })), "{:?}", model.tree.root());
            }
        }
        assert!(matches!(model.tree.root(), Some(Test::Number { feature: 0, .. })), "{:?}", model.tree.root());
        assert!(count(&model, "tests replaced") >= 1);
        assert!(count(&model, "nodes") < 60, "what lay below is freed: {}", count(&model, "nodes"));
    }

    /// A threshold chosen from few rows moves; what lies below stays.
    #[test]
    fn a_threshold_moves_to_where_it_belongs() {
        let layout = Layout::new([("a", Kind::Number)]);
        let mut model = Efdt::new(Params { min_samples_reevaluate: 200.0, ..Params::default() }, context(&layout));
        let mut rng = Rng::new(4, "test");
        for i in 0..6_000 {
            let row = Row { numbers: vec![rng.uniform()], ..Row::default() };
            let border = if i < 1_000 { 0.3 } else { 0.7 };
            model.learn(&row, Label::Class(u32::from(row.numbers[0] > border)), 1.0);
        }
        let Some(Test::Number { threshold, .. }) = model.tree.root() else { panic!("no split") };
        assert!(threshold > 0.5 && count(&model, "thresholds moved") >= 1, "{threshold}");
    }

    /// Of two features that tell the same a Hoeffding tree without ties never chooses one; this one need only beat no split.
    #[test]
    fn it_does_not_wait_for_the_best_to_beat_the_second() {
        let layout = layout();
        let mut eager = Efdt::new(Params { tie: 0.0, ..Params::default() }, context(&layout));
        let patient = hoeffding_tree::Params { tie: 0.0, ..Default::default() };
        let mut patient = HoeffdingTree::new(patient, context(&layout));
        let mut rng = Rng::new(5, "test");
        for _ in 0..1_000 {
            let number = rng.uniform();
            let row = Row { numbers: vec![number, number], ..Row::default() };
            let label = Label::Class(u32::from(number > 0.5));
            eager.learn(&row, label, 1.0);
            patient.learn(&row, label, 1.0);
        }
        assert!(count(&eager, "nodes") >= 3);
        assert_eq!(format!("{patient:?}").matches("threshold").count(), 0, "a Hoeffding tree waits");
    }
}
