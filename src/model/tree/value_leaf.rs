//! A leaf that predicts a value: by its mean, by a linear model, or by whichever has erred less of late.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::arena::Test;
use super::criterion::hoeffding_bound;
use super::histogram::{Histogram, Moments};
use super::subspace::Subspace;
use crate::row::Row;

/// How a leaf predicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, GetSize)]
#[serde(rename_all = "snake_case")]
pub enum ValuePrediction {
    Mean,
    Linear,
    /// The mean or the linear model, whichever has had the smaller discounted squared error.
    #[default]
    Adaptive,
}

/// What decides whether a leaf splits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValueRule {
    pub grace_period: f64,
    pub delta: f64,
    pub tie: f64,
    /// Weight that each branch must have at least.
    pub min_branch: f64,
}

/// A winning test with what is known of its branches' targets.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueSplit {
    pub test: Test,
    pub branches: Vec<Moments>,
    merit: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct ValueLeaf {
    target: Moments,
    subspace: Subspace,
    histograms: Vec<Histogram>,
    nominals: Vec<Codes>,
    linear: Linear,
    mean_error: f64,
    linear_error: f64,
    weight_at_attempt: f64,
}

/// Targets by category code, codes ascending.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
struct Codes {
    codes: Vec<u32>,
    targets: Vec<Moments>,
}

/// How much of the errors so far an observation leaves standing.
const ERROR_DISCOUNT: f64 = 0.98;

impl ValueLeaf {
    pub fn new(target: Moments, subspace: Subspace, linear: Linear) -> Self {
        Self {
            target,
            histograms: vec![Histogram::default(); subspace.numbers.len()],
            nominals: vec![Codes::default(); subspace.categories.len()],
            subspace,
            linear,
            mean_error: 0.0,
            linear_error: 0.0,
            weight_at_attempt: target.weight,
        }
    }

    pub fn subspace(&self) -> &Subspace {
        &self.subspace
    }

    pub fn linear(&self) -> &Linear {
        &self.linear
    }

    pub fn predict(&self, how: ValuePrediction, row: &Row) -> f64 {
        let linear = match how {
            ValuePrediction::Mean => false,
            ValuePrediction::Linear => true,
            ValuePrediction::Adaptive => self.linear_error < self.mean_error,
        };
        if linear { self.linear.predict(row) } else { self.target.mean() }
    }

    pub fn learn(&mut self, how: ValuePrediction, row: &Row, value: f64, weight: f64) {
        if how != ValuePrediction::Mean {
            let by_mean = value - self.target.mean();
            let by_linear = value - self.linear.predict(row);
            self.mean_error = ERROR_DISCOUNT * self.mean_error + by_mean * by_mean;
            self.linear_error = ERROR_DISCOUNT * self.linear_error + by_linear * by_linear;
            self.linear.learn(row, value, weight);
        }
        self.target.add(value, weight);
        for (histogram, &slot) in self.histograms.iter_mut().zip(&self.subspace.numbers) {
            let number = row.numbers[slot as usize];
            if !number.is_nan() {
                histogram.add(number, value, weight);
            }
        }
        for (codes, &slot) in self.nominals.iter_mut().zip(&self.subspace.categories) {
            let category = row.categories[slot as usize];
            if !category.is_missing() {
                codes.add(category.code, value, weight);
            }
        }
    }

    pub fn is_due(&self, rule: &ValueRule) -> bool {
        self.target.weight - self.weight_at_attempt >= rule.grace_period && self.target.scatter() > 0.0
    }

    /// Tries to split: the best test wins where its reduction of variance is surely larger than the second's.
    ///
    /// E. Ikonomovska, J. Gama, S. Dzeroski, "Learning model trees from evolving data streams", DMKD 23 (2011).
    pub fn attempt(&mut self, rule: &ValueRule) -> Option<ValueSplit> {
        self.weight_at_attempt = self.target.weight;
        let bound = hoeffding_bound(1.0, rule.delta, self.target.weight);
        let mut second = 0.0_f64;
        let mut best: Option<ValueSplit> = None;
        for split in self.splits().filter(|split| split.branches.iter().all(|b| b.weight >= rule.min_branch)) {
            match &best {
                Some(leader) if split.merit <= leader.merit => second = second.max(split.merit),
                _ => second = second.max(best.replace(split).map_or(0.0, |loser| loser.merit)),
            }
        }
        best.filter(|best| best.merit > 0.0 && (second / best.merit < 1.0 - bound || bound < rule.tie))
    }

    fn splits(&self) -> impl Iterator<Item = ValueSplit> {
        let numbers = self.histograms.iter().zip(&self.subspace.numbers).filter_map(|(histogram, &feature)| {
            let (threshold, left, right) = histogram.best_threshold()?;
            self.split(Test::Number { feature, threshold }, vec![left, right])
        });
        let categories = self.nominals.iter().zip(&self.subspace.categories).filter_map(|(codes, &feature)| {
            let test = Test::Category { feature, codes: codes.codes.clone() };
            (codes.codes.len() > 1).then(|| self.split(test, codes.targets.clone())).flatten()
        });
        numbers.chain(categories)
    }

    fn split(&self, test: Test, branches: Vec<Moments>) -> Option<ValueSplit> {
        let within: f64 = branches.iter().map(|branch| branch.scatter()).sum();
        let mut all = Moments::default();
        branches.iter().for_each(|branch| all.merge(*branch));
        let merit = (all.scatter() - within) / self.target.weight;
        merit.is_finite().then_some(ValueSplit { test, branches, merit })
    }

    /// Bytes held on the heap.
    pub fn bytes(&self) -> usize {
        let histograms: usize = self.histograms.iter().map(|h| size_of::<Histogram>() + h.bytes()).sum();
        let nominals: usize =
            self.nominals.iter().map(|c| size_of::<Codes>() + c.codes.capacity() * 4 + c.targets.capacity() * 24).sum();
        histograms
            + nominals
            + self.linear.bytes()
            + (self.subspace.numbers.capacity() + self.subspace.categories.capacity()) * 4
    }
}

impl Codes {
    fn add(&mut self, code: u32, value: f64, weight: f64) {
        let at = self.codes.binary_search(&code).unwrap_or_else(|at| {
            self.codes.insert(at, code);
            self.targets.insert(at, Moments::default());
            at
        });
        self.targets[at].add(value, weight);
    }
}

/// Normalised least mean squares on standardised numbers, in units of the target's deviation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Linear {
    rate: f64,
    seen: f64,
    means: Vec<f64>,
    squares: Vec<f64>,
    weights: Vec<f64>,
    target_mean: f64,
    target_squares: f64,
    low: f64,
    high: f64,
}

impl Linear {
    pub fn new(numbers: usize, rate: f64) -> Self {
        let zeros = vec![0.0; numbers];
        Self {
            rate,
            seen: 0.0,
            means: zeros.clone(),
            squares: zeros.clone(),
            weights: zeros,
            target_mean: 0.0,
            target_squares: 0.0,
            low: f64::INFINITY,
            high: f64::NEG_INFINITY,
        }
    }

    /// Within the range of the targets seen, a tenth wider: a linear model far out must not explode.
    fn predict(&self, row: &Row) -> f64 {
        if self.seen == 0.0 {
            return 0.0;
        }
        let margin = 0.1 * (self.high - self.low);
        let value = self.target_mean + self.deviation() * self.score(row).0;
        value.clamp(self.low - margin, self.high + margin)
    }

    fn deviation(&self) -> f64 {
        (self.target_squares / self.seen).sqrt()
    }

    /// The model's answer in deviations of the target, and the squared length of the standardised row.
    fn score(&self, row: &Row) -> (f64, f64) {
        let (mut sum, mut length) = (0.0, 0.0);
        for (i, weight) in self.weights.iter().enumerate() {
            let z = self.standardised(row, i);
            sum += weight * z;
            length += z * z;
        }
        (sum, length)
    }

    fn standardised(&self, row: &Row, i: usize) -> f64 {
        let variance = self.squares[i] / self.seen;
        let value = row.numbers[i];
        if value.is_nan() || variance <= 0.0 {
            0.0
        } else {
            ((value - self.means[i]) / variance.sqrt()).clamp(-4.0, 4.0)
        }
    }

    fn learn(&mut self, row: &Row, value: f64, weight: f64) {
        self.low = self.low.min(value);
        self.high = self.high.max(value);
        self.seen += weight;
        let before = value - self.target_mean;
        self.target_mean += weight * before / self.seen;
        self.target_squares += weight * before * (value - self.target_mean);
        for (i, &number) in row.numbers.iter().enumerate().filter(|(_, number)| !number.is_nan()) {
            let before = number - self.means[i];
            self.means[i] += weight * before / self.seen;
            self.squares[i] += weight * before * (number - self.means[i]);
        }
        let deviation = self.deviation();
        if deviation > 0.0 {
            let (score, length) = self.score(row);
            let error = (value - self.target_mean) / deviation - score;
            let step = self.rate * weight.min(1.0 / self.rate) * error / (1.0 + length);
            for i in 0..self.weights.len() {
                self.weights[i] += step * self.standardised(row, i);
            }
        }
    }

    fn bytes(&self) -> usize {
        (self.means.capacity() + self.squares.capacity() + self.weights.capacity()) * 8
    }
}
