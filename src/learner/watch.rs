//! Watches: a detector on a signal, with what was before and what is now.

use serde::{Deserialize, Serialize};

use super::spec;
use crate::drift::{Detector, DriftDetector, Signal};
use crate::event::Layout;
use crate::facts::{AlertKind, Stretch};

/// Values in the stretch that an alert calls `after`.
const RECENT: usize = 100;

/// What is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Target {
    /// 0 or 1 for classes, the absolute error for a value.
    Error,
    /// The second class's probability of two, the predicted class's of many, or the value.
    Prediction,
    /// The index of the class, or the value.
    Label,
    /// A number by slot, before all transforms.
    Feature(usize),
}

/// The targets of a watch by its name.
pub(super) fn targets(watch: &str, layout: &Layout) -> Result<Vec<Target>, String> {
    match watch {
        "error" => Ok(vec![Target::Error]),
        "prediction" => Ok(vec![Target::Prediction]),
        "label" => Ok(vec![Target::Label]),
        "features" if layout.numbers.is_empty() => {
            Err("\"features\" needs a number feature, and there is none".to_owned())
        }
        "features" => Ok((0..layout.numbers.len()).map(Target::Feature).collect()),
        name => match layout.numbers.iter().position(|number| number == name) {
            Some(slot) => Ok(vec![Target::Feature(slot)]),
            None => Err(format!(
                "\"{name}\" is neither error, prediction, label, features nor a number feature ({})",
                layout.numbers.join(", ")
            )),
        },
    }
}

impl Target {
    /// `error`, `prediction`, `label` or `feature NAME`.
    pub(super) fn name(self, layout: &Layout) -> String {
        match self {
            Self::Error => "error".to_owned(),
            Self::Prediction => "prediction".to_owned(),
            Self::Label => "label".to_owned(),
            Self::Feature(slot) => format!("feature {}", layout.numbers.get(slot).map_or("?", String::as_str)),
        }
    }

    pub(super) fn kind(self) -> AlertKind {
        match self {
            Self::Error | Self::Label => AlertKind::ConceptDrift,
            Self::Prediction | Self::Feature(_) => AlertKind::DataDrift,
        }
    }
}

/// One detector on one signal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Watcher {
    /// Which `[[drift]]` this belongs to.
    pub(super) index: usize,
    pub(super) target: Target,
    detector: Detector,
    monitor: Monitor,
    warned: bool,
}

/// The regime so far, but for its most recent values, and those.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Monitor {
    sum: f64,
    n: u64,
    /// A ring: `next` is the oldest once it is full.
    recent: Vec<f64>,
    next: usize,
}

/// A warning that begins, or a drift, with what was before and after it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Change {
    pub(super) signal: Signal,
    pub(super) before: Stretch,
    pub(super) after: Stretch,
}

impl Watcher {
    /// One watcher for each target of each watch.
    pub(super) fn all(watches: &[spec::Watch], layout: &Layout) -> Vec<Self> {
        let mut watchers = Vec::new();
        for (index, watch) in watches.iter().enumerate() {
            for target in targets(&watch.watch, layout).unwrap_or_default() {
                let detector = watch.detector.build();
                watchers.push(Self { index, target, detector, monitor: Monitor::default(), warned: false });
            }
        }
        watchers
    }

    /// Feeds one value; a value that is missing or not finite is not fed.
    pub(super) fn update(&mut self, value: f64) -> Option<Change> {
        if !value.is_finite() {
            return None;
        }
        self.monitor.add(value);
        let signal = self.detector.update(value);
        let begins = match signal {
            Signal::Stable => false,
            Signal::Warning => !self.warned,
            Signal::Drift => true,
        };
        self.warned = signal == Signal::Warning;
        if !begins {
            return None;
        }
        let change = Change { signal, before: self.monitor.before(), after: self.monitor.after() };
        if signal == Signal::Drift {
            self.monitor.begin_regime();
        }
        Some(change)
    }

    /// Where the signal stands: the regime before, and its most recent values.
    pub(super) fn stretches(&self) -> (Stretch, Stretch) {
        (self.monitor.before(), self.monitor.after())
    }
}

impl Monitor {
    fn add(&mut self, value: f64) {
        if self.recent.len() < RECENT {
            self.recent.push(value);
            return;
        }
        self.sum += self.recent[self.next];
        self.n += 1;
        self.recent[self.next] = value;
        self.next = if self.next + 1 == RECENT { 0 } else { self.next + 1 };
    }

    fn before(&self) -> Stretch {
        Stretch { mean: if self.n == 0 { 0.0 } else { self.sum / self.n as f64 }, n: self.n }
    }

    fn after(&self) -> Stretch {
        let n = self.recent.len() as u64;
        Stretch { mean: if n == 0 { 0.0 } else { self.recent.iter().sum::<f64>() / n as f64 }, n }
    }

    /// What was recent becomes the start of the new regime.
    fn begin_regime(&mut self) {
        self.sum = self.recent.iter().sum();
        self.n = self.recent.len() as u64;
        self.recent.clear();
        self.next = 0;
    }
}
