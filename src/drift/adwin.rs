//! ADWIN: alarms when the mean of a window that adapts its own length has changed.
//!
//! A. Bifet and R. Gavaldà, "Learning from time-changing data with adaptive windowing", SDM 2007. Without `one_sided`,
//! the alarms are River's; without `restart` also, MOA's. The window itself is [`AdaptiveWindow`].
//!
//! ```
//! use driftline::drift::{Adwin, DriftDetector, Signal, adwin::Params};
//!
//! let mut detector = Adwin::new(Params::default(), ());
//! let before = (0..1_000).filter(|i| detector.update(f64::from(i % 5 == 0)) == Signal::Drift).count();
//! let after = (0..1_000).filter(|i| detector.update(f64::from(i % 2 == 0)) == Signal::Drift).count();
//! assert_eq!((before, after), (0, 1));
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::adaptive_window::AdaptiveWindow;
use super::{DriftDetector, Signal};
use crate::params::About;

pub const ABOUT: About = About {
    summary: "alarms when the mean of a window that adapts its own length has changed",
    source: "A. Bifet and R. Gavaldà, Learning from time-changing data with adaptive windowing, SDM 2007",
    example: "type = \"adwin\"\ndelta = 0.002\none_sided = true",
};

crate::params! {
    pub struct Params {
        /// Chance of a false alarm at a cut; smaller alarms later and more rarely.
        pub delta: f64 = 0.002, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// Values between two looks at the window.
        pub clock: u64 = 32, in 1.. => ">= 1";
        /// Buckets of one size; more is a finer choice of cuts.
        pub max_buckets: usize = 5, in 2..=64 => "in 2..=64";
        /// The fewest values on each side of a cut.
        pub min_window_length: u64 = 5, in 1.. => ">= 1";
        /// The window is looked at once it holds more values than this.
        pub grace_period: u64 = 10;
        /// Only a rise counts: a fall shortens the window without an alarm.
        pub one_sided: bool = false;
        /// After an alarm the window starts empty (River); else it goes on with what the cut left (MOA), and a drift that
        /// lasts alarms again.
        pub restart: bool = true;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Adwin {
    window: AdaptiveWindow,
    /// After an alarm the window is left to be looked at until the next value.
    drifted: bool,
}

impl Adwin {
    pub fn new(params: Params, _: ()) -> Self {
        Self { window: AdaptiveWindow::new(params), drifted: false }
    }

    /// The window; right after an alarm, what was left of it by the cut.
    pub fn window(&self) -> &AdaptiveWindow {
        &self.window
    }
}

impl DriftDetector for Adwin {
    fn update(&mut self, value: f64) -> Signal {
        if self.drifted && self.window.params().restart {
            self.window.clear();
        }
        self.drifted = self.window.has_changed(value);
        if self.drifted { Signal::Drift } else { Signal::Stable }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarms(one_sided: bool, from: f64, to: f64) -> usize {
        let mut detector = Adwin::new(Params { one_sided, ..Params::default() }, ());
        let signal = (0..1_000).map(|_| from).chain((0..1_000).map(|_| to));
        signal.filter(|&v| detector.update(v) == Signal::Drift).count()
    }

    #[test]
    fn one_sided_sees_a_rise_only() {
        assert_eq!((alarms(true, 0.2, 0.8), alarms(true, 0.8, 0.2)), (1, 0));
        assert_eq!((alarms(false, 0.2, 0.8), alarms(false, 0.8, 0.2)), (1, 1));
    }

    #[test]
    fn a_fall_shortens_a_one_sided_window() {
        let mut detector = Adwin::new(Params { one_sided: true, ..Params::default() }, ());
        for i in 0..2_000 {
            let _ = detector.update(if i < 1_000 { 0.8 } else { 0.2 });
        }
        assert!(detector.window().width() < 1_100 && detector.window().mean() < 0.3, "{:?}", detector.window());
    }
}
