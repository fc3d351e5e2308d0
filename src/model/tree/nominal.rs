//! Categories seen in a leaf: weight by feature, code and class.

use std::borrow::Cow;

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use crate::row::Row;

/// For each feature of the leaf, its codes in ascending order, each with its weight by class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Nominals {
    features: Vec<Feature>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
struct Feature {
    codes: Vec<u32>,
    /// By code, then class: rows of `classes` weights.
    weights: Vec<f64>,
    classes: usize,
    /// By class.
    totals: Vec<f64>,
}

/// What a feature takes before it has seen anything, on every machine.
const FEATURE: usize = 80;

impl Nominals {
    pub fn new(features: usize) -> Self {
        Self { features: vec![Feature::default(); features] }
    }

    /// Absorbs the categories that `subspace` names; missing ones leave their statistics as they are. Gives the bytes that
    /// this took.
    pub fn learn(&mut self, row: &Row, subspace: &[u32], class: usize, weight: f64) -> usize {
        let mut taken = 0;
        for (feature, &slot) in self.features.iter_mut().zip(subspace) {
            let category = row.categories[slot as usize];
            if !category.is_missing() {
                taken += feature.learn(category.code, class, weight);
            }
        }
        taken
    }

    /// Whether any category of a row of `class` was absorbed.
    pub fn has_seen(&self, class: usize) -> bool {
        self.features.iter().any(|feature| feature.totals.get(class).is_some_and(|total| *total > 0.0))
    }

    /// Log probability of the row's categories under `class`, Laplace-smoothed; unseen features count nothing.
    pub fn log_likelihood(&self, row: &Row, subspace: &[u32], class: usize) -> f64 {
        if self.features.is_empty() {
            return 0.0;
        }
        let mut product = 1.0;
        for (feature, &slot) in self.features.iter().zip(subspace) {
            let category = row.categories[slot as usize];
            let total = feature.totals.get(class).copied().unwrap_or(0.0);
            if category.is_missing() || total <= 0.0 {
                continue;
            }
            product *= (feature.weight(category.code, class) + 1.0) / (total + feature.codes.len() as f64);
        }
        libm::log(product)
    }

    /// Bytes on the heap by what is held.
    pub fn footprint(&self) -> usize {
        self.features.iter().map(|feature| FEATURE + feature.footprint()).sum()
    }

    /// The codes seen of feature `i`, ascending.
    pub fn codes(&self, i: usize) -> &[u32] {
        &self.features[i].codes
    }

    /// Code after code, the weights of `classes` classes.
    pub fn branches(&self, i: usize, classes: usize) -> Cow<'_, [f64]> {
        let feature = &self.features[i];
        if feature.classes == classes {
            return Cow::Borrowed(&feature.weights);
        }
        let row = |at: usize| &feature.weights[at * feature.classes..(at + 1) * feature.classes];
        let all = move |at: usize| (0..classes).map(move |class| row(at).get(class).copied().unwrap_or(0.0));
        (0..feature.codes.len()).flat_map(all).collect()
    }
}

impl Feature {
    fn weight(&self, code: u32, class: usize) -> f64 {
        match self.codes.binary_search(&code) {
            Ok(at) if class < self.classes => self.weights[at * self.classes + class],
            _ => 0.0,
        }
    }

    fn learn(&mut self, code: u32, class: usize, weight: f64) -> usize {
        let before = self.footprint();
        if class >= self.classes {
            self.widen(class + 1);
        }
        let at = self.codes.binary_search(&code).unwrap_or_else(|at| {
            self.codes.insert(at, code);
            let begin = at * self.classes;
            self.weights.splice(begin..begin, std::iter::repeat_n(0.0, self.classes));
            at
        });
        self.weights[at * self.classes + class] += weight;
        self.totals[class] += weight;
        self.footprint() - before
    }

    /// Bytes by what is held, not by what there is room for: the same after a restore.
    fn footprint(&self) -> usize {
        self.codes.len() * 4 + (self.weights.len() + self.totals.len()) * 8
    }

    fn widen(&mut self, classes: usize) {
        let mut wider = Vec::with_capacity(self.codes.len() * classes);
        for at in 0..self.codes.len() {
            wider.extend_from_slice(&self.weights[at * self.classes..(at + 1) * self.classes]);
            wider.resize((at + 1) * classes, 0.0);
        }
        self.weights = wider;
        self.totals.resize(classes, 0.0);
        self.classes = classes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Category;

    #[test]
    fn counts_survive_new_codes_and_classes() {
        let mut nominals = Nominals::new(1);
        for (code, class) in [(5, 0), (2, 0), (5, 1), (9, 2), (5, 1)] {
            let row = Row { categories: vec![Category { code, hash: 0 }], ..Row::default() };
            nominals.learn(&row, &[0], class, 1.0);
        }
        assert_eq!(nominals.codes(0), [2, 5, 9]);
        assert_eq!(nominals.branches(0, 3)[..], [1.0, 0.0, 0.0, 1.0, 2.0, 0.0, 0.0, 0.0, 1.0]);
    }
}
