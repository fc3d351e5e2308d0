//! The merged configuration as a tree whose nodes know their path and can be taken out, so that reading it can go on behind
//! a mistake.

use std::collections::{BTreeMap, VecDeque};

use config::{Value, ValueKind};
use serde_json::{Number, Value as Json};

use super::layers::PREFIX;

/// A value of the merged configuration.
#[derive(Clone, Debug)]
pub struct Node {
    /// As in the configuration: `drift[0].delta`.
    pub path: String,
    pub kind: Kind,
    /// What else the text of a variable or of `--set` may mean, tried where the text itself does not fit.
    readings: VecDeque<Json>,
    /// What the reader said of the readings so far.
    complaint: Option<String>,
}

#[derive(Clone, Debug)]
pub enum Kind {
    Scalar(Json),
    List(Vec<Node>),
    Table(BTreeMap<String, Node>),
}

/// A step from a node to one below it.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Key(String),
    Index(usize),
}

impl Node {
    pub fn new(path: String, value: Value) -> Self {
        let loose = value.origin().is_some_and(|origin| origin.starts_with("--set ") || origin.contains(PREFIX));
        let kind = match value.kind {
            ValueKind::Table(table) => {
                let entries = table.into_iter().map(|(key, value)| (key.clone(), Self::new(below(&path, &key), value)));
                Kind::Table(entries.collect())
            }
            ValueKind::Array(list) => {
                let items = list.into_iter().enumerate();
                Kind::List(items.map(|(index, value)| Self::new(format!("{path}[{index}]"), value)).collect())
            }
            ValueKind::Nil => Kind::Scalar(Json::Null),
            ValueKind::Boolean(truth) => Kind::Scalar(truth.into()),
            ValueKind::I64(number) => Kind::Scalar(number.into()),
            ValueKind::Float(number) => {
                // JSON has no such numbers; as text they meet the error that names them.
                let json = Number::from_f64(number).map_or_else(|| number.to_string().into(), Json::Number);
                Kind::Scalar(json)
            }
            ValueKind::String(text) => {
                let readings = if loose { readings(&text) } else { VecDeque::new() };
                return Self { path, kind: Kind::Scalar(text.into()), readings, complaint: None };
            }
            other => Kind::Scalar(other.to_string().into()),
        };
        Self { path, kind, readings: VecDeque::new(), complaint: None }
    }

    pub fn to_json(&self) -> Json {
        match &self.kind {
            Kind::Scalar(json) => json.clone(),
            Kind::List(items) => items.iter().map(Self::to_json).collect(),
            Kind::Table(entries) => entries.iter().map(|(key, node)| (key.clone(), node.to_json())).collect(),
        }
    }

    /// The steps to the nodes directly below.
    pub fn steps(&self) -> Vec<Step> {
        match &self.kind {
            Kind::Scalar(_) => Vec::new(),
            Kind::List(items) => (0..items.len()).map(Step::Index).collect(),
            Kind::Table(entries) => entries.keys().cloned().map(Step::Key).collect(),
        }
    }

    pub fn get(&self, steps: &[Step]) -> Option<&Self> {
        steps.iter().try_fold(self, |node, step| match (&node.kind, step) {
            (Kind::List(items), Step::Index(index)) => items.get(*index),
            (Kind::Table(entries), Step::Key(key)) => entries.get(key),
            _ => None,
        })
    }

    pub fn get_mut(&mut self, steps: &[Step]) -> Option<&mut Self> {
        steps.iter().try_fold(self, |node, step| match (&mut node.kind, step) {
            (Kind::List(items), Step::Index(index)) => items.get_mut(*index),
            (Kind::Table(entries), Step::Key(key)) => entries.get_mut(key),
            _ => None,
        })
    }

    /// Takes the node at `steps` out.
    pub fn remove(&mut self, steps: &[Step]) {
        let Some((last, parent)) = steps.split_last() else { return };
        match (self.get_mut(parent).map(|node| &mut node.kind), last) {
            (Some(Kind::List(items)), Step::Index(index)) if *index < items.len() => {
                items.remove(*index);
            }
            (Some(Kind::Table(entries)), Step::Key(key)) => {
                entries.remove(key);
            }
            _ => {}
        }
    }

    /// Puts `value` under `key` of the table at `steps`.
    pub fn insert(&mut self, steps: &[Step], key: &str, value: Json) {
        if let Some(Self { path, kind: Kind::Table(entries), .. }) = self.get_mut(steps) {
            let node =
                Self { path: below(path, key), kind: kind_of(value), readings: VecDeque::new(), complaint: None };
            entries.insert(key.to_owned(), node);
        }
    }

    /// Notes what the reader said of the value and takes the next thing that its text may mean. Where there is none:
    /// what was said of the text, or of the number that it is.
    pub fn read_otherwise(&mut self, complaint: &str) -> Result<(), String> {
        let is_number = matches!(&self.kind, Kind::Scalar(json) if !json.is_string());
        if self.complaint.is_none() || is_number {
            self.complaint = Some(complaint.to_owned());
        }
        let Some(next) = self.readings.pop_front() else {
            return Err(self.complaint.take().unwrap_or_default());
        };
        self.kind = match next {
            Json::Array(items) => Kind::List(items.into_iter().enumerate().map(|item| self.item(item)).collect()),
            scalar => Kind::Scalar(scalar),
        };
        Ok(())
    }

    fn item(&self, (index, json): (usize, Json)) -> Self {
        let readings = json.as_str().and_then(scalar).into_iter().collect();
        Self { path: format!("{}[{index}]", self.path), kind: Kind::Scalar(json), readings, complaint: None }
    }

    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(json) => json.as_str(),
            _ => None,
        }
    }
}

fn below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn kind_of(json: Json) -> Kind {
    match json {
        Json::Object(_) => Kind::Table(BTreeMap::new()),
        scalar => Kind::Scalar(scalar),
    }
}

fn scalar(text: &str) -> Option<Json> {
    let number = text.replace('_', "");
    let number = number.parse::<i64>().ok().map(Json::from).or_else(|| number.parse::<f64>().ok().map(Json::from));
    number.or_else(|| text.parse::<bool>().ok().map(Json::from))
}

/// A number or a bool where it is one, then a list.
fn readings(text: &str) -> VecDeque<Json> {
    let list = text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Json::from).collect();
    scalar(text).into_iter().chain([Json::Array(list)]).collect()
}
