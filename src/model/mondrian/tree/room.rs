//! Room for nodes: new ones, or those of the split that is worth least.

use super::{Lesson, Rules, Tree};
use crate::model::mondrian::node::{NONE, Node};

/// Nodes looked at in search of a split to take back, and how many splits there are to choose from.
const STEPS: usize = 64;
const CHOICE: usize = 4;

impl Tree {
    /// Two nodes: new ones, or the leaves of the least useful among the next few splits between leaves, taken back. Those of
    /// `at` and of its parent stay.
    pub(super) fn room(&mut self, lesson: &Lesson<'_>, at: usize) -> Option<(usize, usize)> {
        let n = self.nodes.len();
        if n + 2 <= lesson.rules.nodes {
            self.push(lesson.rules, Node::leaf(NONE, 0.0, lesson.age));
            self.push(lesson.rules, Node::leaf(NONE, 0.0, lesson.age));
            return Some((n, n + 1));
        }
        let mut worst: Option<(f64, usize)> = None;
        let mut found = 0;
        for _ in 0..STEPS.min(n) {
            self.hand = (self.hand + 1) % n as u32;
            let candidate = self.hand as usize;
            if candidate == at || self.nodes[at].parent == self.hand || !self.is_split_of_leaves(candidate) {
                continue;
            }
            let worth = self.worth(lesson, candidate);
            worst = worst.filter(|(least, _)| *least <= worth).or(Some((worth, candidate)));
            found += 1;
            if found == CHOICE {
                break;
            }
        }
        let node = &mut self.nodes[worst?.1];
        let freed = node.children.map(|child| child as usize);
        *node = Node { weight: node.weight, ..Node::leaf(node.parent, node.birth, node.last) };
        Some((freed[0], freed[1]))
    }

    fn is_split_of_leaves(&self, at: usize) -> bool {
        let is_leaf = |child: &u32| self.nodes[*child as usize].is_leaf();
        !self.nodes[at].is_leaf() && self.nodes[at].children.iter().all(is_leaf)
    }

    /// What a split is worth: how much better its sides are than its node, and less the longer no row has come by.
    fn worth(&self, lesson: &Lesson<'_>, at: usize) -> f64 {
        let node = &self.nodes[at];
        0.5 - f64::from(node.own) - f64::from(lesson.age.wrapping_sub(node.last)) / lesson.rules.memory
    }

    pub(super) fn push(&mut self, rules: &Rules, node: Node) {
        if self.nodes.len() == self.nodes.capacity() {
            let more = self.nodes.len().max(16).min(rules.nodes - self.nodes.len());
            self.nodes.reserve_exact(more);
            self.boxes.reserve(more);
            self.beliefs.reserve_exact(more * rules.width);
        }
        self.nodes.push(node);
        self.boxes.push();
        self.beliefs.resize(self.nodes.len() * rules.width, 0.0);
    }
}
