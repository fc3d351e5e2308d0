//! FHDDM: alarms when the mean of a sliding window is further from its best than Hoeffding's bound allows.
//!
//! A. Pesaranghader and H. L. Viktor, "Fast Hoeffding drift detection method for evolving data streams", ECML PKDD 2016;
//! the short window: A. Pesaranghader, H. Viktor and E. Paquet, "Reservoir of diverse adaptive learners and stacking fast
//! Hoeffding drift detection methods for evolving data streams", Machine Learning 107 (2018). With `direction = "down"`
//! the alarms are River's, which takes ones for successes.
//!
//! ```
//! use driftline::drift::{DriftDetector, Fhddm, Signal, fhddm::Params};
//!
//! let mut detector = Fhddm::new(Params::default(), ());
//! let before = (0..500).filter(|i| detector.update(f64::from(i % 5 == 0)) == Signal::Drift).count();
//! let after = (0..500).filter(|i| detector.update(f64::from(i % 5 != 0)) == Signal::Drift).count();
//! assert_eq!((before, after), (0, 1));
//! ```

use std::collections::VecDeque;

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Direction, DriftDetector, Signal};
use crate::params::About;

pub const ABOUT: About = About {
    summary: "alarms when a sliding window's mean is further from its best than Hoeffding's bound allows",
    source: "A. Pesaranghader and H. L. Viktor, Fast Hoeffding drift detection method for evolving data streams, \
             ECML PKDD 2016",
    example: "type = \"fhddm\"\nsliding_window_size = 200\nshort_window_size = 25",
};

crate::params! {
    pub struct Params {
        /// Values in the window; the first look is taken when it is full.
        pub sliding_window_size: usize = 100, in 1..=1_000_000 => "in 1..=1000000";
        /// Chance of a false alarm at a value; smaller alarms later and more rarely.
        pub confidence_level: f64 = 0.000_001, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// Values in a second window, of the newest, which sees large drifts earlier; 0: none.
        pub short_window_size: usize = 0, in 0..=1_000_000 => "in 0..=1000000";
        /// Which movement counts: up (of errors), down (of successes) or both.
        pub direction: Direction = Direction::Up;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Fhddm {
    params: Params,
    window: VecDeque<f64>,
    long: Means,
    short: Means,
}

/// The sum of a window's values, and how low and high its mean has been.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
struct Means {
    sum: f64,
    range: Option<(f64, f64)>,
}

impl Fhddm {
    pub fn new(params: Params, _: ()) -> Self {
        Self { params, window: VecDeque::new(), long: Means::default(), short: Means::default() }
    }

    /// How many of the window's values the second window shares.
    fn shared(&self) -> usize {
        self.params.short_window_size.min(self.params.sliding_window_size)
    }

    fn slide(&mut self, value: f64) {
        self.window.push_back(value);
        self.long.sum += value;
        if self.window.len() > self.params.sliding_window_size {
            self.long.sum -= self.window.pop_front().unwrap_or_default();
        }
        self.short.sum += value;
        if let Some(left) = self.window.len().checked_sub(self.shared() + 1) {
            self.short.sum -= self.window[left];
        }
    }
}

impl DriftDetector for Fhddm {
    /// An error: 0 is right, 1 is wrong; other values are taken for the nearer of both.
    fn update(&mut self, value: f64) -> Signal {
        self.slide(f64::from(u8::from(value > 0.5)));
        if self.window.len() < self.params.sliding_window_size {
            return Signal::Stable;
        }
        let Params { sliding_window_size, confidence_level, direction, .. } = self.params;
        let shared = self.shared();
        let long = self.long.is_moved(sliding_window_size, confidence_level, direction);
        let short = shared > 0 && self.short.is_moved(shared, confidence_level, direction);
        if long || short {
            *self = Self::new(self.params.clone(), ());
            return Signal::Drift;
        }
        Signal::Stable
    }
}

impl Means {
    /// Whether the mean of `n` values is further from where it was best than chance lets it be.
    fn is_moved(&mut self, n: usize, confidence: f64, direction: Direction) -> bool {
        let mean = self.sum / n as f64;
        let (low, high) = self.range.get_or_insert((mean, mean));
        (*low, *high) = (low.min(mean), high.max(mean));
        let bound = (libm::log(1.0 / confidence) / (2 * n) as f64).sqrt();
        let (rose, fell) = (mean - *low > bound, *high - mean > bound);
        match direction {
            Direction::Up => rose,
            Direction::Down => fell,
            Direction::Both => rose || fell,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first alarm after a step of the error rate from a fifth to four fifths at 1,000.
    fn first_alarm(params: Params) -> Option<usize> {
        let mut detector = Fhddm::new(params, ());
        let error = |i: usize| i.is_multiple_of(5) == (i < 1_000);
        (0..2_000).find(|&i| detector.update(f64::from(u8::from(error(i)))) == Signal::Drift)
    }

    #[test]
    fn errors_rise_and_successes_fall() {
        let of = |direction| first_alarm(Params { direction, ..Params::default() });
        assert!(of(Direction::Up).is_some_and(|at| at >= 1_000));
        assert_eq!((of(Direction::Down), of(Direction::Both)), (None, of(Direction::Up)));
    }

    #[test]
    fn a_short_window_sees_a_large_drift_earlier() {
        let params = Params { sliding_window_size: 200, confidence_level: 1e-3, ..Params::default() };
        let long = first_alarm(params.clone()).unwrap_or_default();
        let short = first_alarm(Params { short_window_size: 25, ..params }).unwrap_or_default();
        assert!(1_000 < short && short < long, "{short}, {long}");
    }

    /// The bound of 100 values at 1e-6 is 0.263: the window must have 27 errors more than at best.
    #[test]
    fn the_bound_is_exact() {
        let mut detector = Fhddm::new(Params::default(), ());
        assert!((0..500).all(|_| detector.update(0.0) == Signal::Stable));
        assert_eq!((1..100).find(|_| detector.update(1.0) == Signal::Drift), Some(27));
    }
}
