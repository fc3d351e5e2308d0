//! The linear model of a leaf or a rule.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use crate::row::Row;

/// Normalised least mean squares on standardised numbers (M. Nagumo, A. Noda, "A learning method for system
/// identification", IEEE TAC 12 (1967)), with an intercept that is drawn to the mean of the targets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Linear {
    rate: f64,
    /// By number, in four stretches: means, sums of squared deviations, inverse deviations, weights.
    data: Vec<f64>,
    seen: f64,
    intercept: f64,
    low: f64,
    high: f64,
    /// The weight seen at which the inverse deviations are computed anew.
    refresh_at: f64,
}

const STRETCHES: usize = 4;
/// Standardised numbers lie within this many deviations: one outlier must not throw the model.
const FAR: f64 = 4.0;
/// How much more must be seen until deviations are computed anew: they then change little, and cost a root and a division each.
const REFRESH: f64 = 1.02;

impl Linear {
    pub const BYTES_PER_NUMBER: usize = STRETCHES * size_of::<f64>();

    pub fn new(numbers: usize, rate: f64) -> Self {
        Self {
            rate,
            data: vec![0.0; STRETCHES * numbers],
            seen: 0.0,
            intercept: 0.0,
            low: f64::INFINITY,
            high: f64::NEG_INFINITY,
            refresh_at: 0.0,
        }
    }

    /// Within the range of the targets seen, a tenth wider: a linear model far out must not explode. 0 before the first.
    pub fn predict(&self, row: &Row) -> f64 {
        if self.seen > 0.0 { self.bounded(self.intercept + self.score(row).0) } else { 0.0 }
    }

    /// How far each number lies from the mean of those learned, in deviations; 0 where it is missing.
    pub fn deviations<'a>(&'a self, row: &'a Row) -> impl Iterator<Item = f64> + Clone + 'a {
        let n = self.data.len() / STRETCHES;
        let (means, scales) = (&self.data[..n], &self.data[2 * n..3 * n]);
        let deviation = |((number, mean), scale): ((&f64, &f64), &f64)| (number - mean) * scale;
        let finite = |deviation: f64| if deviation.is_nan() { 0.0 } else { deviation };
        row.numbers.iter().zip(means).zip(scales).map(deviation).map(finite)
    }

    fn bounded(&self, value: f64) -> f64 {
        let margin = 0.1 * (self.high - self.low);
        value.clamp(self.low - margin, self.high + margin)
    }

    /// What the weights add to the intercept, and the squared length of the standardised row.
    fn score(&self, row: &Row) -> (f64, f64) {
        let n = self.data.len() / STRETCHES;
        let (means, rest) = self.data.split_at(n);
        let (_, rest) = rest.split_at(n);
        let (scales, weights) = rest.split_at(n);
        let numbers = &row.numbers[..n];
        let (mut sums, mut lengths) = ([0.0; 2], [0.0; 2]);
        for i in 0..n {
            let z = standardised(numbers[i], means[i], scales[i]);
            sums[i % 2] += weights[i] * z;
            lengths[i % 2] += z * z;
        }
        (sums[0] + sums[1], lengths[0] + lengths[1])
    }

    /// Learns a row; gives what it would have predicted before.
    pub fn learn(&mut self, row: &Row, value: f64, weight: f64) -> f64 {
        let (score, length) = self.score(row);
        let before = if self.seen > 0.0 { self.bounded(self.intercept + score) } else { value };
        self.low = self.low.min(value);
        self.high = self.high.max(value);
        self.seen += weight;
        let share = weight / self.seen;
        self.intercept += share * (value - self.intercept);
        let error = value - self.intercept - score;
        let step = self.rate * weight.min(1.0 / self.rate) * error / (1.0 + length);
        self.intercept += step;
        self.step(row, step, weight, share);
        if self.seen >= self.refresh_at {
            self.refresh();
        }
        before
    }

    fn step(&mut self, row: &Row, step: f64, weight: f64, share: f64) {
        let n = self.data.len() / STRETCHES;
        let (means, rest) = self.data.split_at_mut(n);
        let (squares, rest) = rest.split_at_mut(n);
        let (scales, weights) = rest.split_at_mut(n);
        let numbers = &row.numbers[..n];
        for i in 0..n {
            weights[i] += step * standardised(numbers[i], means[i], scales[i]);
            let deviation = if numbers[i].is_nan() { 0.0 } else { numbers[i] - means[i] };
            means[i] += share * deviation;
            squares[i] += weight * deviation * (deviation - share * deviation);
        }
    }

    fn refresh(&mut self) {
        let n = self.data.len() / STRETCHES;
        let (squares, rest) = self.data[n..].split_at_mut(n);
        for (scale, square) in rest[..n].iter_mut().zip(squares) {
            *scale = if *square > 0.0 { (self.seen / *square).sqrt() } else { 0.0 };
        }
        self.refresh_at = REFRESH * self.seen;
    }

    /// Bytes held on the heap.
    pub fn bytes(&self) -> usize {
        self.data.capacity() * size_of::<f64>()
    }
}

/// In deviations from the mean; 0 for a missing number and where there is no deviation.
fn standardised(number: f64, mean: f64, scale: f64) -> f64 {
    let z = ((number - mean) * scale).clamp(-FAR, FAR);
    if z.is_nan() { 0.0 } else { z }
}
