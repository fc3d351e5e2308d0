//! A value tree of an ensemble with its detectors, its error and the tree that waits in the background.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::member::alarms;
use super::values::ValuePlan;
use crate::drift::adaptive_window::AdaptiveWindow;
use crate::drift::adwin;
use crate::model::tree::value_tree::ValueTree;
use crate::rng::Rng;
use crate::row::Row;
use crate::stats::ErrorScale;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct ValueMember {
    tree: ValueTree,
    background: Option<ValueTree>,
    warning: AdaptiveWindow,
    drift: AdaptiveWindow,
    scale: ErrorScale,
    /// Squared error of late, and the sum of the discounts.
    squares: f64,
    errors: f64,
    trees_grown: u64,
    rng: Rng,
}

/// How much of the errors so far a row leaves standing.
const ERROR_DISCOUNT: f64 = 0.995;

impl ValueMember {
    pub fn new(plan: &ValuePlan, rng: Rng) -> Self {
        let detector =
            |delta| AdaptiveWindow::new(adwin::Params { delta, one_sided: plan.one_sided, ..Default::default() });
        Self {
            tree: tree(plan, rng.child(0)),
            background: None,
            warning: detector(plan.warning_delta),
            drift: detector(plan.drift_delta),
            scale: ErrorScale::default(),
            squares: 0.0,
            errors: 0.0,
            trees_grown: 1,
            rng,
        }
    }

    pub fn predict(&self, plan: &ValuePlan, row: &Row) -> f64 {
        self.tree.predict(&plan.growth, row)
    }

    /// What the member's answer counts: the inverse of its mean squared error of late, > 0 and finite.
    pub fn vote(&self) -> f64 {
        if self.errors > 0.0 { 1.0 / (self.squares / self.errors).max(1e-200) } else { 1.0 }
    }

    pub fn nodes(&self) -> usize {
        self.tree.nodes()
    }

    pub fn trees_grown(&self) -> u64 {
        self.trees_grown
    }

    /// Learns a row with a Poisson weight. `said` is what the member answered when it was asked; without, it is asked now,
    /// before it learns.
    pub fn learn(&mut self, plan: &ValuePlan, row: &Row, value: f64, weight: f64, said: Option<f64>) {
        let error = value - said.unwrap_or_else(|| self.tree.predict(&plan.growth, row));
        self.squares = ERROR_DISCOUNT * self.squares + error * error;
        self.errors = ERROR_DISCOUNT * self.errors + 1.0;
        let times = f64::from(self.rng.poisson(plan.lambda));
        if times > 0.0 {
            self.tree.learn(&plan.growth, row, value, times * weight);
            if let Some(background) = &mut self.background {
                background.learn(&plan.growth, row, value, times * weight);
            }
        }
        let error = self.scale.scaled(value, error);
        let warned = alarms(&mut self.warning, error);
        if self.drift.has_changed(error) {
            self.reset(plan);
        } else if warned {
            self.background = Some(self.grow(plan));
        }
    }

    /// The background tree, or a new one, takes the place of the tree.
    fn reset(&mut self, plan: &ValuePlan) {
        let tree = self.background.take().unwrap_or_else(|| self.grow(plan));
        *self = Self { tree, trees_grown: self.trees_grown, scale: self.scale, ..Self::new(plan, self.rng) };
    }

    fn grow(&mut self, plan: &ValuePlan) -> ValueTree {
        self.trees_grown += 1;
        tree(plan, self.rng.child(self.trees_grown - 1))
    }
}

fn tree(plan: &ValuePlan, mut rng: Rng) -> ValueTree {
    let features = plan.features.draw(plan.per_tree, &mut rng);
    ValueTree::new(&plan.growth, plan.numbers, features, rng)
}
