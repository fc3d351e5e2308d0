//! `[input]`: where events come from and which fields of a record mean what.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::event::{Kind, Layout};
use crate::params::{Check, Problems};
use crate::units::Bytes;

/// `[input]`: where events come from and which fields of a record mean what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    pub topic: String,
    #[serde(default)]
    pub format: Format,
    /// `avro`: the file of the records' schema; without one they carry the id of a schema in the registry.
    #[serde(default)]
    pub schema: Option<PathBuf>,
    /// Where a new group begins: `earliest`, `latest`, or a time, ISO 8601 or milliseconds since 1970.
    #[serde(default = "default_start")]
    pub start: String,
    /// The field that names an event; `None`: topic-partition-offset.
    #[serde(default)]
    pub id: Option<String>,
    /// The field of the event time, ISO 8601 or a number of `time_unit` since 1970; `None`: the record's timestamp.
    #[serde(default)]
    pub time: Option<String>,
    #[serde(default)]
    pub time_unit: TimeUnit,
    #[serde(default)]
    pub label: Option<String>,
    /// The field of how much an event counts in learning; `None`: each counts 1.
    #[serde(default)]
    pub weight: Option<String>,
    /// Feature names, with dots into nested records, and how each is read.
    #[serde(default)]
    pub features: BTreeMap<String, Kind>,
    /// Larger records are dead letters.
    #[serde(default = "default_max_record")]
    pub max_record: Bytes,
}

/// How records are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    #[default]
    Json,
    Avro,
}

/// The unit of event times that are numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    #[serde(rename = "s")]
    Seconds,
    #[default]
    #[serde(rename = "ms")]
    Millis,
    #[serde(rename = "us")]
    Micros,
    #[serde(rename = "ns")]
    Nanos,
}

fn default_start() -> String {
    "earliest".to_owned()
}

fn default_max_record() -> Bytes {
    Bytes(1 << 20)
}

impl Input {
    pub fn layout(&self) -> Layout {
        Layout::new(self.features.iter().map(|(name, &kind)| (name.as_str(), kind)))
    }
}

impl Check for Input {
    fn check(&self, problems: &mut Problems) {
        if self.topic.is_empty() {
            problems.add("topic", "must not be empty");
        }
        if self.schema.is_some() && self.format != Format::Avro {
            problems.add("schema", "is for format = \"avro\"");
        }
        problems.require("max_record", self.max_record, Bytes(1)..=Bytes(1 << 30), "in 1B..=1GiB");
    }
}
