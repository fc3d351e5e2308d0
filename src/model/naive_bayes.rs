//! Naive Bayes: every number normal, every category multinomial, independent of each other given the class.
//!
//! G. H. John, P. Langley, "Estimating continuous distributions in Bayesian classifiers", UAI 1995. A missing value counts
//! nothing; a category that a class has not seen has its Laplace-smoothed share.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Context, Model};
use crate::event::Layout;
use crate::params::About;
use crate::row::{Category, Label, Prediction, Row, Task};

pub const ABOUT: About = About {
    summary: "naive Bayes over normal numbers and multinomial categories; a missing value counts nothing; can unlearn",
    source: "G. H. John, P. Langley, Estimating continuous distributions in Bayesian classifiers, UAI 1995",
    example: "type = \"naive_bayes\"\nsmoothing = 1.0",
};

crate::params! {
    pub struct Params {
        /// Laplace smoothing of categories.
        pub smoothing: f64 = 1.0, in f64::MIN_POSITIVE.. => "> 0";
    }
}

/// Added to each density, so that one far value does not decide alone (as in River).
const LEAST_DENSITY: f64 = 1e-9;

/// A weight that is left of events that were all taken back: rounding.
const NOTHING: f64 = 1e-9;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NaiveBayes {
    params: Params,
    numbers: usize,
    categories: usize,
    classes: Vec<Class>,
    /// Distinct codes seen of each category feature.
    distinct: Vec<Vec<u32>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Class {
    weight: f64,
    counts: Vec<f64>,
    means: Vec<f64>,
    squares: Vec<f64>,
    codes: Vec<BTreeMap<u32, f64>>,
    totals: Vec<f64>,
}

impl NaiveBayes {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let (numbers, categories) = (context.layout.numbers.len(), context.layout.categories.len());
        Self { params, numbers, categories, classes: Vec::new(), distinct: vec![Vec::new(); categories] }
    }

    fn class(&mut self, class: usize) -> &mut Class {
        let (numbers, categories) = (self.numbers, self.categories);
        if class >= self.classes.len() {
            self.classes.resize_with(class + 1, || Class::new(numbers, categories));
        }
        &mut self.classes[class]
    }

    fn log_joint(&self, class: &Class, total: f64, row: &Row) -> f64 {
        let mut product = 1.0;
        for (slot, category) in row.categories.iter().enumerate().filter(|(_, category)| !category.is_missing()) {
            let seen = class.codes[slot].get(&category.code).copied().unwrap_or(0.0) + self.params.smoothing;
            product *= seen / (class.totals[slot] + self.params.smoothing * self.distinct[slot].len().max(1) as f64);
        }
        libm::log(class.weight / total) + libm::log(product) + class.log_density(row)
    }
}

impl Class {
    fn new(numbers: usize, categories: usize) -> Self {
        Self {
            weight: 0.0,
            counts: vec![0.0; numbers],
            means: vec![0.0; numbers],
            squares: vec![0.0; numbers],
            codes: vec![BTreeMap::new(); categories],
            totals: vec![0.0; categories],
        }
    }

    /// Sum of the log densities: products of up to 16 densities share a logarithm.
    fn log_density(&self, row: &Row) -> f64 {
        let mut sum = 0.0;
        for (chunk, numbers) in row.numbers.chunks(16).enumerate() {
            let mut product = 1.0;
            for (i, &value) in numbers.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
                product *= LEAST_DENSITY + self.density(chunk * 16 + i, value);
            }
            sum += libm::log(product);
        }
        sum
    }

    fn density(&self, slot: usize, value: f64) -> f64 {
        if self.squares[slot] <= 0.0 {
            return 0.0;
        }
        let variance = self.squares[slot] / self.counts[slot];
        let deviation = value - self.means[slot];
        libm::exp(deviation * deviation / (-2.0 * variance)) / (std::f64::consts::TAU * variance).sqrt()
    }

    /// Welford's update; a negative weight takes a row back.
    fn absorb(&mut self, row: &Row, weight: f64) {
        self.weight += weight;
        if self.weight <= NOTHING {
            self.weight = 0.0;
        }
        for (slot, &value) in row.numbers.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
            let before = value - self.means[slot];
            self.counts[slot] += weight;
            if self.counts[slot] <= NOTHING {
                (self.counts[slot], self.means[slot], self.squares[slot]) = (0.0, 0.0, 0.0);
                continue;
            }
            self.means[slot] += weight * before / self.counts[slot];
            self.squares[slot] = (self.squares[slot] + weight * before * (value - self.means[slot])).max(0.0);
        }
        for (slot, category) in row.categories.iter().enumerate().filter(|(_, category)| !category.is_missing()) {
            self.count(slot, *category, weight);
        }
    }

    fn count(&mut self, slot: usize, category: Category, weight: f64) {
        self.totals[slot] = (self.totals[slot] + weight).max(0.0);
        let count = self.codes[slot].entry(category.code).or_default();
        *count += weight;
        if *count <= NOTHING {
            self.codes[slot].remove(&category.code);
        }
    }
}

impl Model for NaiveBayes {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary, Task::Multiclass]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        let total: f64 = self.classes.iter().map(|class| class.weight).sum();
        let probabilities = prediction.probabilities_mut();
        let mut best = f64::NEG_INFINITY;
        for (p, class) in probabilities.iter_mut().zip(&self.classes) {
            *p = if class.weight > 0.0 { self.log_joint(class, total, row) } else { f64::NEG_INFINITY };
            best = best.max(*p);
        }
        let known = self.classes.len().min(probabilities.len());
        let mut sum = 0.0;
        for p in &mut probabilities[..known] {
            *p = if best.is_finite() { libm::exp(*p - best) } else { 0.0 };
            sum += *p;
        }
        if sum > 0.0 {
            probabilities[..known].iter_mut().for_each(|p| *p /= sum);
        }
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        for (codes, category) in self.distinct.iter_mut().zip(&row.categories) {
            if !category.is_missing()
                && let Err(at) = codes.binary_search(&category.code)
            {
                codes.insert(at, category.code);
            }
        }
        self.class(label.class()).absorb(row, weight);
    }

    fn can_unlearn(&self) -> bool {
        true
    }

    fn unlearn(&mut self, row: &Row, label: Label, weight: f64) {
        self.class(label.class()).absorb(row, -weight);
        for (slot, category) in row.categories.iter().enumerate().filter(|(_, category)| !category.is_missing()) {
            let is_held = self.classes.iter().any(|class| class.codes[slot].contains_key(&category.code));
            if !is_held && let Ok(at) = self.distinct[slot].binary_search(&category.code) {
                self.distinct[slot].remove(at);
            }
        }
    }

    fn describe(&self, layout: &Layout) -> Vec<(String, String)> {
        let line = |(class, stats): (usize, &Class)| {
            let means = layout.numbers.iter().zip(&stats.means).map(|(name, mean)| format!("{name} {mean:.4}"));
            (format!("class {class}: weight, means"), format!("{:.1}; {}", stats.weight, means.collect::<Vec<_>>().join(", ")))
        };
        self.classes.iter().enumerate().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Kind;
    use crate::rng::Rng;

    fn row(rng: &mut Rng, class: u32) -> Row {
        let code = rng.below(3) as u32 + 2 * class;
        let number = rng.normal() + f64::from(class);
        Row { numbers: vec![number], categories: vec![Category { code, hash: 0 }], ..Row::default() }
    }

    fn empty() -> NaiveBayes {
        let layout = Layout::new([("x", Kind::Number), ("c", Kind::Category)]);
        NaiveBayes::new(Params::default(), Context { task: Task::Multiclass, layout: &layout, classes: 3, seed: 1 })
    }

    fn probabilities(model: &NaiveBayes, row: &Row) -> Vec<f64> {
        let mut prediction = Prediction::Classes(vec![0.0; 3]);
        model.predict(row, &mut prediction);
        prediction.probabilities_mut().to_vec()
    }

    /// A class, a category and a number's spread that came and went count no more; weights that don't add up exactly.
    #[test]
    fn what_is_unlearned_leaves_neither_class_nor_category() {
        let mut rng = Rng::new(1, "naive bayes");
        let (mut slid, mut fresh) = (empty(), empty());
        let gone: Vec<Row> = (0..50).map(|_| row(&mut rng, 2)).collect();
        gone.iter().for_each(|row| slid.learn(row, Label::Class(2), 0.1));
        for n in 0..100 {
            let row = row(&mut rng, n % 2);
            slid.learn(&row, Label::Class(n % 2), 0.3);
            fresh.learn(&row, Label::Class(n % 2), 0.3);
        }
        gone.iter().for_each(|row| slid.unlearn(row, Label::Class(2), 0.1));
        for row in &gone {
            let (slid, fresh) = (probabilities(&slid, row), probabilities(&fresh, row));
            assert!(slid.iter().zip(&fresh).all(|(a, b)| (a - b).abs() < 1e-12), "{slid:?} is not {fresh:?}");
        }
    }
}
