//! KSWIN: alarms when the newest values of a window and as many drawn from its older part are of different distributions.
//!
//! C. Raab, M. Heusinger and F.-M. Schleif, "Reactive soft prototype computing for concept drift streams", Neurocomputing
//! 416 (2020). Decided as in River by the exact two-sample Kolmogorov-Smirnov test; the draws are of our own generator,
//! so alarms are like River's, not the same. It sees a change of spread or shape that leaves the mean where it is.
//!
//! ```
//! use driftline::drift::{DriftDetector, Kswin, Signal, kswin::Params};
//!
//! let mut detector = Kswin::new(Params::default(), ());
//! let before = (0..500).filter(|i| detector.update(f64::from(i % 7)) == Signal::Drift).count();
//! let after = (0..500).filter(|i| detector.update(f64::from(i % 7 + 7)) == Signal::Drift).count();
//! assert_eq!((before, after), (0, 1));
//! ```

use std::collections::VecDeque;

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{DriftDetector, Signal};
use crate::params::About;
use crate::rng::Rng;
use crate::stats::Scratch;

pub const ABOUT: About = About {
    summary: "alarms when the newest values and as many older ones are of different distributions",
    source: "C. Raab, M. Heusinger and F.-M. Schleif, Reactive soft prototype computing for concept drift streams, \
             Neurocomputing 416 (2020)",
    example: "type = \"kswin\"\nalpha = 0.00001\nwindow_size = 300\nstat_size = 60",
};

/// The least distance of two distributions that counts, however unlikely it is by chance.
const LEAST_DISTANCE: f64 = 0.1;

crate::params! {
    pub struct Params {
        /// Chance of a false alarm at a value: every value is a test, so a small one (River's 0.005 alarms often).
        pub alpha: f64 = 0.000_1, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// Values in the window; where it is less than twice `stat_size`, that.
        pub window_size: usize = 100, in 2..=1_000_000 => "in 2..=1000000";
        /// The newest values that are compared with as many of the others.
        pub stat_size: usize = 30, in 1..=100_000 => "in 1..=100000";
        /// Of the draws.
        pub seed: u64 = 42;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Kswin {
    stat_size: usize,
    window_size: usize,
    /// The fewest values of `stat_size` by which the distributions must differ.
    least: usize,
    window: VecDeque<f64>,
    rng: Rng,
    #[serde(skip)]
    scratch: Scratch<(Vec<f64>, Vec<f64>)>,
}

impl Kswin {
    pub fn new(params: Params, _: ()) -> Self {
        let Params { alpha, window_size, stat_size, seed } = params;
        Self {
            stat_size,
            window_size: window_size.max(2 * stat_size),
            least: least_difference(stat_size, alpha),
            window: VecDeque::new(),
            rng: Rng::new(seed, "kswin"),
            scratch: Scratch::default(),
        }
    }

    /// Sorts the newest values and a sample of the older ones, drawn without replacement.
    fn draw(&mut self) {
        let (drawn, newest) = &mut *self.scratch;
        let older = self.window.len() - self.stat_size;
        drawn.clear();
        for (seen, &value) in self.window.iter().take(older).enumerate() {
            // Of those that are left, each is taken with the chance that makes the sample complete.
            if self.rng.below(older - seen) < self.stat_size - drawn.len() {
                drawn.push(value);
            }
        }
        newest.clear();
        newest.extend(self.window.iter().skip(older));
        drawn.sort_unstable_by(f64::total_cmp);
        newest.sort_unstable_by(f64::total_cmp);
    }
}

impl DriftDetector for Kswin {
    fn update(&mut self, value: f64) -> Signal {
        self.window.push_back(value);
        if self.window.len() > self.window_size {
            self.window.pop_front();
        }
        if self.window.len() < self.window_size {
            return Signal::Stable;
        }
        self.draw();
        let (drawn, newest) = &*self.scratch;
        if difference(drawn, newest) >= self.least {
            self.window.clear();
            return Signal::Drift;
        }
        Signal::Stable
    }
}

/// The largest difference between how many of each sample lie at or below a value; both sorted, of one length.
fn difference(a: &[f64], b: &[f64]) -> usize {
    let (mut i, mut j, mut largest) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        let value = a[i].min(b[j]);
        while i < a.len() && a[i] <= value {
            i += 1;
        }
        while j < b.len() && b[j] <= value {
            j += 1;
        }
        largest = largest.max(i.abs_diff(j));
    }
    largest
}

/// The least difference between two samples of `n` that chance reaches no more often than `alpha`; `n + 1` where there is none.
fn least_difference(n: usize, alpha: f64) -> usize {
    let counts = |h: usize| h as f64 > LEAST_DISTANCE * n as f64 && chance(n, h) <= alpha;
    (1..=n).find(|&h| counts(h)).unwrap_or(n + 1)
}

/// How often two samples of `n` from one distribution differ by `h` or more.
///
/// B. V. Gnedenko and V. S. Korolyuk (1951): twice the alternating sum of `C(2n, n - kh) / C(2n, n)` over k = 1, 2, …
fn chance(n: usize, h: usize) -> f64 {
    let mut sum = 0.0;
    let mut sign = 1.0;
    for shift in (h..=n).step_by(h) {
        // C(2n, n - s) / C(2n, n) is the product of (n - i) / (n + s - i) over i below s.
        let ratio = (0..shift).map(|i| (n - i) as f64 / (n + shift - i) as f64).product::<f64>();
        sum += sign * ratio;
        sign = -sign;
    }
    2.0 * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarms(params: &Params, values: impl Iterator<Item = f64>) -> Vec<usize> {
        let mut detector = Kswin::new(params.clone(), ());
        let told = values.map(|value| detector.update(value));
        told.enumerate().filter(|(_, signal)| *signal == Signal::Drift).map(|(i, _)| i).collect()
    }

    /// As SciPy 1.15's `ks_2samp(method="exact")` gives.
    #[test]
    fn chances_are_exact() {
        let scipy = [
            (5, 2, 0.873_015_873_015_873),
            (5, 5, 0.007_936_507_936_507_936),
            (30, 9, 0.135_003_502_500_954_4),
            (30, 13, 0.006_548_396_368_058_784),
            (30, 30, 1.691_123_389_214_474_2e-17),
            (100, 25, 0.003_729_492_361_831_136_7),
        ];
        for (n, h, expected) in scipy {
            assert!((chance(n, h) / expected - 1.0).abs() < 1e-12, "{n}, {h}: {}", chance(n, h));
        }
    }

    #[test]
    fn the_difference_of_samples_with_ties() {
        assert_eq!(difference(&[0.0, 0.0, 1.0, 1.0], &[0.0, 1.0, 1.0, 1.0]), 1);
        assert_eq!(difference(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]), 3);
        assert_eq!(difference(&[1.0, 1.0], &[1.0, 1.0]), 0);
    }

    #[test]
    fn a_change_of_spread_alone_is_seen() {
        let params = Params { alpha: 1e-6, window_size: 300, stat_size: 100, ..Params::default() };
        let mut rng = Rng::new(1, "test");
        let values = (0..4_000).map(|i| rng.normal() * if i < 2_000 { 1.0 } else { 10.0 });
        let found = alarms(&params, values.collect::<Vec<_>>().into_iter());
        assert!(found.first().is_some_and(|&at| (2_000..2_150).contains(&at)), "{found:?}");
    }

    /// Every draw is a test, and neighbouring tests share most of their values: far fewer alarms than values times alpha.
    #[test]
    fn false_alarms_follow_alpha() {
        let mut rng = Rng::new(2, "test");
        let values: Vec<f64> = (0..20_000).map(|_| rng.normal()).collect();
        let of = |alpha| alarms(&Params { alpha, ..Params::default() }, values.iter().copied()).len();
        let (loose, usual, strict) = (of(0.05), of(0.005), of(1e-5));
        assert!(loose > 2 * usual && usual > 5 * strict && usual < 100, "{loose}, {usual}, {strict}");
    }

    #[test]
    fn another_seed_draws_otherwise_and_the_same_the_same() {
        let mut rng = Rng::new(3, "test");
        let values: Vec<f64> = (0..5_000).map(|_| rng.normal()).collect();
        let of = |seed| alarms(&Params { seed, alpha: 0.005, ..Params::default() }, values.iter().copied());
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }
}
