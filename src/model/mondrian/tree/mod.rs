//! A Mondrian tree with the weights of all its prunings.
//!
//! A pruning answers with the nodes that are its leaves. The average over all prunings, each by its prior (every node is a
//! leaf of it with probability 1/2) times the likelihood of all labels so far, needs one number a node: the probability that
//! the node's own answer is better than the average of those below. F. M. J. Willems, Y. M. Shtarkov, T. J. Tjalkens, "The
//! context-tree weighting method", IEEE Trans. Inf. Theory 41 (1995).

mod room;
mod verdict;

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::belief::Target;
use super::boxes::{Boxes, Cut};
use super::frame::Frame;
use super::node::{NONE, Node};
use super::slopes::Note;
use crate::rng::Rng;
use crate::row::Row;

/// How trees grow and forget.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Rules {
    /// The most nodes of a tree, at least 3.
    pub nodes: usize,
    /// How many numbers a node believes.
    pub width: usize,
    /// Rows after which what was seen counts a factor e less.
    pub memory: f64,
}

/// A row to be learned.
pub struct Lesson<'a> {
    pub rules: &'a Rules,
    pub rates: &'a [f32],
    /// Whether there may be missing values.
    pub gaps: bool,
    pub point: &'a [f32],
    pub target: Target,
    pub weight: f64,
    /// Rows learned so far.
    pub age: u32,
}

/// What a tree made of a row before it learned it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Answer {
    /// Of the label, in (0, 1].
    pub likelihood: f64,
    /// The mean, for values.
    pub value: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Tree {
    nodes: Vec<Node>,
    boxes: Boxes,
    beliefs: Vec<f64>,
    root: u32,
    /// Where the search for a split to take back goes on.
    hand: u32,
    salt: u64,
    rng: Rng,
}

/// Below this part of the answer, the nodes further down are not asked.
const LEAST_PART: f64 = 1e-6;
impl Tree {
    pub fn new(features: usize, mut rng: Rng) -> Self {
        let salt = rng.bits();
        Self { nodes: Vec::new(), boxes: Boxes::new(features), beliefs: Vec::new(), root: 0, hand: 0, salt, rng }
    }

    /// Forgets everything, keeping the memory.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.boxes.clear();
        self.beliefs.clear();
        (self.root, self.hand) = (0, 0);
    }

    /// Bytes that a node takes.
    pub fn node_bytes(features: usize, width: usize) -> usize {
        size_of::<Node>() + 2 * super::boxes::padded(features) * size_of::<f32>() + width * size_of::<f64>()
    }

    /// Draws the places of categories.
    pub fn salt(&self) -> u64 {
        self.salt
    }

    /// How many nodes there are, leaves included.
    pub fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// Hands every node on the row's path to `add`: its beliefs, its weight and its part of the answer, > 0; the parts sum to 1.
    pub fn answer(&self, rules: &Rules, frame: &Frame, row: &Row, mut add: impl FnMut(&[f64], f64, f64)) {
        if self.nodes.is_empty() {
            return;
        }
        let mut at = self.root as usize;
        let mut left = 1.0;
        loop {
            let node = &self.nodes[at];
            let (beliefs, weight) = self.beliefs_of(rules, at);
            if node.is_leaf() || left < LEAST_PART {
                return add(beliefs, weight, left);
            }
            let part = left * f64::from(node.own);
            add(beliefs, weight, part);
            left -= part;
            at = self.next(at, frame.coordinate(row, self.salt, node.feature as usize));
        }
    }

    /// The child that a coordinate leads to; a missing one to the heavier.
    fn next(&self, at: usize, coordinate: f32) -> usize {
        let node = &self.nodes[at];
        let [low, high] = node.children.map(|child| child as usize);
        if coordinate.is_nan() {
            return if self.nodes[high].weight > self.nodes[low].weight { high } else { low };
        }
        if coordinate <= node.threshold { low } else { high }
    }

    fn beliefs_of(&self, rules: &Rules, at: usize) -> (&[f64], f64) {
        (&self.beliefs[at * rules.width..][..rules.width], self.nodes[at].weight)
    }

    /// Learns a row. `path` is memory to be used; what splits on it tell of the slopes goes to `notes`.
    pub fn learn(&mut self, lesson: &Lesson<'_>, notes: Option<&mut Vec<Note>>, path: &mut Vec<u32>) -> Answer {
        path.clear();
        if self.nodes.is_empty() {
            self.push(lesson.rules, Node::leaf(NONE, 0.0, lesson.age));
            self.boxes.enclose(0, lesson.point);
            self.absorb(lesson, 0);
            return Answer::default();
        }
        let fresh = self.descend(lesson, path);
        let answer = self.ascend(lesson, path);
        if let Some(notes) = notes {
            self.tell_slopes(lesson, path, notes);
        }
        if let Some(leaf) = fresh {
            self.absorb(lesson, leaf);
        }
        answer
    }

    /// Follows the point down to its leaf, widening boxes, and cuts it off where the process says so: gives the new leaf,
    /// which is not on the path.
    fn descend(&mut self, lesson: &Lesson<'_>, path: &mut Vec<u32>) -> Option<usize> {
        let mut at = self.root as usize;
        loop {
            let reach = self.boxes.reach(at, lesson.point, lesson.rates);
            if reach > 0.0
                && let Some(time) = self.time_of_split(lesson, at, reach)
                && let Some((inner, leaf)) = self.split(lesson, at, time)
            {
                path.push(inner as u32);
                return Some(leaf);
            }
            if reach > 0.0 || lesson.gaps {
                self.boxes.extend(at, lesson.point);
            }
            path.push(at as u32);
            if self.nodes[at].is_leaf() {
                return None;
            }
            at = self.next(at, lesson.point[self.nodes[at].feature as usize]);
        }
    }

    /// When a split above the node comes, for a point that `reach`es out of its box; `None` where the node's own comes
    /// first, and for a leaf that the label tells nothing new.
    fn time_of_split(&mut self, lesson: &Lesson<'_>, at: usize, reach: f32) -> Option<f32> {
        let node = self.nodes[at];
        let (beliefs, weight) = self.beliefs_of(lesson.rules, at);
        if node.is_leaf() && lesson.target.is_all(beliefs, weight) {
            return None;
        }
        let wait = -libm::log(1.0 - self.rng.uniform()) / f64::from(reach);
        let time = node.birth + wait as f32;
        (node.is_leaf() || time < self.nodes[node.children[0] as usize].birth).then_some(time)
    }

    /// Puts a new node in the place of `at`, with `at` and a new leaf for the point below it; `None` where there is no room.
    fn split(&mut self, lesson: &Lesson<'_>, at: usize, time: f32) -> Option<(usize, usize)> {
        let (chance, place) = (self.rng.uniform(), self.rng.uniform());
        let cut = self.boxes.cut(at, lesson.point, lesson.rates, chance, place)?;
        let (inner, leaf) = self.room(lesson, at)?;
        self.link(at, inner, leaf, cut);
        self.nodes[at].birth = time;
        self.nodes[leaf] = Node::leaf(inner as u32, time, lesson.age);
        self.boxes.copy(at, inner);
        self.boxes.extend(inner, lesson.point);
        self.boxes.enclose(leaf, lesson.point);
        let width = lesson.rules.width;
        self.beliefs.copy_within(at * width..(at + 1) * width, inner * width);
        self.beliefs[leaf * width..][..width].fill(0.0);
        Some((inner, leaf))
    }

    fn link(&mut self, at: usize, inner: usize, leaf: usize, cut: Cut) {
        let old = self.nodes[at];
        let children = if cut.point_below { [leaf, at] } else { [at, leaf] }.map(|child| child as u32);
        let (feature, threshold, own) = (cut.feature as u32, cut.threshold, old.own_of_copy_above());
        self.nodes[inner] = Node { children, feature, threshold, own, ..old };
        self.nodes[at].parent = inner as u32;
        match old.parent {
            NONE => self.root = inner as u32,
            parent => {
                let siblings = &mut self.nodes[parent as usize].children;
                siblings[usize::from(siblings[1] == at as u32)] = inner as u32;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules { nodes: 51, width: 2, memory: f64::INFINITY };

    fn learn(tree: &mut Tree, rules: &Rules, point: [f32; 4], class: usize, age: u32) {
        let target = Target::Class { class, known: 2, prior: 0.5 };
        let lesson = Lesson { rules, rates: &[1.0; 4], gaps: false, point: &point, target, weight: 1.0, age };
        tree.learn(&lesson, None, &mut Vec::new());
    }

    /// Likelihood of all labels to a node by itself, and to it and all below on the average over prunings.
    fn likelihoods(tree: &Tree, own: &[f64], at: usize) -> (f64, f64) {
        let node = &tree.nodes[at];
        if node.is_leaf() {
            return (own[at], own[at]);
        }
        let below: f64 = node.children.iter().map(|child| likelihoods(tree, own, *child as usize).1).product();
        (own[at], 0.5 * own[at] + 0.5 * below)
    }

    #[test]
    fn every_node_knows_the_average_over_all_prunings_below_it() {
        let mut rng = Rng::new(3, "prunings");
        let mut tree = Tree::new(1, rng.child(0));
        let mut draw = || {
            let point = rng.below(4);
            ([point as f32, 0.0, 0.0, 0.0], usize::from(rng.uniform() < [0.1, 0.2, 0.6, 0.9][point]))
        };
        // Four points, often enough that every box holds all it can: the tree grows no more.
        (0..400).map(|_| draw()).for_each(|(point, class)| learn(&mut tree, &RULES, point, class, 0));
        tree.nodes.iter_mut().for_each(|node| node.own = 0.5);
        let n = tree.nodes.len();
        let mut own = vec![1.0; n];
        for _ in 0..30 {
            let (point, class) = draw();
            let mut at = tree.root as usize;
            loop {
                let (beliefs, weight) = tree.beliefs_of(&RULES, at);
                own[at] *= (beliefs[class] + 0.5) / (weight + 1.0);
                if tree.nodes[at].is_leaf() {
                    break;
                }
                at = tree.next(at, point[0]);
            }
            learn(&mut tree, &RULES, point, class, 0);
        }
        assert!(n >= 5 && tree.nodes.len() == n, "{n} nodes have become {}", tree.nodes.len());
        for at in (0..n).filter(|at| !tree.nodes[*at].is_leaf()) {
            let (alone, together) = likelihoods(&tree, &own, at);
            let expected = 0.5 * alone / together;
            let kept = f64::from(tree.nodes[at].own);
            assert!((kept - expected).abs() < 1e-4, "node {at}: {kept}, by all prunings {expected}");
        }
    }

    #[test]
    fn a_full_tree_stays_a_tree_and_goes_on_learning() {
        let mut rng = Rng::new(4, "full");
        let mut tree = Tree::new(2, rng.child(0));
        let mut right = 0;
        for age in 0..6_000 {
            let point = [rng.uniform() as f32, rng.uniform() as f32, 0.0, 0.0];
            let class = usize::from((point[0] < 0.5) != (age > 3_000));
            let rules = Rules { memory: 200.0, ..RULES };
            let mut at = tree.root as usize;
            while age > 5_000 && !tree.nodes[at].is_leaf() {
                at = tree.next(at, point[tree.nodes[at].feature as usize]);
            }
            right += u32::from(age > 5_000 && tree.beliefs[at * 2 + class] > tree.beliefs[at * 2 + 1 - class]);
            learn(&mut tree, &rules, point, class, age);
        }
        assert!(right > 900, "{right} of 999 right");
        assert!(tree.nodes.len() <= RULES.nodes && tree.nodes.capacity() <= RULES.nodes);
        let mut open = vec![(NONE, tree.root)];
        let mut reached = 0;
        while let Some((parent, at)) = open.pop() {
            let node = &tree.nodes[at as usize];
            assert_eq!(node.parent, parent);
            reached += 1;
            if !node.is_leaf() {
                open.extend(node.children.map(|child| (at, child)));
            }
        }
        assert_eq!(reached, tree.nodes.len());
    }
}
