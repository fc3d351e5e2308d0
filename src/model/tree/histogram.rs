//! Numbers seen in a leaf with their targets, in a histogram that widens as its range grows.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

/// Weight, sum and sum of squares of a target. A tuple in checkpoints, which hold many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
#[serde(from = "(f64, f64, f64)", into = "(f64, f64, f64)")]
pub struct Moments {
    pub weight: f64,
    pub sum: f64,
    pub squares: f64,
}

impl From<(f64, f64, f64)> for Moments {
    fn from((weight, sum, squares): (f64, f64, f64)) -> Self {
        Self { weight, sum, squares }
    }
}

impl From<Moments> for (f64, f64, f64) {
    fn from(moments: Moments) -> Self {
        (moments.weight, moments.sum, moments.squares)
    }
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

    /// Variance, >= 0; 0 without weight.
    pub fn variance(self) -> f64 {
        if self.weight > 0.0 { self.scatter() / self.weight } else { 0.0 }
    }
}

/// Equal bins over a range that doubles when a value falls outside; the bins then merge in pairs. A bin holds its upper end,
/// as the branch `number <= threshold` does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Histogram {
    low: f64,
    width: f64,
    #[serde(with = "sparse")]
    bins: Vec<Moments>,
}

/// Even, so that bins merge in pairs.
const BINS: usize = 64;

impl Histogram {
    /// What one takes, bins included.
    pub const BYTES: usize = size_of::<Self>() + BINS * size_of::<Moments>();

    pub fn add(&mut self, value: f64, target: f64, weight: f64) {
        let bin = match self.bin(value) {
            Some(bin) => bin,
            None => self.make_room(value),
        };
        self.bins[bin].add(target, weight);
    }

    /// The bin that holds `value` within the range as it is.
    fn bin(&self, value: f64) -> Option<usize> {
        let at = (value - self.low) / self.width;
        let whole = at as usize;
        // The upper end of a bin is its own; the lower end of the range has no bin below.
        let bin = whole - usize::from(whole > 0 && at == whole as f64);
        (at >= 0.0 && at <= BINS as f64).then_some(bin)
    }

    #[cold]
    fn make_room(&mut self, value: f64) -> usize {
        if self.bins.is_empty() {
            self.low = value;
            self.bins.resize(BINS, Moments::default());
        }
        if self.width == 0.0 {
            self.open(value);
        }
        loop {
            if self.width == 0.0 || self.width.is_infinite() {
                return 0;
            }
            if let Some(bin) = self.bin(value) {
                return bin;
            }
            self.widen(value < self.low);
        }
    }

    /// The second distinct value sets the first width; what was seen of the first lies in bin 0.
    fn open(&mut self, value: f64) {
        self.width = (value - self.low).abs() / (BINS / 2) as f64;
        if self.width > 0.0 && value < self.low {
            self.low = value;
            self.bins.swap(0, BINS / 2 - 1);
        }
    }

    fn widen(&mut self, downwards: bool) {
        let pair = |bins: &[Moments], i: usize| {
            let mut merged = bins[2 * i];
            merged.merge(bins[2 * i + 1]);
            merged
        };
        if downwards {
            for i in (0..BINS / 2).rev() {
                self.bins[BINS / 2 + i] = pair(&self.bins, i);
            }
            self.bins[..BINS / 2].fill(Moments::default());
            self.low -= self.width * BINS as f64;
        } else {
            for i in 0..BINS / 2 {
                self.bins[i] = pair(&self.bins, i);
            }
            self.bins[BINS / 2..].fill(Moments::default());
        }
        self.width *= 2.0;
    }

    /// The threshold with the least scatter on both sides together, of those with a weight of at least `min_branch` on
    /// each; `None` where there is none.
    pub fn best_threshold(&self, min_branch: f64) -> Option<Division> {
        let mut total = Moments::default();
        self.bins.iter().for_each(|bin| total.merge(*bin));
        let heaviest = total.weight - min_branch;
        let mut left = Moments::default();
        let mut best: Option<(f64, usize, Moments)> = None;
        for (i, bin) in self.bins.iter().enumerate().take(BINS - 1) {
            left.merge(*bin);
            if bin.weight <= 0.0 || left.weight < min_branch || left.weight > heaviest {
                continue;
            }
            let right = total.minus(left);
            // The least scatter is the most of what the means explain.
            let explained = left.sum * left.sum / left.weight + right.sum * right.sum / right.weight;
            if best.is_none_or(|(most, ..)| explained > most) {
                best = Some((explained, i, left));
            }
        }
        best.map(|(_, i, left)| Division {
            at: self.low + self.width * (i + 1) as f64,
            sides: [left, total.minus(left)],
        })
    }

    /// What lies at most at `threshold` and above, as far as bins tell.
    pub fn divide(&self, threshold: f64) -> [Moments; 2] {
        let mut sides = [Moments::default(); 2];
        for (i, bin) in self.bins.iter().enumerate() {
            let middle = self.low + self.width * (i as f64 + 0.5);
            sides[usize::from(middle > threshold)].merge(*bin);
        }
        sides
    }

    /// Bytes held on the heap.
    pub fn bytes(&self) -> usize {
        self.bins.capacity() * size_of::<Moments>()
    }
}

/// Bins in a checkpoint: how many there are, and those that hold anything with their places. Most leaves have seen few rows.
mod sparse {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Moments;

    pub fn serialize<S: Serializer>(bins: &[Moments], serializer: S) -> Result<S::Ok, S::Error> {
        let filled = bins.iter().enumerate().filter(|(_, bin)| bin.weight > 0.0);
        (bins.len(), filled.collect::<Vec<_>>()).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Moments>, D::Error> {
        let (len, filled) = <(usize, Vec<(usize, Moments)>)>::deserialize(deserializer)?;
        let mut bins = vec![Moments::default(); if len == 0 { 0 } else { super::BINS }];
        for (place, bin) in filled {
            if let Some(empty) = bins.get_mut(place) {
                *empty = bin;
            }
        }
        Ok(bins)
    }
}

/// A threshold and what lies at most at it, and above.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Division {
    pub at: f64,
    pub sides: [Moments; 2],
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
            let Division { at, sides: [left, right] } = histogram.best_threshold(1.0).unwrap();
            assert!((110.0..=130.0).contains(&at), "{at}");
            assert!((left.weight + right.weight - 400.0).abs() < 1e-9);
            assert_eq!(histogram.divide(at), [left, right]);
        }
    }

    /// Whole numbers lie on the ends of bins: what the histogram counts on a side must be what the test sends there.
    #[test]
    fn the_sides_are_those_of_the_test() {
        for span in [2, 24, 60, 100, 128, 1000] {
            let mut histogram = Histogram::default();
            let step = f64::from(span / 2);
            for i in 0..20 * span {
                let value = f64::from((i * 7) % span);
                histogram.add(value, if value < step { 1.0 } else { 5.0 }, 1.0);
            }
            let Division { at, sides } = histogram.best_threshold(1.0).unwrap();
            let sent = (0..span).filter(|value| f64::from(*value) <= at).count() * 20;
            assert_eq!(sides[0].weight, sent as f64, "{span} values, threshold {at}");
        }
    }

    #[test]
    fn extremes_end() {
        let mut histogram = Histogram::default();
        for value in [5e-324, 0.0, 1e100, -1e100, 1.0, f64::MIN_POSITIVE, -1e20] {
            histogram.add(value, 1.0, 1.0);
        }
        let total: f64 = histogram.bins.iter().map(|bin| bin.weight).sum();
        assert_eq!(total, 7.0);
    }
}
