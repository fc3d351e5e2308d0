//! k nearest neighbours among the rows of a sliding window, found exactly.
//!
//! T. M. Cover, P. E. Hart, "Nearest neighbor pattern classification", IEEE Transactions on Information Theory 13 (1967).
//! Numbers are compared in units of their standard deviation in the window, which is taken anew every few rows; a number
//! missing on either side, and a category that differs or is missing, count as one unit.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::{Context, Model};
use crate::params::About;
use crate::row::{Label, Prediction, Row, Task};

pub const ABOUT: About = About {
    summary: "nearest neighbours on the last rows, exact; a missing value counts as one deviation",
    source: "T. M. Cover, P. E. Hart, Nearest neighbor pattern classification, IEEE Trans. Inf. Theory 13 (1967)",
    example: "type = \"knn\"\nneighbours = 10\nwindow = 1_000",
};

/// How neighbours count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, GetSize)]
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

/// The rows of a window in blocks, each feature of a block side by side: distances are taken for a whole block in straight loops.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Knn {
    params: Params,
    /// Block after block, in it number after number, of that [`BLOCK`] rows.
    numbers: Vec<f64>,
    /// The same for category codes.
    codes: Vec<u32>,
    labels: Vec<Label>,
    weights: Vec<f64>,
    /// Where the next row goes once the window is full.
    next: usize,
    /// By number, in the window as it was at the last look; 0 where nothing varied.
    inverse_variances: Vec<f64>,
    categories: usize,
}

const BLOCK: usize = 8;

/// Rows between two looks at how numbers vary, where the window holds more than [`FEW`].
const LOOK_EVERY: usize = 64;
const FEW: usize = 100;

#[derive(Clone, Copy, Default)]
struct Neighbour {
    distance: f64,
    at: usize,
}

/// So many neighbours need no memory on the heap.
type Nearest = SmallVec<[Neighbour; 16]>;

impl Knn {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        Self {
            params,
            numbers: Vec::new(),
            codes: Vec::new(),
            labels: Vec::new(),
            weights: Vec::new(),
            next: 0,
            inverse_variances: vec![0.0; context.layout.numbers.len()],
            categories: context.layout.categories.len(),
        }
    }

    /// Squared distances to the rows of a block.
    fn distances(&self, row: &Row, block: usize) -> [f64; BLOCK] {
        let mut sums = [0.0; BLOCK];
        let columns = || self.numbers.chunks_exact(BLOCK).skip(block * self.inverse_variances.len());
        for ((column, inverse_variance), value) in columns().zip(&self.inverse_variances).zip(&row.numbers) {
            for (sum, other) in sums.iter_mut().zip(column) {
                *sum += (value - other) * (value - other) * inverse_variance;
            }
        }
        // A missing number has made a sum NaN.
        if sums.iter().any(|sum| sum.is_nan()) {
            sums = [0.0; BLOCK];
            for ((column, inverse_variance), value) in columns().zip(&self.inverse_variances).zip(&row.numbers) {
                for (sum, other) in sums.iter_mut().zip(column) {
                    let square = (value - other) * (value - other) * inverse_variance;
                    *sum += if square.is_nan() { 1.0 } else { square };
                }
            }
        }
        let codes = self.codes.chunks_exact(BLOCK).skip(block * self.categories);
        for (codes, category) in codes.zip(&row.categories) {
            for (sum, code) in sums.iter_mut().zip(codes) {
                *sum += if *code == category.code && !category.is_missing() { 0.0 } else { 1.0 };
            }
        }
        sums
    }

    /// The nearest rows, nearest first; of equally near ones the one stored earlier in the ring.
    fn nearest(&self, row: &Row) -> Nearest {
        let wanted = self.params.neighbours.min(self.labels.len());
        let mut nearest = Nearest::with_capacity(wanted + 1);
        let mut bound = f64::INFINITY;
        for block in 0..self.labels.len().div_ceil(BLOCK) {
            let distances = self.distances(row, block);
            for (at, distance) in (block * BLOCK..self.labels.len()).zip(distances) {
                if distance < bound {
                    let place = nearest.partition_point(|neighbour| neighbour.distance <= distance);
                    nearest.truncate(wanted - 1 + usize::from(nearest.len() < wanted));
                    nearest.insert(place, Neighbour { distance, at });
                    bound = if nearest.len() == wanted { nearest[wanted - 1].distance } else { f64::INFINITY };
                }
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

    /// Looks at how a number varies in the window.
    fn inverse_variance(&self, number: usize) -> f64 {
        let columns = self.numbers.chunks_exact(BLOCK).skip(number).step_by(self.inverse_variances.len());
        let known = || columns.clone().flatten().take(self.labels.len()).filter(|value| !value.is_nan());
        // Of differences to one of them: what does not vary gives 0 and no trace of rounding.
        let Some(first) = known().next() else { return 0.0 };
        let count = known().count() as f64;
        let mean = known().map(|value| value - first).sum::<f64>() / count;
        let squares: f64 = known().map(|value| (value - first - mean) * (value - first - mean)).sum();
        if squares > 0.0 { count / squares } else { 0.0 }
    }

    /// Makes room for the row at `at`.
    fn grow(&mut self, at: usize) {
        let blocks = at / BLOCK + 1;
        let most = self.params.window.div_ceil(BLOCK).min(2 * blocks);
        grow(&mut self.numbers, BLOCK * self.inverse_variances.len(), blocks, most);
        grow(&mut self.codes, BLOCK * self.categories, blocks, most);
        grow(&mut self.weights, BLOCK, blocks, most);
        if at == self.labels.capacity() {
            self.labels.reserve_exact(BLOCK * most - self.labels.len());
        }
    }
}

/// Makes room for `blocks` blocks of `size`, and where memory is to be had for that, for `most`.
fn grow<T: Copy + Default>(values: &mut Vec<T>, size: usize, blocks: usize, most: usize) {
    if size * blocks > values.capacity() {
        values.reserve_exact(size * most - values.len());
    }
    if size * blocks > values.len() {
        values.resize(size * blocks, T::default());
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
        let at = self.next;
        self.next = (at + 1) % self.params.window;
        self.grow(at);
        let (block, lane) = (at / BLOCK, at % BLOCK);
        let columns = self.numbers.chunks_exact_mut(BLOCK).skip(block * self.inverse_variances.len());
        columns.zip(&row.numbers).for_each(|(column, value)| column[lane] = *value);
        let columns = self.codes.chunks_exact_mut(BLOCK).skip(block * self.categories);
        columns.zip(&row.categories).for_each(|(column, category)| column[lane] = category.code);
        self.weights[at] = weight;
        match self.labels.get_mut(at) {
            Some(old) => *old = label,
            None => self.labels.push(label),
        }
        if self.labels.len() <= FEW || at.is_multiple_of(LOOK_EVERY) {
            for number in 0..self.inverse_variances.len() {
                self.inverse_variances[number] = self.inverse_variance(number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Kind, Layout};
    use crate::rng::Rng;
    use crate::row::Category;

    /// A search without blocks over the last rows, the deviations taken from all of them each time.
    fn plainly(rows: &[(Row, f64)], row: &Row, inverse_variances: &[f64]) -> f64 {
        let distance = |other: &Row| {
            let numbers = other.numbers.iter().zip(&row.numbers).zip(inverse_variances);
            let numbers = numbers.map(|((a, b), scale)| if (a - b).is_nan() { 1.0 } else { (a - b) * (a - b) * scale });
            numbers.sum::<f64>() + f64::from(other.categories[0].code != row.categories[0].code)
        };
        let mut nearest: Vec<(f64, f64)> = rows.iter().map(|(other, y)| (distance(other).sqrt().max(1e-9), *y)).collect();
        nearest.sort_by(|a, b| a.0.total_cmp(&b.0));
        nearest.truncate(10);
        let total: f64 = nearest.iter().map(|(d, _)| 1.0 / d).sum();
        nearest.iter().map(|(d, y)| y / d / total).sum()
    }

    fn inverse_variances(rows: &[(Row, f64)]) -> Vec<f64> {
        let of = |number: usize| {
            let known: Vec<f64> = rows.iter().map(|(row, _)| row.numbers[number]).filter(|v| !v.is_nan()).collect();
            let mean = known.iter().sum::<f64>() / known.len() as f64;
            known.len() as f64 / known.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>()
        };
        (0..2).map(of).collect()
    }

    /// The numbers' scales rise a hundredfold, one after the other: those of rows that have left must not count.
    #[test]
    fn answers_are_those_of_a_plain_search_of_the_window() {
        let layout = Layout::new([("a", Kind::Number), ("b", Kind::Number), ("c", Kind::Category)]);
        let params = Params { window: 2 * LOOK_EVERY, ..Params::default() };
        let mut model = Knn::new(params, Context { task: Task::Regression, layout: &layout, classes: 0, seed: 1 });
        let mut rng = Rng::new(7, "test");
        let (mut rows, mut scales): (Vec<(Row, f64)>, _) = (Vec::new(), Vec::new());
        for i in 0..6 * LOOK_EVERY {
            let scale = |rises: usize| if i < rises * LOOK_EVERY { 1.0 } else { 100.0 };
            let a = if rng.below(10) == 0 { f64::NAN } else { scale(1) * rng.uniform() };
            let b = 1e6 + scale(3) * rng.uniform();
            let categories = vec![Category { code: rng.below(3) as u32, hash: 0 }];
            let row = Row { numbers: vec![a, b], categories, ..Row::default() };
            let mut answer = Prediction::Value(0.0);
            model.predict(&row, &mut answer);
            if !rows.is_empty() {
                let expected = plainly(&rows, &row, &scales);
                let Prediction::Value(value) = answer else { panic!("{answer:?}") };
                assert!((value - expected).abs() < 1e-6, "row {i}: {value}, not {expected}");
            }
            let y = rng.uniform();
            model.learn(&row, Label::Value(y), 1.0);
            rows.push((row, y));
            rows.drain(..rows.len().saturating_sub(2 * LOOK_EVERY));
            if rows.len() <= FEW || i % LOOK_EVERY == 0 {
                scales = inverse_variances(&rows).into_iter().map(|s| if s.is_finite() { s } else { 0.0 }).collect();
            }
        }
    }
}
