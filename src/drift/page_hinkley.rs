//! Page-Hinkley: alarms when a signal's cumulative deviation from its own mean has risen, or fallen, too far.
//!
//! E. S. Page, "Continuous inspection schemes", Biometrika 41 (1954); forgetting factor as in River. The alarms are River's; with
//! `from_extreme = false` and `direction = "up"` they are MOA's.
//!
//! ```
//! use driftline::drift::{DriftDetector, PageHinkley, Signal, page_hinkley::Params};
//!
//! let mut detector = PageHinkley::new(Params { threshold: 5.0, ..Params::default() }, ());
//! let before = (0..100).filter(|_| detector.update(0.2) == Signal::Drift).count();
//! let after = (0..100).filter(|_| detector.update(0.9) == Signal::Drift).count();
//! assert_eq!((before, after), (0, 1));
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Direction, DriftDetector, Signal};
use crate::params::About;

pub const ABOUT: About = About {
    summary: "alarms when the cumulative deviation from the signal's own mean has moved too far",
    source: "E. S. Page, Continuous inspection schemes, Biometrika 41 (1954)",
    example: "type = \"page_hinkley\"\nthreshold = 20.0\ndirection = \"up\"",
};

crate::params! {
    pub struct Params {
        /// Values seen before the first alarm.
        pub min_instances: u64 = 30;
        /// Deviation from the mean that is tolerated, in units of the signal.
        pub delta: f64 = 0.005, in 0.0.. => ">= 0";
        /// Cumulative deviation that raises the alarm, in units of the signal.
        pub threshold: f64 = 50.0, in f64::MIN_POSITIVE.. => "> 0";
        /// Forgetting factor of the cumulative deviation.
        pub alpha: f64 = 0.9999, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// Which movement counts: up, down or both.
        pub direction: Direction = Direction::Both;
        /// The cumulative deviation is measured from its own extreme (River), not from 0 (MOA).
        pub from_extreme: bool = true;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct PageHinkley {
    params: Params,
    regime: Regime,
}

/// What has been seen since the last alarm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
struct Regime {
    n: u64,
    mean: f64,
    rise: f64,
    lowest_rise: f64,
    fall: f64,
    highest_fall: f64,
}

impl PageHinkley {
    pub fn new(params: Params, _: ()) -> Self {
        Self { params, regime: Regime::default() }
    }
}

impl DriftDetector for PageHinkley {
    fn update(&mut self, value: f64) -> Signal {
        let Params { min_instances, delta, threshold, alpha, direction, from_extreme } = self.params;
        let regime = &mut self.regime;
        regime.absorb(value, delta, alpha);
        if from_extreme {
            regime.note_extremes();
        }
        let risen = regime.rise - regime.lowest_rise > threshold && direction != Direction::Down;
        let fallen = regime.highest_fall - regime.fall > threshold && direction != Direction::Up;
        if regime.n >= min_instances && (risen || fallen) {
            self.regime = Regime::default();
            return Signal::Drift;
        }
        Signal::Stable
    }
}

impl Regime {
    fn absorb(&mut self, value: f64, delta: f64, alpha: f64) {
        self.n += 1;
        self.mean += (value - self.mean) / self.n as f64;
        let deviation = value - self.mean;
        self.rise = alpha * self.rise + deviation - delta;
        self.fall = alpha * self.fall + deviation + delta;
    }

    fn note_extremes(&mut self) {
        self.lowest_rise = self.lowest_rise.min(self.rise);
        self.highest_fall = self.highest_fall.max(self.fall);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::{Check, Problems};

    #[test]
    fn a_fall_is_not_a_rise() {
        let falls = |direction| {
            let mut detector = PageHinkley::new(Params { threshold: 5.0, direction, ..Params::default() }, ());
            let signal = (0..100).map(|_| 0.9).chain((0..100).map(|_| 0.1));
            signal.filter(|&v| detector.update(v) == Signal::Drift).count()
        };
        assert_eq!((falls(Direction::Up), falls(Direction::Down)), (0, 1));
    }

    #[test]
    fn bad_parameters_are_all_reported() {
        let mut problems = Problems::default();
        Params { alpha: 1.5, threshold: f64::NAN, ..Params::default() }.check(&mut problems);
        let found: Vec<_> = problems.found().iter().map(|p| format!("{}: {}", p.key, p.message)).collect();
        assert_eq!(found, ["threshold: NaN must be > 0", "alpha: 1.5 must be in (0, 1]"]);
    }
}
