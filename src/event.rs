//! Words of the domain: what comes in. An event, its origin, its features by slot, its label.

use std::fmt;
use std::sync::Arc;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// Event time: milliseconds since 1970-01-01 UTC.
pub type Millis = i64;

/// Where a record came from; printed as `topic-partition-offset`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Origin {
    pub topic: Arc<str>,
    pub partition: i32,
    pub offset: i64,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.topic, self.partition, self.offset)
    }
}

/// How a feature is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Number,
    Category,
    /// A number that is 0 or 1.
    Bool,
    Text,
}

/// Which slot holds which feature; names are resolved once, at start. Sorted by name within each kind, so that the
/// order of a configuration or of a file's columns changes no bit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    pub numbers: Vec<String>,
    pub categories: Vec<String>,
    pub texts: Vec<String>,
}

impl Layout {
    pub fn new<'a>(features: impl IntoIterator<Item = (&'a str, Kind)>) -> Self {
        let mut layout = Self::default();
        for (name, kind) in features {
            match kind {
                Kind::Number | Kind::Bool => layout.numbers.push(name.to_owned()),
                Kind::Category => layout.categories.push(name.to_owned()),
                Kind::Text => layout.texts.push(name.to_owned()),
            }
        }
        layout.numbers.sort();
        layout.categories.sort();
        layout.texts.sort();
        layout
    }

    /// How many features there are, of all kinds.
    pub fn len(&self) -> usize {
        self.numbers.len() + self.categories.len() + self.texts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The features of one event as decoded, by the slots of a [`Layout`]. Missing is NaN for a number, `None` otherwise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Features {
    pub numbers: Vec<f64>,
    pub categories: Vec<Option<CompactString>>,
    pub texts: Vec<Option<CompactString>>,
}

impl Features {
    /// Every slot of `layout`, all missing.
    pub fn missing(layout: &Layout) -> Self {
        Self {
            numbers: vec![f64::NAN; layout.numbers.len()],
            categories: vec![None; layout.categories.len()],
            texts: vec![None; layout.texts.len()],
        }
    }

    /// Makes every slot missing again, keeping the memory.
    pub fn clear(&mut self) {
        self.numbers.fill(f64::NAN);
        self.categories.fill(None);
        self.texts.fill(None);
    }
}

/// A label as it was written, before the learner resolves it to a class or checks it as a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RawLabel {
    Text(CompactString),
    Number(f64),
    Bool(bool),
}

/// One record of the input topic, decoded.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Names the event for its users; `topic-partition-offset` where the configuration names no field.
    pub id: CompactString,
    pub offset: i64,
    pub event_time: Millis,
    pub features: Features,
    pub label: Option<RawLabel>,
    /// How much the event counts in learning, > 0.
    pub weight: f64,
}

impl Event {
    /// An empty event, to be filled by a decoder again and again.
    pub fn empty(layout: &Layout) -> Self {
        Self {
            id: CompactString::default(),
            offset: 0,
            event_time: 0,
            features: Features::missing(layout),
            label: None,
            weight: 1.0,
        }
    }
}
