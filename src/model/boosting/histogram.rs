//! Sums of derivatives by the place of a number.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

/// Equal bins over a range that doubles when a number falls outside; the bins then merge in pairs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Histogram {
    low: f64,
    width: f64,
    /// Bin after bin: first and second derivative by each score that was in use.
    sums: Vec<f32>,
}

/// Even, so that bins merge in pairs.
pub const BINS: usize = 32;

impl Histogram {
    /// Adds first and second derivatives, pair after pair, of as many scores as before or more.
    pub fn add(&mut self, number: f64, pairs: &[f32]) {
        if self.sums.is_empty() {
            self.low = number;
        }
        if self.sums.len() < BINS * pairs.len() {
            broaden(&mut self.sums, BINS, pairs.len());
        }
        let block = pairs.len();
        if self.width == 0.0 && number != self.low {
            self.open(number, block);
        }
        while self.width > 0.0 && !self.holds(number) {
            self.widen(number < self.low, block);
        }
        let bin = if self.width > 0.0 { (((number - self.low) / self.width) as usize).min(BINS - 1) } else { 0 };
        let own = &mut self.sums[bin * block..][..block];
        match (&mut *own, pairs) {
            // One score, as most often: no loop.
            ([sum, weight], [first, second]) => (*sum, *weight) = (*sum + first, *weight + second),
            _ => own.iter_mut().zip(pairs).for_each(|(sum, derivative)| *sum += derivative),
        }
    }

    fn holds(&self, number: f64) -> bool {
        number >= self.low && number < self.low + self.width * BINS as f64
    }

    /// The second distinct number sets the first width; what was seen of the first lies in bin 0.
    fn open(&mut self, number: f64, block: usize) {
        self.width = ((number - self.low).abs() / (BINS / 2) as f64).max(f64::MIN_POSITIVE);
        if number < self.low {
            self.low = number;
            let (first, second) = self.sums.split_at_mut(BINS / 2 * block);
            first[..block].swap_with_slice(&mut second[..block]);
        }
    }

    fn widen(&mut self, downwards: bool, block: usize) {
        let half = BINS / 2;
        for i in 0..half {
            // From the end that the bins move to, so that none is overwritten before it is read.
            let (pair, shift) = if downwards { (half - 1 - i, half) } else { (i, 0) };
            for at in 2 * pair * block..(2 * pair + 1) * block {
                let sum = self.sums[at] + self.sums[at + block];
                (self.sums[at], self.sums[at + block]) = (0.0, 0.0);
                self.sums[at - pair * block + shift * block] = sum;
            }
        }
        if downwards {
            self.low -= self.width * BINS as f64;
        }
        self.width *= 2.0;
    }

    /// Hands `consider` the upper end of every bin with something in it, and the sums of all up to there, which `sums` is
    /// memory for.
    pub fn thresholds(&self, sums: &mut [f64], mut consider: impl FnMut(f64, &[f64])) {
        sums.fill(0.0);
        let block = (self.sums.len() / BINS).max(1);
        for (bin, own) in self.sums.chunks_exact(block).enumerate().take(BINS - 1) {
            if own.iter().any(|sum| *sum != 0.0) {
                sums.iter_mut().zip(own).for_each(|(sum, own)| *sum += f64::from(*own));
                consider(self.low + self.width * (bin + 1) as f64, sums);
            }
        }
    }
}

/// Makes room in each of `n` blocks, so that they have `block` sums each; new ones are 0.
pub fn broaden<T: Copy + Default>(sums: &mut Vec<T>, n: usize, block: usize) {
    let before = sums.len() / n.max(1);
    let mut broad = vec![T::default(); n * block];
    if before > 0 {
        let blocks = broad.chunks_exact_mut(block).zip(sums.chunks_exact(before));
        blocks.for_each(|(broad, sums)| broad[..before].copy_from_slice(sums));
    }
    *sums = broad;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_found_whatever_the_order() {
        for order in [[3, 0, 1, 2], [0, 1, 2, 3], [2, 3, 1, 0]] {
            let mut histogram = Histogram::default();
            let mut total = 0.0;
            for i in 0..400 {
                let number = f64::from(order[i % 4] * 100 + (i / 4) as i32 - 50);
                let first = if number < 120.0 { 1.0 } else { -3.0 };
                total += first;
                histogram.add(number, &[first as f32, 1.0]);
            }
            let mut best = (0.0, 0.0, 0.0);
            histogram.thresholds(&mut [0.0; 2], |threshold, sums| {
                let (left, right) = (sums[0] / sums[1], (total - sums[0]) / (400.0 - sums[1]));
                best = if left - right > best.0 { (left - right, threshold, sums[1]) } else { best };
            });
            assert!((100.0..=130.0).contains(&best.1) && (150.0..190.0).contains(&best.2), "{best:?}");
        }
    }
}
