//! Ridge: exact recursive least squares with an intercept; what it learned it can unlearn.
//!
//! A. E. Hoerl, R. W. Kennard, "Ridge regression", Technometrics 12 (1970); recursive form: G. C. Goodwin, K. S. Sin,
//! "Adaptive Filtering, Prediction and Control" (1984). After every event the weights minimise
//! `Σ weight · (y - intercept - x·w)² + l2 · |w|²` over all rows learned and not unlearned; the intercept bears no penalty.
//!
//! Rounding cannot drift. The truth is the sums `A = XᵀWX + l2·I` and `b = XᵀWy`, each kept in about 32 digits: taking a row
//! away leaves them as if it had never come, as long as no number is more than about 10¹² times the others. The Cholesky
//! factor, which follows each row by rotations and so collects rounding, only leads to the weights: they are refined
//! against `A` itself, and the factor is made anew from `A` at regular counts and wherever a downdate would lose digits.
//! An event costs O(n²) for n numbers. A missing number counts as 0.
//!
//! ```
//! use driftline::event::{Kind, Layout};
//! use driftline::model::{Context, Model, Ridge, ridge::Params};
//! use driftline::row::{Label, Prediction, Row, Task};
//!
//! let layout = Layout::new([("x", Kind::Number)]);
//! let context = Context { task: Task::Regression, layout: &layout, classes: 0, seed: 1 };
//! let mut model = Ridge::new(Params { l2: 1e-6 }, context);
//! let row = |x| Row { numbers: vec![x], ..Row::default() };
//! for x in [1.0, 2.0, 3.0] {
//!     model.learn(&row(x), Label::Value(1.0 + 2.0 * x), 1.0);
//! }
//! model.learn(&row(4.0), Label::Value(-50.0), 1.0);
//! model.unlearn(&row(4.0), Label::Value(-50.0), 1.0);
//! let mut prediction = Prediction::Value(0.0);
//! model.predict(&row(4.0), &mut prediction);
//! assert!((prediction.value() - 9.0).abs() < 1e-5);
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::linear::{Scratch, weights_in_words};
use super::{Context, Model};
use crate::event::Layout;
use crate::linalg::{Cholesky, Gram, LongSum, bounded_or_zero, dot};
use crate::params::About;
use crate::row::{Example, Label, Prediction, Row, Task};

pub const ABOUT: About = About {
    summary: "exact recursive least squares with a quadratic penalty; can unlearn; regression",
    source: "A. E. Hoerl, R. W. Kennard, Ridge regression, Technometrics 12 (1970)",
    example: "type = \"ridge\"\nl2 = 0.1",
};

/// Rows that the factor follows before it is made anew; at least as many as there are weights, so that an event stays O(n²).
const LEAST_REBUILD: usize = 64;

crate::params! {
    pub struct Params {
        /// Strength of the pull of the weights towards 0, in units of squared numbers.
        pub l2: f64 = 1.0, in 1e-9..=1e12 => "in [1e-9, 1e12]";
    }
}

/// The intercept's column is the first of each matrix: the one that has information as soon as there is a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Ridge {
    l2: f64,
    gram: Gram,
    moments: Vec<LongSum>,
    /// Rows learned and not unlearned.
    rows: u64,
    factor: Cholesky,
    /// Rows the factor has followed since it was made.
    followed: usize,
    weights: Vec<f64>,
    #[serde(skip)]
    scratch: Scratch,
}

impl Ridge {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        Self::empty(params.l2, context.layout.numbers.len() + 1)
    }

    fn empty(l2: f64, n: usize) -> Self {
        let mut diagonal = vec![l2; n];
        diagonal[0] = 0.0;
        let gram = Gram::diagonal(&diagonal);
        Self {
            l2,
            factor: Cholesky::of(&gram),
            gram,
            moments: vec![LongSum::default(); n],
            rows: 0,
            followed: 0,
            weights: vec![0.0; n],
            scratch: Scratch::default(),
        }
    }

    /// Adds a row with `weight`, or takes it away where `weight` is negative.
    fn follow(&mut self, row: &Row, label: Label, weight: f64) {
        let n = self.weights.len();
        let label = label.value();
        let x = self.scratch.sized(n);
        x[0] = 1.0;
        for (x, &value) in x[1..].iter_mut().zip(&row.numbers) {
            *x = bounded_or_zero(value);
        }
        self.gram.add(x, weight);
        for (moment, x) in self.moments.iter_mut().zip(x.iter()) {
            moment.add(weight * (x * label));
        }
        let root = weight.abs().sqrt();
        x.iter_mut().for_each(|x| *x *= root);
        let sound = if weight > 0.0 {
            self.factor.update(x);
            true
        } else {
            self.factor.downdate(x)
        };
        self.followed += 1;
        if !sound || self.followed >= n.max(LEAST_REBUILD) {
            self.factor = Cholesky::of(&self.gram);
            self.followed = 0;
        }
    }

    /// The weights of the rows there are: by the factor, then one step of refinement against the sums themselves.
    fn solve(&mut self) {
        let n = self.weights.len();
        if self.rows == 0 {
            *self = Self::empty(self.l2, n);
            return;
        }
        for (weight, moment) in self.weights.iter_mut().zip(&self.moments) {
            *weight = moment.get();
        }
        self.factor.solve(&mut self.weights);
        let rest = self.scratch.sized(n);
        for (rest, moment) in rest.iter_mut().zip(&self.moments) {
            *rest = moment.get();
        }
        self.gram.subtract_product(&self.weights, rest);
        self.factor.solve(rest);
        for (weight, rest) in self.weights.iter_mut().zip(rest.iter()) {
            *weight = bounded_or_zero(*weight + rest);
        }
    }
}

impl Model for Ridge {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Regression]
    }

    fn can_unlearn(&self) -> bool {
        true
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        if let Prediction::Value(value) = prediction {
            *value = bounded_or_zero(self.weights[0] + dot(&self.weights[1..], &row.numbers));
        }
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        self.rows += 1;
        self.follow(row, label, weight);
        self.solve();
    }

    fn learn_batch(&mut self, batch: &[Example]) {
        for example in batch {
            self.rows += 1;
            self.follow(&example.row, example.label, example.weight);
        }
        self.solve();
    }

    fn unlearn(&mut self, row: &Row, label: Label, weight: f64) {
        self.rows = self.rows.saturating_sub(1);
        self.follow(row, label, -weight);
        self.solve();
    }

    fn describe(&self, layout: &Layout) -> Vec<(String, String)> {
        let mut words = weights_in_words(self.weights[0], &self.weights[1..], layout);
        words.push(("rows".to_owned(), self.rows.to_string()));
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Kind;
    use crate::rng::Rng;
    use crate::row::Task;

    const WINDOW: usize = 500;

    fn empty(l2: f64) -> Ridge {
        let layout = Layout::new(["a", "b", "c", "d", "e"].map(|name| (name, Kind::Number)));
        Ridge::new(Params { l2 }, Context { task: Task::Regression, layout: &layout, classes: 0, seed: 1 })
    }

    /// Numbers far from 0 and of different sizes, one missing now and then, and weights that change over the stream.
    fn example(rng: &mut Rng, n: usize) -> Example {
        let mut numbers: Vec<f64> = [1.0, 100.0, 0.01, 1.0, 10.0].map(|size| size * (rng.normal() + 3.0)).to_vec();
        let slope = if (n / 50_000).is_multiple_of(2) { 1.0 } else { -2.0 };
        let label = 50.0 + slope * numbers[0] + 0.1 * numbers[1] - 30.0 * numbers[2] + rng.normal();
        if rng.uniform() < 0.05 {
            numbers[3] = f64::NAN;
        }
        Example { row: Row { numbers, ..Row::default() }, label: Label::Value(label), weight: 0.5 + rng.uniform() }
    }

    fn fitted(window: &[Example], l2: f64) -> Ridge {
        let mut ridge = empty(l2);
        window.iter().for_each(|e| ridge.follow(&e.row, e.label, e.weight));
        ridge.factor = Cholesky::of(&ridge.gram);
        ridge.rows = window.len() as u64;
        ridge.solve();
        ridge
    }

    fn distance(a: &Ridge, b: &Ridge) -> f64 {
        a.weights.iter().zip(&b.weights).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    }

    fn slide(l2: f64, events: usize) {
        let mut rng = Rng::new(11, "ridge");
        let mut ridge = empty(l2);
        let mut window: Vec<Example> = Vec::new();
        for n in 0..events {
            let next = example(&mut rng, n);
            ridge.learn(&next.row, next.label, next.weight);
            window.push(next);
            if window.len() > WINDOW {
                let oldest = window.remove(0);
                ridge.unlearn(&oldest.row, oldest.label, oldest.weight);
            }
            if n >= WINDOW && (n.is_multiple_of(events / 40) || n + 1 == events) {
                let distance = distance(&ridge, &fitted(&window, l2));
                assert!(distance < 1e-8, "after {n} events: {distance:e} from a fresh fit");
            }
        }
    }

    #[test]
    fn after_200_000_events_the_window_is_all_there_is() {
        slide(1.0, 200_000);
    }

    #[test]
    fn a_faint_penalty_changes_nothing_of_that() {
        slide(1e-6, 10_000);
    }

    #[test]
    fn an_outlier_that_leaves_the_window_takes_all_it_brought() {
        let mut rng = Rng::new(12, "ridge");
        let mut ridge = empty(1.0);
        let mut stream: Vec<Example> = (0..3_000).map(|n| example(&mut rng, n)).collect();
        for outlier in stream.iter_mut().step_by(100) {
            outlier.row.numbers.iter_mut().for_each(|number| *number *= 1e5 * (1.0 + rng.uniform()));
        }
        for n in 0..stream.len() {
            let next = &stream[n];
            ridge.learn(&next.row, next.label, next.weight);
            if let Some(oldest) = n.checked_sub(50) {
                ridge.unlearn(&stream[oldest].row, stream[oldest].label, stream[oldest].weight);
                let distance = distance(&ridge, &fitted(&stream[oldest + 1..=n], 1.0));
                assert!(oldest % 100 >= 50 || distance < 1e-8, "after {n} events: {distance:e}");
            }
        }
    }

    #[test]
    fn the_factor_is_made_anew_and_refined() {
        let mut rng = Rng::new(4, "ridge");
        let window: Vec<Example> = (0..LEAST_REBUILD).map(|n| example(&mut rng, n)).collect();
        let mut ridge = empty(1.0);
        window.iter().for_each(|e| ridge.learn(&e.row, e.label, e.weight));
        assert_eq!(ridge.factor, Cholesky::of(&ridge.gram), "at a regular count");

        let exact = fitted(&window, 1.0);
        ridge.factor = Cholesky::of(&fitted(&window, 1.0 + 1e-7).gram);
        ridge.solve();
        assert!(distance(&ridge, &exact) < 1e-12, "a factor that has drifted by 1e-7 is refined");
    }

    #[test]
    fn minimises_what_it_says() {
        let mut rng = Rng::new(2, "ridge");
        let window: Vec<Example> = (0..200).map(|n| example(&mut rng, n)).collect();
        let cost = |weights: &[f64]| {
            let error = |e: &Example| e.label.value() - weights[0] - dot(&weights[1..], &e.row.numbers);
            let errors: f64 = window.iter().map(|e| e.weight * error(e) * error(e)).sum();
            errors + 1.0 * weights[1..].iter().map(|w| w * w).sum::<f64>()
        };
        let ridge = fitted(&window, 1.0);
        for slot in 0..6 {
            for step in [-1e-3, 1e-3] {
                let mut moved = ridge.weights.clone();
                moved[slot] += step;
                assert!(cost(&moved) > cost(&ridge.weights), "weight {slot} moved by {step}");
            }
        }
    }

    #[test]
    fn what_is_all_unlearned_was_never_learned() {
        let mut rng = Rng::new(3, "ridge");
        let window: Vec<Example> = (0..20).map(|n| example(&mut rng, n)).collect();
        let mut ridge = empty(1.0);
        window.iter().for_each(|e| ridge.learn(&e.row, e.label, e.weight));
        window.iter().for_each(|e| ridge.unlearn(&e.row, e.label, e.weight));
        assert_eq!(ridge, empty(1.0));
        ridge.learn_batch(&window);
        assert!(distance(&ridge, &fitted(&window, 1.0)) < 1e-10);
    }
}
