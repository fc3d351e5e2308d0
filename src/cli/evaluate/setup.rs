//! The configuration of an evaluation: a file's, or one made from a look at the data.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::Args;
use crate::cli::Failure;
use crate::config::{Config, Sources, environment, nearest};
use crate::evaluation::{EvaluationError, Inferred, LOOK, Records, TaskChoice, infer};
use crate::event::Kind;
use crate::learner::LabelsFrom;
use crate::model;
use crate::row::Task;

/// Models that need numbers of one scale.
const LINEAR: [&str; 7] = [
    "logistic_regression",
    "softmax_regression",
    "linear_regression",
    "ridge",
    "recursive_least_squares",
    "passive_aggressive",
    "bayesian_linear",
];
/// The name of the default pipeline.
const DEFAULT: &str = "default";

/// A pipeline to be evaluated.
pub struct Pipeline {
    pub name: String,
    pub config: Config,
}

/// Where a pipeline comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Choice {
    /// Of the configuration, or of the data where there is none.
    Own,
    /// The default pipeline, whatever the configuration says.
    Default,
    Model(String),
    File(PathBuf),
}

/// Every pipeline asked for, each under a name of its own: from `-c`, or else from the data's own columns; the options of the
/// command line above it.
pub fn pipelines(args: &Args, records: &mut Records) -> anyhow::Result<Vec<Pipeline>> {
    let mut choices = Vec::new();
    match &args.model {
        Some(model) => choices.push((model.clone(), Choice::Model(model.clone()))),
        None if args.compare.is_empty() || args.config.is_some() => {
            choices.push((args.config.as_deref().map_or_else(|| DEFAULT.to_owned(), stem), Choice::Own));
        }
        None => {}
    }
    for name in &args.compare {
        choices.push(choice(name)?);
    }
    let from_data = choices.iter().any(|(_, choice)| args.config.is_none() && !matches!(choice, Choice::File(_)));
    let task = TaskChoice { task: args.task.map(Into::into), label: args.label.clone() };
    let found = from_data.then(|| infer(records, &task)).transpose()?;
    let mut pipelines: Vec<Pipeline> = Vec::new();
    for (name, choice) in choices {
        let config = config(args, &choice, found.as_ref())?;
        let file = match &choice {
            Choice::File(path) => path.display().to_string(),
            _ => name.clone(),
        };
        let taken = |name: &String| pipelines.iter().any(|pipeline| pipeline.name == *name);
        let Some(name) = [name, file].into_iter().find(|name| !taken(name)) else {
            return Err(Failure::usage("--compare names a pipeline twice").into());
        };
        pipelines.push(Pipeline { name, config });
    }
    comparable(&pipelines)?;
    Ok(pipelines)
}

/// A name in `--compare`.
fn choice(name: &str) -> Result<(String, Choice), Failure> {
    let path = Path::new(name);
    if name == DEFAULT {
        Ok((name.to_owned(), Choice::Default))
    } else if path.extension().is_some_and(|ending| ending == "toml") || name.contains('/') {
        Ok((stem(path), Choice::File(path.to_owned())))
    } else if model::Params::NAMES.contains(&name) {
        Ok((name.to_owned(), Choice::Model(name.to_owned())))
    } else {
        let names: Vec<&str> = model::Params::NAMES.iter().copied().chain([DEFAULT]).collect();
        let hint = nearest(name, &names).map_or(String::new(), |near| format!("; did you mean \"{near}\"?"));
        let all = "models are listed by `driftline components`, and a configuration's name ends in .toml";
        Err(Failure::usage(format!("--compare: there is no model \"{name}\"{hint} ({all})")))
    }
}

/// Scores in one table are of one task and one label.
fn comparable(pipelines: &[Pipeline]) -> Result<(), Failure> {
    let of = |pipeline: &Pipeline| (pipeline.config.task.kind, pipeline.config.input.label.clone());
    let said = |pipeline: &Pipeline| {
        let (task, label) = of(pipeline);
        format!("{} ({}, label {})", pipeline.name, name(task), label.as_deref().unwrap_or("none"))
    };
    match pipelines.iter().find(|pipeline| of(pipeline) != of(&pipelines[0])) {
        Some(other) => Err(Failure::usage(format!(
            "pipelines that are compared have one task and one label: {}, {}",
            said(&pipelines[0]),
            said(other)
        ))),
        None => Ok(()),
    }
}

/// `found` is what the data is, where something depends on it.
fn config(args: &Args, choice: &Choice, found: Option<&Inferred>) -> anyhow::Result<Config> {
    let (file, model) = match choice {
        Choice::File(path) => (Some(path.clone()), None),
        Choice::Model(model) => (args.config.clone(), Some(model.as_str())),
        Choice::Own | Choice::Default => (args.config.clone(), None),
    };
    let mut sets = Vec::new();
    let base = match (&file, found) {
        (None, Some(found)) => Some(("the data".to_owned(), from_data(args, found, model)?)),
        _ => {
            sets.extend(args.label.iter().map(|label| format!("input.label={label}")));
            sets.extend(args.task.map(|task| format!("task.kind={}", name(task.into()))));
            None
        }
    };
    sets.extend(model.map(|model| format!("model.type={model}")));
    sets.extend(args.seed.iter().map(|seed| format!("seed={seed}")));
    sets.extend(args.set.iter().cloned());
    let mut config = Sources { base, file, variables: environment(), sets }.load()?;
    if *choice == Choice::Default {
        config.model = None;
        config.transforms.clear();
    }
    if let Some(delay) = args.delay {
        config.labels.from = LabelsFrom::Later;
        config.labels.wait.events = config.labels.wait.events.max(delay + 1);
        config.labels.wait.time = None;
    }
    Ok(config)
}

/// How many labels each window of the report has: about 50 windows, at most `metrics.window` labels each.
pub fn window(args: &Args, pipelines: &[Pipeline], records: &mut Records) -> Result<usize, EvaluationError> {
    let most = pipelines.iter().map(|pipeline| pipeline.config.metrics.window).min().unwrap_or(1);
    let looked = records.look(LOOK)?.len() as u64;
    let (read, size) = records.progress();
    let Some(size) = size else { return Ok(most) };
    let rows = (looked * size / read.max(1)).min(args.limit.unwrap_or(u64::MAX));
    let nice = [50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];
    let window = nice.into_iter().rev().find(|&n| n <= rows / 50).unwrap_or(50);
    Ok(most.min(usize::try_from(window).unwrap_or(usize::MAX)))
}

/// A configuration in TOML: what the columns are, and the default pipeline.
fn from_data(args: &Args, found: &Inferred, model: Option<&str>) -> anyhow::Result<String> {
    let name = stream_name(args.files.first().map_or("-", String::as_str));
    let mut root = Table::new();
    root.insert("name".to_owned(), name.clone().into());
    // There is no cluster, but a configuration names one.
    root.insert("kafka".to_owned(), table([("bootstrap", "localhost:9092".into())]));
    root.insert("task".to_owned(), task(found));
    if model.is_some_and(|model| LINEAR.contains(&model)) {
        root.insert("transform".to_owned(), Value::Array(transforms(found)));
    }
    let features = found.features.iter().map(|(name, kind)| (name.clone(), kind_name(*kind).into()));
    let mut input = Table::new();
    input.insert("topic".to_owned(), name.into());
    input.insert("label".to_owned(), found.label.clone().into());
    input.insert("features".to_owned(), Value::Table(features.collect()));
    root.insert("input".to_owned(), Value::Table(input));
    Ok(toml::to_string(&root)?)
}

/// A file's name without its ending.
fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
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
