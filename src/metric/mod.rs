//! Metrics: each sums up how good predictions were, label by label. [`Scoreboard`] keeps all that suit a task, with their
//! rolling twins.
//!
//! To add one: a file beside the others, shaped like them, and its line in `family!` below.

mod outcome;
mod scoreboard;

pub use outcome::{ClassOutcome, Outcome, ValueOutcome};
pub use scoreboard::Scoreboard;

use crate::row::Task;

/// Sums up outcomes, one at a time.
pub trait Metric {
    /// Takes in one scored label; one of another kind of task is ignored.
    fn update(&mut self, outcome: &Outcome);

    /// The value so far; `None` where it is not defined yet.
    fn get(&self) -> Option<f64>;
}

crate::family!("metric", AnyMetric, {
    accuracy => Accuracy,
    kappa => Kappa,
    kappa_temporal => KappaTemporal,
    kappa_m => KappaM,
    f1 => F1,
    roc_auc => RocAuc,
    log_loss => LogLoss,
    mae => Mae,
    rmse => Rmse,
    r2 => R2,
});

impl Params {
    pub fn build(&self, task: Task) -> AnyMetric {
        build_each!(self, params => task)
    }

    /// Whether the metric says anything about predictions for `task`.
    pub fn suits(&self, task: Task) -> bool {
        match self {
            Self::Mae(_) | Self::Rmse(_) | Self::R2(_) => task == Task::Regression,
            Self::RocAuc(_) => task == Task::Binary,
            _ => task.is_classification(),
        }
    }

    /// The value over exactly these outcomes.
    pub fn over<'a>(&self, task: Task, outcomes: impl Iterator<Item = &'a Outcome>) -> Option<f64> {
        if let Self::RocAuc(_) = self {
            return roc_auc::exact(outcomes);
        }
        let mut metric = self.build(task);
        outcomes.for_each(|outcome| metric.update(outcome));
        metric.get()
    }
}

impl Metric for AnyMetric {
    fn update(&mut self, outcome: &Outcome) {
        each!(self, metric => metric.update(outcome));
    }

    fn get(&self) -> Option<f64> {
        each!(self, metric => metric.get())
    }
}

/// Counts by class, growing with the classes that come.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize, get_size2::GetSize)]
struct Counts(Vec<u64>);

impl Counts {
    fn add(&mut self, class: u32) {
        let class = class as usize;
        if class >= self.0.len() {
            self.0.resize(class + 1, 0);
        }
        self.0[class] += 1;
    }

    fn get(&self, class: usize) -> u64 {
        self.0.get(class).copied().unwrap_or(0)
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn max(&self) -> u64 {
        self.0.iter().copied().max().unwrap_or(0)
    }
}

/// `a / b`, or nothing where `b` is 0.
fn ratio(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

#[cfg(test)]
mod tests;
