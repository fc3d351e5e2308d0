//! `driftline state list`: what stands on the state topic.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::Topics;
use crate::checkpoint::{Candidate, Manifest};
use crate::cli::{print, print_json, table};
use crate::stream::Observed;

/// Every checkpoint: position, version, fingerprint, digest, size, age
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Example:\n  driftline state -c fraud.toml list --json | jq '.[] | select(.damage != null)'")]
pub struct Args {
    /// Only this partition.
    #[arg(long, value_name = "P", value_parser = clap::value_parser!(i32).range(0..))]
    partition: Option<i32>,
    /// One JSON document.
    #[arg(long)]
    json: bool,
}

const HEADER: [&str; 10] =
    ["partition", "slot", "offset", "committed", "end", "version", "fingerprint", "digest", "bytes", "last event"];

impl Args {
    pub(super) fn run(&self, topics: &Topics) -> anyhow::Result<()> {
        let mut documents = Vec::new();
        let mut rows = vec![HEADER.map(str::to_owned).to_vec()];
        for partition in topics.asked(self.partition)? {
            let (observed, candidates) = topics.observe(partition)?;
            if candidates.is_empty() {
                let (committed, end) = (offset(observed.committed), observed.high.to_string());
                rows.push([partition.to_string(), "none".to_owned(), "-".to_owned(), committed, end].to_vec());
            }
            for candidate in &candidates {
                documents.push(document(candidate, &observed));
                rows.push(row(candidate, &observed));
            }
        }
        if self.json { print_json(&documents) } else { Ok(print(&table(&rows))?) }
    }
}

fn offset(offset: Option<i64>) -> String {
    offset.map_or_else(|| "-".to_owned(), |offset| offset.to_string())
}

fn row(candidate: &Candidate, observed: &Observed) -> Vec<String> {
    let place = [observed.partition.to_string(), candidate.slot.to_string()];
    let ends = [offset(observed.committed), observed.high.to_string()];
    let Some(manifest) = &candidate.manifest else {
        let damage = candidate.body.as_ref().err().map_or(String::new(), ToString::to_string);
        return place.into_iter().chain(["-".to_owned()]).chain(ends).chain([format!("DAMAGED: {damage}")]).collect();
    };
    let last = match &candidate.body {
        Ok(_) => age(manifest),
        Err(damage) => format!("DAMAGED: {damage}"),
    };
    let of_state = [
        manifest.state_version.to_string(),
        manifest.fingerprint.clone(),
        manifest.digest.chars().take(12).collect(),
        bytes(manifest).to_string(),
        last,
    ];
    place.into_iter().chain([manifest.next_offset.to_string()]).chain(ends).chain(of_state).collect()
}

/// Of the event that was learned last.
fn age(manifest: &Manifest) -> String {
    if manifest.event_time == i64::MIN {
        return "-".to_owned();
    }
    let event = SystemTime::UNIX_EPOCH + Duration::from_millis(manifest.event_time.max(0).unsigned_abs());
    let ago = Duration::from_secs(event.elapsed().map_or(0, |ago| ago.as_secs()));
    format!("{} ({} ago)", humantime::format_rfc3339_seconds(event), humantime::format_duration(ago))
}

fn bytes(manifest: &Manifest) -> i64 {
    manifest.chunks.iter().map(|chunk| chunk.bytes).sum()
}

fn document(candidate: &Candidate, observed: &Observed) -> Value {
    json!({
        "partition": observed.partition,
        "slot": candidate.slot.to_string(),
        "committed": observed.committed,
        "low": observed.low,
        "high": observed.high,
        "bytes": candidate.manifest.as_ref().map(bytes),
        "damage": candidate.body.as_ref().err().map(ToString::to_string),
        "manifest": candidate.manifest,
    })
}
