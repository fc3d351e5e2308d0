//! A tree that mends itself: every inner node watches the error of what lies below, grows an alternate to it once the error
//! has risen, and gives its place to the alternate that turns out better.
//!
//! A. Bifet, R. Gavaldà, "Adaptive learning from evolving data streams", IDA 2009.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::arena::{Arena, ROOT};
use crate::drift::adaptive_window::AdaptiveWindow;
use crate::drift::adwin;
use crate::row::Row;
use crate::stats::Scratch;

/// When alternates start and take over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Adaptation {
    pub window: adwin::Params,
    /// Errors that both windows must hold before an alternate is judged.
    pub min_window: u64,
    /// Chance that an alternate takes over without being better.
    pub switch_delta: f64,
}

/// What a leaf made of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Learned {
    /// Its error before it learned, in [0, 1].
    pub error: f64,
    /// Whether it split.
    pub split: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
struct Watch {
    window: AdaptiveWindow,
    alternate: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct AdaptiveTree<L> {
    adaptation: Adaptation,
    arena: Arena<L>,
    /// By node: those of inner nodes and of roots of alternates.
    watches: Vec<Option<Watch>>,
    switched: u64,
    /// How often nodes have come or gone by other ways than a split.
    changes: u64,
    #[serde(skip)]
    work: Scratch<Work>,
}

/// What a window is taken for until it holds more: it will soon.
const WINDOW: usize = 1_024;
/// What a split takes for the watch that it brings.
pub const WATCH: usize = 224 + WINDOW;

#[derive(Default, GetSize)]
struct Work {
    roots: Vec<usize>,
    path: Vec<usize>,
}

impl<L> AdaptiveTree<L> {
    pub fn new(root: L, adaptation: Adaptation) -> Self {
        Self {
            adaptation,
            arena: Arena::new(root),
            watches: Vec::new(),
            switched: 0,
            changes: 0,
            work: Scratch::default(),
        }
    }

    /// Nodes, those of alternates included.
    pub fn nodes(&self) -> usize {
        self.arena.len()
    }

    /// How many alternates have taken over.
    pub fn switched(&self) -> u64 {
        self.switched
    }

    /// How often nodes have come or gone by other ways than a split.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    pub fn arena(&self) -> &Arena<L> {
        &self.arena
    }

    pub fn arena_mut(&mut self) -> &mut Arena<L> {
        &mut self.arena
    }

    /// What the windows take, in bytes by what they hold.
    pub fn watch_bytes(&self) -> usize {
        let windows = self.watches.iter().flatten().map(|watch| watch.window.footprint().max(WINDOW));
        (WATCH - WINDOW) * self.watches.len() + windows.sum::<usize>()
    }

    /// The index of the leaf that answers for `row`.
    pub fn route(&self, row: &Row) -> usize {
        let mut node = ROOT;
        loop {
            if let Some(better) = self.better(node) {
                node = better;
                continue;
            }
            match self.arena.next(node, row) {
                Some(next) => node = next,
                None => return self.arena.leaf_at(node),
            }
        }
    }

    fn watch(&self, node: usize) -> Option<&Watch> {
        self.watches.get(node).and_then(Option::as_ref)
    }

    /// The alternate of `node` where it errs less already.
    fn better(&self, node: usize) -> Option<usize> {
        let watch = self.watch(node)?;
        let alternate = watch.alternate? as usize;
        let other = &self.watch(alternate)?.window;
        let seen = other.width() > watch.window.params().clock;
        (seen && other.mean() < watch.window.mean()).then_some(alternate)
    }

    /// Every tree on the way of `row`, alternates included, learns it: `learn` has the leaf at an index learn and
    /// perhaps split, `fresh` makes the first leaf of an alternate.
    pub fn learn(
        &mut self,
        row: &Row,
        mut learn: impl FnMut(&mut Arena<L>, usize) -> Learned,
        mut fresh: impl FnMut() -> L,
    ) {
        let mut work = std::mem::take(&mut *self.work);
        work.roots.push(ROOT);
        while let Some(root) = work.roots.pop() {
            self.descend(root, row, &mut work.path);
            let bottom = work.path.len() - 1;
            let leaf = self.arena.leaf_at(work.path[bottom]);
            let depth = self.arena.depth(leaf) - bottom;
            let Learned { error, split } = learn(&mut self.arena, leaf);
            for (i, &node) in work.path.iter().enumerate() {
                if self.update(node, error, &mut fresh, depth + i) {
                    work.roots.push(node);
                    break;
                }
                work.roots.extend(self.watch(node).and_then(|watch| watch.alternate).map(|other| other as usize));
            }
            if split && self.watch(work.path[bottom]).is_none() && work.roots.last() != Some(&work.path[bottom]) {
                self.set_watch(work.path[bottom]);
            }
        }
        *self.work = work;
    }

    fn descend(&self, root: usize, row: &Row, path: &mut Vec<usize>) {
        path.clear();
        path.push(root);
        let mut node = root;
        while let Some(next) = self.arena.next(node, row) {
            path.push(next);
            node = next;
        }
    }

    fn set_watch(&mut self, node: usize) {
        if node >= self.watches.len() {
            if node >= self.watches.capacity() {
                // A quarter to spare where a vector by itself doubles.
                self.watches.reserve_exact(node + node / 4 + 2 - self.watches.len());
            }
            self.watches.resize_with(node + 1, || None);
        }
        self.watches[node] =
            Some(Watch { window: AdaptiveWindow::new(self.adaptation.window.clone()), alternate: None });
    }

    /// Notes an error below `node`; says whether its alternate has taken its place.
    fn update(&mut self, node: usize, error: f64, fresh: &mut impl FnMut() -> L, depth: usize) -> bool {
        let Some(watch) = self.watches.get_mut(node).and_then(Option::as_mut) else { return false };
        let risen = watch.window.has_changed(error);
        // An alternate that errs less already has seen the new concept: it goes on.
        if risen && self.better(node).is_none() {
            self.start(node, fresh(), depth);
            return false;
        }
        let Some(alternate) = self.watch(node).and_then(|watch| watch.alternate) else { return false };
        self.judge(node, alternate as usize)
    }

    /// Starts the alternate of `node` anew.
    fn start(&mut self, node: usize, leaf: L, depth: usize) {
        if let Some(old) = self.watch(node).and_then(|watch| watch.alternate) {
            self.clear(old as usize);
        }
        let alternate = self.arena.plant(leaf, depth);
        self.changes += 1;
        self.set_watch(alternate);
        if let Some(watch) = &mut self.watches[node] {
            watch.alternate = Some(alternate as u32);
        }
    }

    fn judge(&mut self, node: usize, alternate: usize) -> bool {
        let (Some(watch), Some(other)) = (self.watch(node), self.watch(alternate)) else { return false };
        let (ours, theirs) = (&watch.window, &other.window);
        if ours.width() <= self.adaptation.min_window || theirs.width() <= self.adaptation.min_window {
            return false;
        }
        let widths = 1.0 / ours.width() as f64 + 1.0 / theirs.width() as f64;
        let bound = (2.0 * ours.variance() * libm::log(2.0 / self.adaptation.switch_delta) * widths).sqrt();
        let gain = ours.mean() - theirs.mean();
        if gain > bound {
            self.replace(node, alternate);
            return true;
        }
        if gain < -bound {
            self.clear(alternate);
            if let Some(watch) = &mut self.watches[node] {
                watch.alternate = None;
            }
        }
        false
    }

    fn replace(&mut self, node: usize, alternate: usize) {
        if let Some(watch) = &mut self.watches[node] {
            watch.alternate = None;
        }
        self.clear(node);
        self.arena.relocate(alternate, node);
        self.watches[node] = self.watches[alternate].take();
        self.switched += 1;
    }

    /// Frees `node` and all that hangs on it, alternates included.
    fn clear(&mut self, node: usize) {
        self.changes += 1;
        let mut doomed = vec![node];
        while let Some(node) = doomed.pop() {
            doomed.extend(self.arena.children(node));
            if let Some(watch) = self.watches.get_mut(node).and_then(Option::take) {
                doomed.extend(watch.alternate.map(|alternate| alternate as usize));
            }
            self.arena.free(node);
        }
    }
}
