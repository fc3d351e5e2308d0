//! The layers of a configuration: a TOML file, variables of the environment, `--set`; each value knows where it stands.

use std::path::Path;

use config::{ConfigError, Map, Source, Value, ValueKind};
use toml_edit::{Document, Item, Key};

use super::errors::ConfigProblem;

/// The prefix of the variables of the environment.
pub const PREFIX: &str = "DRIFTLINE__";

/// One layer: sections with their values, or one value at a path. Merged in order by the `config` crate.
#[derive(Clone, Debug, Default)]
pub struct Layer(Map<String, Value>);

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone())
    }

    fn collect_to(&self, merged: &mut Value) -> Result<(), ConfigError> {
        for (key, value) in &self.0 {
            if let ValueKind::Table(sections) = &mut merged.kind
                && let Some(below) = sections.get_mut(key)
            {
                forget_other_type(below, value);
            }
        }
        Wrapped(self.0.clone()).collect_to(merged)
    }
}

/// A layer with the merging of the `config` crate, which an overriding [`Source::collect_to`] cannot reach.
#[derive(Clone, Debug)]
struct Wrapped(Map<String, Value>);

impl Source for Wrapped {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone())
    }
}

/// Where a layer names another `type`, the parameters of the type below it mean nothing.
fn forget_other_type(below: &mut Value, above: &Value) {
    let (ValueKind::Table(below), ValueKind::Table(above)) = (&mut below.kind, &above.kind) else { return };
    let kinds = (below.get("type").map(|v| &v.kind), above.get("type").map(|v| &v.kind));
    if let (Some(old), Some(new)) = kinds
        && old != new
    {
        below.clear();
    }
    for (key, above) in above {
        if let Some(below) = below.get_mut(key) {
            forget_other_type(below, above);
        }
    }
}

impl Layer {
    /// A TOML text; `name` is what its origins are called by, each followed by `:line`.
    pub fn toml(name: &str, text: &str) -> Result<Self, ConfigProblem> {
        let origin = |at: usize| format!("{name}:{}", 1 + text[..at.min(text.len())].matches('\n').count());
        let document = Document::parse(text).map_err(|error| {
            let source = error.span().map_or_else(|| name.to_owned(), |span| origin(span.start));
            ConfigProblem::new("", source, format!("not TOML: {}", error.message().replace('\n', ", ")))
        })?;
        let root = value_of(document.as_item(), &|span| span.map(|span| origin(span.start)));
        match root.kind {
            ValueKind::Table(sections) => Ok(Self(sections)),
            _ => Ok(Self::default()),
        }
    }

    pub fn file(path: &Path) -> Result<Self, ConfigProblem> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigProblem::new("", &name, format!("cannot read the configuration: {error}")))?;
        Self::toml(&name, &text)
    }

    /// One variable of the environment; `None` where it is not ours.
    pub fn variable(name: &str, text: &str) -> Option<Result<Self, ConfigProblem>> {
        let path = name.strip_prefix(PREFIX)?;
        let mut keys: Vec<String> = path.split("__").map(str::to_lowercase).collect();
        if keys.len() > 2 && keys[0] == "kafka" && keys[1] == "properties" {
            keys[2] = keys[2].replace('_', ".");
        }
        let origin = format!("variable {name}");
        if keys.iter().any(String::is_empty) {
            let message = format!("names no key: write {PREFIX}SECTION__KEY");
            return Some(Err(ConfigProblem::new("", origin, message)));
        }
        Some(Ok(Self::at(&keys, Value::new(Some(&origin), text))))
    }

    /// One `--set KEY=VALUE`.
    pub fn set(assignment: &str) -> Result<Self, ConfigProblem> {
        let wrong = |message: &str| ConfigProblem::new("", format!("--set {assignment}"), message);
        let (key, text) = assignment.split_once('=').ok_or_else(|| wrong("must be KEY=VALUE, as model.l2=0.1"))?;
        let (key, text) = (key.trim(), text.trim());
        let origin = format!("--set {key}");
        let path = Key::parse(&key.replace('[', ".").replace(']', "")).map_err(|_| wrong("is not a path of keys"))?;
        let keys: Vec<String> = path.iter().map(|key| key.get().to_owned()).collect();
        let literal = text.starts_with(['{', '[', '"', '\'']).then(|| Document::parse(format!("value = {text}")).ok());
        let value = match literal.flatten() {
            Some(document) => value_of(document.get("value").unwrap_or(&Item::None), &|_| Some(origin.clone())),
            None => Value::new(Some(&origin), text),
        };
        Ok(Self::at(&keys, value))
    }

    /// `value` under `keys`; a number after `drift` or `transform` is an index of that list.
    fn at(keys: &[String], value: Value) -> Self {
        let (root, rest) = match keys {
            [list, index, rest @ ..] if is_list(list) && index.parse::<u16>().is_ok() => {
                (format!("{list}[{index}]"), rest)
            }
            [root, rest @ ..] => (root.clone(), rest),
            [] => return Self::default(),
        };
        let nested = rest.iter().rev().fold(value, |value, key| {
            let origin = value.origin().map(str::to_owned);
            Value::new(origin.as_ref(), Map::from_iter([(key.clone(), value)]))
        });
        Self(Map::from_iter([(root, nested)]))
    }

    /// Every path of this layer with where it stands.
    pub fn origins(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (key, value) in &self.0 {
            collect_origins(key.clone(), value, &mut found);
        }
        found
    }
}

fn is_list(key: &str) -> bool {
    key == "drift" || key == "transform"
}

fn collect_origins(path: String, value: &Value, found: &mut Vec<(String, String)>) {
    match &value.kind {
        ValueKind::Table(table) => {
            table.iter().for_each(|(key, value)| collect_origins(format!("{path}.{key}"), value, found));
        }
        ValueKind::Array(list) => {
            let indexed = list.iter().enumerate();
            indexed.for_each(|(index, value)| collect_origins(format!("{path}[{index}]"), value, found));
        }
        _ => {}
    }
    if let Some(origin) = value.origin() {
        found.push((path, origin.to_owned()));
    }
}

type OriginOf<'a> = &'a dyn Fn(Option<std::ops::Range<usize>>) -> Option<String>;

fn value_of(item: &Item, origin: OriginOf<'_>) -> Value {
    let kind = match item {
        Item::Value(value) => return inline(value, origin),
        Item::Table(table) => {
            Map::from_iter(table.iter().map(|(key, item)| (key.to_owned(), value_of(item, origin)))).into()
        }
        Item::ArrayOfTables(tables) => {
            let tables = tables.iter().map(|table| value_of(&Item::Table(table.clone()), origin));
            tables.collect::<Vec<Value>>().into()
        }
        Item::None => ValueKind::Nil,
    };
    Value::new(origin(item.span()).as_ref(), kind)
}

fn inline(value: &toml_edit::Value, origin: OriginOf<'_>) -> Value {
    let kind: ValueKind = match value {
        toml_edit::Value::String(text) => text.value().clone().into(),
        toml_edit::Value::Integer(number) => (*number.value()).into(),
        toml_edit::Value::Float(number) => (*number.value()).into(),
        toml_edit::Value::Boolean(truth) => (*truth.value()).into(),
        toml_edit::Value::Datetime(time) => time.value().to_string().into(),
        toml_edit::Value::Array(list) => list.iter().map(|v| inline(v, origin)).collect::<Vec<Value>>().into(),
        toml_edit::Value::InlineTable(table) => {
            Map::from_iter(table.iter().map(|(key, value)| (key.to_owned(), inline(value, origin)))).into()
        }
    };
    Value::new(origin(value.span()).as_ref(), kind)
}
