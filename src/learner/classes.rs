//! Classes: from a label as it was written to a class or a value.

use std::collections::BTreeMap;
use std::sync::Arc;

use compact_str::{CompactString, ToCompactString, format_compact};
use serde::{Deserialize, Serialize};

use super::spec::{Learn, TaskSpec};
use crate::event::RawLabel;
use crate::facts::{Reason, Rejection};
use crate::linalg::bounded;
use crate::row::{Label, Task};

/// The classes known so far, in their order, each with its weight in learning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Classes {
    task: Task,
    names: Arc<[CompactString]>,
    weights: Vec<f64>,
    /// Weights of classes by name, also of those not seen yet.
    named_weights: BTreeMap<String, f64>,
    most: usize,
}

/// A label that can be learned.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Resolved {
    Known(Label),
    /// A class that arrives for the first time and has room.
    New(CompactString),
}

impl Classes {
    pub(super) fn new(task: &TaskSpec, learn: &Learn) -> Self {
        let mut classes = Self {
            task: task.kind,
            names: Arc::from([]),
            weights: Vec::new(),
            named_weights: learn.class_weights.clone(),
            most: task.most_classes(),
        };
        for name in &task.classes {
            classes.add(name.into());
        }
        classes
    }

    /// What `raw` means, without learning anything yet.
    pub(super) fn resolve(&self, raw: &RawLabel) -> Result<Resolved, Rejection> {
        if self.task == Task::Regression {
            return value(raw).map(|value| Resolved::Known(Label::Value(value)));
        }
        if let RawLabel::Number(number) = raw
            && !number.is_finite()
        {
            return Err(Rejection::new(Reason::NonFinite, format!("the label is {number}")));
        }
        if let Some(class) = self.find(raw) {
            return Ok(Resolved::Known(class_label(class)));
        }
        let name = canonical(raw);
        if self.names.len() < self.most {
            return Ok(Resolved::New(name));
        }
        let known = self.names.join(", ");
        Err(Rejection::new(Reason::UnknownClass, format!("the label \"{name}\" is not among the classes {known}")))
    }

    /// The label of what [`Classes::resolve`] found; a new class takes its place at the end.
    pub(super) fn admit(&mut self, resolved: Resolved) -> Label {
        match resolved {
            Resolved::Known(label) => label,
            Resolved::New(name) => {
                self.add(name);
                class_label(self.names.len() - 1)
            }
        }
    }

    /// Takes over changed weights.
    pub(super) fn weigh(&mut self, learn: &Learn) {
        self.named_weights = learn.class_weights.clone();
        self.weights = self.names.iter().map(|name| self.weight_of(name)).collect();
    }

    fn add(&mut self, name: CompactString) {
        self.weights.push(self.weight_of(&name));
        self.names = self.names.iter().cloned().chain([name]).collect();
    }

    fn weight_of(&self, name: &str) -> f64 {
        self.named_weights.get(name).copied().unwrap_or(1.0)
    }

    fn find(&self, raw: &RawLabel) -> Option<usize> {
        match raw {
            RawLabel::Text(text) => self.position(text),
            _ => self.position(&canonical(raw)).or_else(|| self.position(&other_spelling(raw)?)),
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    /// The name of a class, or a value with all its digits.
    pub(super) fn text(&self, label: Label) -> CompactString {
        match label {
            Label::Class(class) => self.name(class as usize),
            Label::Value(value) => format_compact!("{value}"),
        }
    }

    pub(super) fn name(&self, class: usize) -> CompactString {
        self.names.get(class).cloned().unwrap_or_default()
    }

    pub(super) fn names(&self) -> &Arc<[CompactString]> {
        &self.names
    }

    pub(super) fn weight(&self, label: Label) -> f64 {
        match label {
            Label::Class(class) => self.weights.get(class as usize).copied().unwrap_or(1.0),
            Label::Value(_) => 1.0,
        }
    }

    /// What a prediction is taken for whose label never came: the first class, or 0.
    pub(super) fn negative(&self) -> Option<Label> {
        match self.task {
            Task::Regression => Some(Label::Value(0.0)),
            _ => (!self.names.is_empty()).then_some(Label::Class(0)),
        }
    }
}

fn class_label(class: usize) -> Label {
    Label::Class(u32::try_from(class).unwrap_or(u32::MAX))
}

/// Numbers without a needless ".0", so that 1 and 1.0 are one class.
fn canonical(raw: &RawLabel) -> CompactString {
    match raw {
        RawLabel::Text(text) => text.clone(),
        RawLabel::Number(number) if number.trunc() == *number && number.abs() < 1e15 => {
            (*number as i64).to_compact_string()
        }
        RawLabel::Number(number) => format_compact!("{number}"),
        RawLabel::Bool(value) => value.to_compact_string(),
    }
}

/// What writers of two-valued labels mix up: 0 and false, 1 and true.
fn other_spelling(raw: &RawLabel) -> Option<CompactString> {
    match raw {
        RawLabel::Bool(value) => Some(if *value { "1".into() } else { "0".into() }),
        RawLabel::Number(number) if *number == 0.0 => Some("false".into()),
        RawLabel::Number(number) if *number == 1.0 => Some("true".into()),
        _ => None,
    }
}

fn value(raw: &RawLabel) -> Result<f64, Rejection> {
    match raw {
        RawLabel::Number(number) if number.is_finite() => Ok(bounded(*number)),
        RawLabel::Number(number) => Err(Rejection::new(Reason::NonFinite, format!("the label is {number}"))),
        RawLabel::Bool(value) => Ok(f64::from(u8::from(*value))),
        RawLabel::Text(text) => {
            Err(Rejection::new(Reason::WrongType, format!("the label \"{text}\" is not a number, as regression needs")))
        }
    }
}
