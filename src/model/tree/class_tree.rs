//! A Hoeffding tree of classes without a configuration of its own: what single trees and the members of forests share.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::arena::Arena;
use super::budget::{self, Budget};
use super::class_leaf::{ClassLeaf, Rule, Voting};
use super::statement::{Statement, key};
use super::subspace::Subspace;
use crate::rng::Rng;
use crate::row::Row;

/// How a tree grows; the same for all members of a forest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Growth {
    pub rule: Rule,
    pub voting: Voting,
    pub max_depth: usize,
    /// How many of the tree's features each leaf looks at, drawn once per leaf; all of them where it is no less.
    pub per_leaf: usize,
    /// The most that a tree takes.
    pub max_bytes: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct ClassTree {
    arena: Arena<ClassLeaf>,
    features: Subspace,
    rng: Rng,
    budget: Budget,
}

impl ClassTree {
    /// A tree that looks at `features` only.
    pub fn new(growth: &Growth, features: Subspace, mut rng: Rng) -> Self {
        let root = ClassLeaf::new(Vec::new(), features.draw(growth.per_leaf, &mut rng));
        let arena = Arena::new(root);
        let mut budget = Budget::default();
        budget.count(&arena, 0);
        Self { arena, features, rng, budget }
    }

    /// Writes the probability of each class into `votes`, all 0. Gives what the tree said, for [`ClassTree::learn`].
    pub fn vote(&self, growth: &Growth, row: &Row, votes: &mut [f64]) -> Statement {
        let index = self.arena.route(row);
        Statement::new(self.key(index), index, self.arena.leaf(index).vote(growth.voting, row, votes))
    }

    /// Names the leaf at `index`.
    fn key(&self, index: usize) -> f64 {
        key(self.rng.key(), self.arena.shape(), index)
    }

    /// Learns a row, and says whether it would have named the class. What was `said` of the row counts for what the leaf
    /// says of it, and for where it is, unless the tree has split since.
    pub fn learn(&mut self, growth: &Growth, row: &Row, class: usize, weight: f64, said: Option<Statement>) -> bool {
        let still = said.and_then(|said| Some((said.leaf(), said.of(self.key(said.leaf()))?)));
        let (index, said) = still.unwrap_or_else(|| {
            let index = self.arena.route(row);
            (index, self.arena.leaf(index).say(growth.voting, row))
        });
        let leaf = self.arena.leaf_mut(index);
        let mut taken = leaf.learn(growth.voting, row, said, class, weight) as isize;
        if leaf.is_due(&growth.rule) && self.arena.depth(index) < growth.max_depth {
            let (features, rng) = (&self.features, &mut self.rng);
            let room = self.budget.room(growth.max_bytes);
            let split = split(&mut self.arena, index, &growth.rule, room, || features.draw(growth.per_leaf, rng));
            taken += split.unwrap_or(0);
        }
        if self.budget.spend(taken, self.arena.len(), growth.max_bytes) {
            self.budget.keep(&mut self.arena, 0, growth.max_bytes);
        }
        said.class() == Some(class)
    }

    /// The class that the tree names now, after what it has `said` of the row; `None` before its first row.
    pub fn class(&self, growth: &Growth, row: &Row, said: Option<Statement>) -> Option<usize> {
        let known =
            said.map(Statement::leaf).filter(|leaf| said.is_some_and(|said| said.of(self.key(*leaf)).is_some()));
        let index = known.unwrap_or_else(|| self.arena.route(row));
        self.arena.leaf(index).say(growth.voting, row).class()
    }

    /// Nodes, leaves included.
    pub fn nodes(&self) -> usize {
        self.arena.len()
    }
}

/// Tries to split the leaf at `index`, each new leaf on a subspace of its own; gives the bytes that it took, where it did.
/// It does not where they are more than `room`.
pub fn split(
    arena: &mut Arena<ClassLeaf>,
    index: usize,
    rule: &Rule,
    room: usize,
    mut subspace: impl FnMut() -> Subspace,
) -> Option<isize> {
    let winner = arena.leaf_mut(index).attempt(rule)?;
    let classes = winner.branches.len() / winner.test.branches();
    let branches = winner.branches.chunks_exact(classes);
    let sums = branches.clone().map(|branch| branch.iter().sum::<f64>()).enumerate();
    let heavier = sums.fold((0, f64::MIN), |best, (i, sum)| if sum > best.1 { (i, sum) } else { best }).0;
    let children: Vec<ClassLeaf> = branches.map(|branch| ClassLeaf::new(branch.to_vec(), subspace())).collect();
    let taken = budget::price(arena.leaf(index), &children);
    if taken > 0 && taken as usize > room {
        return None;
    }
    arena.split(index, winner.test, children, heavier);
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tree::class_leaf::LeafPrediction;
    use crate::model::tree::criterion::Criterion;
    use crate::row::Category;

    /// Noise that a tree splits on without end, with new categories all the time and classes that come late.
    #[test]
    fn a_tree_stays_within_its_bytes_whatever_comes() {
        let rule = Rule { criterion: Criterion::Gini, grace_period: 20.0, delta: 0.5, tie: 1.0, max_share: 1.0 };
        let voting = Voting::new(LeafPrediction::NaiveBayesAdaptive);
        let growth = Growth { rule, voting, max_depth: 1_000, per_leaf: 5, max_bytes: 1 << 17 };
        let mut tree = ClassTree::new(&growth, Subspace::all(4, 1), Rng::new(1, "tree"));
        let (mut rng, mut largest, mut inactive) = (Rng::new(1, "rows"), 0, 0);
        for n in 0..60_000_usize {
            let code = rng.below(1 + n / 100) as u32;
            let numbers = (0..4).map(|_| rng.normal()).collect();
            let row = Row { numbers, categories: vec![Category { code, hash: 0 }], texts: vec![] };
            tree.learn(&growth, &row, rng.below(2 + n / 10_000), 1.0, None);
            if n % 50 == 0 {
                largest = largest.max(tree.get_size());
                inactive = tree.arena.leaves().filter(|leaf| !leaf.is_active()).count();
            }
        }
        assert!(largest <= growth.max_bytes * 11 / 10, "{largest} bytes");
        assert!(
            largest >= growth.max_bytes / 2 && inactive > 0,
            "{largest} bytes, {inactive} leaves without statistics"
        );
    }
}
