//! A tree of an ensemble with its detectors, its accuracy and the tree that waits in the background.

use std::collections::VecDeque;

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Plan, Response, Voters};
use crate::drift::adaptive_window::AdaptiveWindow;
use crate::drift::adwin;
use crate::model::tree::class_tree::ClassTree;
use crate::model::tree::statement::Statement;
use crate::model::tree::subspace::Subspace;
use crate::rng::Rng;
use crate::row::Row;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Member {
    tree: ClassTree,
    background: Option<ClassTree>,
    warning: Option<AdaptiveWindow>,
    drift: AdaptiveWindow,
    /// Labels since the tree took its place, and how many it got right.
    seen: f64,
    right: f64,
    recent: Recent,
    trees_grown: u64,
    rng: Rng,
}

/// Whether the last answers were right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
struct Recent {
    window: usize,
    answers: VecDeque<bool>,
    right: usize,
}

impl Recent {
    fn new(voters: Voters) -> Self {
        let window = if let Voters::BetterHalf { window } = voters { window } else { 0 };
        Self { window, answers: VecDeque::new(), right: 0 }
    }

    fn add(&mut self, right: bool) {
        if self.window == 0 {
            return;
        }
        if self.answers.len() == self.window {
            self.right -= usize::from(self.answers.pop_front() == Some(true));
        }
        self.answers.push_back(right);
        self.right += usize::from(right);
    }

    fn accuracy(&self) -> f64 {
        if self.answers.is_empty() { 1.0 } else { self.right as f64 / self.answers.len() as f64 }
    }
}

impl Member {
    /// A member whose first tree looks at `features`.
    pub fn new(plan: &Plan, features: Subspace, rng: Rng) -> Self {
        Self::of(plan, ClassTree::new(&plan.growth, features, rng.child(0)), rng)
    }

    fn of(plan: &Plan, tree: ClassTree, rng: Rng) -> Self {
        let detector =
            |delta| AdaptiveWindow::new(adwin::Params { delta, one_sided: plan.one_sided, ..Default::default() });
        let warning = match plan.response {
            Response::Swap { warning_delta } => Some(detector(warning_delta)),
            Response::Reset | Response::ResetWorst => None,
        };
        Self {
            tree,
            background: None,
            warning,
            drift: detector(plan.drift_delta),
            seen: 0.0,
            right: 0.0,
            recent: Recent::new(plan.voters),
            trees_grown: 1,
            rng,
        }
    }

    /// Writes the probability of each class into `votes`, all 0. Gives what the tree said, for [`Member::learn`].
    pub fn vote(&self, plan: &Plan, row: &Row, votes: &mut [f64]) -> Statement {
        self.tree.vote(&plan.growth, row, votes)
    }

    /// Accuracy since the tree took its place; 1 before its first label.
    pub fn accuracy(&self) -> f64 {
        if self.seen > 0.0 { self.right / self.seen } else { 1.0 }
    }

    /// Accuracy over the last labels, as many as the plan's voters are judged by; 1 before the first.
    pub fn recent_accuracy(&self) -> f64 {
        self.recent.accuracy()
    }

    /// The share of errors in the detector's window.
    pub fn error(&self) -> f64 {
        self.drift.mean()
    }

    pub fn nodes(&self) -> usize {
        self.tree.nodes()
    }

    /// The member's own stream.
    pub fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }

    pub fn trees_grown(&self) -> u64 {
        self.trees_grown
    }

    /// Learns a row with a Poisson weight, perhaps 0; says whether the error has risen. The member answers for what it `said` of the row
    /// when it was asked; without, it is asked now, before it learns.
    pub fn learn(&mut self, plan: &Plan, row: &Row, class: usize, weight: f64, said: Option<Statement>) -> bool {
        let named = said.map(Statement::class);
        let mut right = named == Some(Some(class));
        if weight > 0.0 {
            let would = self.tree.learn(&plan.growth, row, class, weight, said);
            right |= named.is_none() && would;
            if let Some(background) = &mut self.background {
                background.learn(&plan.growth, row, class, weight, None);
            }
        } else if named.is_none() {
            right = self.tree.class(&plan.growth, row, None) == Some(class);
        }
        self.seen += 1.0;
        self.right += f64::from(u8::from(right));
        self.recent.add(right);
        // Where an alarm costs some tree its place, not the one that erred, only what learning doesn't mend counts.
        let errs = match plan.response {
            Response::ResetWorst => self.tree.class(&plan.growth, row, said) != Some(class),
            Response::Swap { .. } | Response::Reset => !right,
        };
        self.watch(plan, f64::from(u8::from(errs)))
    }

    fn watch(&mut self, plan: &Plan, error: f64) -> bool {
        let warned = self.warning.as_mut().is_some_and(|warning| alarms(warning, error));
        if warned {
            self.background = Some(self.grow(plan));
        }
        // Where another tree may be the one that starts anew, alarms go on while the error does.
        let risen = self.drift.has_changed(error);
        if risen && plan.response != Response::ResetWorst {
            self.reset(plan);
        }
        risen
    }

    /// The background tree, or a new one, takes the place of the tree.
    pub fn reset(&mut self, plan: &Plan) {
        let tree = self.background.take().unwrap_or_else(|| self.grow(plan));
        *self = Self { trees_grown: self.trees_grown, ..Self::of(plan, tree, self.rng) };
    }

    fn grow(&mut self, plan: &Plan) -> ClassTree {
        self.trees_grown += 1;
        tree(plan, self.rng.child(self.trees_grown - 1))
    }
}

fn tree(plan: &Plan, mut rng: Rng) -> ClassTree {
    let features = plan.draw(&mut rng);
    ClassTree::new(&plan.growth, features, rng)
}

/// Whether `error` shows a change; where it does, the window starts empty.
pub(super) fn alarms(window: &mut AdaptiveWindow, error: f64) -> bool {
    let changed = window.has_changed(error);
    if changed {
        window.clear();
    }
    changed
}
