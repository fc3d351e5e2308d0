//! Numbers seen in a leaf with their targets, in a histogram that widens as its range grows.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

/// Weight, sum and sum of squares of a target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Moments {
    pub weight: f64,
    pub sum: f64,
    pub squares: f64,
}

impl Moments {
    pub fn add(&mut self, value: f64, weight: f64) {
        self.weight += weight;
        self.sum += weight * value;
        self.squares += weight * value * value;
    }

    pub fn merge(&mut self, other: Self) {
        self.weight += other.weight;
        self.sum += other.sum;
        self.squares += other.squares;
    }

    pub fn minus(self, other: Self) -> Self {
        Self { weight: self.weight - other.weight, sum: self.sum - other.sum, squares: self.squares - other.squares }
    }

    pub fn mean(self) -> f64 {
        if self.weight > 0.0 { self.sum / self.weight } else { 0.0 }
    }

    /// Sum of squared deviations from the mean, >= 0.
    pub fn scatter(self) -> f64 {
        if self.weight > 0.0 { (self.squares - self.sum * self.sum / self.weight).max(0.0) } else { 0.0 }
    }
}

/// Equal bins over a range that doubles when a value falls outside; the bins then merge in pairs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Histogram {
    low: f64,
    width: f64,
    bins: Vec<Moments>,
}

/// Even, so that bins merge in pairs.
const BINS: usize = 64;

impl Histogram {
    pub fn add(&mut self, value: f64, target: f64, weight: f64) {
        if self.bins.is_empty() {
            self.low = value;
            self.bins.resize(BINS, Moments::default());
        } else if self.width == 0.0 && value != self.low {
            self.open(value);
        }
        while self.width > 0.0 && !self.holds(value) {
            self.widen(value < self.low);
        }
        let bin = self.bin(value);
        self.bins[bin].add(target, weight);
    }

    /// The second distinct value sets the first width; what was seen of the first lies in bin 0.
    fn open(&mut self, value: f64) {
        self.width = (value - self.low).abs() / (BINS / 2) as f64;
        if value < self.low {
            self.low = value;
            self.bins.swap(0, BINS / 2);
        }
    }

    fn holds(&self, value: f64) -> bool {
        value >= self.low && value < self.low + self.width * BINS as f64
    }

    fn bin(&self, value: f64) -> usize {
        if self.width > 0.0 { (((value - self.low) / self.width) as usize).min(BINS - 1) } else { 0 }
    }

    fn widen(&mut self, downwards: bool) {
        let mut merged = vec![Moments::default(); BINS];
        let shift = if downwards { BINS / 2 } else { 0 };
        for (i, bin) in self.bins.iter().enumerate() {
            merged[shift + i / 2].merge(*bin);
        }
        if downwards {
            self.low -= self.width * BINS as f64;
        }
        self.width *= 2.0;
        self.bins = merged;
    }

    /// The threshold with the least scatter on both sides together: `(threshold, left, right)`; `None` where nothing can
    /// be told apart.
    pub fn best_threshold(&self) -> Option<(f64, Moments, Moments)> {
        let mut total = Moments::default();
        self.bins.iter().for_each(|bin| total.merge(*bin));
        let mut left = Moments::default();
        let mut best: Option<(f64, f64, Moments)> = None;
        for (i, bin) in self.bins.iter().enumerate().take(BINS - 1) {
            left.merge(*bin);
            let right = total.minus(left);
            if bin.weight <= 0.0 || right.weight <= 1e-9 * total.weight {
                continue;
            }
            let scatter = left.scatter() + right.scatter();
            if best.is_none_or(|(least, ..)| scatter < least) {
                best = Some((scatter, self.low + self.width * (i + 1) as f64, left));
            }
        }
        best.map(|(_, threshold, left)| (threshold, left, total.minus(left)))
    }

    /// Bytes held on the heap.
    pub fn bytes(&self) -> usize {
        self.bins.capacity() * size_of::<Moments>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_found_whatever_the_order() {
        for order in [[3, 0, 1, 2], [0, 1, 2, 3], [2, 3, 1, 0]] {
            let mut histogram = Histogram::default();
            for i in 0..400 {
                let value = f64::from(order[i % 4] * 100 + (i / 4) as i32 - 50);
                histogram.add(value, if value < 120.0 { 1.0 } else { 5.0 }, 1.0);
            }
            let (threshold, left, right) = histogram.best_threshold().unwrap();
            assert!((110.0..=130.0).contains(&threshold), "{threshold}");
            assert!((left.weight + right.weight - 400.0).abs() < 1e-9);
        }
    }
}
