//! `[input]`: where events come from and how a record is read.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::features::nested_or_dotted;
use super::start::Start;
use super::time::TimeUnit;
use crate::event::{Kind, Layout};
use crate::params::{Check, Problems};
use crate::units::Bytes;

/// How a record's value is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    #[default]
    Json,
    Avro,
}

/// `[input]`. Names of fields are dotted paths: `customer.age` is the field `age` of the record `customer`. In JSON a
/// key that is itself `customer.age`, at the top of the document, is the same field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    pub topic: String,
    #[serde(default)]
    pub format: Format,
    /// Avro: a schema file, each value then is one bare datum of that schema. Absent: Confluent framing, the schema
    /// comes from the registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<PathBuf>,
    /// Where a new group begins.
    #[serde(default)]
    pub start: Start,
    /// The field that names the event. Absent: `topic-partition-offset`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The field with the event time: ISO 8601, or a number since 1970 in `time_unit`. Absent, here or in a record: the
    /// record's timestamp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    #[serde(default)]
    pub time_unit: TimeUnit,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The field that says how much the event counts, > 0; 1 where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<String>,
    #[serde(default, deserialize_with = "nested_or_dotted")]
    pub features: BTreeMap<String, Kind>,
    /// Larger values are dead letters.
    #[serde(default = "default_max_record")]
    pub max_record: Bytes,
}

fn default_max_record() -> Bytes {
    Bytes(1 << 20)
}

impl Input {
    /// JSON from `topic`, without any field yet.
    pub fn new(topic: impl Into<String>) -> Self {
        Self {
            topic: topic.into(),
            format: Format::Json,
            schema: None,
            start: Start::default(),
            id: None,
            time: None,
            time_unit: TimeUnit::default(),
            label: None,
            weight: None,
            features: BTreeMap::new(),
            max_record: default_max_record(),
        }
    }

    /// Which slot holds which feature.
    pub fn layout(&self) -> Layout {
        Layout::new(self.features.iter().map(|(name, kind)| (name.as_str(), *kind)))
    }

    /// The fields that are not features: the key that configures it, and the path.
    pub(super) fn roles(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let roles = [("id", &self.id), ("time", &self.time), ("label", &self.label), ("weight", &self.weight)];
        roles.into_iter().filter_map(|(role, path)| Some((role, path.as_deref()?)))
    }
}

impl Check for Input {
    fn check(&self, problems: &mut Problems) {
        if self.topic.is_empty() {
            problems.add("topic", "must name the topic to read");
        }
        if self.format == Format::Json && self.schema.is_some() {
            problems.add("schema", "is for Avro only: set format = \"avro\" or remove it");
        }
        problems.require("max_record", self.max_record, Bytes(1).., "at least \"1B\"");
        if self.features.is_empty() {
            problems.add("features", "is empty: name at least one field, such as amount = \"number\"");
        }
        if let Some(label) = self.label.as_deref().filter(|label| self.features.contains_key(*label)) {
            problems.add(
                "label",
                format!("\"{label}\" is also a feature, so that the model would see the answer: remove one"),
            );
        }
        self.check_paths(problems);
    }
}

impl Input {
    fn check_paths(&self, problems: &mut Problems) {
        let features = self.features.keys().map(|path| (format!("features.{path}"), path.as_str()));
        let all: Vec<(String, &str)> =
            self.roles().map(|(role, path)| (role.to_owned(), path)).chain(features).collect();
        for (key, path) in &all {
            if path.split('.').any(str::is_empty) {
                problems.add(key, format!("\"{path}\" must be a field's name, or names joined by single dots"));
            }
            let inside = |other: &str| path.strip_prefix(other).is_some_and(|rest| rest.starts_with('.'));
            if let Some((_, parent)) = all.iter().find(|(_, other)| inside(other)) {
                problems
                    .add(key, format!("\"{path}\" is inside \"{parent}\", which cannot be both a record and a value"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(toml: &str) -> Vec<String> {
        let input: Input = toml::from_str(toml).unwrap();
        let mut problems = Problems::default();
        input.check(&mut problems);
        problems.found().iter().map(|problem| format!("{}: {}", problem.key, problem.message)).collect()
    }

    #[test]
    fn features_may_be_tables_inside_each_other() {
        let input: Input = toml::from_str(
            "topic = \"t\"\nstart = \"2026-11-23T21:25:00Z\"\ntime_unit = \"us\"\n[features]\nx = \"number\"\n\
             \"a.b\" = \"text\"\nwho.age = \"number\"\n[features.who.home]\ntown = \"category\"",
        )
        .unwrap();
        let found: Vec<_> = input.features.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
        let expected =
            [("a.b", Kind::Text), ("who.age", Kind::Number), ("who.home.town", Kind::Category), ("x", Kind::Number)];
        assert_eq!(found, expected);
        assert_eq!((input.start, input.time_unit), (Start::At(1_795_469_100_000), TimeUnit::Micros));
        let again: Input = serde_json::from_value(serde_json::to_value(&input).unwrap()).unwrap();
        assert_eq!(again, input);
        for wrong in ["start = \"soon\"", "features = { x = \"float\" }", "time_unit = \"h\"", "tipoc = \"t\""] {
            assert!(toml::from_str::<Input>(&format!("topic = \"t\"\n{wrong}")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        assert_eq!(problems("topic = \"t\"\nid = \"i\"\nfeatures = { x = \"number\", i = \"text\" }"), [""; 0]);
        let found = problems(
            "topic = \"\"\nschema = \"x.avsc\"\nmax_record = \"0B\"\nid = \"x.y\"\nlabel = \"x\"\ntime = \"a..b\"\n\
             features = { x = \"number\" }",
        );
        let keys: Vec<_> = found.iter().map(|problem| problem.split(':').next().unwrap_or_default()).collect();
        assert_eq!(keys, ["topic", "schema", "max_record", "label", "id", "time"], "{found:?}");
        assert!(problems("topic = \"t\"")[0].starts_with("features: is empty"));
    }
}
