//! From the layers to a checked [`Config`], or to everything that is wrong with them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use config::{Config as Merged, Value};

use super::diagnose::diagnose;
use super::errors::{ConfigErrors, ConfigProblem};
use super::layers::Layer;
use super::tree::Node;
use super::Config;
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
        let (layers, mut problems) = self.layers();
        let origins: BTreeMap<String, String> = layers.iter().flat_map(Layer::origins).collect();
        let whole = self.file.as_ref().map_or_else(|| "configuration".to_owned(), |file| file.display().to_string());
        let located = |(key, message): (String, String)| {
            let source = origin_of(&origins, &key).unwrap_or(&whole);
            ConfigProblem::new(key, source, message)
        };
        if problems.iter().any(|problem| problem.source.starts_with(&whole)) {
            return Err(ConfigErrors { problems });
        }
        let merged = match merge(layers) {
            Ok(merged) => merged,
            Err(error) => {
                problems.push(ConfigProblem::new("", whole, error.to_string()));
                return Err(ConfigErrors { problems });
            }
        };
        let (config, found) = diagnose(&mut Node::new(String::new(), merged));
        let semantic = config.as_ref().map(|config| semantic_problems(config, &found)).unwrap_or_default();
        problems.extend(found.into_iter().chain(semantic).map(located));
        match config {
            Some(config) if problems.is_empty() => Ok(config),
            _ => Err(ConfigErrors { problems: sorted(problems) }),
        }
    }

    fn layers(&self) -> (Vec<Layer>, Vec<ConfigProblem>) {
        let mut variables = self.variables.clone();
        variables.sort();
        let base = self.base.iter().map(|(name, text)| Layer::toml(name, text));
        let file = self.file.iter().map(|file| Layer::file(file));
        let variables = variables.iter().filter_map(|(name, text)| Layer::variable(name, text));
        let sets = self.sets.iter().map(|set| Layer::set(set));
        let (mut layers, mut problems) = (Vec::new(), Vec::new());
        for layer in base.chain(file).chain(variables).chain(sets) {
            match layer {
                Ok(layer) => layers.push(layer),
                Err(problem) => problems.push(problem),
            }
        }
        (layers, problems)
    }
}

fn merge(layers: Vec<Layer>) -> Result<Value, config::ConfigError> {
    let builder = layers.into_iter().fold(Merged::builder(), |builder, layer| builder.add_source(layer));
    Ok(builder.build()?.cache)
}

/// What is wrong with values that could be read, but for those that stand in for others.
fn semantic_problems(config: &Config, found: &[(String, String)]) -> Vec<(String, String)> {
    let mut problems = Problems::default();
    config.check(&mut problems);
    let known = |key: &str| found.iter().any(|(path, _)| touches(path, key) || touches(key, path));
    let all = problems.found().iter().map(|problem| (indexed(&problem.key), problem.message.clone()));
    all.filter(|(key, _)| key.is_empty() || !known(key)).collect()
}

/// Whether `key` is `path` or below it.
fn touches(path: &str, key: &str) -> bool {
    key.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// `drift.0.delta` as `drift[0].delta`.
fn indexed(key: &str) -> String {
    let mut parts = key.splitn(3, '.');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(list @ ("drift" | "transform")), Some(index), rest) if index.parse::<usize>().is_ok() => {
            rest.map_or_else(|| format!("{list}[{index}]"), |rest| format!("{list}[{index}].{rest}"))
        }
        _ => key.to_owned(),
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
        let layer = ["variable ", "--set "].iter().position(|start| problem.source.starts_with(start)).map_or(0, |n| n + 1);
        let line = problem.source.rsplit_once(':').and_then(|(_, line)| line.parse::<usize>().ok()).unwrap_or(0);
        (layer, line, problem.source.clone(), problem.key.clone())
    });
    problems
}
