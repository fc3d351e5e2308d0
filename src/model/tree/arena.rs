//! Nodes in one flat vector, walked by a loop: no recursion, no pointer, no allocation on the way down.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use crate::rng::mix;
use crate::row::Row;

/// A test at an inner node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
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

    /// A number that another test hardly has.
    fn name(&self) -> u64 {
        match self {
            Self::Number { feature, threshold } => mix(u64::from(*feature) ^ mix(threshold.to_bits())),
            Self::Category { feature, codes } => {
                codes.iter().fold(!u64::from(*feature), |name, code| mix(name ^ u64::from(*code)))
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
enum Node {
    Leaf(u32),
    Number { feature: u32, threshold: f64, children: [u32; 2], heavier: u8 },
    Category(Box<Categories>),
    Free,
}

/// A test on a category. Apart, so that a node is small.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
struct Categories {
    feature: u32,
    codes: Vec<u32>,
    children: Vec<u32>,
    heavier: u32,
}

impl Node {
    /// The node that `row` goes on to; `None` at a leaf.
    #[inline]
    fn next(&self, row: &Row) -> Option<u32> {
        match self {
            Self::Leaf(_) | Self::Free => None,
            Self::Number { feature, threshold, children, heavier } => {
                // No jump: which way a row goes is what a processor cannot guess.
                let value = row.numbers[*feature as usize];
                let branch = usize::from(value > *threshold) | (usize::from(value.is_nan()) & usize::from(*heavier));
                Some(children[branch & 1])
            }
            Self::Category(test) => Some(test.next(row)),
        }
    }

    fn children(&self) -> &[u32] {
        match self {
            Self::Leaf(_) | Self::Free => &[],
            Self::Number { children, .. } => children,
            Self::Category(test) => &test.children,
        }
    }
}

impl Categories {
    fn next(&self, row: &Row) -> u32 {
        let code = row.categories[self.feature as usize].code;
        self.children[self.codes.binary_search(&code).unwrap_or(self.heavier as usize)]
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
struct Slot<L> {
    node: u32,
    depth: u32,
    leaf: L,
}

/// A tree with leaves of type `L`. A missing number, a missing category and a category that the test has no branch for go
/// to the branch that was heaviest when the node was split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Arena<L> {
    nodes: Vec<Node>,
    leaves: Vec<Slot<L>>,
    /// Nodes to be used again.
    free: Vec<u32>,
    /// See [`Arena::shape`].
    shape: u64,
}

/// As [`Vec::push`], but with a quarter to spare where that doubles: leaves are large, and trees have a cap on their memory.
fn push<T>(values: &mut Vec<T>, value: T) {
    if values.len() == values.capacity() {
        values.reserve_exact(values.len() / 4 + 2);
    }
    values.push(value);
}

/// The node that every row starts from.
pub const ROOT: usize = 0;

impl<L> Arena<L> {
    /// A tree that is one leaf.
    pub fn new(root: L) -> Self {
        Self {
            nodes: vec![Node::Leaf(0)],
            leaves: vec![Slot { node: 0, depth: 0, leaf: root }],
            free: Vec::new(),
            shape: 0,
        }
    }

    /// Names the splits that there have been: trees with the same name put rows into leaves of the same index.
    pub fn shape(&self) -> u64 {
        self.shape
    }

    /// The index of the leaf that `row` falls into.
    pub fn route(&self, row: &Row) -> usize {
        self.leaf_at(self.descend(ROOT, row))
    }

    /// The leaf node that `row` falls into from `node` on.
    fn descend(&self, mut node: usize, row: &Row) -> usize {
        while let Some(next) = self.next(node, row) {
            node = next;
        }
        node
    }

    /// The node that `row` goes on to from `node`; `None` at a leaf.
    pub fn next(&self, node: usize, row: &Row) -> Option<usize> {
        self.nodes[node].next(row).map(|next| next as usize)
    }

    /// The nodes below `node`.
    pub fn children(&self, node: usize) -> impl Iterator<Item = usize> {
        self.nodes[node].children().iter().map(|child| *child as usize)
    }

    /// The index of the leaf that `node` is.
    pub fn leaf_at(&self, node: usize) -> usize {
        match self.nodes[node] {
            Node::Leaf(leaf) => leaf as usize,
            _ => 0,
        }
    }

    /// A leaf that no other node leads to, `depth` edges below the root: the first of a tree that may come to replace a
    /// part of this one. Gives its node.
    pub fn plant(&mut self, leaf: L, depth: usize) -> usize {
        let node = self.allocate(Node::Leaf(self.leaves.len() as u32));
        push(&mut self.leaves, Slot { node, depth: depth as u32, leaf });
        node as usize
    }

    /// Frees one node. Those below it stay, for the caller to free.
    pub fn free(&mut self, node: usize) {
        if let Node::Leaf(leaf) = std::mem::replace(&mut self.nodes[node], Node::Free) {
            self.leaves.swap_remove(leaf as usize);
            if let Some(moved) = self.leaves.get(leaf as usize) {
                self.nodes[moved.node as usize] = Node::Leaf(leaf);
            }
        }
        self.free.push(node as u32);
    }

    /// Moves what is at `from` to `to`, whose own content the caller has freed.
    pub fn relocate(&mut self, from: usize, to: usize) {
        self.free.retain(|free| *free as usize != to);
        self.nodes[to] = std::mem::replace(&mut self.nodes[from], Node::Free);
        if let Node::Leaf(leaf) = self.nodes[to] {
            self.leaves[leaf as usize].node = to as u32;
        }
        self.free.push(from as u32);
    }

    fn allocate(&mut self, node: Node) -> u32 {
        if let Some(free) = self.free.pop() {
            self.nodes[free as usize] = node;
            return free;
        }
        push(&mut self.nodes, node);
        self.nodes.len() as u32 - 1
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

    /// Category codes in the tests of all nodes.
    pub fn codes(&self) -> usize {
        let codes = |node: &Node| if let Node::Category(test) = node { test.codes.len() } else { 0 };
        self.nodes.iter().map(codes).sum()
    }

    /// Nodes of all kinds.
    pub fn len(&self) -> usize {
        self.nodes.len() - self.free.len()
    }

    pub fn is_empty(&self) -> bool {
        false
    }

    /// Puts `test` in the place of a leaf. `children` are its branches in order, at least two; `heavier` is the branch for
    /// rows without an answer to the test. The first child takes the leaf's index. Gives what the leaf was.
    pub fn split(&mut self, index: usize, test: Test, children: Vec<L>, heavier: usize) -> Option<L> {
        let mut before = None;
        self.shape = mix(self.shape ^ mix(index as u64) ^ test.name());
        let parent = self.leaves[index].node as usize;
        let depth = self.leaves[index].depth + 1;
        let mut nodes = Vec::with_capacity(children.len());
        for (branch, leaf) in children.into_iter().enumerate() {
            if branch == 0 {
                let node = self.allocate(Node::Leaf(index as u32));
                before = Some(std::mem::replace(&mut self.leaves[index], Slot { node, depth, leaf }).leaf);
                nodes.push(node);
            } else {
                nodes.push(self.plant(leaf, depth as usize) as u32);
            }
        }
        self.nodes[parent] = match test {
            Test::Number { feature, threshold } => {
                Node::Number { feature, threshold, children: [nodes[0], nodes[1]], heavier: heavier as u8 }
            }
            Test::Category { feature, codes } => {
                Node::Category(Box::new(Categories { feature, codes, children: nodes, heavier: heavier as u32 }))
            }
        };
        before
    }

    /// The test of an inner node; `None` for a leaf.
    pub fn test(&self, node: usize) -> Option<Test> {
        match &self.nodes[node] {
            Node::Leaf(_) | Node::Free => None,
            Node::Number { feature, threshold, .. } => Some(Test::Number { feature: *feature, threshold: *threshold }),
            Node::Category(test) => Some(Test::Category { feature: test.feature, codes: test.codes.clone() }),
        }
    }

    /// Moves the threshold of a test on a number, keeping what lies below it.
    pub fn move_threshold(&mut self, node: usize, to: f64, heavier: usize) {
        if let Node::Number { threshold, heavier: old, .. } = &mut self.nodes[node] {
            (*threshold, *old) = (to, heavier as u8);
        }
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
    fn a_subtree_gives_its_place_and_its_memory() {
        let mut tree = Arena::new('r');
        tree.split(0, Test::Number { feature: 0, threshold: 1.0 }, vec!['a', 'b'], 0);
        let size = tree.nodes.len();
        for _ in 0..10 {
            let (place, other) = (tree.descend(ROOT, &row(0.0, 0)), tree.plant('n', 1));
            tree.free(place);
            tree.relocate(other, place);
            assert_eq!((*tree.leaf(tree.route(&row(0.0, 0))), *tree.leaf(tree.route(&row(2.0, 0)))), ('n', 'b'));
        }
        assert_eq!((tree.len(), tree.leaves.len()), (3, 2));
        assert!(tree.nodes.len() <= size + 1, "{} nodes", tree.nodes.len());
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
