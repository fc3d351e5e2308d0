//! How long something has been failing, and when to try again.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);
/// Failures further apart than this have nothing to do with each other.
const QUIET: Duration = Duration::from_secs(60);

/// Failures in a row.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    bound: Duration,
    since: Option<Duration>,
    last: Duration,
    attempts: u32,
}

impl Trouble {
    /// `bound`: how long it may last.
    pub fn new(bound: Duration) -> Self {
        Self { bound, since: None, last: Duration::ZERO, attempts: 0 }
    }

    /// Takes note of a failure: when to try again, or `None` when it has lasted too long.
    pub fn note(&mut self, now: Duration) -> Option<Duration> {
        if self.since.is_none() || now.saturating_sub(self.last) > QUIET {
            (self.since, self.attempts) = (Some(now), 0);
        }
        self.last = now;
        let wait = FIRST.saturating_mul(1 << self.attempts.min(16)).min(LONGEST);
        self.attempts += 1;
        (self.lasted(now) < self.bound).then_some(now + wait)
    }

    pub fn lasted(&self, now: Duration) -> Duration {
        self.since.map_or(Duration::ZERO, |since| now.saturating_sub(since))
    }

    /// Something went well.
    pub fn clear(&mut self) {
        self.since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;

    #[test]
    fn backs_off_and_gives_up() {
        let mut trouble = Trouble::new(S(120));
        assert_eq!(trouble.note(S(1)), Some(S(1) + FIRST));
        assert_eq!(trouble.note(S(2)), Some(S(2) + FIRST * 2));
        for second in 3..=20 {
            trouble.note(S(second));
        }
        assert_eq!(trouble.note(S(30)), Some(S(40)));
        assert_eq!(trouble.note(S(85)), Some(S(95)));
        assert_eq!(trouble.note(S(122)), None);
    }

    #[test]
    fn failures_far_apart_do_not_add_up() {
        let mut trouble = Trouble::new(S(120));
        for hour in 0..10 {
            assert_eq!(trouble.note(S(3600 * hour)), Some(S(3600 * hour) + FIRST));
        }
    }
}
