//! Alerts: what a change means, in plain words.

use super::spec::{Action, Spec};
use super::watch::{Change, Target, Watcher};
use super::{Learner, Place};
use crate::drift::Signal;
use crate::event::{Millis, Origin};
use crate::facts::{Alert, Level, Stretch};

/// Where in the stream a detector spoke.
pub(super) struct Moment {
    /// The record being processed.
    pub(super) origin: Origin,
    pub(super) event_time: Millis,
    /// The offset of the event whose value the detector saw; for late labels an earlier one.
    pub(super) seen: i64,
}

impl Learner {
    /// The alert for `change`, whose actions have been taken.
    pub(super) fn alert(
        &self,
        place: &Place,
        watcher: &Watcher,
        change: Change,
        actions: &[Action],
        moment: Moment,
    ) -> Alert {
        let watch = watcher.target.name(&self.spec.layout);
        let detector = self.spec.drift.get(watcher.index).map_or("", |watch| watch.detector.name());
        let level = if change.signal == Signal::Drift { Level::Drift } else { Level::Warning };
        Alert {
            id: id(&self.spec, place, watcher.index, &watch, level, moment.seen),
            kind: watcher.target.kind(),
            level,
            detector: detector.to_owned(),
            message: message(&self.spec, watcher.target, detector, level, &change, actions),
            watch,
            origin: moment.origin,
            event_time: moment.event_time,
            before: change.before,
            after: change.after,
            actions: actions.iter().filter(|&&a| a != Action::Alert).map(|a| a.name().to_owned()).collect(),
        }
    }
}

/// A watcher sees each event once and says one thing about it, so this names no two alerts.
fn id(spec: &Spec, place: &Place, index: usize, watch: &str, level: Level, seen: i64) -> String {
    let level = if level == Level::Drift { "drift" } else { "warning" };
    let watch = watch.replace(' ', ".");
    format!("{}/{}-{}-{seen}/{index}.{watch}/{level}", spec.name, place.topic, place.partition)
}

fn message(spec: &Spec, target: Target, detector: &str, level: Level, change: &Change, actions: &[Action]) -> String {
    let subject = match target {
        Target::Error if spec.task.kind.is_classification() => "the error rate".to_owned(),
        Target::Error => "the absolute error".to_owned(),
        Target::Prediction => "the prediction".to_owned(),
        Target::Label => "the label".to_owned(),
        Target::Feature(_) => target.name(&spec.layout),
    };
    let says = if level == Level::Drift { "sees a drift" } else { "warns" };
    let taken: Vec<_> = actions.iter().filter_map(|action| words(*action)).collect();
    let then = if taken.is_empty() { String::new() } else { format!("; {}", taken.join(", ")) };
    format!("{subject} {}: {detector} {says}{then}", movement(change.before, change.after))
}

fn movement(before: Stretch, after: Stretch) -> String {
    if before.n == 0 {
        return format!("is {} (first {})", short(after.mean), grouped(after.n));
    }
    let verb = if after.mean > before.mean { "rose" } else { "fell" };
    let [from, to] = [before.mean, after.mean].map(short);
    format!("{verb} from {from} (n {}) to {to} (last {})", grouped(before.n), grouped(after.n))
}

fn words(action: Action) -> Option<&'static str> {
    match action {
        Action::Alert => None,
        Action::Reset => Some("the model starts afresh"),
        Action::BoostLearningRate => Some("the learning rate is boosted"),
        Action::ShrinkWindow => Some("the older half of the window is dropped"),
        Action::Swap => Some("the background model takes the model's place"),
    }
}

/// Three significant digits or so.
pub(super) fn short(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-3..1e6).contains(&size) {
        format!("{value:.2e}")
    } else if size >= 100.0 {
        format!("{value:.0}")
    } else if size >= 10.0 {
        format!("{value:.1}")
    } else if size >= 1.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.3}")
    }
}

/// 5312 as 5,312.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn movements_read_well() {
        let (before, after) = (Stretch { mean: 0.12, n: 5_312 }, Stretch { mean: 0.31, n: 100 });
        assert_eq!(movement(before, after), "rose from 0.120 (n 5,312) to 0.310 (last 100)");
        assert_eq!(movement(after, before), "fell from 0.310 (n 100) to 0.120 (last 5,312)");
        assert_eq!(movement(Stretch::default(), Stretch { mean: 1234.5, n: 7 }), "is 1234 (first 7)");
    }
}
