//! `driftline state reset`: a model that has learned nothing, at a position that exists.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::str::FromStr;

use super::Topics;
use crate::checkpoint::{self, Candidate, Checkpoint, Slots};
use crate::cli::{Failure, print};
use crate::config::Config;
use crate::learner::{Learner, Spec};
use crate::stream::kafka::{Rewritten, rewrite};
use crate::stream::{Observed, StateRecord};

/// Starts afresh: a model that has learned nothing takes the place of the state
///
/// The old checkpoints are deleted, and the group goes on where it stood, or at the nearest offset that is still there.
/// All workers of this name must be stopped.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  driftline state -c fraud.toml reset --partition 2
  driftline state -c fraud.toml reset --from earliest --yes")]
pub struct Args {
    /// Only this partition.
    #[arg(long, value_name = "P", value_parser = clap::value_parser!(i32).range(0..))]
    partition: Option<i32>,
    /// Where the new model begins: committed (where the group stood), earliest, latest, or an offset.
    #[arg(long, value_name = "WHERE", default_value = "committed")]
    from: From,
    /// Does not ask.
    #[arg(short, long)]
    yes: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    Committed,
    Earliest,
    Latest,
    Offset(i64),
}

impl FromStr for From {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "committed" => Ok(Self::Committed),
            "earliest" => Ok(Self::Earliest),
            "latest" => Ok(Self::Latest),
            _ => match text.parse() {
                Ok(offset) if offset >= 0 => Ok(Self::Offset(offset)),
                _ => Err(format!("\"{text}\" must be committed, earliest, latest or an offset")),
            },
        }
    }
}

impl From {
    fn of(self, observed: &Observed) -> i64 {
        let high = observed.high.max(observed.low);
        match self {
            // Beyond the end the topic was made again: all of it is new.
            Self::Committed => match observed.committed {
                Some(committed) if committed > high => observed.low,
                committed => committed.unwrap_or(observed.begin).clamp(observed.low, high),
            },
            Self::Earliest => observed.low,
            Self::Latest => high,
            Self::Offset(offset) => offset.clamp(observed.low, high),
        }
    }
}

impl Args {
    pub(super) fn run(&self, config: &Config, topics: &Topics) -> anyhow::Result<()> {
        let spec = config.spec();
        let mut all = Vec::new();
        for partition in topics.asked(self.partition)? {
            let (observed, candidates) = topics.observe(partition)?;
            let position = self.from.of(&observed);
            let records = fresh(&spec, &observed, &candidates, position)?;
            all.push(Rewritten { partition, records, position });
        }
        let plan: Vec<_> = all.iter().map(|new| format!("{} at offset {}", new.partition, new.position)).collect();
        confirm(self.yes, &format!("{}: a new model in partition {}", spec.name, plan.join(", ")))?;
        rewrite(&topics.settings, &all)?;
        Ok(print(&format!("{}: a new model in partition {}", spec.name, plan.join(", ")))?)
    }
}

/// Tombstones for everything that stands, then the checkpoint of a learner that has learned nothing.
fn fresh(
    spec: &Spec,
    observed: &Observed,
    candidates: &[Candidate],
    position: i64,
) -> Result<Vec<StateRecord>, checkpoint::Damage> {
    let sequences = candidates.iter().filter_map(|candidate| candidate.manifest.as_ref().map(|found| found.sequence));
    let sequence = sequences.max().map_or(0, |newest| newest.unsigned_abs() + 1);
    let mut records = checkpoint::tombstones(&observed.state, &spec.name, observed.partition);
    records.extend(checkpoint::encode(
        &Checkpoint {
            pipeline: &spec.name,
            partition: observed.partition,
            next_offset: position,
            sequence,
            fingerprint: &spec.fingerprint(),
            last: None,
            counters: BTreeMap::new(),
            learner: &Learner::new(spec),
        },
        &Slots::default(),
    )?);
    Ok(records)
}

fn confirm(yes: bool, what: &str) -> anyhow::Result<()> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage("reset asks before it deletes: say --yes where nobody can answer").into());
    }
    eprint!("{what}; what was learned is deleted. Go on? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if answer.trim().eq_ignore_ascii_case("y") { Ok(()) } else { Err(Failure::usage("nothing was changed").into()) }
}
