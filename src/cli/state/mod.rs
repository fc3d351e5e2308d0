//! `driftline state`: the checkpoints on the state topic.

use anyhow::Context as _;

use super::cluster::PATIENCE;
use super::{Configured, Failure};
use crate::checkpoint::{Candidate, candidates};
use crate::config::Config;
use crate::stream::Observed;
use crate::stream::kafka::{Admin, Reader, Settings};

mod list;
mod reset;
mod show;

/// Checkpoints per partition: lists them, shows one model in words, exports it, starts afresh
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  driftline state -c fraud.toml list
  driftline state -c fraud.toml show --partition 2
  driftline state -c fraud.toml reset --partition 2")]
pub struct Args {
    #[command(flatten)]
    configured: Configured,
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Action {
    List(list::Args),
    Show(show::Args),
    Export(show::Export),
    Reset(reset::Args),
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let config = args.configured.load()?;
    let topics = Topics::open(&config)?;
    match &args.action {
        Action::List(list) => list.run(&topics),
        Action::Show(show) => show.run(&topics),
        Action::Export(export) => export.run(&topics),
        Action::Reset(reset) => reset.run(&config, &topics),
    }
}

/// The state topic and what else is known of its partitions.
struct Topics {
    settings: Settings,
    reader: Reader,
    partitions: i32,
}

impl Topics {
    fn open(config: &Config) -> anyhow::Result<Self> {
        let settings = config.cluster("state", PATIENCE);
        let admin = Admin::open(&settings)?;
        let found = admin.describe(std::slice::from_ref(&settings.state))?;
        let Some(topic) = found.get(&settings.state).and_then(Option::as_ref) else {
            let message =
                format!("there is no state topic {}: `driftline topics -c FILE create` makes it", settings.state);
            return Err(Failure::environment(message).into());
        };
        let reader = Reader::open(&settings)?;
        Ok(Self { partitions: topic.partitions, reader, settings })
    }

    /// The asked partition, or all of them.
    fn asked(&self, partition: Option<i32>) -> anyhow::Result<Vec<i32>> {
        match partition {
            Some(partition) if partition >= self.partitions => {
                let message = format!("--partition {partition}: {} has {}", self.settings.state, self.partitions);
                Err(Failure::usage(message).into())
            }
            Some(partition) => Ok(vec![partition]),
            None => Ok((0..self.partitions).collect()),
        }
    }

    fn observe(&self, partition: i32) -> anyhow::Result<(Observed, Vec<Candidate>)> {
        let observed = self.reader.observe(partition).with_context(|| format!("looking at partition {partition}"))?;
        let candidates = candidates(&observed.state, &self.settings.name, partition);
        Ok((observed, candidates))
    }
}
