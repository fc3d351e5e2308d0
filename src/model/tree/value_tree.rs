//! A tree of values without a configuration of its own: what single trees and the members of forests share.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::arena::Arena;
use super::linear::Linear;
use super::subspace::Subspace;
use super::value_leaf::{ValueLeaf, ValuePrediction, ValuePredictor};
use super::value_observers::{ValueObservers, ValueRule};
use crate::rng::Rng;
use crate::row::Row;

/// How a tree grows; the same for all members of a forest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct ValueGrowth {
    pub rule: ValueRule,
    pub prediction: ValuePrediction,
    /// Step of the leaves' linear models, relative to the row's length.
    pub leaf_rate: f64,
    pub max_depth: usize,
    /// Splits end where the tree has so many nodes: see [`nodes_within`].
    pub max_nodes: usize,
    /// How many of the tree's features each leaf looks at, drawn once per leaf; all of them where it is no less.
    pub per_leaf: usize,
}

impl ValueGrowth {
    /// A leaf that has seen nothing. Its linear model sees all `numbers` of the row, whatever its tests look at.
    pub fn leaf(&self, numbers: usize, subspace: Subspace) -> ValueLeaf {
        let numbers = if self.prediction == ValuePrediction::Mean { 0 } else { numbers };
        ValueLeaf::new(ValuePredictor::new(Linear::new(numbers, self.leaf_rate)), ValueObservers::new(subspace))
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct ValueTree {
    arena: Arena<ValueLeaf>,
    features: Subspace,
    rng: Rng,
}

impl ValueTree {
    /// A tree whose tests look at `features` only, of rows of `numbers` numbers.
    pub fn new(growth: &ValueGrowth, numbers: usize, features: Subspace, mut rng: Rng) -> Self {
        let root = growth.leaf(numbers, features.draw(growth.per_leaf, &mut rng));
        Self { arena: Arena::new(root), features, rng }
    }

    pub fn predict(&self, growth: &ValueGrowth, row: &Row) -> f64 {
        self.arena.leaf(self.arena.route(row)).predict(growth.prediction, row)
    }

    pub fn learn(&mut self, growth: &ValueGrowth, row: &Row, value: f64, weight: f64) {
        let (features, rng) = (&self.features, &mut self.rng);
        let index = self.arena.route(row);
        learn(&mut self.arena, index, growth, row, (value, weight), || features.draw(growth.per_leaf, rng));
    }

    /// Nodes, leaves included.
    pub fn nodes(&self) -> usize {
        self.arena.len()
    }
}

/// How many leaves, and how many nodes of a tree of them, `bytes` are enough for: at least one.
pub fn nodes_within(bytes: usize, numbers: usize, features: usize) -> (usize, usize) {
    const NODE: usize = 72;
    let leaf =
        size_of::<ValueLeaf>() + NODE + numbers * Linear::BYTES_PER_NUMBER + features * ValueObservers::MOST_BYTES;
    let leaves = (bytes / leaf).max(1);
    (leaves, 2 * leaves - 1)
}

/// Has the leaf at `index` learn a row of a value and a weight; says whether it split, each new leaf on a subspace of its own.
pub fn learn(
    arena: &mut Arena<ValueLeaf>,
    index: usize,
    growth: &ValueGrowth,
    row: &Row,
    (value, weight): (f64, f64),
    mut subspace: impl FnMut() -> Subspace,
) -> bool {
    let full = arena.depth(index) >= growth.max_depth || arena.len() + 2 > growth.max_nodes;
    let leaf = arena.leaf_mut(index);
    leaf.learn(growth.prediction, row, value, weight);
    if full || !leaf.is_due(&growth.rule) {
        return false;
    }
    let Some(winner) = leaf.attempt(&growth.rule) else { return false };
    let heavier = winner.heavier();
    let children = winner.branches.map(|target| leaf.child(target, subspace())).into();
    arena.split(index, winner.test, children, heavier);
    true
}
