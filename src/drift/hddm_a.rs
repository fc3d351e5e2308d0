//! HDDM-A: alarms when the mean since the last alarm has risen above its lowest by more than Hoeffding's bound allows.
//!
//! I. Frías-Blanco, J. del Campo-Ávila, G. Ramos-Jiménez, R. Morales-Bueno, A. Ortiz-Díaz and Y. Caballero-Mota, "Online
//! and non-parametric drift detection methods based on Hoeffding's bounds", IEEE TKDE 27 (2015). The alarms are River's and MOA's.
//!
//! ```
//! use driftline::drift::{DriftDetector, HddmA, Signal, hddm_a::Params};
//!
//! let mut detector = HddmA::new(Params::default(), ());
//! let before = (0..500).filter(|i| detector.update(f64::from(i % 5 == 0)) == Signal::Drift).count();
//! let after = (0..500).filter(|i| detector.update(f64::from(i % 2 == 0)) == Signal::Drift).count();
//! assert_eq!((before, after), (0, 1));
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{DriftDetector, Signal};
use crate::params::About;

pub const ABOUT: About = About {
    summary: "warns and alarms when the mean has risen above its lowest by more than Hoeffding's bound allows",
    source: "I. Frías-Blanco et al., Online and non-parametric drift detection methods based on Hoeffding's bounds, \
             IEEE TKDE 27 (2015)",
    example: "type = \"hddm_a\"\ndrift_confidence = 0.001\ntwo_sided_test = true",
};

crate::params! {
    pub struct Params {
        /// Chance of a false alarm at a value; smaller alarms later and more rarely.
        pub drift_confidence: f64 = 0.001, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// Chance of a false warning at a value.
        pub warning_confidence: f64 = 0.005, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// A fall counts as well as a rise.
        pub two_sided_test: bool = false;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct HddmA {
    params: Params,
    regime: Regime,
}

/// What has been seen since the last alarm: the mean of all, and where it was lowest and highest beyond doubt.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
struct Regime {
    all: Mean,
    lowest: Mean,
    highest: Mean,
}

/// The mean of the first `n` values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
struct Mean {
    n: u64,
    mean: f64,
}

impl HddmA {
    pub fn new(params: Params, _: ()) -> Self {
        Self { params, regime: Regime::default() }
    }
}

impl DriftDetector for HddmA {
    /// An error: 0 is right, 1 is wrong; or any signal in [0, 1], within which others are held.
    fn update(&mut self, value: f64) -> Signal {
        let Params { drift_confidence, warning_confidence, two_sided_test } = self.params;
        let regime = &mut self.regime;
        regime.absorb(value.clamp(0.0, 1.0), drift_confidence);
        let moved = |confidence| {
            regime.all.is_above(&regime.lowest, regime.all.mean - regime.lowest.mean, confidence)
                || two_sided_test
                    && regime.all.is_above(&regime.highest, regime.highest.mean - regime.all.mean, confidence)
        };
        if moved(drift_confidence) {
            self.regime = Regime::default();
            Signal::Drift
        } else if moved(warning_confidence) {
            Signal::Warning
        } else {
            Signal::Stable
        }
    }
}

impl Regime {
    fn absorb(&mut self, value: f64, confidence: f64) {
        self.all.n += 1;
        self.all.mean += (value - self.all.mean) / self.all.n as f64;
        if self.all.n == 1 {
            (self.lowest, self.highest) = (self.all, self.all);
        }
        let reach = self.all.reach(confidence);
        if self.lowest.mean + self.lowest.reach(confidence) >= self.all.mean + reach {
            self.lowest = self.all;
        }
        if self.highest.mean - self.highest.reach(confidence) <= self.all.mean - reach {
            self.highest = self.all;
        }
    }
}

impl Mean {
    /// Hoeffding's bound of the distance between this mean and the expectation.
    fn reach(&self, confidence: f64) -> f64 {
        (1.0 / (2 * self.n) as f64 * libm::log(1.0 / confidence)).sqrt()
    }

    /// Whether a `distance` between this mean and that of its beginning `part` is more than chance.
    fn is_above(&self, part: &Self, distance: f64, confidence: f64) -> bool {
        if part.n == self.n {
            return false;
        }
        let m = (self.n - part.n) as f64 / part.n as f64 * (1.0 / self.n as f64);
        distance >= (m / 2.0 * libm::log(2.0 / confidence)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fall_counts_where_both_sides_are_tested() {
        let alarms = |two_sided_test, from: f64, to: f64| {
            let mut detector = HddmA::new(Params { two_sided_test, ..Params::default() }, ());
            let signal = (0..500).map(|_| from).chain((0..500).map(|_| to));
            signal.filter(|&value| detector.update(value) == Signal::Drift).count()
        };
        assert_eq!((alarms(false, 0.2, 0.8), alarms(false, 0.8, 0.2)), (1, 0));
        assert_eq!((alarms(true, 0.2, 0.8), alarms(true, 0.8, 0.2)), (1, 1));
    }
}
