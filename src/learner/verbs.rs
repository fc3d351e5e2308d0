//! The five verbs, each on the learner's current event.

use super::boost::Boost;
use super::classes::Resolved;
use super::pending::Waiting;
use super::spec::{Action, Expired, LabelsFrom};
use super::watch::{Change, Target};
use super::window::Learned;
use super::{Learner, Place, Step, alert};
use crate::drift::Signal;
use crate::event::{Event, Origin};
use crate::facts::{PredictionRecord, Probabilities};
use crate::linalg::bounded;
use crate::model::Model;
use crate::row::{Label, Prediction, Row, Task};

impl Learner {
    /// Takes the event in: names become slots, texts become codes.
    pub(super) fn read(&mut self, event: &Event) {
        let current = &mut *self.current;
        (current.offset, current.event_time, current.weight) = (event.offset, event.event_time, event.weight);
        let Row { numbers, categories, texts } = &mut current.row;
        numbers.clear();
        numbers.extend(event.features.numbers.iter().copied().map(bounded));
        categories.clear();
        for (vocabulary, text) in self.vocabularies.iter_mut().zip(&event.features.categories) {
            categories.push(vocabulary.category(text.as_deref(), self.spec.max_categories));
        }
        texts.clear();
        texts.extend(event.features.texts.iter().map(|text| text.as_deref().map(Box::from)));
        self.counters.events += 1;
        self.epoch.count(event.offset, event.event_time, &self.spec.epoch);
    }

    /// Transforms and predicts, model and baseline.
    pub(super) fn predict(&mut self) {
        let (task, classes) = (self.spec.task.kind, self.classes.names().len());
        let current = &mut *self.current;
        let prediction = current.prediction.get_or_insert_with(|| Prediction::empty(task));
        prediction.reset(classes);
        self.pipeline.predict(&current.row, prediction, &mut current.advice);
        if tame(prediction) {
            self.counters.non_finite_predictions += 1;
        }
        let no_change = current.no_change.get_or_insert_with(|| Prediction::empty(task));
        no_change.reset(classes);
        self.no_change.predict(&current.row, no_change);
    }

    /// The prediction as it is emitted.
    pub(super) fn state_prediction(&self, place: &Place, event: &Event) -> PredictionRecord {
        let (label, probabilities, value) = match &self.current.prediction {
            Some(Prediction::Classes(probabilities)) => {
                let best = self.current.prediction.as_ref().and_then(Prediction::class);
                let named = Probabilities::new(self.classes.names().clone(), probabilities);
                (best.map(|class| self.classes.name(class)).unwrap_or_default(), named, None)
            }
            Some(Prediction::Value(value)) => {
                (self.classes.text(Label::Value(*value)), Probabilities::default(), Some(*value))
            }
            None => Default::default(),
        };
        PredictionRecord {
            id: event.id.clone(),
            origin: origin(place, event.offset),
            event_time: event.event_time,
            label,
            probabilities,
            value,
            model: self.spec.model.name(),
            learned: self.pipeline.learned,
            warming: self.pipeline.learned < self.spec.warm_after(),
            fingerprint: place.fingerprint.clone(),
        }
    }

    /// Scores what was predicted, model and baseline, against the label.
    pub(super) fn evaluate(&mut self, label: Label, step: &mut Step) {
        self.counters.labels += 1;
        self.epoch.labelled += 1;
        if let (Some(prediction), Some(no_change)) = (&self.current.prediction, &self.current.no_change) {
            self.score.update(label, prediction);
            self.no_change_score.update(label, no_change);
        }
        step.truths.push((self.current.offset, self.classes.text(label)));
    }

    /// Feeds the detectors: what a `fresh` event shows, and what its label shows; then takes the actions.
    pub(super) fn detect(&mut self, label: Option<Label>, fresh: bool, place: &Place, event: &Event, step: &mut Step) {
        for index in 0..self.watchers.len() {
            let value = self.signal(self.watchers[index].target, label, fresh);
            if let Some(change) = value.and_then(|value| self.watchers[index].update(value)) {
                self.act(index, change, place, event, step);
            }
        }
    }

    fn signal(&self, target: Target, label: Option<Label>, fresh: bool) -> Option<f64> {
        let prediction = self.current.prediction.as_ref()?;
        match target {
            Target::Error => Some(error(label?, prediction)),
            Target::Label => Some(label?.value()),
            Target::Prediction if fresh => Some(level(self.spec.task.kind, prediction)),
            Target::Feature(slot) if fresh => self.current.row.numbers.get(slot).copied(),
            Target::Prediction | Target::Feature(_) => None,
        }
    }

    /// Does what the configuration says for a change, and alerts where that is among it.
    fn act(&mut self, watcher: usize, change: Change, place: &Place, event: &Event, step: &mut Step) {
        let drifted = change.signal == Signal::Drift;
        *(if drifted { &mut self.counters.drifts } else { &mut self.counters.warnings }) += 1;
        let Some(watch) = self.spec.drift.get(self.watchers[watcher].index) else { return };
        let mut actions = if drifted { watch.on_drift.clone() } else { watch.on_warning.clone() };
        let boost = Boost::new(watch.boost, watch.boost_half_life);
        let grows = watch.swaps().then_some(watch.swap_within).filter(|_| !drifted);
        for action in &mut actions {
            if *action == Action::Swap && self.pipeline.background.is_none() {
                *action = Action::Reset;
            }
            match action {
                Action::Alert => {}
                Action::Reset => self.reset(),
                Action::Swap => self.swap(),
                Action::BoostLearningRate => self.pipeline.boost(boost.clone()),
                Action::ShrinkWindow => {
                    if let (Some(sliding), Some(window)) = (&mut self.window, &self.spec.window) {
                        sliding.shrink(window, &mut self.pipeline);
                    }
                }
            }
        }
        if let Some(within) = grows {
            self.grow_background(within);
        }
        if actions.contains(&Action::Alert) {
            let moment = alert::Moment {
                origin: origin(place, event.offset),
                event_time: event.event_time,
                seen: self.current.offset,
            };
            step.alerts.push(self.alert(place, &self.watchers[watcher], change, &actions, moment));
        }
    }

    fn reset(&mut self) {
        self.counters.resets += 1;
        self.pipeline.reset_model(&self.spec);
        self.current.advice.clear();
        if let Some(window) = &mut self.window {
            window.clear();
        }
    }

    /// A background model starts, unless one grows already.
    fn grow_background(&mut self, within: u64) {
        if self.pipeline.background.is_none() {
            self.pipeline.grow_background(&self.spec, within);
            if let Some(window) = &mut self.window {
                window.mark();
            }
        }
    }

    fn swap(&mut self) {
        self.counters.swaps += 1;
        self.pipeline.swap();
        self.current.advice.clear();
        if let Some(window) = &mut self.window {
            window.keep_marked();
        }
    }

    /// Transforms, model, window and baseline learn.
    pub(super) fn learn(&mut self, label: Label) {
        let current = &*self.current;
        let weight = current.weight * self.classes.weight(label);
        self.pipeline.learn(&current.row, label, weight, self.spec.learn.mini_batch, &current.advice);
        if let (Some(sliding), Some(window)) = (&mut self.window, &self.spec.window) {
            let error = current.prediction.as_ref().map_or(0.0, |prediction| error(label, prediction));
            let (event_time, now) = (current.event_time, self.now);
            let learned = Learned { row: &current.row, label, weight, event_time, error, now };
            sliding.slide(&learned, &self.spec, window, &mut self.pipeline);
        }
        self.no_change.learn(&current.row, label, weight);
    }

    /// Puts an event whose label comes later into the waiting room, with what was predicted.
    pub(super) fn wait_for_label(&mut self, event: &Event) {
        if self.spec.labels.from != LabelsFrom::Later {
            return;
        }
        let Some(prediction) = self.current.prediction.clone() else { return };
        let waiting = Waiting {
            id: event.id.clone(),
            event_time: event.event_time,
            weight: event.weight,
            row: self.current.row.clone(),
            prediction,
            advice: self.current.advice.clone(),
            no_change: self.no_change.clone(),
        };
        self.waiting.enter(event.offset, waiting);
    }

    /// Makes the event that waits at `offset` the current one again, with what was predicted then.
    pub(super) fn recall(&mut self, offset: i64) {
        if let Some(waiting) = self.waiting.leave(offset) {
            self.resume(offset, waiting);
        }
    }

    fn resume(&mut self, offset: i64, waiting: Waiting) {
        let mut no_change = Prediction::empty(self.spec.task.kind);
        no_change.reset(self.classes.names().len());
        waiting.no_change.predict(&waiting.row, &mut no_change);
        let current = &mut *self.current;
        (current.offset, current.event_time, current.weight) = (offset, waiting.event_time, waiting.weight);
        current.row = waiting.row;
        current.prediction = Some(waiting.prediction);
        current.advice = waiting.advice;
        current.no_change = Some(no_change);
    }

    /// Those who waited too long leave: forgotten, or taken for negative.
    pub(super) fn expire(&mut self, place: &Place, event: &Event, step: &mut Step) {
        while let Some((offset, waiting)) = self.waiting.overdue(&self.spec.labels.wait, self.now) {
            self.counters.expired += 1;
            if self.spec.labels.expired == Expired::Negative
                && let Some(label) = self.classes.negative()
            {
                self.resume(offset, waiting);
                self.settle(Resolved::Known(label), false, place, event, step);
            }
        }
    }

    pub(super) fn end_epoch_before(&mut self, event: &Event, place: &Place, step: &mut Step) {
        if self.epoch.ends_before(event.event_time, &self.spec.epoch) {
            step.evaluation = Some(Box::new(self.evaluation(place)));
            self.epoch.advance();
        }
    }

    pub(super) fn end_full_epoch(&mut self, place: &Place, step: &mut Step) {
        if self.epoch.is_full(&self.spec.epoch) {
            step.evaluation = Some(Box::new(self.evaluation(place)));
            self.epoch.advance();
        }
    }
}

fn origin(place: &Place, offset: i64) -> Origin {
    Origin { topic: place.topic.clone(), partition: place.partition, offset }
}

/// 0 or 1 for a class, the absolute error for a value.
fn error(label: Label, prediction: &Prediction) -> f64 {
    match label {
        Label::Class(class) => f64::from(u8::from(prediction.class() != Some(class as usize))),
        Label::Value(value) => (value - prediction.value()).abs(),
    }
}

/// A prediction as one number: see [`Target::Prediction`].
fn level(task: Task, prediction: &Prediction) -> f64 {
    match (task, prediction) {
        (_, Prediction::Value(value)) => *value,
        (Task::Binary, prediction) => prediction.probability(1),
        (_, prediction) => prediction.class().map_or(0.0, |class| prediction.probability(class)),
    }
}

/// Puts 0 in place of what is not finite (a model that has diverged), and says whether there was any.
fn tame(prediction: &mut Prediction) -> bool {
    let mut wild = false;
    let mut tame = |number: &mut f64| {
        if !number.is_finite() {
            (*number, wild) = (0.0, true);
        }
    };
    match prediction {
        Prediction::Classes(probabilities) => probabilities.iter_mut().for_each(&mut tame),
        Prediction::Value(value) => tame(value),
    }
    wild
}
