//! What is kept of one scored label: all that metrics need, so that the most probable class is searched for once.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use crate::row::{Label, Prediction};

/// One label with what was predicted for it before it was known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, GetSize)]
#[serde(into = "Packed", from = "Packed")]
pub enum Outcome {
    Class(ClassOutcome),
    Value(ValueOutcome),
}

/// A label of a class.
#[derive(Clone, Copy, Debug, PartialEq, GetSize)]
pub struct ClassOutcome {
    pub label: u32,
    /// The most probable class; `None` where no class was known.
    pub predicted: Option<u32>,
    /// The label before this one.
    pub previous: Option<u32>,
    /// The probability given to `label`, 0 where it was unknown.
    pub probability: f64,
    /// The probability given to class 1.
    pub positive: f64,
}

/// A label of a regression.
#[derive(Clone, Copy, Debug, PartialEq, GetSize)]
pub struct ValueOutcome {
    pub label: f64,
    pub predicted: f64,
}

impl Outcome {
    /// What `prediction` made of `label`; `previous` is the label scored before it.
    pub fn new(label: Label, previous: Option<Label>, prediction: &Prediction) -> Self {
        match label {
            Label::Class(class) => Self::Class(ClassOutcome {
                label: class,
                predicted: prediction.class().map(|class| class as u32),
                previous: previous.map(|label| label.class() as u32),
                probability: prediction.probability(class as usize),
                positive: prediction.probability(1),
            }),
            Label::Value(label) => Self::Value(ValueOutcome { label, predicted: prediction.value() }),
        }
    }

    pub fn class(&self) -> Option<&ClassOutcome> {
        match self {
            Self::Class(outcome) => Some(outcome),
            Self::Value(_) => None,
        }
    }

    pub fn value(&self) -> Option<&ValueOutcome> {
        match self {
            Self::Class(_) => None,
            Self::Value(outcome) => Some(outcome),
        }
    }
}

impl ClassOutcome {
    pub fn is_right(&self) -> bool {
        self.predicted == Some(self.label)
    }
}

/// Written as tuples: a checkpoint holds thousands of outcomes.
#[derive(Serialize, Deserialize)]
enum Packed {
    #[serde(rename = "c")]
    Class(u32, Option<u32>, Option<u32>, f64, f64),
    #[serde(rename = "v")]
    Value(f64, f64),
}

impl From<Outcome> for Packed {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Class(o) => Self::Class(o.label, o.predicted, o.previous, o.probability, o.positive),
            Outcome::Value(o) => Self::Value(o.label, o.predicted),
        }
    }
}

impl From<Packed> for Outcome {
    fn from(packed: Packed) -> Self {
        match packed {
            Packed::Class(label, predicted, previous, probability, positive) => {
                Self::Class(ClassOutcome { label, predicted, previous, probability, positive })
            }
            Packed::Value(label, predicted) => Self::Value(ValueOutcome { label, predicted }),
        }
    }
}
