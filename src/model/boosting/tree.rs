//! A tree that fits the derivatives of a loss, of several scores at once.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::Pair;
use super::leaf::{Leaf, Search};
use crate::row::Row;

/// How trees grow and forget.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Rules {
    /// Numbers in a row; features from there on are categories.
    pub numbers: usize,
    /// Rows between two attempts to split a leaf.
    pub grace_period: u32,
    /// Probability of choosing the wrong split.
    pub delta: f64,
    /// Below this bound the best two are taken as tied.
    pub tie: f64,
    pub max_depth: u32,
    pub max_leaves: usize,
    /// Added to second derivatives: holds answers near 0 where little was seen.
    pub penalty: f64,
    /// How much of what was seen a row leaves standing.
    pub keep: f64,
}

impl Rules {
    pub fn is_number(&self, feature: u32) -> bool {
        (feature as usize) < self.numbers
    }

    /// The category's place in a row.
    pub fn category(&self, feature: u32) -> usize {
        feature as usize - self.numbers
    }
}

/// A test: a number of at most the threshold goes left, a category whose code is the threshold; what is missing goes right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split {
    pub feature: u32,
    pub threshold: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, GetSize)]
#[serde(from = "Packed", into = "Packed")]
struct Node {
    /// What is tested; [`LEAF`]: nothing.
    feature: u32,
    threshold: f64,
    /// The left child, which the right one comes after; the leaf's index.
    next: u32,
}

const LEAF: u32 = u32::MAX;

/// A node without its fields' names, for a small checkpoint.
type Packed = (u32, f64, u32);

impl From<Packed> for Node {
    fn from((feature, threshold, next): Packed) -> Self {
        Self { feature, threshold, next }
    }
}

impl From<Node> for Packed {
    fn from(node: Node) -> Self {
        (node.feature, node.threshold, node.next)
    }
}

impl Node {
    fn leaf(index: usize) -> Self {
        Self { feature: LEAF, threshold: 0.0, next: index as u32 }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Tree {
    /// What the tree looks at, numbers first.
    features: Vec<u32>,
    nodes: Vec<Node>,
    leaves: Vec<Leaf>,
}

impl Tree {
    /// A tree that looks at `features`, in ascending order, and answers `outputs` scores.
    pub fn new(rules: &Rules, features: Vec<u32>, outputs: usize) -> Self {
        let leaf = Leaf::new(rules, &features, 0, 0, &vec![0.0; 2 * outputs]);
        Self { features, nodes: vec![Node::leaf(0)], leaves: vec![leaf] }
    }

    pub fn leaves(&self) -> usize {
        self.leaves.len()
    }

    fn route(&self, rules: &Rules, row: &Row) -> usize {
        let mut at = 0;
        loop {
            let node = &self.nodes[at];
            if node.feature == LEAF {
                return node.next as usize;
            }
            let left = if rules.is_number(node.feature) {
                row.numbers[node.feature as usize] <= node.threshold
            } else {
                f64::from(row.categories[rules.category(node.feature)].code) == node.threshold
            };
            at = node.next as usize + usize::from(!left);
        }
    }

    /// Adds the tree's answer times `rate` to the scores.
    pub fn add_answer(&self, rules: &Rules, row: &Row, rate: f64, scores: &mut [f64]) {
        self.leaves[self.route(rules, row)].add_answer(rules, rate, scores);
    }

    /// Adds the tree's answer to the scores, and then learns the derivatives that the scores had before.
    pub fn learn(
        &mut self,
        rules: &Rules,
        row: &Row,
        rate: f64,
        scores: &mut [f64],
        pairs: &[Pair],
        search: &mut Search,
    ) {
        let index = self.route(rules, row);
        let full = self.leaves.len() >= rules.max_leaves;
        let leaf = &mut self.leaves[index];
        leaf.add_answer(rules, rate, scores);
        leaf.fit(rules, pairs);
        if full || leaf.depth >= rules.max_depth {
            leaf.close();
            return;
        }
        leaf.observe(rules, &self.features, row, pairs, &mut search.narrow);
        if leaf.is_due(rules)
            && let Some(split) = leaf.attempt(rules, &self.features, search)
        {
            self.split(rules, index, split, &search.left);
        }
    }

    fn split(&mut self, rules: &Rules, index: usize, split: Split, left: &[f64]) {
        let leaf = &self.leaves[index];
        let (node, depth) = (leaf.node as usize, leaf.depth + 1);
        let right = leaf.rest(left);
        let next = self.nodes.len() as u32;
        self.nodes.extend([Node::leaf(index), Node::leaf(self.leaves.len())]);
        self.nodes[node] = Node { feature: split.feature, threshold: split.threshold, next };
        self.leaves[index] = Leaf::new(rules, &self.features, next, depth, left);
        self.leaves.push(Leaf::new(rules, &self.features, next + 1, depth, &right));
    }
}
