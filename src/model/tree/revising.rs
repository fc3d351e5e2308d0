//! A tree that splits as soon as some test is surely better than none, and takes that back where another turns out better:
//! its inner nodes go on learning what they would need to choose again.
//!
//! C. Manapragada, G. I. Webb, M. Salehi, "Extremely fast decision tree", KDD 2018.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::arena::{Arena, ROOT, Test};
use crate::row::Row;

/// What a node knows of its rows: enough to predict, and to choose a test.
pub trait Evidence: Sized {
    /// How trees of it grow.
    type Growth;
    /// A class, a value.
    type Target: Copy;
    /// What is known of the branches of a test.
    type Branches;

    /// Learns a row; an inner node needs not what only predictions need.
    fn learn(&mut self, growth: &Self::Growth, row: &Row, target: Self::Target, weight: f64, inner: bool);

    /// The weight of all that has been learned.
    fn weight(&self) -> f64;

    /// As a leaf: whether it is time to try a split, which it then notes.
    fn is_due(&mut self, growth: &Self::Growth) -> bool;

    /// The best test; `None` where no test tells anything apart.
    fn best(&self, growth: &Self::Growth) -> Option<Proposal<Self::Branches>>;

    /// The merit of `test`; `None` where it tells nothing apart.
    fn merit(&self, growth: &Self::Growth, test: &Test) -> Option<f64>;

    /// How far merits may be from their expectations.
    fn bound(&self, growth: &Self::Growth) -> f64;

    /// What new leaves start with, by branch.
    fn children(&self, growth: &Self::Growth, branches: Self::Branches) -> Vec<Self>;
}

/// A test that a node may make.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal<B> {
    pub test: Test,
    pub merit: f64,
    /// The branch for rows without an answer.
    pub heavier: usize,
    pub branches: B,
}

/// Where tests are taken as tied, another one must still lead by this share of the bound for it.
const LEAD_OF_TIE: f64 = 0.5;

/// When a tree splits and thinks again.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Revision {
    /// Below this bound tests are taken as tied.
    pub tie: f64,
    pub max_depth: usize,
    /// Splits end where the tree has so many nodes.
    pub max_nodes: usize,
    /// Weight that an inner node sees before its test is looked at again.
    pub reevaluate_every: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct RevisingTree<E> {
    revision: Revision,
    arena: Arena<E>,
    /// By node: those that are not leaves.
    inner: Vec<Option<Inner<E>>>,
    replaced: u64,
    moved: u64,
    pruned: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
struct Inner<E> {
    evidence: E,
    depth: usize,
    /// The weight at which the test is looked at again.
    due: f64,
}

impl<E: Evidence> RevisingTree<E> {
    pub fn new(root: E, revision: Revision) -> Self {
        Self { revision, arena: Arena::new(root), inner: Vec::new(), replaced: 0, moved: 0, pruned: 0 }
    }

    /// The leaf that answers for `row`.
    pub fn leaf(&self, row: &Row) -> &E {
        self.arena.leaf(self.arena.route(row))
    }

    /// The test at the root.
    pub fn root(&self) -> Option<Test> {
        self.arena.test(ROOT)
    }

    /// For `state show`.
    pub fn describe(&self) -> Vec<(String, String)> {
        let counts = [
            ("nodes", self.arena.len() as u64),
            ("tests replaced", self.replaced),
            ("thresholds moved", self.moved),
            ("branches pruned", self.pruned),
        ];
        counts.map(|(name, count)| (name.to_owned(), count.to_string())).into()
    }

    /// Every node on the way of `row` learns it; before, tests that are due are looked at again.
    pub fn learn(&mut self, growth: &E::Growth, row: &Row, target: E::Target, weight: f64) {
        let mut node = ROOT;
        while let Some(Some(inner)) = self.inner.get(node) {
            if inner.evidence.weight() >= inner.due {
                self.reconsider(growth, node);
            }
            let Some(Some(inner)) = self.inner.get_mut(node) else { break };
            inner.evidence.learn(growth, row, target, weight, true);
            let Some(next) = self.arena.next(node, row) else { break };
            node = next;
        }
        let index = self.arena.leaf_at(node);
        let Revision { max_depth, max_nodes, .. } = self.revision;
        let room = self.arena.depth(index) < max_depth && self.arena.len() + 2 <= max_nodes;
        let leaf = self.arena.leaf_mut(index);
        leaf.learn(growth, row, target, weight, false);
        if leaf.is_due(growth) && room {
            self.try_split(growth, node, index);
        }
    }

    fn try_split(&mut self, growth: &E::Growth, node: usize, index: usize) {
        let leaf = self.arena.leaf(index);
        let bound = leaf.bound(growth);
        let Some(best) = leaf.best(growth) else { return };
        if best.merit > bound || (best.merit > 0.0 && bound < self.revision.tie) {
            self.split(growth, node, index, best);
        }
    }

    fn split(&mut self, growth: &E::Growth, node: usize, index: usize, best: Proposal<E::Branches>) {
        let Proposal { test, heavier, branches, .. } = best;
        let children = self.arena.leaf(index).children(growth, branches);
        let depth = self.arena.depth(index);
        let Some(evidence) = self.arena.split(index, test, children, heavier) else { return };
        if node >= self.inner.len() {
            self.inner.resize_with(node + 1, || None);
        }
        let due = evidence.weight() + self.revision.reevaluate_every;
        self.inner[node] = Some(Inner { evidence, depth, due });
    }

    /// Another test takes the place of the one at `node` where it is surely better; none does where that is.
    fn reconsider(&mut self, growth: &E::Growth, node: usize) {
        let (Some(Some(inner)), Some(test)) = (self.inner.get_mut(node), self.arena.test(node)) else { return };
        let evidence = &inner.evidence;
        inner.due = evidence.weight() + self.revision.reevaluate_every;
        let current = evidence.merit(growth, &test).unwrap_or(f64::NEG_INFINITY);
        let best = evidence.best(growth).filter(|best| best.merit > 0.0);
        let lead = best.as_ref().map_or(0.0, |best| best.merit) - current;
        let bound = evidence.bound(growth);
        let tied = bound < self.revision.tie && lead > LEAD_OF_TIE * self.revision.tie;
        if lead <= bound && !tied {
            return;
        }
        match (best, test) {
            (
                Some(Proposal { test: Test::Number { feature, threshold }, heavier, .. }),
                Test::Number { feature: same, .. },
            ) if feature == same => {
                self.arena.move_threshold(node, threshold, heavier);
                self.moved += 1;
            }
            (best, _) => self.replace(growth, node, best),
        }
    }

    /// Puts a new test, or none, in the place of what is at `node` and below.
    fn replace(&mut self, growth: &E::Growth, node: usize, best: Option<Proposal<E::Branches>>) {
        let Some(index) = self.prune(node) else { return };
        match best {
            Some(best) => {
                self.split(growth, node, index, best);
                self.replaced += 1;
            }
            None => self.pruned += 1,
        }
    }

    /// What lies below `node` goes; it is a leaf again, with all that it has learned. Gives the leaf's index.
    fn prune(&mut self, node: usize) -> Option<usize> {
        let Inner { evidence, depth, .. } = self.inner.get_mut(node)?.take()?;
        self.clear(node);
        let leaf = self.arena.plant(evidence, depth);
        self.arena.relocate(leaf, node);
        Some(self.arena.leaf_at(node))
    }

    /// Frees `node` and all that hangs on it.
    fn clear(&mut self, node: usize) {
        let mut doomed = vec![node];
        while let Some(node) = doomed.pop() {
            doomed.extend(self.arena.children(node));
            if let Some(inner) = self.inner.get_mut(node) {
                *inner = None;
            }
            self.arena.free(node);
        }
    }
}
