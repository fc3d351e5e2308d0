//! Where rows lie: each feature as a coordinate, and how much a step along it counts.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::boxes::padded;
use super::slopes::Slopes;
use crate::event::Layout;
use crate::rng::mix;
use crate::row::Row;

/// Numbers are taken from the first value of each, so that single precision is enough; a category lies at a place in [0, 1)
/// drawn by its text, another one in each tree. What is missing has no place: NaN.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Frame {
    numbers: usize,
    categories: usize,
    origins: Vec<f64>,
    means: Vec<f64>,
    variances: Vec<f64>,
    seen: f64,
    /// Whether a value has ever been missing.
    gaps: bool,
    rates: Vec<f32>,
}

/// The farthest that a coordinate goes: its square has its place in single precision.
const FARTHEST: f64 = 1e15;
/// Rows that scales are taken of.
const MEMORY: f64 = 10_000.0;
/// Of a uniform place.
const CATEGORY_VARIANCE: f64 = 1.0 / 12.0;
/// What a feature that seems to say nothing counts, of the one that says most: it may come to say something.
const LEAST_RELEVANCE: f64 = 0.02;

impl Frame {
    pub fn new(layout: &Layout) -> Self {
        let (numbers, categories) = (layout.numbers.len(), layout.categories.len());
        Self {
            numbers,
            categories,
            origins: vec![f64::NAN; numbers],
            means: vec![0.0; numbers],
            variances: vec![0.0; numbers],
            seen: 0.0,
            gaps: false,
            rates: vec![0.0; padded(numbers + categories)],
        }
    }

    pub fn features(&self) -> usize {
        self.numbers + self.categories
    }

    /// What a unit along each feature counts, padded with zeros.
    pub fn rates(&self) -> &[f32] {
        &self.rates
    }

    pub fn has_gaps(&self) -> bool {
        self.gaps
    }

    /// Learns the scales of a row's numbers, and makes the rates anew.
    pub fn learn(&mut self, row: &Row, slopes: &Slopes) {
        self.seen += 1.0;
        let new = (1.0 / self.seen).max(1.0 / MEMORY);
        for (j, &number) in row.numbers.iter().enumerate() {
            if number.is_nan() {
                self.gaps = true;
                continue;
            }
            if self.origins[j].is_nan() {
                self.origins[j] = number;
            }
            let off = (number - self.origins[j]).clamp(-FARTHEST, FARTHEST) - self.means[j];
            self.means[j] += new * off;
            self.variances[j] = (1.0 - new) * (self.variances[j] + new * off * off);
        }
        self.gaps |= row.categories.iter().any(|category| category.is_missing());
        self.weigh(slopes);
    }

    /// A feature counts by its relevance per standard deviation.
    fn weigh(&mut self, slopes: &Slopes) {
        let steepest = self.steepest(slopes);
        for j in 0..self.features() {
            let variance = self.variance(j);
            let relevance = self.relevance(j, slopes, steepest);
            self.rates[j] = if variance > 0.0 { (relevance / variance.sqrt().max(1e-15)) as f32 } else { 0.0 };
        }
    }

    fn variance(&self, j: usize) -> f64 {
        self.variances.get(j).copied().unwrap_or(CATEGORY_VARIANCE)
    }

    fn steepest(&self, slopes: &Slopes) -> f64 {
        (0..self.features()).map(|j| slopes.squared(j) * self.variance(j)).fold(0.0, f64::max)
    }

    /// 1 for the steepest feature per standard deviation, and far less for less steep ones: features often tell the same, and
    /// one is enough.
    fn relevance(&self, j: usize, slopes: &Slopes, steepest: f64) -> f64 {
        if steepest <= 0.0 {
            return 1.0;
        }
        let ratio = slopes.squared(j) * self.variance(j) / steepest;
        LEAST_RELEVANCE + (1.0 - LEAST_RELEVANCE) * ratio * ratio.sqrt()
    }

    /// The relevance of each feature, numbers first.
    pub fn relevances(&self, slopes: &Slopes) -> Vec<f64> {
        let steepest = self.steepest(slopes);
        (0..self.features()).map(|j| self.relevance(j, slopes, steepest)).collect()
    }

    /// Where the row lies along one feature, for the tree of this `salt`.
    pub fn coordinate(&self, row: &Row, salt: u64, feature: usize) -> f32 {
        if let Some(origin) = self.origins.get(feature) {
            // Plus zero: there is one zero only.
            return (row.numbers[feature] - origin).clamp(-FARTHEST, FARTHEST) as f32 + 0.0;
        }
        let category = row.categories[feature - self.numbers];
        if category.is_missing() { f32::NAN } else { (mix(category.hash ^ salt) >> 40) as f32 / (1_u32 << 24) as f32 }
    }

    /// Where the row lies, padded with zeros.
    pub fn place(&self, row: &Row, salt: u64, point: &mut Vec<f32>) {
        point.clear();
        point.extend((0..self.features()).map(|feature| self.coordinate(row, salt, feature)));
        point.resize(self.rates.len(), 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Kind;
    use crate::row::Category;

    #[test]
    fn large_numbers_keep_their_differences_and_categories_their_place() {
        let mut frame = Frame::new(&Layout::new([("t", Kind::Number), ("c", Kind::Category)]));
        let row = |t, hash| Row { numbers: vec![t], categories: vec![Category { code: 0, hash }], texts: vec![] };
        (0..10).for_each(|i| frame.learn(&row(1.7e12 + f64::from(i), 5), &Slopes::new(2)));
        let at = |t, hash, salt, feature| frame.coordinate(&row(t, hash), salt, feature);
        assert_eq!(at(1.7e12 + 3.0, 5, 1, 0), 3.0);
        assert!(at(0.0, 5, 1, 1) == at(9.0, 5, 1, 1) && at(0.0, 5, 1, 1) != at(0.0, 5, 2, 1));
        assert!(at(0.0, 5, 1, 1) != at(0.0, 6, 1, 1) && at(f64::NAN, 5, 1, 0).is_nan());
    }
}
