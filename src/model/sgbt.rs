//! Streaming gradient boosted trees: one after the other, each fits what those before it have left of the loss.
//!
//! N. Gunasekara, B. Pfahringer, H. M. Gomes, A. Bifet, "Gradient boosted trees for evolving data streams", Machine Learning
//! 113 (2024). Every tree learns the first and second derivative of the loss at the scores of those before it, and splits
//! where the second-order gain of one feature is surely the largest; the scores that are learned at are the scores that are
//! predicted with, each tree times the learning rate in both. Many classes: softmax, all scores in the leaves of one
//! sequence of trees. Values: in running standard deviations. What was learned long ago counts less, and all trees start
//! anew once the error has risen. What is missing goes right at every split.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::boosting::loss::{Target, logistic, scale};
use super::boosting::tree::{Rules, Tree};
use super::boosting::{Leaf, Pair, Search};
use super::tree::subspace::Subspace;
use super::{Context, Model};
use crate::drift::adaptive_window::AdaptiveWindow;
use crate::drift::adwin;
use crate::event::Layout;
use crate::params::About;
use crate::rng::Rng;
use crate::row::{Label, Prediction, Row, Task};
use crate::stats::Scratch;

pub const ABOUT: About = About {
    summary: "trees one after the other, each fitting what those before it have left of the loss; start anew after a drift",
    source: "N. Gunasekara, B. Pfahringer, H. M. Gomes, A. Bifet, Gradient boosted trees for evolving data streams, Machine Learning 113 (2024)",
    example: "type = \"sgbt\"\ntrees = 30\nlearning_rate = 0.15",
};

crate::params! {
    pub struct Params {
        /// How many trees there are, one after the other.
        pub trees: usize = 30, in 1..=10_000 => "in 1..=10000";
        /// How much of its answer each tree gives.
        pub learning_rate: f64 = 0.15, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// Share of the features that a tree looks at; at least one feature.
        pub feature_share: f64 = 0.75, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// Rows that a leaf sees between two attempts to split.
        pub grace_period: u32 = 25, in 1.. => ">= 1";
        /// Probability of choosing the wrong split.
        pub delta: f64 = 0.05, in f64::MIN_POSITIVE..1.0 => "in (0, 1)";
        /// Below this bound the best two splits are taken as tied, and one is chosen.
        pub tie: f64 = 0.2, in 0.0..=1.0 => "in [0, 1]";
        /// The deepest leaf.
        pub max_depth: u32 = 8, in 1.. => ">= 1";
        /// The most leaves of a tree.
        pub max_leaves: usize = 64, in 2..=1_000_000 => "in 2..=1000000";
        /// Added to the second derivatives: holds the answers of leaves that saw little near 0.
        pub penalty: f64 = 1.0, in 0.0.. => ">= 0";
        /// Rows of a leaf after which what it saw counts a factor e less in its answer.
        pub memory: f64 = 100.0, in 1.0.. => ">= 1";
        /// ADWIN's delta for all trees to start anew once the error has risen.
        pub drift_delta: f64 = 0.001, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// The most memory that the trees take; a tree that has its part of it grows no more.
        pub max_bytes: usize = 64 << 20, in 1 << 16.. => ">= 65536";
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Sgbt {
    task: Task,
    learning_rate: f64,
    rules: Rules,
    trees: Vec<Tree>,
    features: Subspace,
    per_tree: usize,
    /// Scores of a row: one, or one for each class there can be.
    outputs: usize,
    /// Classes that have come.
    known: usize,
    values: Values,
    window: AdaptiveWindow,
    restarts: u64,
    rng: Rng,
    #[serde(skip)]
    work: Scratch<Work>,
}

#[derive(Default, GetSize)]
struct Work {
    scores: Vec<f64>,
    pairs: Vec<Pair>,
    search: Search,
}

/// Running mean and deviation of values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
struct Values {
    seen: f64,
    mean: f64,
    squares: f64,
}

impl Values {
    fn add(&mut self, value: f64) {
        self.seen += 1.0;
        let before = value - self.mean;
        self.mean += before / self.seen;
        self.squares += before * (value - self.mean);
    }

    fn deviation(self) -> f64 {
        if self.squares > 0.0 { (self.squares / self.seen).sqrt() } else { 1.0 }
    }
}

impl Sgbt {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let (numbers, categories) = (context.layout.numbers.len(), context.layout.categories.len());
        let outputs = if context.task == Task::Multiclass { context.classes.max(1) } else { 1 };
        let features = Subspace::all(numbers, categories);
        let per_tree = ((params.feature_share * features.len() as f64).round() as usize).max(1);
        let bytes = Leaf::bytes(outputs, per_tree.min(numbers), per_tree.min(categories));
        let Params { grace_period, delta, tie, max_depth, penalty, .. } = params;
        let max_leaves = params.max_leaves.min(params.max_bytes / params.trees / bytes).max(1);
        let keep = 1.0 - 1.0 / params.memory;
        let window = adwin::Params { delta: params.drift_delta, one_sided: true, ..Default::default() };
        let mut sgbt = Self {
            task: context.task,
            learning_rate: params.learning_rate,
            rules: Rules { numbers, grace_period, delta, tie, max_depth, max_leaves, penalty, keep },
            trees: Vec::new(),
            features,
            per_tree,
            outputs,
            known: 0,
            values: Values::default(),
            window: AdaptiveWindow::new(window),
            restarts: 0,
            rng: Rng::new(context.seed, "sgbt"),
            work: Scratch::default(),
        };
        sgbt.start(params.trees);
        sgbt
    }

    /// New trees in the place of all.
    fn start(&mut self, trees: usize) {
        self.trees.clear();
        for _ in 0..trees {
            let drawn = self.features.draw(self.per_tree, &mut self.rng);
            let categories = drawn.categories.iter().map(|slot| slot + self.rules.numbers as u32);
            let features = drawn.numbers.iter().copied().chain(categories).collect();
            self.trees.push(Tree::new(&self.rules, features, self.outputs));
        }
    }

    fn target(&mut self, label: Label) -> Target {
        match self.task {
            Task::Binary => Target::Binary(label.class() == 1),
            Task::Multiclass => {
                let class = label.class().min(self.outputs - 1);
                self.known = self.known.max(class + 1);
                Target::Class(class)
            }
            Task::Regression => {
                self.values.add(label.value());
                Target::Value((label.value() - self.values.mean) / self.values.deviation())
            }
        }
    }

    /// How many scores are in use.
    fn used(&self) -> usize {
        if self.task == Task::Multiclass { self.known } else { 1 }
    }

    /// Every tree learns; the error, in [0, 1], of what they would have said.
    fn teach(&mut self, row: &Row, target: Target, weight: f64) -> f64 {
        let used = self.used();
        let Work { scores, pairs, search } = &mut *self.work;
        scores.clear();
        scores.resize(used, 0.0);
        for tree in &mut self.trees {
            target.derive(scores, pairs);
            pairs.iter_mut().flatten().for_each(|derivative| *derivative *= weight);
            tree.learn(&self.rules, row, self.learning_rate, scores, pairs, search);
        }
        target.derive(scores, pairs);
        target.error(pairs)
    }
}

impl Model for Sgbt {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary, Task::Multiclass, Task::Regression]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        let mut few = [0.0; FEW_SCORES];
        let mut many = Vec::new();
        let used = self.used();
        let scores = match few.get_mut(..used) {
            Some(few) => few,
            None => {
                many.resize(used, 0.0);
                &mut many[..]
            }
        };
        self.trees.iter().for_each(|tree| tree.add_answer(&self.rules, row, self.learning_rate, scores));
        match (self.task, prediction) {
            (_, Prediction::Value(value)) => *value = self.values.mean + self.values.deviation() * scores[0],
            (Task::Binary, Prediction::Classes(probabilities)) => {
                let both = [logistic(-scores[0]), logistic(scores[0])];
                probabilities.iter_mut().zip(both).for_each(|(p, of_class)| *p = of_class);
            }
            (_, Prediction::Classes(probabilities)) => {
                let total = scale(scores);
                probabilities.iter_mut().zip(&*scores).for_each(|(p, score)| *p = libm::exp(score - total).min(1.0));
            }
        }
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        let target = self.target(label);
        let error = self.teach(row, target, weight);
        if self.window.has_changed(error) {
            self.window.clear();
            self.restarts += 1;
            self.start(self.trees.len());
            self.teach(row, target, weight);
        }
    }

    fn describe(&self, _: &Layout) -> Vec<(String, String)> {
        let leaves: usize = self.trees.iter().map(Tree::leaves).sum();
        let counts = [("leaves", leaves as u64), ("started anew", self.restarts)];
        counts.map(|(name, count)| (name.to_owned(), count.to_string())).into()
    }
}

/// Up to this many scores a prediction needs no memory of its own.
const FEW_SCORES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Kind;

    fn sgbt(params: Params, task: Task, classes: usize) -> Sgbt {
        let layout = Layout::new(["a", "b", "c"].map(|name| (name, Kind::Number)));
        Sgbt::new(params, Context { task, layout: &layout, classes, seed: 1 })
    }

    fn row(rng: &mut Rng) -> Row {
        Row { numbers: (0..3).map(|_| rng.uniform()).collect(), ..Row::default() }
    }

    /// The class by two features together: no feature tells anything alone until the first cut is made.
    fn chequered(row: &Row) -> u32 {
        u32::from((row.numbers[0] > 0.6) != (row.numbers[1] > 0.4))
    }

    #[test]
    fn what_is_learned_at_is_what_was_predicted() {
        let (mut model, mut rng) = (sgbt(Params::default(), Task::Multiclass, 3), Rng::new(1, "scores"));
        for _ in 0..600 {
            let row = row(&mut rng);
            let class = (3.0 * row.numbers[0]) as u32;
            model.known = 3;
            let mut prediction = Prediction::Classes(vec![0.0; 3]);
            model.predict(&row, &mut prediction);
            let error = model.teach(&row, Target::Class(class as usize), 1.0);
            assert!((1.0 - prediction.probability(class as usize) - error).abs() < 1e-9);
        }
    }

    #[test]
    fn a_chequered_concept_is_learned_and_learned_anew_when_it_turns() {
        let (mut model, mut rng) = (sgbt(Params::default(), Task::Binary, 2), Rng::new(2, "turn"));
        let mut wrong = [0; 2];
        for i in 0..8_000 {
            let row = row(&mut rng);
            let class = if i < 4_000 { chequered(&row) } else { 1 - chequered(&row) };
            let mut prediction = Prediction::Classes(vec![0.0; 2]);
            model.predict(&row, &mut prediction);
            wrong[i / 4_000] += u32::from(i % 4_000 >= 3_000 && prediction.class() != Some(class as usize));
            model.learn(&row, Label::Class(class), 1.0);
        }
        assert!(wrong.iter().all(|wrong| *wrong < 60) && model.restarts >= 1, "{wrong:?}, {} restarts", model.restarts);
    }

    #[test]
    fn later_trees_fit_what_earlier_ones_have_left() {
        let error = |trees| {
            let params = Params { trees, learning_rate: 0.3, ..Params::default() };
            let (mut model, mut rng) = (sgbt(params, Task::Regression, 0), Rng::new(3, "left"));
            let mut sum = 0.0;
            for i in 0..2_000 {
                let row = row(&mut rng);
                let value = 10.0 * row.numbers[0] + 5.0 * row.numbers[1];
                let mut prediction = Prediction::Value(0.0);
                model.predict(&row, &mut prediction);
                sum += if i >= 1_000 { (value - prediction.value()).abs() / 1_000.0 } else { 0.0 };
                model.learn(&row, Label::Value(value), 1.0);
            }
            sum
        };
        let (few, many) = (error(3), error(20));
        assert!(many < 0.5 * few, "{few} with 3 trees, {many} with 20");
    }

    #[test]
    fn trees_keep_to_their_part_of_the_memory() {
        let params = Params { trees: 4, max_bytes: 1 << 16, tie: 1.0, ..Params::default() };
        let (mut model, mut rng) = (sgbt(params, Task::Binary, 2), Rng::new(4, "memory"));
        for _ in 0..4_000 {
            let row = row(&mut rng);
            model.learn(&row, Label::Class(u32::from(rng.uniform() < row.numbers[0])), 1.0);
        }
        let most = (1 << 16) / 4 / Leaf::bytes(1, 2, 0);
        assert!(model.trees.iter().all(|tree| tree.leaves() <= most.max(1)), "more than {most} leaves");
    }
}
