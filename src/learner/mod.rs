//! The learner: everything that is learned for one lane, and the five verbs: transform, predict, evaluate, detect, learn.
//!
//! [`Learner::step`] is the whole contract: one event in, facts out, no I/O. The state after any sequence of events is a
//! function of the [`Spec`] and that sequence alone, and a checkpoint holds the whole of it.

use std::sync::Arc;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::event::{Event, Millis, RawLabel};
use crate::facts::{Alert, Evaluation, PredictionRecord, Reason, Rejection};
use crate::metric::Scoreboard;
use crate::model::{Model as _, NoChange};
use crate::row::{Prediction, Row};

mod adopt;
mod alert;
mod boost;
mod check;
mod classes;
mod describe;
mod epoch;
mod pending;
mod pipeline;
mod spec;
mod verbs;
mod vocabulary;
mod watch;
mod window;

pub use spec::*;

use crate::stats::Scratch;
use classes::{Classes, Resolved};
use pending::WaitingRoom;
use pipeline::Pipeline;
use vocabulary::Vocabulary;
use watch::Watcher;
use window::Sliding;

/// The shape of the state; what a checkpoint of another shape needs is in `checkpoint::versions`.
pub const STATE_VERSION: u32 = 1;

/// Where the learner's events come from, and the name of the model they make.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub topic: Arc<str>,
    pub partition: i32,
    /// [`Spec::fingerprint`].
    pub fingerprint: CompactString,
}

/// What one event led to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// `None` for a record that only brings a label.
    pub prediction: Option<PredictionRecord>,
    pub alerts: Vec<Alert>,
    /// At the end of an epoch.
    pub evaluation: Option<Box<Evaluation>>,
    /// What was evaluated in this step: `evaluate --trace` shows it.
    pub truths: Truths,
}

/// The truth about an event: its offset and its label in words.
pub type Truth = (i64, CompactString);

/// Truths that came to light in one step: mostly one, more only where several predictions waited too long at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truths {
    first: Option<Truth>,
    more: Vec<Truth>,
}

impl Truths {
    fn push(&mut self, truth: Truth) {
        match self.first {
            None => self.first = Some(truth),
            Some(_) => self.more.push(truth),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Truth> {
        self.first.iter().chain(&self.more)
    }
}

/// Everything that is learned for one lane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Learner {
    spec: Spec,
    vocabularies: Vec<Vocabulary>,
    classes: Classes,
    pipeline: Pipeline,
    window: Option<Sliding>,
    /// The baseline that runs beside the model.
    no_change: NoChange,
    score: Scoreboard,
    no_change_score: Scoreboard,
    watchers: Vec<Watcher>,
    waiting: WaitingRoom,
    epoch: epoch::Current,
    counters: epoch::Counters,
    /// The latest event time of the stream.
    now: Millis,
    #[serde(skip)]
    current: Scratch<Current>,
}

/// The event that the verbs work on.
#[derive(Default)]
struct Current {
    offset: i64,
    event_time: Millis,
    weight: f64,
    row: Row,
    prediction: Option<Prediction>,
    /// What the model's members said, where it has any.
    advice: Vec<f64>,
    /// What the baseline said when the event was predicted.
    no_change: Option<Prediction>,
}

/// What a record turns out to be.
enum Admitted {
    /// An event, with its label where that is known already.
    Event(Option<Resolved>),
    /// A label for the event at this offset, which waits.
    Label(i64, Resolved),
}

impl Learner {
    /// A learner that has seen nothing. `spec` has been checked.
    pub fn new(spec: &Spec) -> Self {
        Self {
            vocabularies: vec![Vocabulary::default(); spec.layout.categories.len()],
            classes: Classes::new(&spec.task, &spec.learn),
            pipeline: Pipeline::new(spec),
            window: spec.window.as_ref().map(|window| Sliding::new(window, spec.seed)),
            no_change: NoChange::default(),
            score: Scoreboard::new(spec.task.kind, spec.metrics.window),
            no_change_score: Scoreboard::new(spec.task.kind, spec.metrics.window),
            watchers: Watcher::all(&spec.drift, &spec.layout),
            waiting: WaitingRoom::default(),
            epoch: epoch::Current::default(),
            counters: epoch::Counters::default(),
            now: Millis::MIN,
            current: Scratch::default(),
            spec: spec.clone(),
        }
    }

    /// One event through the verbs, in their fixed order. A rejected event leaves the state as it was.
    pub fn step(&mut self, place: &Place, event: &Event) -> Result<Step, Rejection> {
        let admitted = self.admit(event)?;
        let mut step = Step::default();
        self.now = self.now.max(event.event_time);
        match admitted {
            Admitted::Event(label) => {
                self.end_epoch_before(event, place, &mut step);
                self.read(event);
                self.predict();
                step.prediction = Some(self.state_prediction(place, event));
                match label {
                    Some(label) => self.settle(label, true, place, event, &mut step),
                    None => self.detect(None, true, place, event, &mut step),
                }
                self.wait_for_label(event);
            }
            Admitted::Label(offset, label) => {
                self.recall(offset);
                self.settle(label, false, place, event, &mut step);
            }
        }
        self.expire(place, event, &mut step);
        self.end_full_epoch(place, &mut step);
        Ok(step)
    }

    /// A label has come: evaluate what was predicted, detect, learn.
    fn settle(&mut self, label: Resolved, fresh: bool, place: &Place, event: &Event, step: &mut Step) {
        let label = self.classes.admit(label);
        self.evaluate(label, step);
        self.detect(Some(label), fresh, place, event, step);
        self.learn(label);
    }

    /// Whether the record can be used, and as what; changes nothing.
    fn admit(&self, event: &Event) -> Result<Admitted, Rejection> {
        let label = event.label.as_ref().map(|raw| self.classes.resolve(raw)).transpose()?;
        match (self.spec.labels.from, label) {
            (LabelsFrom::Later, Some(label)) => match self.waiting.find(&event.id) {
                Some(offset) => Ok(Admitted::Label(offset, label)),
                None => Err(no_event(event)),
            },
            (LabelsFrom::Later, None) if self.waiting.find(&event.id).is_some() => Err(Rejection::new(
                Reason::DuplicateId,
                format!("an event with the id \"{}\" waits for its label already", event.id),
            )),
            (_, label) => {
                self.check_numbers(event)?;
                Ok(Admitted::Event(label))
            }
        }
    }

    fn check_numbers(&self, event: &Event) -> Result<(), Rejection> {
        if let Some(slot) = event.features.numbers.iter().position(|number| number.is_infinite()) {
            let name = self.spec.layout.numbers.get(slot).map_or("?", String::as_str);
            return Err(Rejection::new(
                Reason::NonFinite,
                format!("the feature {name} is {}", event.features.numbers[slot]),
            ));
        }
        if !event.weight.is_finite() {
            return Err(Rejection::new(Reason::NonFinite, format!("the weight is {}", event.weight)));
        }
        if event.weight <= 0.0 {
            return Err(Rejection::new(Reason::WrongType, format!("the weight is {}; it must be > 0", event.weight)));
        }
        Ok(())
    }

    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// The classes known so far, in their order; empty for regression.
    pub fn classes(&self) -> &[CompactString] {
        self.classes.names()
    }

    /// How the model did.
    pub fn score(&self) -> &Scoreboard {
        &self.score
    }

    /// How no-change did on the same labels.
    pub fn no_change_score(&self) -> &Scoreboard {
        &self.no_change_score
    }

    /// The share that each of the model's members has in its answers now: [`crate::model::Model::weights`].
    pub fn weights(&self) -> Vec<(String, f64)> {
        self.pipeline.weights()
    }

    /// The memory that the model holds, in bytes.
    pub fn model_bytes(&self) -> usize {
        self.pipeline.model.bytes()
    }

    /// The latest event time seen, milliseconds since 1970; the least number where nothing was.
    pub fn event_time(&self) -> Millis {
        self.now
    }
}

fn no_event(event: &Event) -> Rejection {
    let label = match &event.label {
        Some(RawLabel::Text(text)) => text.to_string(),
        Some(RawLabel::Number(number)) => number.to_string(),
        Some(RawLabel::Bool(value)) => value.to_string(),
        None => String::new(),
    };
    Rejection::new(
        Reason::LabelWithoutEvent,
        format!(
            "the label \"{label}\" came for the id \"{}\", which is not waiting: never seen, labelled before, or waited too long",
            event.id
        ),
    )
}
