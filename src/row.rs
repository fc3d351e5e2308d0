//! What models see: a row of numbers and category codes by slot, and a resolved label.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

/// A category by its code in the learner's vocabulary, and the hash of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, GetSize)]
pub struct Category {
    /// 0, 1, 2 … in order of arrival; [`Category::OTHER`] beyond the vocabulary's bound.
    pub code: u32,
    /// Stable 64-bit hash of the text.
    pub hash: u64,
}

impl Category {
    pub const MISSING: Self = Self { code: u32::MAX, hash: 0 };
    /// The code of every category that came after the vocabulary was full.
    pub const OTHER: u32 = u32::MAX - 1;

    pub fn is_missing(self) -> bool {
        self.code == u32::MAX
    }
}

/// The features of one event as transforms and models see them. A missing number is NaN; no other NaN or infinity
/// enters a row (such records are dead letters), and finite ones are held within ±[`crate::linalg::LARGEST`], labels too.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Row {
    pub numbers: Vec<f64>,
    pub categories: Vec<Category>,
    /// Free text, which only a hasher reads.
    pub texts: Vec<Option<Box<str>>>,
}

impl Row {
    /// Becomes a copy of `other`, keeping the memory.
    pub fn copy_from(&mut self, other: &Self) {
        self.numbers.clone_from(&other.numbers);
        self.categories.clone_from(&other.categories);
        self.texts.clone_from(&other.texts);
    }
}

/// A resolved label.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub enum Label {
    /// Index of a class in the learner's list of classes.
    Class(u32),
    Value(f64),
}

impl Label {
    /// The class, or 0 for a value, which configuration checks keep from models of classes.
    pub fn class(self) -> usize {
        match self {
            Label::Class(class) => class as usize,
            Label::Value(_) => 0,
        }
    }

    /// The value; a class counts as its index.
    pub fn value(self) -> f64 {
        match self {
            Label::Class(class) => f64::from(class),
            Label::Value(value) => value,
        }
    }
}

/// What is to be predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, GetSize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    Binary,
    Multiclass,
    Regression,
}

impl Task {
    pub fn is_classification(self) -> bool {
        self != Task::Regression
    }
}

/// A model's answer. A model of classes writes the probability of each class it knows into the slots that the
/// learner prepared (one for each class known so far, all 0) and leaves the rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub enum Prediction {
    Classes(Vec<f64>),
    Value(f64),
}

impl Prediction {
    pub fn empty(task: Task) -> Self {
        if task.is_classification() { Self::Classes(Vec::new()) } else { Self::Value(0.0) }
    }

    /// Makes room for `classes` probabilities, all 0, keeping the memory; a value becomes 0.
    pub fn reset(&mut self, classes: usize) {
        match self {
            Self::Classes(probabilities) => {
                probabilities.clear();
                probabilities.resize(classes, 0.0);
            }
            Self::Value(value) => *value = 0.0,
        }
    }

    /// The most probable class, the lowest index among equals; `None` for a value or where no class is known.
    pub fn class(&self) -> Option<usize> {
        let Self::Classes(probabilities) = self else { return None };
        let mut best: Option<usize> = None;
        for (class, &p) in probabilities.iter().enumerate() {
            if best.is_none_or(|b| p > probabilities[b]) {
                best = Some(class);
            }
        }
        best
    }

    /// The probability of `class`, 0 where it is unknown.
    pub fn probability(&self, class: usize) -> f64 {
        match self {
            Self::Classes(probabilities) => probabilities.get(class).copied().unwrap_or(0.0),
            Self::Value(_) => 0.0,
        }
    }

    pub fn value(&self) -> f64 {
        match self {
            Self::Classes(_) => f64::NAN,
            Self::Value(value) => *value,
        }
    }

    /// The slots for probabilities; empty for a value.
    pub fn probabilities_mut(&mut self) -> &mut [f64] {
        match self {
            Self::Classes(probabilities) => probabilities,
            Self::Value(_) => &mut [],
        }
    }
}

/// A row with its label, as models learn it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Example {
    pub row: Row,
    pub label: Label,
    pub weight: f64,
}
