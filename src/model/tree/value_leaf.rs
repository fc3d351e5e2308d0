//! A leaf that predicts a value: by its mean, by a linear model, or by whichever has erred less of late.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::histogram::Moments;
use super::linear::Linear;
use super::subspace::Subspace;
use super::value_observers::{ValueObservers, ValueRule, ValueSplit};
use crate::row::Row;

/// How a leaf or a rule predicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, GetSize)]
#[serde(rename_all = "snake_case")]
pub enum ValuePrediction {
    Mean,
    Linear,
    /// The mean or the linear model, whichever has had the smaller discounted squared error.
    #[default]
    Adaptive,
}

/// A mean and a linear model of the same rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct ValuePredictor {
    /// Targets are kept as differences from this one, the first: sums of squares of large, close values lose their digits.
    origin: f64,
    target: Moments,
    linear: Linear,
    mean_error: f64,
    linear_error: f64,
}

/// How much of the errors so far an observation leaves standing.
const ERROR_DISCOUNT: f64 = 0.98;

impl ValuePredictor {
    pub fn new(linear: Linear) -> Self {
        Self { origin: 0.0, target: Moments::default(), linear, mean_error: 0.0, linear_error: 0.0 }
    }

    /// Of a branch with these targets: it goes on with the linear model.
    pub fn child(&self, target: Moments) -> Self {
        Self { origin: self.origin, target, linear: self.linear.clone(), mean_error: 0.0, linear_error: 0.0 }
    }

    /// The targets, as differences from the origin.
    pub fn target(&self) -> Moments {
        self.target
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
        if linear { self.linear.predict(row) } else { self.mean() }
    }

    fn mean(&self) -> f64 {
        self.origin + self.target.mean()
    }

    /// Learns a row; gives the target as a difference from the origin.
    pub fn learn(&mut self, how: ValuePrediction, row: &Row, value: f64, weight: f64) -> f64 {
        if self.target.weight == 0.0 {
            self.origin = value;
        }
        if how != ValuePrediction::Mean {
            let by_mean = value - self.mean();
            let by_linear = value - self.linear.learn(row, value, weight);
            self.mean_error = ERROR_DISCOUNT * self.mean_error + by_mean * by_mean;
            self.linear_error = ERROR_DISCOUNT * self.linear_error + by_linear * by_linear;
        }
        let target = value - self.origin;
        self.target.add(target, weight);
        target
    }

    /// Bytes held on the heap.
    pub fn bytes(&self) -> usize {
        self.linear.bytes()
    }
}

/// A leaf with all it needs to predict and to split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct ValueLeaf {
    predictor: ValuePredictor,
    observers: ValueObservers,
    weight_at_attempt: f64,
}

impl ValueLeaf {
    pub fn new(predictor: ValuePredictor, observers: ValueObservers) -> Self {
        let weight_at_attempt = predictor.target().weight;
        Self { predictor, observers, weight_at_attempt }
    }

    pub fn predictor(&self) -> &ValuePredictor {
        &self.predictor
    }

    pub fn observers(&self) -> &ValueObservers {
        &self.observers
    }

    /// A leaf for a branch with these targets: it goes on with the linear model.
    pub fn child(&self, target: Moments, subspace: Subspace) -> Self {
        Self::new(self.predictor.child(target), ValueObservers::new(subspace))
    }

    pub fn predict(&self, how: ValuePrediction, row: &Row) -> f64 {
        self.predictor.predict(how, row)
    }

    pub fn learn(&mut self, how: ValuePrediction, row: &Row, value: f64, weight: f64) {
        let target = self.predictor.learn(how, row, value, weight);
        self.observers.learn(row, target, weight);
    }

    pub fn is_due(&self, rule: &ValueRule) -> bool {
        let target = self.predictor.target();
        target.weight - self.weight_at_attempt >= rule.grace_period && target.scatter() > 0.0
    }

    /// Tries to split: the winning test, if there is one.
    pub fn attempt(&mut self, rule: &ValueRule) -> Option<ValueSplit> {
        self.note_attempt();
        self.observers.sure_winner(self.predictor.target(), rule)
    }

    /// A split is due again once another grace period has been seen.
    pub fn note_attempt(&mut self) {
        self.weight_at_attempt = self.predictor.target().weight;
    }

    /// Bytes held on the heap.
    pub fn bytes(&self) -> usize {
        self.predictor.bytes() + self.observers.bytes()
    }
}
