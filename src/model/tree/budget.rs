//! Keeps a tree within so many bytes: the leaves that promise least do without statistics, and get them again when there is
//! room.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::arena::Arena;
use super::class_leaf::ClassLeaf;

/// What a tree takes, by what it holds and not by what memory there happens to be, so that a restored tree does the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Budget {
    bytes: usize,
    /// Leaves without statistics.
    inactive: usize,
    /// Rows since the last count.
    rows: usize,
}

/// Rows between two counts, and one more for each node.
const PERIOD: usize = 1_000;
/// What a node and what a leaf is taken for, apart from what they hold elsewhere: no less than they are.
const NODE: usize = 72;
const LEAF: usize = 256;
/// What a branch of a test on categories is.
const BRANCH: usize = 16;

/// The bytes that a leaf's split into `children` takes; less than 0 where its statistics were more.
pub fn price(leaf: &ClassLeaf, children: &[ClassLeaf]) -> isize {
    let below = children.iter().map(|child| NODE + BRANCH + LEAF + child.footprint()).sum::<usize>();
    below as isize - (LEAF + leaf.footprint()) as isize
}

impl Budget {
    /// After a row, which made the tree take `taken` bytes more; says whether it is time for [`Budget::keep`].
    pub fn spend(&mut self, taken: isize, nodes: usize, most: usize) -> bool {
        self.bytes = self.bytes.saturating_add_signed(taken);
        self.rows += 1;
        self.rows >= PERIOD + nodes || (taken > 0 && self.bytes > most)
    }

    /// The bytes that are left of `most`.
    pub fn room(&self, most: usize) -> usize {
        most.saturating_sub(self.bytes)
    }

    /// Counts what `arena` takes, and `others` beside it.
    pub fn count(&mut self, arena: &Arena<ClassLeaf>, others: usize) {
        let leaves = arena.leaves().map(|leaf| LEAF + leaf.footprint()).sum::<usize>();
        self.bytes = NODE * arena.len() + BRANCH * arena.codes() + leaves + others;
    }

    /// Where the tree takes more than `most`, or leaves are without statistics: gives them to the most promising leaves, as
    /// far as seven eighths of the bytes go. The rest is for them to grow.
    pub fn keep(&mut self, arena: &mut Arena<ClassLeaf>, others: usize, most: usize) {
        self.rows = 0;
        self.count(arena, others);
        if self.inactive == 0 && self.bytes <= most {
            return;
        }
        let leaves: Vec<&ClassLeaf> = arena.leaves().collect();
        let observed: usize = leaves.iter().map(|leaf| leaf.observed_bytes()).sum();
        let active = leaves.iter().filter(|leaf| leaf.is_active()).count();
        let usual = (observed / active.max(1)).max(LEAF);
        let mut order: Vec<usize> = (0..leaves.len()).collect();
        order.sort_by(|&a, &b| leaves[b].promise().total_cmp(&leaves[a].promise()).then(a.cmp(&b)));
        let mut room = (most / 8 * 7).saturating_sub(self.bytes - observed);
        self.inactive = 0;
        for index in order {
            let leaf = arena.leaf_mut(index);
            let wanted = if leaf.is_active() { leaf.observed_bytes() } else { usual };
            if wanted <= room {
                room -= wanted;
                leaf.activate();
            } else {
                room = 0; // whoever promises less waits, too
                leaf.deactivate();
                self.inactive += 1;
            }
        }
        self.count(arena, others);
    }
}
