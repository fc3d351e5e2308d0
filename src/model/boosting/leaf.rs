//! A leaf of a boosted tree: what it answers, and what its next split is looked for in.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::codes::{CODES, Codes};
use super::histogram::{BINS, Histogram};
use super::tree::{Rules, Split};
use super::{Pair, add, gain, weight};
use crate::row::Row;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Leaf {
    pub node: u32,
    pub depth: u32,
    /// Rows since the leaf was made, and since the last attempt to split it.
    seen: u32,
    waiting: u32,
    /// Sums of derivatives for the answer: those of long ago count less, and those that the split handed down come first.
    recent: Vec<f64>,
    /// Sums since the leaf was made, and those by feature of the tree's.
    sums: Vec<f64>,
    histograms: Vec<Histogram>,
    codes: Vec<Codes>,
}

/// A branch must have this share of the weight.
const LEAST_SHARE: f64 = 0.02;

/// Sums in the search for a split.
#[derive(Debug, Default, GetSize)]
pub struct Search {
    /// A row's derivatives, as histograms hold them.
    pub narrow: Vec<f32>,
    running: Vec<f64>,
    right: Vec<f64>,
    /// Of the best split of one feature, and of the best of all.
    own: Vec<f64>,
    pub left: Vec<f64>,
}

/// The best split of one feature.
struct Candidate {
    gain: f64,
    threshold: f64,
}

impl Leaf {
    pub fn new(rules: &Rules, features: &[u32], node: u32, depth: u32, handed: &[f64]) -> Self {
        let numbers = features.iter().filter(|feature| rules.is_number(**feature)).count();
        Self {
            node,
            depth,
            seen: 0,
            waiting: 0,
            recent: handed.to_vec(),
            sums: vec![0.0; handed.len()],
            histograms: vec![Histogram::default(); numbers],
            codes: vec![Codes::default(); features.len() - numbers],
        }
    }

    /// Bytes that a leaf with all its statistics takes, its nodes included.
    pub fn bytes(outputs: usize, numbers: usize, categories: usize) -> usize {
        let histograms = numbers * (size_of::<Histogram>() + BINS * 2 * outputs * size_of::<f32>());
        let codes = categories * (size_of::<Codes>() + CODES * (4 + 2 * outputs * size_of::<f64>()));
        size_of::<Self>() + 4 * outputs * size_of::<f64>() + 64 + histograms + codes
    }

    /// Adds the answer times `rate` to the scores.
    pub fn add_answer(&self, rules: &Rules, rate: f64, scores: &mut [f64]) {
        for (score, pair) in scores.iter_mut().zip(self.recent.chunks_exact(2)) {
            *score -= rate * pair[0] / (pair[1] + rules.penalty);
        }
    }

    /// Learns for the answer.
    pub fn fit(&mut self, rules: &Rules, pairs: &[Pair]) {
        self.recent.iter_mut().take(2 * pairs.len()).for_each(|sum| *sum *= rules.keep);
        add(&mut self.recent, pairs);
    }

    /// Learns for the next split; there may be fewer pairs than scores, those of the classes that have come. What is missing is in no feature's sums, and so on the right of every split.
    pub fn observe(&mut self, rules: &Rules, features: &[u32], row: &Row, pairs: &[Pair], narrow: &mut Vec<f32>) {
        narrow.clear();
        narrow.extend(pairs.iter().flatten().map(|derivative| *derivative as f32));
        (self.seen, self.waiting) = (self.seen.saturating_add(1), self.waiting + 1);
        add(&mut self.sums, pairs);
        let (numbers, categories) = features.split_at(self.histograms.len());
        for (histogram, feature) in self.histograms.iter_mut().zip(numbers) {
            let number = row.numbers[*feature as usize];
            if !number.is_nan() {
                histogram.add(number, narrow);
            }
        }
        for (codes, feature) in self.codes.iter_mut().zip(categories) {
            let category = row.categories[rules.category(*feature)];
            if !category.is_missing() {
                codes.add(category.code, pairs);
            }
        }
    }

    /// No split is looked for any more.
    pub fn close(&mut self) {
        (self.histograms, self.codes) = (Vec::new(), Vec::new());
    }

    pub fn is_due(&self, rules: &Rules) -> bool {
        self.waiting >= rules.grace_period
    }

    /// The best split, where it is surely better than the best on any other feature, or as good as tied with it. The sums on
    /// its left are then in `search`.
    pub fn attempt(&mut self, rules: &Rules, features: &[u32], search: &mut Search) -> Option<Split> {
        self.waiting = 0;
        let mut best: Option<(f64, Split)> = None;
        let mut second = 0.0_f64;
        for (i, &feature) in features.iter().enumerate() {
            let Some(Candidate { gain, threshold }) = self.best_of(rules, i, search) else { continue };
            match &best {
                Some((most, _)) if gain <= *most => second = second.max(gain),
                _ => {
                    std::mem::swap(&mut search.own, &mut search.left);
                    let loser = best.replace((gain, Split { feature, threshold }));
                    second = second.max(loser.map_or(0.0, |(gain, _)| gain));
                }
            }
        }
        let bound = (libm::log(1.0 / rules.delta) / (2.0 * f64::from(self.seen))).sqrt();
        let (most, split) = best?;
        search.left.resize(self.sums.len(), 0.0);
        (second < (1.0 - bound) * most || bound < rules.tie).then_some(split)
    }

    /// The best split on the feature at `i`, of those that gain anything. The sums on its left are then in `search.own`.
    fn best_of(&self, rules: &Rules, i: usize, search: &mut Search) -> Option<Candidate> {
        let sums = self.used();
        let whole = gain(sums, rules.penalty);
        let Search { running, right, own, .. } = search;
        running.resize(sums.len(), 0.0);
        let mut best: Option<Candidate> = None;
        let consider = |threshold: f64, left: &[f64]| {
            right.clear();
            right.extend(sums.iter().zip(left).map(|(all, left)| all - left));
            let (a, b) = (weight(left), weight(right));
            let gain = gain(left, rules.penalty) + gain(right, rules.penalty) - whole;
            let enough = a.min(b) >= LEAST_SHARE * (a + b);
            if enough && gain > best.as_ref().map_or(0.0, |best| best.gain) {
                best = Some(Candidate { gain, threshold });
                own.clear();
                own.extend_from_slice(left);
            }
        };
        match self.histograms.get(i) {
            Some(histogram) => histogram.thresholds(running, consider),
            None => self.codes[i - self.histograms.len()].each(running, consider),
        }
        best
    }

    /// The sums of those classes that have come; the rest are 0.
    fn used(&self) -> &[f64] {
        let rest = self.sums.iter().rev().take_while(|sum| **sum == 0.0).count();
        &self.sums[..self.sums.len() - rest]
    }

    /// The sums on the right of a split, where those on the left are known.
    pub fn rest(&self, left: &[f64]) -> Vec<f64> {
        self.sums.iter().zip(left).map(|(all, left)| all - left).collect()
    }
}
