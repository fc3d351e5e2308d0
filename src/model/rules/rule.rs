//! A rule: conditions, and what is known of the rows that meet them.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::Condition;
use crate::drift::page_hinkley::{self, PageHinkley};
use crate::drift::{Direction, DriftDetector as _, Signal};
use crate::event::Layout;
use crate::model::tree::subspace::Subspace;
use crate::model::tree::value_leaf::{ValueLeaf, ValuePrediction};
use crate::model::tree::value_tree::ValueGrowth;
use crate::row::Row;
use crate::stats::ErrorScale;

/// How rules grow, and when they are given up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Plan {
    pub growth: ValueGrowth,
    pub features: Subspace,
    pub drift: page_hinkley::Params,
    /// The share of a row's improbability, within numbers that are improbable, from which on it is an anomaly.
    pub anomaly_share: f64,
    /// Below this probability a number is improbable.
    pub improbable: f64,
    /// Rows that a rule must have learned before it knows anomalies.
    pub min_rows: f64,
}

impl Plan {
    pub fn detector(threshold: f64, delta: f64) -> page_hinkley::Params {
        page_hinkley::Params { threshold, delta, direction: Direction::Up, ..page_hinkley::Params::default() }
    }
}

/// Conditions that must all hold, and what is known of the rows that meet them. Without conditions: the default rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Rule {
    conditions: Vec<Condition>,
    leaf: ValueLeaf,
    rows: f64,
    detector: PageHinkley,
    scale: ErrorScale,
    /// Absolute error, older ones discounted, and the sum of the discounts.
    error: f64,
    errors: f64,
}

/// How much of the errors so far a row leaves standing.
const ERROR_DISCOUNT: f64 = 0.99;

/// What came of a row that a rule has learned.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Learned,
    /// The error has risen: the rule no longer holds.
    Drifted,
    /// The rule has become more special. What it no longer covers would make the rule that is given.
    Grown(Box<Rule>),
}

impl Rule {
    pub fn new(plan: &Plan, leaf: ValueLeaf, conditions: Vec<Condition>) -> Self {
        let detector = PageHinkley::new(plan.drift.clone(), ());
        Self { conditions, leaf, rows: 0.0, detector, scale: ErrorScale::default(), error: 0.0, errors: 0.0 }
    }

    pub fn covers(&self, row: &Row) -> bool {
        self.conditions.iter().all(|condition| condition.holds(row))
    }

    /// For `state show`.
    pub fn in_words(&self, layout: &Layout) -> String {
        let conditions: Vec<String> = self.conditions.iter().map(|condition| condition.in_words(layout)).collect();
        format!("{}: {:.0} rows, mean absolute error {:.4}", conditions.join(" and "), self.rows, self.error())
    }

    pub fn predict(&self, how: ValuePrediction, row: &Row) -> f64 {
        self.leaf.predict(how, row)
    }

    /// The mean absolute error of late.
    pub fn error(&self) -> f64 {
        if self.errors > 0.0 { self.error / self.errors } else { 0.0 }
    }

    /// Whether most of what is improbable about a row, among those that the rule covers, lies in few very improbable numbers.
    pub fn is_anomaly(&self, plan: &Plan, row: &Row) -> bool {
        if self.rows < plan.min_rows {
            return false;
        }
        let far = -libm::log(plan.improbable);
        let deviations = self.leaf.predictor().linear().deviations(row);
        if deviations.clone().all(|deviation| deviation * deviation * plan.improbable <= 1.0) {
            return false;
        }
        let surprises = deviations.map(surprise);
        let all: f64 = surprises.clone().sum();
        surprises.filter(|surprise| *surprise > far).sum::<f64>() >= plan.anomaly_share * all
    }

    /// Learns a row that it covers, a value and a weight; `said` is what it predicted. It becomes more special only where it
    /// `may_grow`.
    pub fn learn(&mut self, plan: &Plan, row: &Row, (value, weight): (f64, f64), said: f64, may_grow: bool) -> Outcome {
        let miss = value - said;
        self.error = ERROR_DISCOUNT * self.error + miss.abs();
        self.errors = ERROR_DISCOUNT * self.errors + 1.0;
        if self.detector.update(self.scale.scaled(value, miss)) == Signal::Drift {
            return Outcome::Drifted;
        }
        self.rows += 1.0;
        // The linear model also keeps what anomalies are known by, whatever the rule predicts with.
        self.leaf.learn(ValuePrediction::Adaptive, row, value, weight);
        let may_grow = may_grow && self.conditions.len() < plan.growth.max_depth;
        if may_grow && self.leaf.is_due(&plan.growth.rule) {
            return self.grow(plan);
        }
        Outcome::Learned
    }

    /// Takes up the side of the winning test on which the target varies less.
    fn grow(&mut self, plan: &Plan) -> Outcome {
        let Some(winner) = self.leaf.attempt(&plan.growth.rule) else { return Outcome::Learned };
        let side = usize::from(winner.branches[1].variance() < winner.branches[0].variance());
        let Some(condition) = Condition::of(&winner.test, side) else { return Outcome::Learned };
        let [kept, left] = [side, 1 - side].map(|side| self.leaf.child(winner.branches[side], plan.features.clone()));
        let rest = Self::new(plan, left, self.conditions.clone());
        condition.join(&mut self.conditions);
        *self = Self {
            error: self.error,
            errors: self.errors,
            ..Self::new(plan, kept, std::mem::take(&mut self.conditions))
        };
        Outcome::Grown(Box::new(rest))
    }
}

/// Minus the log of the probability of lying so many deviations out: Chebyshev's bound beyond one, the normal density within.
fn surprise(deviations: f64) -> f64 {
    let square = deviations * deviations;
    if square > 1.0 { libm::log(square) } else { 0.5 * square }
}
