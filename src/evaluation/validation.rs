//! Progressive validation: every event is predicted, then its label is scored and learned, at once or later.

use std::collections::{BTreeMap, VecDeque};

use compact_str::CompactString;
use serde::Serialize;

use super::baseline::Baseline;
use super::detail::{Detail, Said};
use super::report::as_map;
use crate::event::{Event, Features};
use crate::facts::{Alert, PredictionRecord, Rejection, Scores};
use crate::learner::{LabelsFrom, Learner, Place, Spec, Step};
use crate::row::{Label, Prediction, Task};

/// The scores over one stretch of the stream.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WindowScores {
    /// Offsets of the first and the last event whose label came in this window.
    pub from: i64,
    pub to: i64,
    #[serde(flatten, serialize_with = "as_map")]
    pub scores: Scores,
    #[serde(serialize_with = "as_map")]
    pub no_change: Scores,
}

/// A prediction with its truth, where that is known.
pub type Traced<'a> = (&'a PredictionRecord, Option<&'a str>);

/// What is kept beside the scores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// Whole predictions, to be handed out with their truth.
    pub trace: bool,
    /// What a [`Detail`] holds.
    pub detail: bool,
}

/// A prediction whose truth has not come yet.
struct Open {
    offset: i64,
    record: Option<PredictionRecord>,
    baseline: Prediction,
    /// Where details are kept.
    said: Option<Said>,
    truth: Option<CompactString>,
}

/// Runs a learner over a stream and keeps what there is to tell of it.
pub struct Validation {
    pub learner: Learner,
    place: Place,
    /// Labels come this many events late, as records of their own.
    delay: Option<usize>,
    late: VecDeque<Event>,
    steps: Vec<(i64, Result<Step, Rejection>)>,
    open: VecDeque<Open>,
    traced: bool,
    detail: Option<Detail>,
    baseline: Baseline,
    window: u64,
    window_start: u64,
    window_offsets: Option<(i64, i64)>,
    windows: Vec<WindowScores>,
    alerts: Vec<Alert>,
    rejected: BTreeMap<&'static str, u64>,
    /// The first few, in words.
    rejections: Vec<String>,
}

/// How many rejections are kept in words.
const SHOWN: usize = 5;

impl Validation {
    /// `delay`: labels are taken off their events and come that many events later; `spec.labels.from` is `Later` then.
    /// `window`: labels in each stretch that is scored by itself, at most `spec.metrics.window`.
    pub fn new(spec: &Spec, place: Place, delay: Option<usize>, window: usize, keep: Keep) -> Self {
        let task = &spec.task;
        Self {
            learner: Learner::new(spec),
            place,
            delay,
            late: VecDeque::new(),
            steps: Vec::new(),
            open: VecDeque::new(),
            traced: keep.trace,
            detail: keep.detail.then(|| Detail::new(task.kind)),
            baseline: Baseline::new(task.kind, task.most_classes()),
            window: window.clamp(1, spec.metrics.window) as u64,
            window_start: 0,
            window_offsets: None,
            windows: Vec::new(),
            alerts: Vec::new(),
            rejected: BTreeMap::new(),
            rejections: Vec::new(),
        }
    }

    /// Steps the learner through `events` until a window is full; how many were taken. This is what is timed; let
    /// [`Validation::observe`] look at it each time.
    pub fn learn(&mut self, events: &[Event]) -> usize {
        for (taken, event) in events.iter().enumerate() {
            if self.window_is_full() {
                return taken;
            }
            match self.delay {
                None => self.step(event),
                Some(delay) => self.step_without_label(event, delay),
            }
        }
        events.len()
    }

    /// The event now, its label after `delay` more events.
    fn step_without_label(&mut self, event: &Event, delay: usize) {
        self.step(&Event { label: None, ..event.clone() });
        let (id, label) = (event.id.clone(), event.label.clone());
        self.late.push_back(Event { id, label, features: Features::default(), ..*event });
        if self.late.len() > delay {
            self.label(event.offset, event.event_time);
        }
    }

    /// Lets the labels come that are still on their way; whether there are more behind a full window.
    pub fn learn_late(&mut self) -> bool {
        while !self.late.is_empty() {
            if self.window_is_full() {
                return true;
            }
            let (offset, event_time) = self.late.back().map_or((0, 0), |last| (last.offset, last.event_time));
            self.label(offset, event_time);
        }
        false
    }

    /// The label that has waited longest comes, at the event of this offset and time.
    fn label(&mut self, offset: i64, event_time: i64) {
        if let Some(label) = self.late.pop_front().filter(|event| event.label.is_some()) {
            self.step(&Event { offset, event_time, ..label });
        }
    }

    fn step(&mut self, event: &Event) {
        let step = self.learner.step(&self.place, event);
        self.steps.push((event.offset, step));
    }

    fn window_is_full(&self) -> bool {
        self.learner.score().labels() >= self.window_start + self.window
    }

    /// Looks at what [`Validation::learn`] did; `trace` gets every prediction once, in order, with its truth.
    pub fn observe(&mut self, trace: &mut dyn FnMut(Traced<'_>)) {
        let mut steps = std::mem::take(&mut self.steps);
        for (offset, step) in steps.drain(..) {
            match step {
                Ok(step) => self.take_in(offset, step),
                Err(rejection) => self.reject(offset, &rejection),
            }
        }
        self.steps = steps;
        let later = self.learner.spec().labels.from == LabelsFrom::Later;
        self.flush(if later { self.learner.spec().labels.wait.events } else { 0 }, trace);
        if self.window_is_full() {
            self.end_window();
        }
    }

    /// The end of the stream: what is open stays without truth, and the last window ends where it is.
    pub fn finish(&mut self, trace: &mut dyn FnMut(Traced<'_>)) {
        self.flush(0, trace);
        self.end_window();
    }

    /// A record that could not even be decoded.
    pub fn reject(&mut self, offset: i64, rejection: &Rejection) {
        *self.rejected.entry(rejection.reason.name()).or_default() += 1;
        if self.rejections.len() < SHOWN {
            self.rejections.push(format!("record {offset}: {rejection}"));
        }
    }

    fn take_in(&mut self, offset: i64, step: Step) {
        if let Some(record) = step.prediction {
            let said = self.detail.is_some().then(|| Said::new(&record));
            let record = self.traced.then_some(record);
            self.open.push_back(Open { offset, record, baseline: self.baseline.predict(), said, truth: None });
        }
        for (offset, truth) in step.truths.iter() {
            self.settle(*offset, truth.clone());
        }
        self.alerts.extend(step.alerts);
    }

    fn settle(&mut self, offset: i64, truth: CompactString) {
        let (from, _) = self.window_offsets.unwrap_or((offset, offset));
        self.window_offsets = Some((from, offset));
        let Ok(at) = self.open.binary_search_by_key(&offset, |open| open.offset) else { return };
        if let Some(label) = self.resolve(&truth) {
            self.baseline.update(label, &self.open[at].baseline);
            if let (Some(detail), Some(said)) = (&mut self.detail, &self.open[at].said) {
                detail.score(label, said);
            }
        }
        self.open[at].truth = Some(truth);
    }

    fn resolve(&self, truth: &str) -> Option<Label> {
        if self.learner.spec().task.kind == Task::Regression {
            return truth.parse().ok().map(Label::Value);
        }
        self.learner.classes().iter().position(|class| class == truth).map(|class| Label::Class(class as u32))
    }

    /// Hands out predictions in order, up to the first whose truth may still come: at most `waiting` do.
    fn flush(&mut self, waiting: usize, trace: &mut dyn FnMut(Traced<'_>)) {
        while self.open.front().is_some_and(|open| open.truth.is_some() || self.open.len() > waiting) {
            let Some(open) = self.open.pop_front() else { return };
            if let Some(record) = &open.record {
                trace((record, open.truth.as_deref()));
            }
        }
    }

    fn end_window(&mut self) {
        let labels = self.learner.score().labels();
        let n = (labels - self.window_start) as usize;
        if let Some((from, to)) = self.window_offsets.take() {
            let (scores, no_change) = (self.learner.score().last(n), self.learner.no_change_score().last(n));
            self.windows.push(WindowScores { from, to, scores, no_change });
            if let Some(detail) = &mut self.detail {
                detail.end_window(self.learner.weights());
            }
        }
        self.window_start = labels;
    }

    pub fn windows(&self) -> &[WindowScores] {
        &self.windows
    }

    pub fn alerts(&self) -> &[Alert] {
        &self.alerts
    }

    pub fn detail(&self) -> Option<&Detail> {
        self.detail.as_ref()
    }

    /// Records that could not be used, by reason.
    pub fn rejected(&self) -> &BTreeMap<&'static str, u64> {
        &self.rejected
    }

    /// The first few records that could not be used, in words.
    pub fn rejections(&self) -> &[String] {
        &self.rejections
    }

    /// The scores of the majority class, or of the mean.
    pub fn baseline(&self) -> (&'static str, Scores) {
        (Baseline::name(self.learner.spec().task.kind), self.baseline.scores())
    }
}
