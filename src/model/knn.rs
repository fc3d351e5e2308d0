//! k nearest neighbours among the rows of a sliding window, found exactly.
//!
//! T. M. Cover, P. E. Hart, "Nearest neighbor pattern classification", IEEE Transactions on Information Theory 13 (1967).
//! Numbers are compared in units of their running standard deviation; a number missing on either side, and a category that
//! differs or is missing, count as one unit.

use serde::{Deserialize, Serialize};

use super::{Context, Model};
use crate::params::About;
use crate::row::{Category, Label, Prediction, Row, Task};

pub const ABOUT: About = About {
    summary: "nearest neighbours on the last rows, exact; a missing value counts as one deviation",
    source: "T. M. Cover, P. E. Hart, Nearest neighbor pattern classification, IEEE Trans. Inf. Theory 13 (1967)",
    example: "type = \"knn\"\nneighbours = 10\nwindow = 1_000",
};

/// How neighbours count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weighting {
    Uniform,
    /// By the inverse of the distance.
    #[default]
    Distance,
}

crate::params! {
    pub struct Params {
        /// How many neighbours answer.
        pub neighbours: usize = 10, in 1..=1_000 => "in 1..=1000";
        /// Labelled rows kept.
        pub window: usize = 1_000, in 1..=1_000_000 => "in 1..=1000000";
        /// How neighbours count: uniform or distance.
        pub weighting: Weighting = Weighting::Distance;
    }
}

/// Rows by feature, so that the distances to all rows are taken feature by feature in straight loops.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Knn {
    params: Params,
    columns: Vec<Vec<f64>>,
    codes: Vec<Vec<u32>>,
    labels: Vec<Label>,
    weights: Vec<f64>,
    /// Where the next row goes once the window is full.
    next: usize,
    scales: Vec<Scale>,
}

/// Running moments of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Scale {
    count: f64,
    mean: f64,
    squares: f64,
}

#[derive(Clone, Copy)]
struct Neighbour {
    distance: f64,
    at: usize,
}

impl Knn {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let (numbers, categories) = (context.layout.numbers.len(), context.layout.categories.len());
        Self {
            params,
            columns: vec![Vec::new(); numbers],
            codes: vec![Vec::new(); categories],
            labels: Vec::new(),
            weights: Vec::new(),
            next: 0,
            scales: vec![Scale::default(); numbers],
        }
    }

    /// Squared distances to all rows of the window.
    fn distances(&self, row: &Row) -> Vec<f64> {
        let mut distances = vec![0.0; self.labels.len()];
        for ((column, scale), &value) in self.columns.iter().zip(&self.scales).zip(&row.numbers) {
            let factor = scale.inverse_variance();
            for (distance, &other) in distances.iter_mut().zip(column) {
                let difference = value - other;
                let square = difference * difference * factor;
                *distance += if square.is_nan() { 1.0 } else { square };
            }
        }
        for (codes, category) in self.codes.iter().zip(&row.categories) {
            for (distance, &code) in distances.iter_mut().zip(codes) {
                *distance += if code == category.code && code != Category::MISSING.code { 0.0 } else { 1.0 };
            }
        }
        distances
    }

    /// The nearest rows, nearest first; of equally near ones the one stored earlier in the ring.
    fn nearest(&self, row: &Row) -> Vec<Neighbour> {
        let wanted = self.params.neighbours.min(self.labels.len());
        let mut nearest: Vec<Neighbour> = Vec::with_capacity(wanted + 1);
        let mut bound = f64::INFINITY;
        for (at, distance) in self.distances(row).into_iter().enumerate() {
            if distance >= bound {
                continue;
            }
            let place = nearest.partition_point(|neighbour| neighbour.distance <= distance);
            nearest.insert(place, Neighbour { distance, at });
            nearest.truncate(wanted);
            if nearest.len() == wanted {
                bound = nearest[wanted - 1].distance;
            }
        }
        nearest
    }

    fn vote(&self, neighbour: Neighbour) -> f64 {
        let weight = self.weights[neighbour.at];
        match self.params.weighting {
            Weighting::Uniform => weight,
            Weighting::Distance => weight / neighbour.distance.sqrt().max(1e-9),
        }
    }
}

impl Scale {
    fn absorb(&mut self, value: f64) {
        self.count += 1.0;
        let before = value - self.mean;
        self.mean += before / self.count;
        self.squares += before * (value - self.mean);
    }

    fn inverse_variance(self) -> f64 {
        if self.squares > 0.0 { self.count / self.squares } else { 0.0 }
    }
}

impl Model for Knn {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary, Task::Multiclass, Task::Regression]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        let nearest = self.nearest(row);
        let total: f64 = nearest.iter().map(|neighbour| self.vote(*neighbour)).sum();
        if total <= 0.0 {
            return;
        }
        for neighbour in nearest {
            let share = self.vote(neighbour) / total;
            let label = self.labels[neighbour.at];
            match prediction {
                Prediction::Classes(probabilities) => {
                    if let Some(p) = probabilities.get_mut(label.class()) {
                        *p = (*p + share).min(1.0);
                    }
                }
                Prediction::Value(value) => *value += share * label.value(),
            }
        }
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        for (scale, &value) in self.scales.iter_mut().zip(&row.numbers).filter(|(_, value)| !value.is_nan()) {
            scale.absorb(value);
        }
        let at = self.next;
        self.next = (at + 1) % self.params.window;
        self.columns.iter_mut().zip(&row.numbers).for_each(|(column, &value)| put(column, at, value));
        self.codes.iter_mut().zip(&row.categories).for_each(|(codes, category)| put(codes, at, category.code));
        put(&mut self.labels, at, label);
        put(&mut self.weights, at, weight);
    }
}

fn put<T>(ring: &mut Vec<T>, at: usize, value: T) {
    if at < ring.len() {
        ring[at] = value;
    } else {
        ring.push(value);
    }
}
