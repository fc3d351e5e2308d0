//! The configuration of an evaluation: a file's, or one made from a look at the data.

use toml::{Table, Value};

use super::Args;
use crate::config::{Config, Sources};
use crate::evaluation::{EvaluationError, Inferred, Records, TaskChoice, infer};
use crate::event::Kind;
use crate::learner::LabelsFrom;
use crate::row::Task;

/// Models that need numbers of one scale.
const LINEAR: [&str; 4] = ["logistic_regression", "softmax_regression", "linear_regression", "ridge"];

/// From `-c`, or else from the data's own columns; the options of the command line above it.
pub fn config(args: &Args, records: &mut Records) -> anyhow::Result<Config> {
    let base = match &args.config {
        Some(_) => None,
        None => Some(("the data".to_owned(), from_data(args, records)?)),
    };
    let mut sets = Vec::new();
    if args.config.is_some() {
        sets.extend(args.label.iter().map(|label| format!("input.label={label}")));
        sets.extend(args.task.map(|task| format!("task.kind={}", name(task.into()))));
    }
    sets.extend(args.model.iter().map(|model| format!("model.type={model}")));
    sets.extend(args.seed.iter().map(|seed| format!("seed={seed}")));
    sets.extend(args.set.iter().cloned());
    let variables =
        std::env::vars_os().filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)));
    let sources = Sources { base, file: args.config.clone(), variables: variables.collect(), sets };
    let mut config = sources.load()?;
    if let Some(delay) = args.delay {
        config.labels.from = LabelsFrom::Later;
        config.labels.wait.events = config.labels.wait.events.max(delay + 1);
        config.labels.wait.time = None;
    }
    Ok(config)
}

/// How many labels each window of the report has: about 50 windows, at most `metrics.window` labels each.
pub fn window(args: &Args, config: &Config, records: &mut Records) -> Result<usize, EvaluationError> {
    let looked = records.look(1)?.len() as u64;
    let (read, size) = records.progress();
    let Some(size) = size else { return Ok(config.metrics.window) };
    let rows = (looked * size / read.max(1)).min(args.limit.unwrap_or(u64::MAX));
    let nice = [50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];
    let window = nice.into_iter().rev().find(|&n| n <= rows / 50).unwrap_or(50);
    Ok(config.metrics.window.min(usize::try_from(window).unwrap_or(usize::MAX)))
}

/// A configuration in TOML: what the columns are, and the default pipeline.
fn from_data(args: &Args, records: &mut Records) -> anyhow::Result<String> {
    let choice = TaskChoice { task: args.task.map(Into::into), label: args.label.clone() };
    let found = infer(records, &choice)?;
    let name = stream_name(args.files.first().map_or("-", String::as_str));
    let mut root = Table::new();
    root.insert("name".to_owned(), name.clone().into());
    // There is no cluster, but a configuration names one.
    root.insert("kafka".to_owned(), table([("bootstrap", "localhost:9092".into())]));
    root.insert("task".to_owned(), task(&found));
    if args.model.as_deref().is_some_and(|model| LINEAR.contains(&model)) {
        root.insert("transform".to_owned(), Value::Array(transforms(&found)));
    }
    let features = found.features.into_iter().map(|(name, kind)| (name, kind_name(kind).into()));
    let mut input = Table::new();
    input.insert("topic".to_owned(), name.into());
    input.insert("label".to_owned(), found.label.into());
    input.insert("features".to_owned(), Value::Table(features.collect()));
    root.insert("input".to_owned(), Value::Table(input));
    Ok(toml::to_string(&root)?)
}

fn task(found: &Inferred) -> Value {
    let mut task = vec![("kind", name(found.task).into())];
    if !found.classes.is_empty() {
        task.push(("classes", found.classes.clone().into()));
    }
    if let Some(most) = found.max_classes {
        task.push(("max_classes", i64::try_from(most).unwrap_or(i64::MAX).into()));
    }
    table(task)
}

fn transforms(found: &Inferred) -> Vec<Value> {
    let has_categories = found.features.iter().any(|(_, kind)| *kind == Kind::Category);
    let one_hot = has_categories.then_some("one_hot");
    ["standard_scaler"].into_iter().chain(one_hot).map(|name| table([("type", name.into())])).collect()
}

fn table<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    Value::Table(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn name(task: Task) -> &'static str {
    match task {
        Task::Binary => "binary",
        Task::Multiclass => "multiclass",
        Task::Regression => "regression",
    }
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "number",
        Kind::Category => "category",
        Kind::Bool => "bool",
        Kind::Text => "text",
    }
}

/// The file's name without endings, of characters that a topic's name may have.
fn stream_name(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or_default();
    let stem = file.split('.').next().unwrap_or_default();
    let clean: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
    let clean = clean.trim_matches('-');
    if clean.is_empty() { "stdin".to_owned() } else { clean.to_owned() }
}
