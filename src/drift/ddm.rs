//! DDM: alarms when an error rate has risen a number of standard deviations above its lowest.
//!
//! J. Gama, P. Medas, G. Castillo and P. Rodrigues, "Learning with drift detection", SBIA 2004.
//!
//! ```
//! use driftline::drift::{Ddm, DriftDetector, Signal, ddm::Params};
//!
//! let mut detector = Ddm::new(Params::default(), ());
//! let before = (0..500).filter(|i| detector.update(f64::from(i % 5 == 0)) == Signal::Drift).count();
//! let after = (0..500).filter(|i| detector.update(f64::from(i % 5 != 0)) == Signal::Drift).count();
//! assert_eq!((before, after), (0, 1));
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{DriftDetector, Signal};
use crate::params::About;

pub const ABOUT: About = About {
    summary: "warns and alarms when an error rate has risen a number of standard deviations above its lowest",
    source: "J. Gama, P. Medas, G. Castillo and P. Rodrigues, Learning with drift detection, SBIA 2004",
    example: "type = \"ddm\"\nwarning_threshold = 2.0\ndrift_threshold = 3.0",
};

crate::params! {
    pub struct Params {
        /// Values seen before the first alarm.
        pub warm_start: u64 = 30;
        /// Standard deviations above the lowest error rate that warn.
        pub warning_threshold: f64 = 2.0, in f64::MIN_POSITIVE.. => "> 0";
        /// Standard deviations above the lowest error rate that alarm.
        pub drift_threshold: f64 = 3.0, in f64::MIN_POSITIVE.. => "> 0";
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Ddm {
    params: Params,
    regime: Regime,
}

/// What has been seen since the last alarm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
struct Regime {
    n: u64,
    rate: f64,
    /// Rate and standard deviation where their sum was lowest.
    lowest: Option<(f64, f64)>,
}

impl Ddm {
    pub fn new(params: Params, _: ()) -> Self {
        Self { params, regime: Regime::default() }
    }
}

impl DriftDetector for Ddm {
    /// An error: 0 is right, 1 is wrong.
    fn update(&mut self, value: f64) -> Signal {
        let Params { warm_start, warning_threshold, drift_threshold } = self.params;
        let regime = &mut self.regime;
        regime.n += 1;
        regime.rate += (value - regime.rate) / regime.n as f64;
        if regime.n <= warm_start {
            return Signal::Stable;
        }
        let rate = regime.rate;
        let deviation = (rate * (1.0 - rate) / regime.n as f64).max(0.0).sqrt();
        let level = rate + deviation;
        let (low_rate, low_deviation) = match regime.lowest {
            Some((r, d)) if level > r + d => (r, d),
            _ => *regime.lowest.insert((rate, deviation)),
        };
        if level > low_rate + drift_threshold * low_deviation {
            self.regime = Regime::default();
            Signal::Drift
        } else if level > low_rate + warning_threshold * low_deviation {
            Signal::Warning
        } else {
            Signal::Stable
        }
    }
}
