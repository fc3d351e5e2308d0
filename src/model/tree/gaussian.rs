//! Numbers seen in a leaf, summarised by class: weight, mean, sum of squares, minimum and maximum of every feature.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use crate::linalg::LogProduct;
use crate::row::Row;

/// Statistics of `features` numbers by class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Gaussians {
    features: usize,
    /// Class after class, its features two by two.
    pairs: Vec<Pair>,
    /// By class: log of its weight times its density at its means.
    peaks: Vec<f64>,
}

/// Two features side by side, as wide as a vector register that every machine has.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, GetSize)]
struct Pair {
    #[serde(rename = "w")]
    weights: [f64; 2],
    #[serde(rename = "m")]
    means: [f64; 2],
    /// Sums of squared deviations.
    #[serde(rename = "s")]
    squares: [f64; 2],
    /// -1 / (2 variance), by which the square of a deviation is the exponent of its density: divided where a row is learned, not
    /// where it is looked at.
    #[serde(rename = "r")]
    rates: [f64; 2],
    #[serde(rename = "l")]
    lows: [f64; 2],
    #[serde(rename = "h")]
    highs: [f64; 2],
}

/// `exp` of less is 0 in double precision.
pub const LOWEST_EXPONENT: f64 = -745.2;
/// The rate of a feature that has shown a single value: any other is impossible.
const STEEPEST: f64 = -f64::MAX;

impl Pair {
    const UNSEEN: Self = Self {
        weights: [0.0; 2],
        means: [0.0; 2],
        squares: [0.0; 2],
        rates: [0.0; 2],
        lows: [f64::INFINITY; 2],
        highs: [f64::NEG_INFINITY; 2],
    };

    /// Absorbs both numbers. Written stretch by stretch, for vector registers.
    fn absorb(&mut self, values: [f64; 2], weight: f64) {
        let weights = each(|i| self.weights[i] + weight);
        let deviations = each(|i| values[i] - self.means[i]);
        let means = each(|i| self.means[i] + deviations[i] * weight / weights[i]);
        let squares = each(|i| self.squares[i] + weight * deviations[i] * (values[i] - means[i]));
        self.rates = each(|i| rate(weights[i], squares[i]));
        self.lows = each(|i| if values[i] < self.lows[i] { values[i] } else { self.lows[i] });
        self.highs = each(|i| if values[i] > self.highs[i] { values[i] } else { self.highs[i] });
        (self.weights, self.means, self.squares) = (weights, means, squares);
    }

    /// Absorbs what is not missing.
    fn absorb_known(&mut self, values: [f64; 2], weight: f64) {
        let before = *self;
        self.absorb(values, weight);
        for i in (0..2).filter(|i| values[*i].is_nan()) {
            self.weights[i] = before.weights[i];
            self.means[i] = before.means[i];
            self.squares[i] = before.squares[i];
            self.rates[i] = before.rates[i];
        }
    }

    /// Multiplies by the densities at the means, but for a factor that all classes share where they have seen the same.
    fn push_peaks(&self, product: &mut LogProduct) {
        for rate in self.rates.into_iter().filter(|rate| varies(*rate)) {
            product.push(-rate * std::f64::consts::FRAC_1_PI);
        }
    }
}

/// A normal distribution, or the one value that was seen.
struct Normal {
    mean: f64,
    /// 1 / (√2 standard deviations); `None` for one value.
    scale: Option<f64>,
}

impl Normal {
    fn new(mean: f64, rate: f64) -> Self {
        Self { mean, scale: varies(rate).then(|| (-rate).sqrt()) }
    }

    /// The share below `threshold`.
    fn below(&self, threshold: f64) -> f64 {
        match self.scale {
            Some(scale) => 0.5 * (1.0 + libm::erf((threshold - self.mean) * scale)),
            None if threshold >= self.mean => 1.0,
            None => 0.0,
        }
    }
}

fn each(number: impl Fn(usize) -> f64) -> [f64; 2] {
    [number(0), number(1)]
}

fn rate(weight: f64, squares: f64) -> f64 {
    let freedom = weight - 1.0;
    if (squares > 0.0) & (freedom > 0.0) { freedom / (-2.0 * squares) } else { STEEPEST }
}

/// Whether a feature of this rate has shown two values.
fn varies(rate: f64) -> bool {
    rate > STEEPEST && rate < 0.0
}

/// The numbers of the row in one or two slots; 0 beside one alone.
fn pick(row: &Row, slots: &[u32]) -> [f64; 2] {
    match slots {
        [one, other] => [row.numbers[*one as usize], row.numbers[*other as usize]],
        [one] => [row.numbers[*one as usize], 0.0],
        _ => [0.0; 2],
    }
}

impl Gaussians {
    /// For classes that weigh so much already, by rows whose numbers are not known.
    pub fn new(features: usize, weights: &[f64]) -> Self {
        Self { features, pairs: Vec::new(), peaks: weights.iter().map(|weight| libm::log(*weight)).collect() }
    }

    fn pairs(&self) -> usize {
        self.features.div_ceil(2)
    }

    fn class(&self, class: usize) -> Option<&[Pair]> {
        self.pairs.get(class * self.pairs()..(class + 1) * self.pairs())
    }

    /// Gives the bytes that this took.
    fn grow(&mut self, classes: usize) -> usize {
        let before = self.footprint();
        let pairs = classes * self.pairs();
        if pairs > self.pairs.len() {
            self.pairs.reserve_exact(pairs - self.pairs.len());
            self.pairs.resize(pairs, Pair::UNSEEN);
        }
        if classes > self.peaks.len() {
            self.peaks.reserve_exact(classes - self.peaks.len());
            self.peaks.resize(classes, f64::NEG_INFINITY);
        }
        self.footprint() - before
    }

    /// Bytes on the heap by what is held.
    pub fn footprint(&self) -> usize {
        self.pairs.len() * size_of::<Pair>() + self.peaks.len() * 8
    }

    /// Whether any number of a row of `class` was absorbed.
    pub fn has_seen(&self, class: usize) -> bool {
        self.class(class).is_some_and(|pairs| pairs.iter().any(|pair| pair.weights[0].max(pair.weights[1]) > 0.0))
    }

    /// Absorbs the numbers that `subspace` names, of a row of `class`, which weighs `total` then. Missing numbers leave their
    /// statistics as they are. Gives the bytes that this took.
    pub fn learn(&mut self, row: &Row, subspace: &[u32], class: usize, weight: f64, total: f64) -> usize {
        let taken = self.grow(class + 1);
        let pairs = self.pairs();
        let mut product = LogProduct::default();
        for (pair, slots) in self.pairs[class * pairs..(class + 1) * pairs].iter_mut().zip(subspace.chunks(2)) {
            let values = pick(row, slots);
            if values[0].is_nan() || values[1].is_nan() {
                pair.absorb_known(values, weight);
            } else {
                pair.absorb(values, weight);
            }
            pair.push_peaks(&mut product);
        }
        // The total squared under the root that all the densities share: one logarithm.
        product.push(total);
        product.push(total);
        self.peaks[class] = 0.5 * product.ln();
        taken
    }

    /// Log of the weight of `class`, which is `total`, times the density of the row's numbers, features taken as independent.
    /// `impossible` stands for the log of a density of 0: a number far out, or off the only value that the class has shown.
    pub fn log_joint(&self, row: &Row, subspace: &[u32], class: usize, total: f64, impossible: f64) -> f64 {
        let Some(pairs) = self.class(class) else { return libm::log(total) };
        let mut sums = [0.0; 2];
        for (pair, slots) in pairs.iter().zip(subspace.chunks(2)) {
            let values = pick(row, slots);
            for i in 0..2 {
                let deviation = values[i] - pair.means[i];
                sums[i] += deviation * deviation * pair.rates[i];
            }
        }
        let exponent = sums[0] + sums[1];
        // No term is positive, so none is below what their sum is not below; NaN, of a missing number, is not either.
        if exponent >= LOWEST_EXPONENT {
            return self.peaks[class] + exponent;
        }
        libm::log(total) + log_density(pairs, row, subspace, impossible)
    }

    /// The range of feature `i` over all classes; `None` where nothing or one value was seen.
    pub fn range(&self, i: usize) -> Option<(f64, f64)> {
        let mut range = (f64::INFINITY, f64::NEG_INFINITY);
        for pair in self.pairs.iter().skip(i / 2).step_by(self.pairs()) {
            range = (range.0.min(pair.lows[i % 2]), range.1.max(pair.highs[i % 2]));
        }
        (range.0 < range.1).then_some(range)
    }

    /// For each threshold, a row of `splits`: by class the weight of feature `i` at most the threshold, then by class the rest.
    pub fn divide(&self, i: usize, thresholds: impl Iterator<Item = f64> + Clone, splits: &mut [f64], classes: usize) {
        let pairs = self.pairs.iter().skip(i / 2).step_by(self.pairs());
        for (class, pair) in pairs.take(classes).enumerate() {
            let (weight, low, high) = (pair.weights[i % 2], pair.lows[i % 2], pair.highs[i % 2]);
            let normal = Normal::new(pair.means[i % 2], pair.rates[i % 2]);
            for (split, threshold) in splits.chunks_exact_mut(2 * classes).zip(thresholds.clone()) {
                let below = if weight <= 0.0 || threshold < low {
                    0.0
                } else if threshold >= high {
                    weight
                } else {
                    weight * normal.below(threshold)
                };
                (split[class], split[classes + class]) = (below, weight - below);
            }
        }
    }
}

/// Number by number, where one is missing or impossible.
fn log_density(pairs: &[Pair], row: &Row, subspace: &[u32], impossible: f64) -> f64 {
    let mut exponents = 0.0;
    let mut product = LogProduct::default();
    for (f, &slot) in subspace.iter().enumerate() {
        let (pair, i) = (&pairs[f / 2], f % 2);
        let deviation = row.numbers[slot as usize] - pair.means[i];
        if deviation.is_nan() || pair.weights[i] <= 0.0 {
            continue;
        }
        let exponent = deviation * deviation * pair.rates[i];
        if !varies(pair.rates[i]) || exponent < LOWEST_EXPONENT {
            exponents += if deviation == 0.0 { 0.0 } else { impossible };
            continue;
        }
        exponents += exponent;
        product.push(-pair.rates[i] * std::f64::consts::FRAC_1_PI);
    }
    exponents + 0.5 * product.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: &[f64]) -> Row {
        Row { numbers: values.to_vec(), ..Row::default() }
    }

    #[test]
    fn the_likelier_class_is_the_nearer_one() {
        let mut gaussians = Gaussians::new(1, &[]);
        for i in 0..100 {
            let wobble = f64::from(i % 10) / 10.0;
            gaussians.learn(&row(&[wobble]), &[0], 0, 1.0, f64::from(i + 1));
            gaussians.learn(&row(&[5.0 + wobble]), &[0], 1, 1.0, f64::from(i + 1));
        }
        let joint = |value, class| gaussians.log_joint(&row(&[value]), &[0], class, 100.0, 0.0);
        assert!(joint(0.5, 0) > joint(0.5, 1));
        assert!(joint(5.2, 1) > joint(5.2, 0));
        assert_eq!(joint(f64::NAN, 0), libm::log(100.0));
        let mut splits = [0.0; 8];
        gaussians.divide(0, [2.0, 9.0].into_iter(), &mut splits, 2);
        assert_eq!(splits, [100.0, 0.0, 0.0, 100.0, 100.0, 100.0, 0.0, 0.0]);
    }

    /// The short way, by what was prepared, gives what the long way gives.
    #[test]
    fn prepared_densities_are_the_densities() {
        let subspace = [4, 0, 2];
        let mut gaussians = Gaussians::new(3, &[0.0, 2.5]);
        let mut rng = crate::rng::Rng::new(1, "gaussian");
        let mut draw = |spread: f64| row(&[rng.normal(), 7.0, spread * rng.normal(), f64::NAN, 1e-3 * rng.normal()]);
        let mut total = 2.5;
        for _ in 0..50 {
            total += 2.0;
            gaussians.learn(&draw(1e6), &subspace, 1, 2.0, total);
        }
        for _ in 0..50 {
            let row = draw(2e6);
            let long = libm::log(total) + log_density(gaussians.class(1).unwrap(), &row, &subspace, 0.0);
            assert!((gaussians.log_joint(&row, &subspace, 1, total, 0.0) - long).abs() < 1e-12 * long.abs());
        }
    }
}
