//! `driftline schema`: the Avro schemas of what driftline writes.

use serde_json::{Map, Value};

use super::{Failure, print, print_json};
use crate::{checkpoint, codec};

/// Prints the Avro schemas of the outputs and of the checkpoint
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  driftline schema
  driftline schema prediction > prediction.avsc")]
pub struct Args {
    /// prediction, alert, evaluation or checkpoint: only that schema, as it stands in schemas/.
    name: Option<String>,
    /// One JSON document: the schemas by name.
    #[arg(long)]
    json: bool,
}

/// Every schema by its name.
fn schemas() -> Vec<(&'static str, &'static str)> {
    codec::schemas::ALL.into_iter().chain([("checkpoint", checkpoint::SCHEMA)]).collect()
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let schemas = schemas();
    if let Some(name) = &args.name {
        let Some((_, text)) = schemas.iter().find(|(known, _)| known == name) else {
            let names: Vec<&str> = schemas.iter().map(|(name, _)| *name).collect();
            return Err(Failure::usage(format!("there is no schema \"{name}\"; there are {}", names.join(", "))).into());
        };
        return Ok(print(text.trim_end())?);
    }
    if args.json {
        let parsed = schemas.iter().map(|(name, text)| Ok(((*name).to_owned(), serde_json::from_str(text)?)));
        return print_json(&parsed.collect::<Result<Map<String, Value>, serde_json::Error>>()?);
    }
    let all: Vec<String> = schemas.iter().map(|(name, text)| format!("# {name}\n{}", text.trim_end())).collect();
    Ok(print(&all.join("\n\n"))?)
}
