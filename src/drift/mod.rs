//! Drift detectors: each watches one signal (an error, a feature, a prediction) and says when its distribution has moved.
//!
//! To add one: a file beside the others, shaped like them, and its line in `family!` below.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

pub mod adaptive_window;

/// What a detector concludes from the last value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, GetSize)]
#[must_use]
pub enum Signal {
    Stable,
    Warning,
    Drift,
}

/// Which movement of a signal counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, GetSize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Up,
    Down,
    #[default]
    Both,
}

/// Watches a univariate signal. After `Drift` it re-arms itself: the next value starts a new regime.
pub trait DriftDetector {
    /// One value of the signal, finite.
    fn update(&mut self, value: f64) -> Signal;
}

crate::family!("drift detector", Detector, {
    adwin => Adwin,
    ddm => Ddm,
    eddm => Eddm,
    fhddm => Fhddm,
    hddm_a => HddmA,
    hddm_w => HddmW,
    kswin => Kswin,
    page_hinkley => PageHinkley,
});

impl Params {
    pub fn build(&self) -> Detector {
        build_each!(self, params => ())
    }
}

impl DriftDetector for Detector {
    fn update(&mut self, value: f64) -> Signal {
        each!(self, detector => detector.update(value))
    }
}
