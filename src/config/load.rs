//! From the layers to a checked [`Config`], or to everything that is wrong with them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use config::{Config as Merged, Value};

use super::Config;
use super::diagnose::{Finding, diagnose};
use super::errors::{ConfigErrors, ConfigProblem};
use super::layers::Layer;
use super::tree::{Node, Step};
use crate::params::{Check, Problems};

/// Where a configuration comes from; each layer is above those before it: defaults, `base`, `file`, the environment, `sets`.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// What is known beside the file, as from a data file's header: a name for messages, and TOML.
    pub base: Option<(String, String)>,
    pub file: Option<PathBuf>,
    /// Variables of the environment, those of others too.
    pub variables: Vec<(String, String)>,
    /// `KEY=VALUE` each.
    pub sets: Vec<String>,
}

/// The variables of this process's environment that are text.
pub fn environment() -> Vec<(String, String)> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).collect()
}

impl Config {
    /// The configuration in a file, with the variables of the environment and `--set` above it.
    pub fn load(
        file: &Path,
        variables: impl IntoIterator<Item = (String, String)>,
        sets: &[String],
    ) -> Result<Self, ConfigErrors> {
        let variables = variables.into_iter().collect();
        Sources { base: None, file: Some(file.to_owned()), variables, sets: sets.to_vec() }.load()
    }
}

impl Sources {
    /// Reads, merges and checks all layers.
    ///
    /// # Errors
    /// Every problem there is, each with its key and where it stands.
    pub fn load(&self) -> Result<Config, ConfigErrors> {
        let mut layers = self.files().map_err(|problem| ConfigErrors { problems: vec![problem] })?;
        let mut problems = Vec::new();
        for layer in self.above_files() {
            match layer {
                Ok(layer) => layers.push(layer),
                Err(problem) => problems.push(problem),
            }
        }
        let origins: BTreeMap<String, String> = layers.iter().flat_map(Layer::origins).collect();
        let whole = self.file.as_ref().map_or_else(|| "configuration".to_owned(), |file| file.display().to_string());
        let merged = merge(layers)
            .map_err(|error| ConfigErrors { problems: vec![ConfigProblem::new("", &whole, error.to_string())] })?;
        let mut tree = Node::new(String::new(), merged);
        let (config, found) = diagnose(&mut tree);
        let semantic = config.as_ref().map(|config| semantic_problems(config, &tree, &found)).unwrap_or_default();
        problems.extend(found.into_iter().chain(semantic).map(|(key, message)| {
            let source = origin_of(&origins, &key).unwrap_or(&whole);
            ConfigProblem::new(key, source, message)
        }));
        match config {
            Some(config) if problems.is_empty() => Ok(config),
            _ => Err(ConfigErrors { problems: sorted(problems) }),
        }
    }

    fn files(&self) -> Result<Vec<Layer>, ConfigProblem> {
        let base = self.base.iter().map(|(name, text)| Layer::toml(name, text));
        base.chain(self.file.iter().map(|file| Layer::file(file))).collect()
    }

    fn above_files(&self) -> impl Iterator<Item = Result<Layer, ConfigProblem>> {
        let mut variables = self.variables.clone();
        variables.sort();
        let variables = variables.into_iter().filter_map(|(name, text)| Layer::variable(&name, &text));
        variables.chain(self.sets.iter().map(|set| Layer::set(set)))
    }
}

fn merge(layers: Vec<Layer>) -> Result<Value, config::ConfigError> {
    let builder = layers.into_iter().fold(Merged::builder(), |builder, layer| builder.add_source(layer));
    Ok(builder.build()?.cache)
}

/// What is wrong with values that could be read, but for those that stand in for others.
fn semantic_problems(config: &Config, tree: &Node, found: &[Finding]) -> Vec<Finding> {
    let mut problems = Problems::default();
    config.check(&mut problems);
    let known = |key: &str| found.iter().any(|(path, _)| touches(path, key) || touches(key, path));
    let all = problems.found().iter().map(|problem| (as_written(tree, &problem.key), problem.message.clone()));
    let mut first = BTreeSet::new();
    all.filter(|(key, _)| !known(key) && first.insert(key.clone())).collect()
}

/// Whether `key` is `path` or below it.
fn touches(path: &str, key: &str) -> bool {
    key.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// `drift.0.delta`, which counts what could be read, as `drift[1].delta`, which counts what is written.
fn as_written(tree: &Node, key: &str) -> String {
    let mut parts = key.splitn(3, '.');
    let (list, index, rest) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let item = index
        .and_then(|index| index.parse().ok())
        .and_then(|index| tree.get(&[Step::Key(list.to_owned()), Step::Index(index)]));
    match (item, rest) {
        (Some(item), Some(rest)) => format!("{}.{rest}", item.path),
        (Some(item), None) => item.path.clone(),
        (None, _) => key.to_owned(),
    }
}

/// Where the key stands, or else the nearest section around it.
fn origin_of<'a>(origins: &'a BTreeMap<String, String>, key: &str) -> Option<&'a String> {
    let mut path = key;
    loop {
        if let Some(origin) = origins.get(path) {
            return Some(origin);
        }
        path = &path[..path.rfind(['.', '['])?];
    }
}

/// By source, the lines of a file as numbers.
fn sorted(mut problems: Vec<ConfigProblem>) -> Vec<ConfigProblem> {
    problems.sort_by_cached_key(|problem| {
        let layer =
            ["variable ", "--set "].iter().position(|start| problem.source.starts_with(start)).map_or(0, |n| n + 1);
        let line = problem.source.rsplit_once(':').and_then(|(_, line)| line.parse::<usize>().ok()).unwrap_or(0);
        (layer, line, problem.source.clone(), problem.key.clone())
    });
    problems
}
