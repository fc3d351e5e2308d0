//! What the labels have been of late, as numbers for experts: where labels follow one another, they are the best features.
//!
//! I. Žliobaitė et al., "Evaluation methods and decision theory for classification of streaming data with temporal dependence",
//! Machine Learning 98 (2015). Nothing here assumes that a label comes at once: features are made from the labels known when a
//! row is predicted, and learned as they were then.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use crate::event::Layout;
use crate::row::{Label, Task};

/// What each running mean keeps of the labels before: the first is the last label itself.
const KEEP: [f64; 4] = [0.0, 0.5, 0.9, 0.99];
/// The most classes that have features of their own.
const MOST_CLASSES: usize = 20;
/// The longest period that is looked for: a week of hours, a day of quarters of an hour twice over.
const LONGEST: usize = 200;
/// What a label leaves of the losses of the periods before it.
const DISCOUNT: f64 = 0.998;

/// Running means of the labels, and the label one period ago, for the period at which labels repeat best.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Recent {
    /// Classes with features: the index of the first and how many; for values one "class".
    first: usize,
    classes: usize,
    values: bool,
    /// By class, one for each of [`KEEP`].
    means: Vec<f64>,
    /// The last labels, oldest first: between one and two times [`LONGEST`].
    history: Vec<f64>,
    /// Discounted losses of periods `LONGEST`, …, 1: how far labels were from those one period before; and their weights.
    losses: Vec<f64>,
    weights: Vec<f64>,
    /// Labels learned so far.
    count: u64,
    /// Labels that come between a prediction and its label, and one.
    horizon: usize,
    /// The best period, >= horizon; 0 where there is none yet.
    period: usize,
}

impl Recent {
    pub fn new(task: Task, classes: usize) -> Self {
        let (first, tracked) = match task {
            Task::Regression => (0, 1),
            Task::Binary => (1, 1),
            Task::Multiclass => (0, classes.min(MOST_CLASSES)),
        };
        Self {
            first,
            classes: tracked,
            values: task == Task::Regression,
            means: vec![0.0; tracked * KEEP.len()],
            history: Vec::new(),
            losses: vec![0.0; LONGEST],
            weights: vec![0.0; LONGEST],
            count: 0,
            horizon: 1,
            period: 0,
        }
    }

    /// `layout` with the columns that [`Recent::write`] adds.
    pub fn layout(&self, layout: &Layout) -> Layout {
        let mut layout = layout.clone();
        layout.numbers.extend((0..self.len()).map(|i| format!("recent label #{i}")));
        layout
    }

    /// How many numbers [`Recent::write`] appends.
    pub fn len(&self) -> usize {
        self.classes * (KEEP.len() + 1)
    }

    /// Labels learned so far: to be handed back with the features of that moment.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Appends the features of the row that is predicted next.
    pub fn write(&self, numbers: &mut Vec<f64>) {
        numbers.extend_from_slice(&self.means);
        let known = self.period >= self.horizon && self.history.len() > self.period - self.horizon;
        let label = known.then(|| self.history[self.history.len() - 1 - (self.period - self.horizon)]);
        numbers.extend((0..self.classes).map(|class| label.map_or(0.0, |label| self.feature(label, class))));
    }

    /// `label` as a number for `class`.
    fn feature(&self, label: f64, class: usize) -> f64 {
        match self.values {
            true => label,
            false => f64::from(u8::from(label == (self.first + class) as f64)),
        }
    }

    /// Learns a label whose row was predicted when `count` labels were known.
    pub fn learn(&mut self, label: Label, count: u64) {
        let label = label.value();
        for class in 0..self.classes {
            let value = self.feature(label, class);
            for (mean, keep) in self.means[class * KEEP.len()..].iter_mut().zip(KEEP) {
                *mean = if self.count == 0 && self.values { value } else { keep * *mean + (1.0 - keep) * value };
            }
        }
        self.horizon = usize::try_from(self.count.saturating_sub(count)).unwrap_or(LONGEST).min(LONGEST) + 1;
        self.compare(label);
        self.history.push(label);
        if self.history.len() >= 2 * LONGEST {
            self.history.drain(..LONGEST);
        }
        self.count += 1;
    }

    /// Judges every period by how well it foretold `label`.
    fn compare(&mut self, label: f64) {
        let known = self.history.len().min(LONGEST);
        let past = &self.history[self.history.len() - known..];
        let losses = self.losses[LONGEST - known..].iter_mut().zip(&mut self.weights[LONGEST - known..]);
        for ((loss, weight), before) in losses.zip(past) {
            let miss = if self.values { (label - before).abs() } else { f64::from(u8::from(label != *before)) };
            *loss = DISCOUNT * *loss + miss;
            *weight = DISCOUNT * *weight + 1.0;
        }
        // A period must have come round twice; the last label is a feature already.
        let longest = known.min(usize::try_from(self.count / 3).unwrap_or(LONGEST));
        let loss = |period: usize| self.losses[LONGEST - period] / self.weights[LONGEST - period];
        let better = |best, period| if best == 0 || loss(period) < loss(best) { period } else { best };
        self.period = (self.horizon.max(2)..=longest).fold(0, better);
    }
}
