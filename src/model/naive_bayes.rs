//! Naive Bayes: every number normal, every category multinomial, independent of each other given the class.
//!
//! G. H. John, P. Langley, "Estimating continuous distributions in Bayesian classifiers", UAI 1995. A missing value counts
//! nothing; a category that a class has not seen has its Laplace-smoothed share.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Context, Model};
use crate::event::Layout;
use crate::linalg::LogProduct;
use crate::params::About;
use crate::row::{Label, Prediction, Row, Task};

pub const ABOUT: About = About {
    summary: "naive Bayes over normal numbers and multinomial categories; a missing value counts nothing; can unlearn",
    source: "G. H. John, P. Langley, Estimating continuous distributions in Bayesian classifiers, UAI 1995",
    example: "type = \"naive_bayes\"\nsmoothing = 1.0",
};

crate::params! {
    pub struct Params {
        /// Laplace smoothing of categories.
        pub smoothing: f64 = 1.0, in f64::MIN_POSITIVE.. => "> 0";
        /// Added to each density (1e-9 is River's), also where a number has not varied in a class. With 0, a number that has
        /// not varied is expected again, and any other nearly rules the class out.
        pub least_density: f64 = 0.0, in 0.0..=1.0 => "in [0, 1]";
    }
}

/// A weight that is left of events that were all taken back: rounding.
const NOTHING: f64 = 1e-9;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct NaiveBayes {
    params: Params,
    numbers: usize,
    categories: usize,
    classes: Vec<Class>,
    /// Distinct codes seen of each category feature.
    distinct: Vec<Vec<u32>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
struct Class {
    weight: f64,
    numbers: Vec<Normal>,
    categories: Vec<Codes>,
}

/// The moments of a number, and its density prepared: `peak * exp(rate * deviation²)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
struct Normal {
    count: f64,
    mean: f64,
    squares: f64,
    /// -1 / (2 variance).
    rate: f64,
    peak: f64,
}

/// Weight by code, codes ascending.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
struct Codes {
    codes: Vec<u32>,
    weights: Vec<f64>,
    total: f64,
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

    /// But for a term that all classes share.
    fn log_joint(&self, class: &Class, row: &Row) -> f64 {
        let mut product = LogProduct::default();
        product.push(class.weight);
        for (normal, &value) in class.numbers.iter().zip(&row.numbers).filter(|(_, value)| !value.is_nan()) {
            product.push(normal.density(value, self.params.least_density));
        }
        let smoothing = self.params.smoothing;
        for ((codes, distinct), category) in class.categories.iter().zip(&self.distinct).zip(&row.categories) {
            if !category.is_missing() {
                let codes_known = distinct.len().max(1) as f64;
                product.push((codes.weight(category.code) + smoothing) / (codes.total + smoothing * codes_known));
            }
        }
        product.ln()
    }
}

impl Class {
    fn new(numbers: usize, categories: usize) -> Self {
        Self { weight: 0.0, numbers: vec![Normal::default(); numbers], categories: vec![Codes::default(); categories] }
    }

    /// A negative weight takes a row back.
    fn absorb(&mut self, row: &Row, weight: f64) {
        self.weight += weight;
        if self.weight <= NOTHING {
            self.weight = 0.0;
        }
        let numbers = self.numbers.iter_mut().zip(&row.numbers);
        numbers.filter(|(_, value)| !value.is_nan()).for_each(|(normal, value)| normal.absorb(*value, weight));
        let categories = self.categories.iter_mut().zip(&row.categories);
        categories.filter(|(_, category)| !category.is_missing()).for_each(|(codes, c)| codes.count(c.code, weight));
    }
}

impl Normal {
    fn density(&self, value: f64, least: f64) -> f64 {
        let deviation = value - self.mean;
        let density = if self.rate < 0.0 {
            self.peak * libm::exp(deviation * deviation * self.rate)
        } else {
            f64::from(u8::from(least == 0.0 && deviation == 0.0 && self.count > 0.0))
        };
        (least + density).max(f64::MIN_POSITIVE)
    }

    /// Welford's update.
    fn absorb(&mut self, value: f64, weight: f64) {
        let before = value - self.mean;
        self.count += weight;
        if self.count <= NOTHING {
            *self = Self::default();
            return;
        }
        self.mean += weight * before / self.count;
        self.squares = (self.squares + weight * before * (value - self.mean)).max(0.0);
        let varies = self.squares > f64::MIN_POSITIVE * self.count;
        self.rate = if varies { self.count / (-2.0 * self.squares) } else { 0.0 };
        self.peak = (-self.rate * std::f64::consts::FRAC_1_PI).sqrt();
    }
}

impl Codes {
    fn weight(&self, code: u32) -> f64 {
        self.codes.binary_search(&code).map_or(0.0, |at| self.weights[at])
    }

    fn count(&mut self, code: u32, weight: f64) {
        self.total = (self.total + weight).max(0.0);
        let at = self.codes.binary_search(&code).unwrap_or_else(|at| {
            self.codes.insert(at, code);
            self.weights.insert(at, 0.0);
            at
        });
        self.weights[at] += weight;
        if self.weights[at] <= NOTHING {
            self.codes.remove(at);
            self.weights.remove(at);
        }
    }
}

impl Model for NaiveBayes {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary, Task::Multiclass]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        let probabilities = prediction.probabilities_mut();
        let mut best = f64::NEG_INFINITY;
        for (p, class) in probabilities.iter_mut().zip(&self.classes) {
            *p = if class.weight > 0.0 { self.log_joint(class, row) } else { f64::NEG_INFINITY };
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
            let is_held = self.classes.iter().any(|class| class.categories[slot].codes.binary_search(&category.code).is_ok());
            if !is_held && let Ok(at) = self.distinct[slot].binary_search(&category.code) {
                self.distinct[slot].remove(at);
            }
        }
    }

    fn describe(&self, layout: &Layout) -> Vec<(String, String)> {
        let line = |(class, stats): (usize, &Class)| {
            let means = layout.numbers.iter().zip(&stats.numbers).map(|(name, normal)| format!("{name} {:.4}", normal.mean));
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
    use crate::row::Category;

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
