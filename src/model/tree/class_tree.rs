//! A Hoeffding tree of classes without a configuration of its own: what single trees and the members of forests share.

use serde::{Deserialize, Serialize};

use super::arena::Arena;
use super::class_leaf::{ClassLeaf, Rule, Voting};
use super::subspace::Subspace;
use crate::rng::Rng;
use crate::row::Row;

/// How a tree grows; the same for all members of a forest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Growth {
    pub rule: Rule,
    pub voting: Voting,
    pub max_depth: usize,
    /// How many of the tree's features each leaf looks at, drawn once per leaf; all of them where it is no less.
    pub per_leaf: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassTree {
    arena: Arena<ClassLeaf>,
    features: Subspace,
    rng: Rng,
}

impl ClassTree {
    /// A tree that looks at `features` only.
    pub fn new(growth: &Growth, features: Subspace, mut rng: Rng) -> Self {
        let root = ClassLeaf::new(Vec::new(), features.draw(growth.per_leaf, &mut rng));
        Self { arena: Arena::new(root), features, rng }
    }

    /// Adds the probability of each class, times `vote`, to `votes`.
    pub fn vote(&self, growth: &Growth, row: &Row, vote: f64, votes: &mut [f64]) {
        self.arena.leaf(self.arena.route(row)).vote(growth.voting, row, vote, votes);
    }

    /// The class that the tree names; `None` before its first row.
    pub fn class(&self, growth: &Growth, row: &Row) -> Option<usize> {
        self.arena.leaf(self.arena.route(row)).class(growth.voting, row)
    }

    pub fn learn(&mut self, growth: &Growth, row: &Row, class: usize, weight: f64) {
        let index = self.arena.route(row);
        let deep = self.arena.depth(index) >= growth.max_depth;
        let leaf = self.arena.leaf_mut(index);
        leaf.learn(growth.voting, row, class, weight);
        if !deep && leaf.is_due(&growth.rule) {
            let (features, rng) = (&self.features, &mut self.rng);
            split(&mut self.arena, index, &growth.rule, || features.draw(growth.per_leaf, rng));
        }
    }

    /// Nodes, leaves included.
    pub fn nodes(&self) -> usize {
        self.arena.len()
    }
}

/// Tries to split the leaf at `index`, each new leaf on a subspace of its own; says whether it did.
pub fn split(arena: &mut Arena<ClassLeaf>, index: usize, rule: &Rule, mut subspace: impl FnMut() -> Subspace) -> bool {
    let Some(winner) = arena.leaf_mut(index).attempt(rule) else { return false };
    let classes = winner.branches.len() / winner.test.branches();
    let branches = winner.branches.chunks_exact(classes);
    let sums = branches.clone().map(|branch| branch.iter().sum::<f64>()).enumerate();
    let heavier = sums.fold((0, f64::MIN), |best, (i, sum)| if sum > best.1 { (i, sum) } else { best }).0;
    let children = branches.map(|branch| ClassLeaf::new(branch.to_vec(), subspace())).collect();
    arena.split(index, winner.test, children, heavier);
    true
}
