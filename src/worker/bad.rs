//! The breaker for bad input: too many dead letters among the last records stop the lane.

use std::collections::VecDeque;

use crate::config::MaxBad;

/// The last records of a lane, by whether they were bad.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent {
    records: VecDeque<bool>,
    bad: usize,
}

impl Recent {
    /// Takes note of a record; whether the bound is passed.
    pub fn push(&mut self, bad: bool, max: &MaxBad) -> bool {
        self.records.push_back(bad);
        self.bad += usize::from(bad);
        if self.records.len() as u64 > max.of {
            self.bad -= usize::from(self.records.pop_front() == Some(true));
        }
        self.bad as f64 > max.share * max.of as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_a_share_of_the_last_records() {
        let (mut recent, max) = (Recent::default(), MaxBad { share: 0.5, of: 4 });
        let passed: Vec<bool> =
            [true, true, false, false, false, true, true, true].map(|bad| recent.push(bad, &max)).to_vec();
        assert_eq!(passed, [false, false, false, false, false, false, false, true]);
    }
}
