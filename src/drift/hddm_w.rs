//! HDDM-W: alarms when a moving average has risen above its lowest by more than McDiarmid's bound allows.
//!
//! I. Frías-Blanco, J. del Campo-Ávila, G. Ramos-Jiménez, R. Morales-Bueno, A. Ortiz-Díaz and Y. Caballero-Mota, "Online
//! and non-parametric drift detection methods based on Hoeffding's bounds", IEEE TKDE 27 (2015). The alarms are River's;
//! with `first_narrows = false` and `on_fall = "restart"` they are those of MOA's two-sided test.
//!
//! ```
//! use driftline::drift::{DriftDetector, HddmW, Signal, hddm_w::Params};
//!
//! let mut detector = HddmW::new(Params::default(), ());
//! let before = (0..500).filter(|i| detector.update(f64::from(i % 5 == 0)) == Signal::Drift).count();
//! let after = (0..500).filter(|i| detector.update(f64::from(i % 5 != 0)) == Signal::Drift).count();
//! assert_eq!((before, after), (0, 1));
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{DriftDetector, Signal};
use crate::params::About;

pub const ABOUT: About = About {
    summary: "warns and alarms when a moving average has risen above its lowest by more than McDiarmid's bound allows",
    source: "I. Frías-Blanco et al., Online and non-parametric drift detection methods based on Hoeffding's bounds, \
             IEEE TKDE 27 (2015)",
    example: "type = \"hddm_w\"\nlambda_val = 0.05\non_fall = \"restart\"",
};

/// What a fall of the average means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, GetSize)]
#[serde(rename_all = "snake_case")]
pub enum OnFall {
    #[default]
    Ignore,
    /// What has been seen is forgotten, without an alarm: the next rise is measured from there.
    Restart,
    Alarm,
}

crate::params! {
    pub struct Params {
        /// Chance of a false alarm at a value; smaller alarms later and more rarely.
        pub drift_confidence: f64 = 0.001, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// Chance of a false warning at a value.
        pub warning_confidence: f64 = 0.005, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// Weight of the newest value in the averages; larger sees abrupt drifts earlier and gradual ones later.
        pub lambda_val: f64 = 0.05, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// The first value of an average narrows its bound already (River), not only the second (MOA).
        pub first_narrows: bool = true;
        /// What a fall means: ignore, restart (without an alarm) or alarm.
        pub on_fall: OnFall = OnFall::Ignore;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct HddmW {
    params: Params,
    regime: Regime,
}

/// What has been seen since the last alarm: the average of all; where it was lowest, and the average of what came after; and
/// the same for the highest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
struct Regime {
    all: Average,
    lowest: Average,
    after_lowest: Average,
    highest: Average,
    after_highest: Average,
}

/// A moving average, and the sum of the squared weights of its values: the condition of McDiarmid's bound.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, GetSize)]
struct Average {
    n: u64,
    mean: f64,
    squares: f64,
}

impl Default for Average {
    fn default() -> Self {
        Self { n: 0, mean: 0.0, squares: 1.0 }
    }
}

impl HddmW {
    pub fn new(params: Params, _: ()) -> Self {
        Self { params, regime: Regime::default() }
    }
}

impl DriftDetector for HddmW {
    /// An error: 0 is right, 1 is wrong; or any signal in [0, 1], within which others are held.
    fn update(&mut self, value: f64) -> Signal {
        let Params { drift_confidence, warning_confidence, on_fall, .. } = self.params;
        self.regime.absorb(value.clamp(0.0, 1.0), &self.params);
        let regime = &self.regime;
        let rose = |confidence| regime.after_lowest.is_above(&regime.lowest, confidence);
        let fell = |confidence| regime.highest.is_above(&regime.after_highest, confidence);
        let alarms = |confidence| rose(confidence) || on_fall == OnFall::Alarm && fell(confidence);
        if alarms(drift_confidence) {
            self.regime = Regime::default();
            Signal::Drift
        } else if on_fall == OnFall::Restart && fell(drift_confidence) {
            self.regime = Regime::default();
            Signal::Stable
        } else if alarms(warning_confidence) {
            Signal::Warning
        } else {
            Signal::Stable
        }
    }
}

impl Regime {
    fn absorb(&mut self, value: f64, params: &Params) {
        let confidence = params.drift_confidence;
        self.all.absorb(value, params);
        let reach = self.all.reach(confidence);
        if self.lowest.n == 0 || self.all.mean + reach < self.lowest.mean + self.lowest.reach(confidence) {
            (self.lowest, self.after_lowest) = (self.all, Average::default());
        } else {
            self.after_lowest.absorb(value, params);
        }
        if self.highest.n == 0 || self.all.mean - reach > self.highest.mean - self.highest.reach(confidence) {
            (self.highest, self.after_highest) = (self.all, Average::default());
        } else {
            self.after_highest.absorb(value, params);
        }
    }
}

impl Average {
    fn absorb(&mut self, value: f64, params: &Params) {
        let (new, old) = (params.lambda_val, 1.0 - params.lambda_val);
        self.mean = if self.n == 0 { value } else { new * value + old * self.mean };
        if self.n > 0 || params.first_narrows {
            self.squares = new * new + old * old * self.squares;
        }
        self.n += 1;
    }

    /// McDiarmid's bound of the distance between this average and the expectation.
    fn reach(&self, confidence: f64) -> f64 {
        (self.squares * libm::log(1.0 / confidence) / 2.0).sqrt()
    }

    /// Whether this average is above `other` by more than chance.
    fn is_above(&self, other: &Self, confidence: f64) -> bool {
        let bound = ((self.squares + other.squares) * libm::log(1.0 / confidence) / 2.0).sqrt();
        self.n > 0 && other.n > 0 && self.mean - other.mean > bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarms(on_fall: OnFall, rates: &[f64]) -> usize {
        let mut detector = HddmW::new(Params { on_fall, ..Params::default() }, ());
        let signal = rates.iter().flat_map(|&rate| [rate; 300]);
        signal.filter(|&value| detector.update(value) == Signal::Drift).count()
    }

    #[test]
    fn what_a_fall_means_is_a_choice() {
        assert_eq!([OnFall::Ignore, OnFall::Restart, OnFall::Alarm].map(|f| alarms(f, &[0.1, 0.9])), [1, 1, 1]);
        assert_eq!([OnFall::Ignore, OnFall::Restart, OnFall::Alarm].map(|f| alarms(f, &[0.9, 0.1])), [0, 0, 1]);
    }

    #[test]
    fn the_bound_narrows_from_the_first_or_the_second_value_on() {
        let squares = |first_narrows| {
            let mut average = Average::default();
            let params = Params { lambda_val: 0.5, first_narrows, ..Params::default() };
            std::array::from_fn(|_| {
                average.absorb(1.0, &params);
                average.squares
            })
        };
        assert_eq!((squares(true), squares(false)), ([0.5, 0.375], [1.0, 0.5]));
    }
}
