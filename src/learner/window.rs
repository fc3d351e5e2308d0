//! The sliding window: the labelled rows that count, and the three ways to make a model follow them.
//!
//! `replay` learns sampled rows of the window again, `unlearn` takes back what leaves it, `refit` fits afresh on the whole
//! of it every so often.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::pipeline::Pipeline;
use super::spec::{Method, Spec, Window};
use crate::drift::adaptive_window::AdaptiveWindow;
use crate::drift::adwin;
use crate::event::Millis;
use crate::rng::Rng;
use crate::row::{Label, Row};

/// What is held, in order of learning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Sliding {
    held: VecDeque<Held>,
    /// ADWIN's window over the error, where it decides how much is held.
    adaptive: Option<AdaptiveWindow>,
    rng: Rng,
    since_refit: usize,
    /// How many of the newest rows came since the mark: what a background model has learned of the window.
    #[serde(default)]
    since_mark: usize,
}

/// A labelled row: as it came, but for `unlearn` as the model saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Held {
    row: Row,
    label: Label,
    weight: f64,
    event_time: Millis,
}

/// A labelled event that the pipeline has just learned.
pub(super) struct Learned<'a> {
    pub(super) row: &'a Row,
    pub(super) label: Label,
    pub(super) weight: f64,
    pub(super) event_time: Millis,
    /// Of the prediction made before.
    pub(super) error: f64,
    /// The stream's latest event time.
    pub(super) now: Millis,
}

impl Sliding {
    pub(super) fn new(window: &Window, seed: u64) -> Self {
        let adaptive = window.adaptive.then(|| AdaptiveWindow::new(adwin::Params::default()));
        Self { held: VecDeque::new(), adaptive, rng: Rng::new(seed, "window"), since_refit: 0, since_mark: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.held.len()
    }

    /// Holds what was learned, lets go of what is out of bounds and makes the pipeline follow.
    pub(super) fn slide(&mut self, learned: &Learned<'_>, spec: &Spec, window: &Window, pipeline: &mut Pipeline) {
        let free = self.trim(learned, window, pipeline);
        if window.method == Method::Replay {
            self.replay(window.rows, spec, pipeline);
        }
        let mut free = free.unwrap_or_else(|| Held::new(learned.label));
        free.row.copy_from(if window.method == Method::Unlearn { pipeline.seen() } else { learned.row });
        (free.label, free.weight, free.event_time) = (learned.label, learned.weight, learned.event_time);
        self.held.push_back(free);
        self.since_mark += 1;
        if window.method == Method::Refit {
            self.since_refit += 1;
            if self.since_refit >= window.every {
                self.refit(window.epochs, spec, pipeline);
            }
        }
    }

    /// Drops the older half.
    pub(super) fn shrink(&mut self, window: &Window, pipeline: &mut Pipeline) {
        for _ in 0..self.held.len() / 2 {
            self.drop_oldest(window, pipeline);
        }
    }

    /// Here a background model starts.
    pub(super) fn mark(&mut self) {
        self.since_mark = 0;
    }

    /// Forgets what came before the mark, as the model that takes over has never seen it.
    pub(super) fn keep_marked(&mut self) {
        self.held.drain(..self.held.len() - self.since_mark);
    }

    /// Forgets everything at once, as the model does in a reset.
    pub(super) fn clear(&mut self) {
        self.held.clear();
        if let Some(adaptive) = &mut self.adaptive {
            adaptive.clear();
        }
        (self.since_refit, self.since_mark) = (0, 0);
    }

    /// Makes room for one more; returns the last that went, for its memory.
    fn trim(&mut self, learned: &Learned<'_>, window: &Window, pipeline: &mut Pipeline) -> Option<Held> {
        let mut most = window.size.unwrap_or(window.max_events);
        if let Some(adaptive) = &mut self.adaptive {
            adaptive.insert(learned.error);
            most = most.min(usize::try_from(adaptive.width()).unwrap_or(usize::MAX)).max(1);
        }
        let mut free = None;
        while self.held.len() >= most {
            free = self.drop_oldest(window, pipeline);
        }
        if let Some(span) = window.span {
            while self.held.front().is_some_and(|oldest| oldest.event_time < learned.now.saturating_sub(span.0)) {
                free = self.drop_oldest(window, pipeline);
            }
        }
        free
    }

    fn drop_oldest(&mut self, window: &Window, pipeline: &mut Pipeline) -> Option<Held> {
        let oldest = self.held.pop_front()?;
        let is_marked = self.since_mark > self.held.len();
        self.since_mark = self.since_mark.min(self.held.len());
        if window.method == Method::Unlearn {
            pipeline.unlearn(&oldest.row, oldest.label, oldest.weight, is_marked);
        }
        Some(oldest)
    }

    fn replay(&mut self, rows: usize, spec: &Spec, pipeline: &mut Pipeline) {
        if self.held.is_empty() {
            return;
        }
        for _ in 0..rows {
            let held = &self.held[self.rng.below(self.held.len())];
            pipeline.rehearse(&held.row, held.label, held.weight, spec.learn.mini_batch);
        }
    }

    /// Fresh transforms learn the whole window, then a fresh model passes over it `epochs` times.
    fn refit(&mut self, epochs: usize, spec: &Spec, pipeline: &mut Pipeline) {
        self.since_refit = 0;
        pipeline.start_afresh(spec);
        for held in &self.held {
            pipeline.learn_transforms(&held.row, held.label);
        }
        for _ in 0..epochs {
            for held in &self.held {
                pipeline.rehearse(&held.row, held.label, held.weight, spec.learn.mini_batch);
            }
        }
        pipeline.learned = self.held.len() as u64;
    }
}

impl Held {
    fn new(label: Label) -> Self {
        Self { row: Row::default(), label, weight: 1.0, event_time: 0 }
    }
}
