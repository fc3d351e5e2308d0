//! `-c FILE` and `--set`: the configuration of a command.

use std::path::PathBuf;

use crate::config::{Config, ConfigErrors, environment};

#[derive(Clone, Debug, clap::Args)]
pub struct Configured {
    /// The configuration.
    #[arg(short, long = "config", value_name = "FILE")]
    pub config: PathBuf,
    /// A value above the file and the environment, such as `model.l2=0.1` or `drift[0].delta=0.01`; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub sets: Vec<String>,
}

impl Configured {
    /// # Errors
    /// Everything that is wrong with it.
    pub fn load(&self) -> Result<Config, ConfigErrors> {
        Config::load(&self.config, environment(), &self.sets)
    }
}
