//! Nodes in one flat vector, walked by a loop: no recursion, no pointer, no allocation on the way down.

use serde::{Deserialize, Serialize};

use crate::row::Row;

/// A test at an inner node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Test {
    /// Goes to branch 0 where the number is at most the threshold, else to branch 1.
    Number { feature: u32, threshold: f64 },
    /// One branch per category code, in the order of `codes`.
    Category { feature: u32, codes: Vec<u32> },
}

impl Test {
    /// How many branches the test has.
    pub fn branches(&self) -> usize {
        match self {
            Self::Number { .. } => 2,
            Self::Category { codes, .. } => codes.len(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Node {
    Leaf(u32),
    Number { feature: u32, threshold: f64, children: [u32; 2], heavier: u8 },
    Category { feature: u32, codes: Vec<u32>, children: Vec<u32>, heavier: u32 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Slot<L> {
    node: u32,
    depth: u32,
    leaf: L,
}

/// A tree with leaves of type `L`. A missing number, a missing category and a category that the test has no branch for go
/// to the branch that was heaviest when the node was split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arena<L> {
    nodes: Vec<Node>,
    leaves: Vec<Slot<L>>,
}

impl<L> Arena<L> {
    /// A tree that is one leaf.
    pub fn new(root: L) -> Self {
        Self { nodes: vec![Node::Leaf(0)], leaves: vec![Slot { node: 0, depth: 0, leaf: root }] }
    }

    /// The index of the leaf that `row` falls into.
    pub fn route(&self, row: &Row) -> usize {
        let mut node = 0;
        loop {
            node = match &self.nodes[node] {
                Node::Leaf(leaf) => return *leaf as usize,
                Node::Number { feature, threshold, children, heavier } => {
                    let value = row.numbers[*feature as usize];
                    let branch = if value.is_nan() { usize::from(*heavier) } else { usize::from(value > *threshold) };
                    children[branch] as usize
                }
                Node::Category { feature, codes, children, heavier } => {
                    let code = row.categories[*feature as usize].code;
                    let branch = codes.binary_search(&code).unwrap_or(*heavier as usize);
                    children[branch] as usize
                }
            };
        }
    }

    pub fn leaf(&self, index: usize) -> &L {
        &self.leaves[index].leaf
    }

    pub fn leaf_mut(&mut self, index: usize) -> &mut L {
        &mut self.leaves[index].leaf
    }

    /// Edges between the root and the leaf.
    pub fn depth(&self, index: usize) -> usize {
        self.leaves[index].depth as usize
    }

    pub fn leaves(&self) -> impl Iterator<Item = &L> {
        self.leaves.iter().map(|slot| &slot.leaf)
    }

    /// Nodes of all kinds.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        false
    }

    /// Puts `test` in the place of a leaf. `children` are its branches in order, at least two; `heavier` is the branch for
    /// rows without an answer to the test. The first child takes the leaf's index.
    pub fn split(&mut self, index: usize, test: Test, children: Vec<L>, heavier: usize) {
        let parent = self.leaves[index].node as usize;
        let depth = self.leaves[index].depth + 1;
        let mut nodes = Vec::with_capacity(children.len());
        for (branch, leaf) in children.into_iter().enumerate() {
            let node = self.nodes.len() as u32;
            let slot = Slot { node, depth, leaf };
            if branch == 0 {
                self.leaves[index] = slot;
                self.nodes.push(Node::Leaf(index as u32));
            } else {
                self.nodes.push(Node::Leaf(self.leaves.len() as u32));
                self.leaves.push(slot);
            }
            nodes.push(node);
        }
        self.nodes[parent] = match test {
            Test::Number { feature, threshold } => {
                Node::Number { feature, threshold, children: [nodes[0], nodes[1]], heavier: heavier as u8 }
            }
            Test::Category { feature, codes } => {
                Node::Category { feature, codes, children: nodes, heavier: heavier as u32 }
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Category;

    fn row(number: f64, code: u32) -> Row {
        Row { numbers: vec![number], categories: vec![Category { code, hash: 0 }], texts: vec![] }
    }

    #[test]
    fn rows_without_an_answer_take_the_heavier_branch() {
        let mut tree = Arena::new('r');
        tree.split(0, Test::Number { feature: 0, threshold: 1.0 }, vec!['a', 'b'], 1);
        tree.split(0, Test::Category { feature: 0, codes: vec![3, 7] }, vec!['x', 'y'], 0);
        let at = |number, code| *tree.leaf(tree.route(&row(number, code)));
        assert_eq!([at(1.0, 7), at(1.0, 9), at(2.0, 7), at(f64::NAN, 3)], ['y', 'x', 'b', 'b']);
        assert_eq!(tree.depth(tree.route(&row(0.0, 3))), 2);
    }
}
