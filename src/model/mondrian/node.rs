//! A node of a Mondrian tree.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

/// No node: the parent of the root, the children of a leaf.
pub const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, GetSize)]
#[serde(from = "Packed", into = "Packed")]
pub struct Node {
    pub parent: u32,
    /// The sides of at most the threshold and of more.
    pub children: [u32; 2],
    pub feature: u32,
    pub threshold: f32,
    /// When the split above was made, in the time of the Mondrian process.
    pub birth: f32,
    /// The probability that the node's own answer is better than what those below it make together.
    pub own: f32,
    /// Weight seen.
    pub weight: f64,
    /// The forest's age when a row came by last.
    pub last: u32,
}

/// A node without its fields' names, for a small checkpoint: parent, what only inner nodes have (children, feature, threshold),
/// birth, own, weight, last.
type Packed = (u32, Option<([u32; 2], u32, f32)>, f32, f32, f64, u32);

impl From<Packed> for Node {
    fn from((parent, split, birth, own, weight, last): Packed) -> Self {
        let (children, feature, threshold) = split.unwrap_or(([NONE; 2], 0, 0.0));
        Self { parent, children, feature, threshold, birth, own, weight, last }
    }
}

impl From<Node> for Packed {
    fn from(node: Node) -> Self {
        let split = (!node.is_leaf()).then_some((node.children, node.feature, node.threshold));
        (node.parent, split, node.birth, node.own, node.weight, node.last)
    }
}

impl Node {
    pub fn leaf(parent: u32, birth: f32, last: u32) -> Self {
        Self { parent, children: [NONE; 2], feature: 0, threshold: 0.0, birth, own: 0.5, weight: 0.0, last }
    }

    pub fn is_leaf(&self) -> bool {
        self.children[0] == NONE
    }

    /// The probability that a new node above this one, which answers as this one did, is better than this one with all below.
    pub fn own_of_copy_above(&self) -> f32 {
        // Before any row, a node and those below it are as good as each other: odds of 1.
        let odds_of_below = if self.is_leaf() { 1.0 } else { (1.0 - self.own) / self.own };
        1.0 / (1.0 + 0.5 * (1.0 + odds_of_below))
    }

    /// Weighs the node's own answer, to which the label had a likelihood of `own`, against the one of those below.
    pub fn weigh(&mut self, own: f64, below: f64) {
        let share = f64::from(self.own);
        let posterior = share * own / (share * own + (1.0 - share) * below);
        self.own = posterior.clamp(SUREST, 1.0 - SUREST) as f32;
    }

    /// Lets go of what is long ago: the share of it that stays, and the weight that is left. A row comes by at `age`.
    pub fn forget(&mut self, age: u32, memory: f64) -> (f64, f64) {
        let gone = f64::from(age.wrapping_sub(self.last)) / memory;
        let keep = if gone < 0.01 { 1.0 - gone } else { libm::exp(-gone) };
        self.last = age;
        (keep, self.weight * keep)
    }
}

/// No probability comes nearer to 0 or 1, so that it can turn.
const SUREST: f64 = 1e-6;
