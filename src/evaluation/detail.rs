//! What the report page shows beside scores: class balance, calibration, confusion, residuals. Bounded, whatever the stream's length.

use crate::facts::PredictionRecord;
use crate::row::{Label, Task};

/// Bins of predicted probability, of equal width.
const BINS: usize = 10;
/// The most predictions of values that are kept.
const POINTS: usize = 1_024;

/// Gathered prediction by prediction, as truths come.
#[derive(Clone, Debug, PartialEq)]
pub struct Detail {
    task: Task,
    /// Labels of each class, window by window.
    balance: Vec<Vec<u64>>,
    current: Vec<u64>,
    calibration: [Bin; BINS],
    /// Predictions by class of the label, then by predicted class.
    confusion: Vec<Vec<u64>>,
    points: Thinned<Point>,
    weights: Vec<Weights>,
}

/// The share of each member of a model in its answers, by name.
pub type Weights = Vec<(String, f64)>;

/// Predictions of about the same probability.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Bin {
    n: u64,
    probability: f64,
    came_true: u64,
}

/// Predictions of about the same probability: what was said, and how often it came true.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    pub n: u64,
    /// Mean of the predicted probabilities.
    pub predicted: f64,
    /// Share that came true.
    pub observed: f64,
}

/// A predicted value and the true one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub predicted: f64,
    pub label: f64,
}

/// What a prediction said, as far as details need it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Said {
    /// The most probable class.
    class: Option<usize>,
    /// Of class 1, and of the most probable class.
    probabilities: [f64; 2],
    value: f64,
}

impl Said {
    pub fn new(record: &PredictionRecord) -> Self {
        let probability = |class: usize| record.probabilities.iter().nth(class).map_or(0.0, |(_, p)| p);
        let class = record.probabilities.iter().position(|(name, _)| record.label == name);
        let probabilities = [probability(1), class.map_or(0.0, probability)];
        Self { class, probabilities, value: record.value.unwrap_or(f64::NAN) }
    }
}

impl Detail {
    pub(super) fn new(task: Task) -> Self {
        let (balance, current, confusion, points, weights) = Default::default();
        Self { task, balance, current, calibration: [Bin::default(); BINS], confusion, points, weights }
    }

    pub(super) fn score(&mut self, label: Label, said: &Said) {
        let class = match label {
            Label::Class(class) => class as usize,
            Label::Value(label) => return self.points.push(Point { predicted: said.value, label }),
        };
        count(&mut self.current, class);
        if let Some(predicted) = said.class {
            if self.confusion.len() <= class {
                self.confusion.resize(class + 1, Vec::new());
            }
            count(&mut self.confusion[class], predicted);
        }
        let [positive, confidence] = said.probabilities;
        let (probability, came_true) = match self.task {
            Task::Binary => (positive, class == 1),
            _ => (confidence, said.class == Some(class)),
        };
        let bin = &mut self.calibration[((probability * BINS as f64) as usize).min(BINS - 1)];
        bin.n += 1;
        bin.probability += probability;
        bin.came_true += u64::from(came_true);
    }

    /// `weights` are those of the model at the end of the window.
    pub(super) fn end_window(&mut self, weights: Weights) {
        self.balance.push(std::mem::take(&mut self.current));
        self.weights.push(weights);
    }

    /// The members' shares at the end of each window; empty for a model that has no members.
    pub fn weights(&self) -> &[Weights] {
        &self.weights
    }

    /// Labels of each class, window by window; a class that had not come is beyond a window's end.
    pub fn balance(&self) -> &[Vec<u64>] {
        &self.balance
    }

    /// How probabilities came true, in bins of equal width: of class 1 in a binary task, of the most probable class else.
    pub fn calibration(&self) -> [Option<Calibration>; BINS] {
        self.calibration.map(|bin| {
            (bin.n > 0).then(|| Calibration {
                n: bin.n,
                predicted: bin.probability / bin.n as f64,
                observed: bin.came_true as f64 / bin.n as f64,
            })
        })
    }

    /// Mean distance of what was said from what came true, each bin by its size; `None` without a prediction.
    pub fn calibration_error(&self) -> Option<f64> {
        let bins = self.calibration();
        let n: u64 = bins.iter().flatten().map(|bin| bin.n).sum();
        let sum: f64 = bins.iter().flatten().map(|bin| bin.n as f64 * (bin.predicted - bin.observed).abs()).sum();
        (n > 0).then(|| sum / n as f64)
    }

    /// Predictions by class of the label, then by predicted class.
    pub fn confusion(&self) -> &[Vec<u64>] {
        &self.confusion
    }

    /// Predicted values with the true ones: evenly taken from the stream, of each the same number apart.
    pub fn points(&self) -> &[Point] {
        &self.points.kept
    }
}

fn count(counts: &mut Vec<u64>, class: usize) {
    if counts.len() <= class {
        counts.resize(class + 1, 0);
    }
    counts[class] += 1;
}

/// Every so many of a stream: where they become too many, every other one goes.
#[derive(Clone, Debug, PartialEq)]
struct Thinned<T> {
    kept: Vec<T>,
    seen: u64,
    every: u64,
}

impl<T> Default for Thinned<T> {
    fn default() -> Self {
        Self { kept: Vec::new(), seen: 0, every: 1 }
    }
}

impl<T> Thinned<T> {
    fn push(&mut self, value: T) {
        if self.seen.is_multiple_of(self.every) {
            self.kept.push(value);
            if self.kept.len() == POINTS {
                let mut index = 0;
                self.kept.retain(|_| {
                    index += 1;
                    index % 2 == 1
                });
                self.every *= 2;
            }
        }
        self.seen += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(class: usize, positive: f64) -> Said {
        let probabilities = [positive, positive.max(1.0 - positive)];
        Said { class: Some(class), probabilities, value: f64::NAN }
    }

    #[test]
    fn what_is_said_and_what_comes_true() {
        let mut detail = Detail::new(Task::Binary);
        for (positive, label) in [(0.9, 1), (0.92, 1), (0.94, 0), (0.1, 0)] {
            detail.score(Label::Class(label), &said(usize::from(positive > 0.5), positive));
        }
        detail.end_window(Vec::new());
        detail.score(Label::Class(0), &said(0, 0.0));
        detail.end_window(Vec::new());
        let bins: Vec<_> = detail.calibration().into_iter().flatten().collect();
        assert_eq!(bins.iter().map(|bin| bin.n).collect::<Vec<_>>(), [1, 1, 3]);
        assert!((bins[2].predicted - 0.92).abs() < 1e-12 && (bins[2].observed - 2.0 / 3.0).abs() < 1e-12, "{bins:?}");
        assert!((detail.calibration_error().unwrap() - (0.1 + 3.0 * (0.92 - 2.0 / 3.0)) / 5.0).abs() < 1e-12);
        assert_eq!((detail.balance(), detail.confusion()), (&[vec![2, 2], vec![1]][..], &[vec![2, 1], vec![0, 2]][..]));
    }

    #[test]
    fn points_are_few_and_even() {
        let mut detail = Detail::new(Task::Regression);
        let said = Said { class: None, probabilities: [0.0; 2], value: 0.5 };
        (0..10_000).for_each(|i| detail.score(Label::Value(f64::from(i)), &said));
        let points = detail.points();
        assert!((POINTS / 2..POINTS).contains(&points.len()), "{}", points.len());
        let step = points[1].label - points[0].label;
        assert!(points.windows(2).all(|pair| pair[1].label - pair[0].label == step), "{step}");
        assert_eq!(detail.calibration_error(), None);
    }
}
