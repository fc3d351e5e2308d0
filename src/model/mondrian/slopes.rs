//! How much the label changes along each feature: what makes a cut worth while.
//!
//! A cell of a partition errs by the slopes of the label across it, so cells should be narrow along steep features. The trees
//! themselves tell the slopes: the two sides of a split differ by so much over such a distance. Compare the expected
//! gradients of R. Baptista, E. O'Reilly, Y. Xie, "TrIM: Transformed Iterative Mondrian Forests" (2024).

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

/// By feature: squared differences between the sides of splits, and squared distances; of late.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Slopes {
    differences: Vec<f64>,
    distances: Vec<f64>,
}

/// What a split tells.
#[derive(Clone, Copy, Debug, GetSize)]
pub struct Note {
    pub feature: usize,
    /// By how much the answers of its two sides differ, squared.
    pub squared_difference: f64,
    /// How far apart the sides lie.
    pub distance: f64,
}

/// Rows after which what was seen counts a factor e less.
const MEMORY: f64 = 3_000.0;

impl Slopes {
    pub fn new(features: usize) -> Self {
        Self { differences: vec![0.0; features], distances: vec![0.0; features] }
    }

    pub fn note(&mut self, note: Note) {
        self.differences[note.feature] += note.squared_difference;
        self.distances[note.feature] += note.distance * note.distance;
    }

    /// Keeps this share of what was seen.
    fn keep(&mut self, share: f64) {
        self.differences.iter_mut().chain(&mut self.distances).for_each(|sum| *sum *= share);
    }

    /// A row has passed.
    pub fn age(&mut self) {
        self.keep(1.0 - 1.0 / MEMORY);
    }

    /// The label has come to depend on the features in another way.
    pub fn doubt(&mut self) {
        self.keep(0.5);
    }

    /// The mean squared slope along a feature, per unit; 0 where none is known.
    pub fn squared(&self, feature: usize) -> f64 {
        let slope = self.differences[feature] / self.distances[feature];
        if slope > 0.0 { slope.min(1e200) } else { 0.0 }
    }
}
