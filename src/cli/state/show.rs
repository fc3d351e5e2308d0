//! `driftline state show` and `export`: the newest whole model of a partition, in words or as a document.

use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::Topics;
use crate::checkpoint::{Damage, Manifest};
use crate::cli::{Exit, Failure, print, print_json};
use crate::learner::Learner;

/// One model in words: weights or tree, window, detectors, scores
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Example:\n  driftline state -c fraud.toml show --partition 2")]
pub struct Args {
    #[arg(long, value_name = "P", default_value_t = 0, value_parser = clap::value_parser!(i32).range(0..))]
    partition: i32,
    /// One JSON document.
    #[arg(long)]
    json: bool,
}

/// One model to a file: the manifest and the learner as JSON, every part of the state by name
///
/// For looking at with other tools: numbers that JSON has not (NaN for missing) are null in it.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Example:\n  driftline state -c fraud.toml export --partition 2 -o model.json")]
pub struct Export {
    #[arg(long, value_name = "P", default_value_t = 0, value_parser = clap::value_parser!(i32).range(0..))]
    partition: i32,
    /// The file; standard output where it is absent.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Args {
    pub(super) fn run(&self, topics: &Topics) -> anyhow::Result<()> {
        let (manifest, learner) = newest(topics, self.partition)?;
        let sections = learner.describe();
        if self.json {
            let sections: serde_json::Map<String, Value> =
                sections.into_iter().map(|(title, lines)| (title.to_owned(), lines.into())).collect();
            return print_json(&json!({ "manifest": manifest, "sections": sections }));
        }
        let Manifest { pipeline, partition, next_offset, fingerprint, .. } = &manifest;
        print(&format!("{pipeline}, partition {partition}, at offset {next_offset}, fingerprint {fingerprint}"))?;
        for (title, lines) in sections.iter().filter(|(_, lines)| !lines.is_empty()) {
            print(&format!("\n{title}\n  {}", lines.join("\n  ")))?;
        }
        Ok(())
    }
}

impl Export {
    pub(super) fn run(&self, topics: &Topics) -> anyhow::Result<()> {
        let (manifest, learner) = newest(topics, self.partition)?;
        let document = json!({ "manifest": manifest, "learner": learner });
        let Some(path) = &self.output else { return print_json(&document) };
        let text = serde_json::to_string_pretty(&document)?;
        std::fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))?;
        Ok(print(&format!("partition {} at offset {} to {}", self.partition, manifest.next_offset, path.display()))?)
    }
}

/// The newest checkpoint that can be read.
fn newest(topics: &Topics, partition: i32) -> anyhow::Result<(Manifest, Learner)> {
    topics.asked(Some(partition))?;
    let (_, candidates) = topics.observe(partition)?;
    let mut damage: Option<Damage> = None;
    for candidate in candidates {
        match (candidate.restore(), candidate.manifest) {
            (Ok(learner), Some(manifest)) => return Ok((manifest, learner)),
            (Err(found), _) => damage = damage.or(Some(found)),
            _ => {}
        }
    }
    Err(match damage {
        Some(damage) => damage.into(),
        None => {
            let message = format!("partition {partition}: there is no checkpoint yet");
            Failure { exit: Exit::State, message }.into()
        }
    })
}
