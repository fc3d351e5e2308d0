//! EDDM: alarms when errors follow one another at shorter distances than they did at best.
//!
//! M. Baena-García, J. del Campo-Ávila, R. Fidalgo, A. Bifet, R. Gavaldà and R. Morales-Bueno, "Early drift detection
//! method", IWKDDS 2006. The level is the mean distance plus two standard deviations, over the highest it has been. The
//! alarms are River's; with `sample_deviation = false` they are MOA's.
//!
//! ```
//! use driftline::drift::{DriftDetector, Eddm, Signal, eddm::Params};
//!
//! let mut detector = Eddm::new(Params::default(), ());
//! let before = (0..600).filter(|i| detector.update(f64::from(i % 10 == 9)) == Signal::Drift).count();
//! let after = (0..600).filter(|i| detector.update(f64::from(i % 3 == 2)) == Signal::Drift).count();
//! assert_eq!((before, after), (0, 1));
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{DriftDetector, Signal};
use crate::params::About;

pub const ABOUT: About = About {
    summary: "warns and alarms when errors follow one another at shorter distances than at best",
    source: "M. Baena-García et al., Early drift detection method, IWKDDS 2006",
    example: "type = \"eddm\"\nwarm_start = 100\nalpha = 0.8\nbeta = 0.7",
};

crate::params! {
    pub struct Params {
        /// Errors seen, and values, before the first alarm.
        pub warm_start: u64 = 30;
        /// Share of the highest level below which it warns.
        pub alpha: f64 = 0.95, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// Share of the highest level below which it alarms; no warning comes where this is above `alpha`.
        pub beta: f64 = 0.9, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// The variance is divided by one less than the number of errors (River), not by that number (MOA).
        pub sample_deviation: bool = true;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Eddm {
    params: Params,
    regime: Regime,
}

/// What has been seen since the last alarm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
struct Regime {
    n: u64,
    last_error: u64,
    errors: u64,
    /// Mean distance between errors, and sum of squared deviations from it.
    mean: f64,
    deviations: f64,
    highest: f64,
    /// A warning holds until an error ends it.
    warning: bool,
}

impl Eddm {
    pub fn new(params: Params, _: ()) -> Self {
        Self { params, regime: Regime::default() }
    }

    /// What an error says: the level against the highest.
    fn judge(&mut self) -> Signal {
        let Params { warm_start, alpha, beta, sample_deviation } = self.params;
        let regime = &mut self.regime;
        // MOA counts from one.
        let warm = if sample_deviation { regime.n > warm_start } else { regime.n >= warm_start };
        let level = regime.level(sample_deviation);
        if !warm {
            return Signal::Stable;
        }
        if level > regime.highest {
            regime.highest = level;
            regime.warning &= sample_deviation;
        } else if regime.errors > warm_start {
            let share = level / regime.highest;
            if share < beta {
                return Signal::Drift;
            }
            regime.warning = share < alpha;
        }
        if regime.warning { Signal::Warning } else { Signal::Stable }
    }
}

impl DriftDetector for Eddm {
    /// An error: 0 is right, 1 is wrong.
    fn update(&mut self, value: f64) -> Signal {
        self.regime.n += 1;
        if value <= 0.5 {
            return if self.regime.warning { Signal::Warning } else { Signal::Stable };
        }
        self.regime.absorb();
        let signal = self.judge();
        if signal == Signal::Drift {
            self.regime = Regime::default();
        }
        signal
    }
}

impl Regime {
    fn absorb(&mut self) {
        self.errors += 1;
        let distance = (self.n - self.last_error) as f64;
        let before = distance - self.mean;
        self.mean += before / self.errors as f64;
        self.deviations += before * (distance - self.mean);
        self.last_error = self.n;
    }

    fn level(&self, sample: bool) -> f64 {
        let divisor = if sample { self.errors - 1 } else { self.errors };
        let variance = if divisor == 0 { 0.0 } else { self.deviations / divisor as f64 };
        self.mean + 2.0 * variance.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_comes_before_the_alarm_and_holds_between_errors() {
        let mut detector = Eddm::new(Params::default(), ());
        let error = |i: u32| if i < 600 { i % 10 == 9 } else { i % 8 == 7 };
        let told: Vec<_> = (0..3_000).map(|i| detector.update(f64::from(error(i)))).collect();
        let first = told.iter().position(|&signal| signal == Signal::Warning).unwrap_or_default();
        let alarm = told.iter().position(|&signal| signal == Signal::Drift).unwrap_or_default();
        assert!(600 < first && first + 8 < alarm, "{first}, {alarm}");
        assert!(told[first..alarm].iter().all(|&signal| signal == Signal::Warning));
    }

    #[test]
    fn rarer_errors_are_no_drift() {
        let mut detector = Eddm::new(Params::default(), ());
        assert!((0..2_000).all(|i| {
            detector.update(f64::from(if i < 600 { i % 3 == 2 } else { i % 10 == 9 })) != Signal::Drift
        }));
    }
}
