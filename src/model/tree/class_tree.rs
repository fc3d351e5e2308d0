//! A Hoeffding tree of classes without a configuration of its own: what single trees and the members of forests share.

use serde::{Deserialize, Serialize};

use super::arena::Arena;
use super::class_leaf::{ClassLeaf, LeafPrediction, Rule, Subspace};
use crate::rng::Rng;
use crate::row::Row;

/// How a tree grows; the same for all members of a forest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Growth {
    pub rule: Rule,
    pub leaf_prediction: LeafPrediction,
    pub max_depth: usize,
    /// The features there are.
    pub features: Subspace,
    /// How many of them each leaf looks at, drawn once per leaf; all of them where it is no less.
    pub per_leaf: usize,
}

impl Growth {
    fn leaf(&self, weights: Vec<f64>, rng: &mut Rng) -> ClassLeaf {
        ClassLeaf::new(weights, self.features.draw(self.per_leaf, rng))
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassTree {
    arena: Arena<ClassLeaf>,
    rng: Rng,
}

impl ClassTree {
    pub fn new(growth: &Growth, mut rng: Rng) -> Self {
        Self { arena: Arena::new(growth.leaf(Vec::new(), &mut rng)), rng }
    }

    /// Adds the probability of each class, times `vote`, to `votes`.
    pub fn vote(&self, growth: &Growth, row: &Row, vote: f64, votes: &mut [f64]) {
        self.arena.leaf(self.arena.route(row)).vote(growth.leaf_prediction, row, vote, votes);
    }

    pub fn learn(&mut self, growth: &Growth, row: &Row, class: usize, weight: f64) {
        let index = self.arena.route(row);
        let deep = self.arena.depth(index) >= growth.max_depth;
        let leaf = self.arena.leaf_mut(index);
        leaf.learn(growth.leaf_prediction, row, class, weight);
        if !deep && leaf.is_due(&growth.rule) {
            self.split(growth, index);
        }
    }

    fn split(&mut self, growth: &Growth, index: usize) {
        let Some(winner) = self.arena.leaf_mut(index).attempt(&growth.rule) else { return };
        let classes = winner.branches.len() / winner.test.branches();
        let branches = winner.branches.chunks_exact(classes);
        let sums = branches.clone().map(|branch| branch.iter().sum::<f64>()).enumerate();
        let heavier = sums.fold((0, f64::MIN), |best, (i, sum)| if sum > best.1 { (i, sum) } else { best }).0;
        let children = branches.map(|branch| growth.leaf(branch.to_vec(), &mut self.rng)).collect();
        self.arena.split(index, winner.test, children, heavier);
    }

    /// Nodes, leaves included.
    pub fn nodes(&self) -> usize {
        self.arena.len()
    }
}
