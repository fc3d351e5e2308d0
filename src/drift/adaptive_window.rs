//! A window that grows while its mean holds and drops its oldest part when two of its parts disagree: the core of ADWIN.
//!
//! A. Bifet and R. Gavaldà, "Learning from time-changing data with adaptive windowing", SDM 2007. The window is kept as
//! an exponential histogram: level `i` holds at most `max_buckets` buckets of `2^i` values each, so a window of n values
//! costs O(log n) memory and O(1) amortised time per value. Cuts and compression follow River 0.26.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::adwin::Params;

/// What the window holds, newest values at level 0; within a level the oldest bucket first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct AdaptiveWindow {
    params: Params,
    /// `max_buckets + 1` slots for each level, of which [`Self::used`] says how many hold a bucket.
    buckets: Vec<Bucket>,
    used: Vec<usize>,
    total: f64,
    /// Sum of squared deviations from the mean.
    deviations: f64,
    width: u64,
    ticks: u64,
}

/// Sum and squared deviations of the `2^level` values in a bucket. A tuple, for a small checkpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
struct Bucket(f64, f64);

impl AdaptiveWindow {
    pub fn new(params: Params) -> Self {
        let slots = params.max_buckets + 1;
        Self {
            params,
            buckets: vec![Bucket::default(); slots],
            used: vec![0],
            total: 0.0,
            deviations: 0.0,
            width: 0,
            ticks: 0,
        }
    }

    /// Adds a finite value; every `clock` values, drops the oldest part while it disagrees with the rest. Says whether
    /// anything was dropped.
    pub fn insert(&mut self, value: f64) -> bool {
        self.width += 1;
        if self.width > 1 {
            let before = (self.width - 1) as f64;
            let deviation = value - self.total / before;
            self.deviations += before * deviation * deviation / self.width as f64;
        }
        self.total += value;
        self.push(0, Bucket(value, 0.0));
        self.compress();
        self.ticks += 1;
        self.is_due() && self.width > self.params.grace_period && self.cut()
    }

    /// Adds a finite value as [`Self::insert`] does; says whether the mean changed: whether anything was dropped and,
    /// `one_sided`, the mean is higher without it.
    pub fn has_changed(&mut self, value: f64) -> bool {
        let before = self.mean();
        self.insert(value) && (!self.params.one_sided || self.mean() > before)
    }

    /// Whether it is time to look: every `clock` values, mostly a power of two, which spares a division.
    fn is_due(&self) -> bool {
        let clock = self.params.clock;
        if clock.is_power_of_two() { self.ticks & (clock - 1) == 0 } else { self.ticks.is_multiple_of(clock) }
    }

    /// Forgets everything, keeping the memory.
    pub fn clear(&mut self) {
        self.used.truncate(1);
        self.used[0] = 0;
        self.buckets.truncate(self.slots());
        self.buckets.fill(Bucket::default());
        (self.total, self.deviations, self.width, self.ticks) = (0.0, 0.0, 0, 0);
    }

    pub fn params(&self) -> &Params {
        &self.params
    }

    /// Bytes on the heap by what is held, not by what there is room for.
    pub fn footprint(&self) -> usize {
        self.buckets.len() * size_of::<Bucket>() + self.used.len() * 8
    }

    /// How many values the window holds.
    pub fn width(&self) -> u64 {
        self.width
    }

    /// The sum of the values.
    pub fn total(&self) -> f64 {
        self.total
    }

    /// The mean of the values; 0 for an empty window.
    pub fn mean(&self) -> f64 {
        if self.width == 0 { 0.0 } else { self.total / self.width as f64 }
    }

    /// The variance of the values (divided by their number); 0 for an empty window.
    pub fn variance(&self) -> f64 {
        if self.width == 0 { 0.0 } else { (self.deviations / self.width as f64).max(0.0) }
    }

    fn slots(&self) -> usize {
        self.params.max_buckets + 1
    }

    fn push(&mut self, level: usize, bucket: Bucket) {
        let slot = level * self.slots() + self.used[level];
        self.buckets[slot] = bucket;
        self.used[level] += 1;
    }

    /// Removes the `n` oldest buckets of `level`.
    fn shift(&mut self, level: usize, n: usize) {
        let start = level * self.slots();
        let end = start + self.used[level];
        self.buckets.copy_within(start + n..end, start);
        self.buckets[end - n..end].fill(Bucket::default());
        self.used[level] -= n;
    }

    /// Merges the two oldest buckets of every overfull level into one of the next.
    fn compress(&mut self) {
        let mut level = 0;
        while self.used[level] == self.slots() {
            if level + 1 == self.used.len() {
                self.used.push(0);
                self.buckets.reserve_exact(self.slots());
                self.buckets.resize(self.buckets.len() + self.slots(), Bucket::default());
            }
            let start = level * self.slots();
            let merged = merge(self.buckets[start], self.buckets[start + 1], size(level));
            self.push(level + 1, merged);
            self.shift(level, 2);
            level += 1;
        }
    }

    fn cut(&mut self) -> bool {
        let mut dropped = false;
        while self.disagrees() {
            self.drop_oldest();
            dropped = true;
        }
        dropped
    }

    /// Whether, for any boundary between buckets, the older part's mean differs from the newer one's by more than chance.
    fn disagrees(&self) -> bool {
        let min = self.params.min_window_length as f64;
        let width = self.width as f64;
        let confidence = libm::log(2.0 * libm::log(width) / self.params.delta);
        let variance = self.deviations / width;
        let (mut old_n, mut old_total) = (0.0, 0.0);
        for level in (0..self.used.len()).rev() {
            let n = size(level);
            let start = level * self.slots();
            for bucket in &self.buckets[start..start + self.used[level]] {
                old_n += n;
                old_total += bucket.0;
                let new_n = width - old_n;
                if new_n < min {
                    return false;
                }
                if old_n < min {
                    continue;
                }
                let difference = (old_total / old_n - (self.total - old_total) / new_n).abs();
                let m = 1.0 / (old_n - min + 1.0) + 1.0 / (new_n - min + 1.0);
                if difference > (2.0 * m * variance * confidence).sqrt() + 2.0 / 3.0 * confidence * m {
                    return true;
                }
            }
        }
        false
    }

    fn drop_oldest(&mut self) {
        let level = self.used.len() - 1;
        let n = size(level);
        let Bucket(total, deviations) = self.buckets[level * self.slots()];
        self.width -= 1 << level;
        self.total -= total;
        let width = self.width as f64;
        let difference = total / n - self.total / width;
        self.deviations -= deviations + n * width * difference * difference / (n + width);
        self.shift(level, 1);
        if self.used[level] == 0 && level > 0 {
            self.used.pop();
            self.buckets.truncate(level * self.slots());
        }
    }
}

/// How many values a bucket of `level` holds.
fn size(level: usize) -> f64 {
    (1u64 << level) as f64
}

/// One bucket of two that hold `n` values each, a power of two.
fn merge(a: Bucket, b: Bucket, n: f64) -> Bucket {
    let difference = (a.0 - b.0) * (1.0 / n);
    Bucket(a.0 + b.0, a.1 + b.1 + difference * difference * (0.5 * n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Without a cut, the histogram's moments are those of all values.
        #[test]
        fn moments_are_exact(values in prop::collection::vec(-100.0..100.0f64, 1..500)) {
            let mut window = AdaptiveWindow::new(Params { grace_period: u64::MAX, ..Params::default() });
            for &value in &values {
                assert!(!window.insert(value));
            }
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
            prop_assert!((window.mean() - mean).abs() < 1e-9);
            prop_assert!((window.variance() - variance).abs() < 1e-7);
            prop_assert_eq!(window.width() as usize, values.len());
        }
    }

    #[test]
    fn a_cut_leaves_the_new_regime() {
        let mut window = AdaptiveWindow::new(Params::default());
        for i in 0..3_000 {
            let _ = window.insert(if i < 1_000 { 0.0 } else { 1.0 });
        }
        assert!(window.mean() > 0.98 && window.width() >= 2_000 && window.variance() < 0.01, "{window:?}");
    }

    /// Zeros, then ones, looked at after every value: the first cut tells the bound to a value. The expected ones are of a
    /// separate implementation of the paper's bound that agrees with River on every vector of `tests/it/parity_drift.rs`.
    #[test]
    fn the_bound_is_exact_at_every_value() {
        let ones_until_cut = |zeros, delta| {
            let mut window = AdaptiveWindow::new(Params { delta, clock: 1, ..Params::default() });
            assert!((0..zeros).all(|_| !window.insert(0.0)));
            (1..200).find(|_| window.insert(1.0))
        };
        let first = [(20, 0.002), (20, 0.3), (30, 0.002), (40, 0.002), (60, 0.05), (400, 0.3)]
            .map(|(zeros, delta)| ones_until_cut(zeros, delta));
        assert_eq!(first, [65, 11, 35, 24, 12, 5].map(Some));
    }

    #[test]
    fn memory_is_logarithmic() {
        let mut window = AdaptiveWindow::new(Params { delta: 1e-12, ..Params::default() });
        for i in 0..1_000_000u32 {
            let _ = window.insert(f64::from(i % 2));
        }
        assert!(window.buckets.len() <= 20 * 6, "{} buckets", window.buckets.len());
    }
}
