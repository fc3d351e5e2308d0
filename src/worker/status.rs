//! What a worker is doing: counters for the status line, the live view and whoever asks.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Worker;
use crate::facts::{Rejection, Scores};
use crate::stream::{Outbox, Source};

/// Between two status lines.
const EVERY: Duration = Duration::from_secs(10);
/// Dead letters that are logged between two status lines; the others are counted.
const SHOWN: u64 = 5;

/// The facts of one worker.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// Records processed, without those that were learned again.
    pub events: u64,
    pub alerts: u64,
    pub tombstones: u64,
    /// By `driftline.reason`.
    pub dead_letters: BTreeMap<&'static str, u64>,
    pub commits: u64,
    /// Commits that failed, each followed by a restore.
    pub aborts: u64,
    pub checkpoints: u64,
    pub restores: u64,
    /// Times that a partition waited for its decoder.
    pub stalls: u64,
    /// How long the last commit took.
    pub last_commit: Duration,
    pub lanes: Vec<LaneStatus>,
    line: Line,
}

/// The facts of one lane.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LaneStatus {
    pub partition: i32,
    pub position: i64,
    /// Records not processed yet, as far as is known.
    pub lag: Option<i64>,
    /// Over the last events.
    pub rolling: Scores,
    pub no_change: Scores,
}

/// What the next status line counts from.
#[derive(Clone, Debug, Default)]
struct Line {
    at: Duration,
    events: u64,
    dead_letters: u64,
}

impl Status {
    pub(super) fn committed(&mut self, took: Duration) {
        self.commits += 1;
        self.last_commit = took;
    }

    pub(super) fn dead_letter(&mut self, rejection: &Rejection, origin: &str) {
        *self.dead_letters.entry(rejection.reason.name()).or_default() += 1;
        self.line.dead_letters += 1;
        if self.line.dead_letters <= SHOWN {
            tracing::warn!(origin, "dead letter: {rejection}");
        }
    }

    fn log(&mut self, now: Duration) {
        let seconds = now.saturating_sub(self.line.at).as_secs_f64();
        let rate = (self.events - self.line.events) as f64 / seconds;
        let lag: i64 = self.lanes.iter().filter_map(|lane| lane.lag).sum();
        let scores: Vec<String> = self.lanes.iter().filter_map(LaneStatus::in_words).collect();
        tracing::info!(
            events_per_second = rate.round(),
            lag,
            commit_ms = self.last_commit.as_millis() as u64,
            dead_letters = self.line.dead_letters,
            aborts = self.aborts,
            lanes = self.lanes.len(),
            "{}",
            scores.join(", ")
        );
        self.line = Line { at: now, events: self.events, dead_letters: 0 };
    }
}

impl LaneStatus {
    /// The first score against that of no-change.
    fn in_words(&self) -> Option<String> {
        let (name, value) = self.rolling.first()?;
        let (_, baseline) = self.no_change.iter().find(|(other, _)| other == name)?;
        Some(format!("{}: {name} {value:.4} (no-change {baseline:.4})", self.partition))
    }
}

impl<S: Source, O: Outbox> Worker<S, O> {
    /// Writes the status line when it is time.
    pub(super) fn report(&mut self) {
        if self.now.saturating_sub(self.status.line.at) >= EVERY {
            self.observe_lanes();
            self.status.log(self.now);
        }
    }

    /// Brings [`Status::lanes`] up to date.
    pub fn observe_lanes(&mut self) {
        let lanes = self.lanes.iter().map(|(&partition, lane)| {
            let evaluation = lane.learner.evaluation(&lane.place);
            let lag = self.source.high(partition).map(|high| (high - lane.position).max(0));
            let (rolling, no_change) = (evaluation.rolling, evaluation.no_change_rolling);
            LaneStatus { partition, position: lane.position, lag, rolling, no_change }
        });
        self.status.lanes = lanes.collect();
    }
}
