//! Boxes around points: for each node the least and the largest coordinate of what it has seen, feature by feature.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

/// Features are padded to a multiple of this, so that a box is read in whole stretches.
const LANES: usize = 4;

/// One box after the other: the lower bounds, then the upper ones. NaN: nothing seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Boxes {
    width: usize,
    #[serde(with = "bytes")]
    bounds: Vec<f32>,
}

/// A cut between a box and a point outside of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut {
    pub feature: usize,
    /// The side of at most the threshold is the lower one.
    pub threshold: f32,
    /// Whether the point is on the lower side, and the box on the other.
    pub point_below: bool,
}

/// `features` rounded up to whole lanes.
pub fn padded(features: usize) -> usize {
    features.div_ceil(LANES) * LANES
}

/// How far `at` lies outside of `low..=high`; 0 inside, where it is missing, and where nothing was seen.
fn outside(at: f32, low: f32, high: f32) -> f32 {
    let above = if at > high { at - high } else { 0.0 };
    let below = if at < low { low - at } else { 0.0 };
    above + below
}

impl Boxes {
    pub fn new(features: usize) -> Self {
        Self { width: padded(features), bounds: Vec::new() }
    }

    fn of(&self, index: usize) -> (&[f32], &[f32]) {
        self.bounds[index * 2 * self.width..][..2 * self.width].split_at(self.width)
    }

    fn of_mut(&mut self, index: usize) -> (&mut [f32], &mut [f32]) {
        self.bounds[index * 2 * self.width..][..2 * self.width].split_at_mut(self.width)
    }

    /// Makes room for `more` boxes and no more.
    pub fn reserve(&mut self, more: usize) {
        self.bounds.reserve_exact(more * 2 * self.width);
    }

    /// One more box, around nothing.
    pub fn push(&mut self) {
        self.bounds.resize(self.bounds.len() + 2 * self.width, f32::NAN);
    }

    pub fn clear(&mut self) {
        self.bounds.clear();
    }

    pub fn copy(&mut self, from: usize, to: usize) {
        let block = 2 * self.width;
        self.bounds.copy_within(from * block..(from + 1) * block, to * block);
    }

    /// Makes the box hold the point and nothing else.
    pub fn enclose(&mut self, index: usize, point: &[f32]) {
        let (lows, highs) = self.of_mut(index);
        lows.copy_from_slice(point);
        highs.copy_from_slice(point);
    }

    /// Widens the box to hold the point.
    pub fn extend(&mut self, index: usize, point: &[f32]) {
        let (lows, highs) = self.of_mut(index);
        for ((low, high), &at) in lows.iter_mut().zip(highs).zip(point) {
            if at < *low || low.is_nan() {
                *low = at;
            }
            if at > *high || high.is_nan() {
                *high = at;
            }
        }
    }

    /// How far the point lies outside the box, each feature counted by its rate.
    pub fn reach(&self, index: usize, point: &[f32], rates: &[f32]) -> f32 {
        let (lows, highs) = self.of(index);
        let mut lanes = [0.0_f32; LANES];
        let bounds = lows.chunks_exact(LANES).zip(highs.chunks_exact(LANES));
        for ((low, high), (at, rate)) in bounds.zip(point.chunks_exact(LANES).zip(rates.chunks_exact(LANES))) {
            for i in 0..LANES {
                lanes[i] += rate[i] * outside(at[i], low[i], high[i]);
            }
        }
        ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])).min(f32::MAX)
    }

    /// Cuts between the box and a point outside: on a feature drawn by its part of the reach, at a place drawn uniformly
    /// between the two. `chance` and `place` are uniform in [0, 1).
    pub fn cut(&self, index: usize, point: &[f32], rates: &[f32], chance: f64, place: f64) -> Option<Cut> {
        let (lows, highs) = self.of(index);
        let part = |j: usize| f64::from(rates[j]) * f64::from(outside(point[j], lows[j], highs[j]));
        let mut left = chance * (0..self.width).map(part).sum::<f64>();
        let mut feature = None;
        for j in (0..self.width).filter(|j| part(*j) > 0.0) {
            feature = Some(j);
            left -= part(j);
            if left < 0.0 {
                break;
            }
        }
        let feature = feature?;
        let (at, low, high) = (point[feature], lows[feature], highs[feature]);
        let point_below = at < low;
        let (from, to) = if point_below { (at, low) } else { (high, at) };
        let threshold = (f64::from(from) + place * (f64::from(to) - f64::from(from))) as f32;
        // Rounding must not put both on one side.
        Some(Cut { feature, threshold: if threshold < to { threshold } else { from }, point_below })
    }

    /// The middle of the box along one feature; `None` where nothing was seen.
    pub fn middle(&self, index: usize, feature: usize) -> Option<f64> {
        let (lows, highs) = self.of(index);
        let middle = 0.5 * (f64::from(lows[feature]) + f64::from(highs[feature]));
        (!middle.is_nan()).then_some(middle)
    }
}

/// Bounds as one string of bytes, little-endian, for a small checkpoint.
mod bytes {
    use std::fmt;

    use serde::de::{Error, Visitor};
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bounds: &[f32], serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = bounds.iter().flat_map(|bound| bound.to_le_bytes()).collect();
        serializer.serialize_bytes(&bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f32>, D::Error> {
        struct Bounds;
        impl Visitor<'_> for Bounds {
            type Value = Vec<f32>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("four bytes for each bound")
            }
            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<f32>, E> {
                let (bounds, rest) = bytes.as_chunks();
                if rest.is_empty() {
                    Ok(bounds.iter().map(|bound| f32::from_le_bytes(*bound)).collect())
                } else {
                    Err(E::invalid_length(bytes.len(), &self))
                }
            }
        }
        deserializer.deserialize_bytes(Bounds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(points: &[[f32; 4]]) -> Boxes {
        let mut boxes = Boxes::new(3);
        boxes.push();
        points.iter().for_each(|point| boxes.extend(0, point));
        boxes
    }

    #[test]
    fn cuts_lie_between_box_and_point_and_choose_by_reach() {
        let boxes = around(&[[0.0, 0.0, 5.0, 0.0], [1.0, 1.0, 5.0, 0.0]]);
        let (point, rates) = ([-1.0, 4.0, f32::NAN, 0.0], [1.0; 4]);
        assert_eq!(boxes.reach(0, &point, &rates), 4.0);
        let mut rng = crate::rng::Rng::new(1, "cuts");
        let cuts: Vec<Cut> =
            (0..4_000).filter_map(|_| boxes.cut(0, &point, &rates, rng.uniform(), rng.uniform())).collect();
        assert!(cuts.iter().all(|cut| match cut.feature {
            0 => cut.point_below && (-1.0..0.0).contains(&cut.threshold),
            _ => !cut.point_below && cut.feature == 1 && (1.0..4.0).contains(&cut.threshold),
        }));
        let on_first = cuts.iter().filter(|cut| cut.feature == 0).count();
        assert!(
            (900..1_100).contains(&on_first) && cuts.len() == 4_000,
            "{on_first} of 4,000 on a quarter of the reach"
        );
    }

    #[test]
    fn what_is_missing_neither_reaches_nor_narrows() {
        let nan = f32::NAN;
        let boxes = around(&[[nan, 1.0, nan, 0.0], [2.0, nan, nan, 0.0]]);
        assert_eq!(boxes.reach(0, &[2.0, 1.0, 7.0, 0.0], &[1.0; 4]), 0.0);
        assert_eq!([0, 1, 2].map(|feature| boxes.middle(0, feature)), [Some(2.0), Some(1.0), None]);
    }

    #[test]
    fn neighbours_in_single_precision_are_kept_apart() {
        let boxes = around(&[[1.0, 0.0, 0.0, 0.0]]);
        let next = f32::from_bits(1.0_f32.to_bits() + 1);
        let cut = boxes.cut(0, &[next, 0.0, 0.0, 0.0], &[1.0; 4], 0.5, 0.999_999).unwrap();
        assert!(cut.threshold >= 1.0 && cut.threshold < next, "{cut:?}");
    }
}
