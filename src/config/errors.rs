//! What is wrong with a configuration, each with its key and where it stands.

use std::fmt;

use serde::Serialize;

use super::secret::mask_userinfo;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConfigProblem {
    /// The path of the key (`model.l2`), empty where it is not about one.
    pub key: String,
    /// `fraud.toml:12`, `variable DRIFTLINE__MODEL__L2` or `--set model.l2`.
    pub source: String,
    pub message: String,
}

impl ConfigProblem {
    pub fn new(key: impl Into<String>, source: impl Into<String>, message: impl AsRef<str>) -> Self {
        Self { key: key.into(), source: source.into(), message: mask_userinfo(message.as_ref()) }
    }
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [&self.source, &self.key] {
            if !part.is_empty() {
                write!(f, "{part}: ")?;
            }
        }
        f.write_str(&self.message)
    }
}

/// Everything that is wrong, in the order of the file, the environment, `--set`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(transparent)]
pub struct ConfigErrors {
    pub problems: Vec<ConfigProblem>,
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.problems.len() == 1 { "problem" } else { "problems" };
        write!(f, "the configuration has {} {plural}:", self.problems.len())?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}
