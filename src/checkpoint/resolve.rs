//! Where a lane begins: one pure decision over what was observed.

use serde::{Deserialize, Serialize};

use super::{Candidate, Damage};
use crate::stream::Delivery;

/// `checkpoint.on_change`: what happens when the configuration is not the one that made the state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnChange {
    /// Stop and say so.
    #[default]
    Refuse,
    /// Begin with a learner that has learned nothing; also where there is a position and no state at all.
    Fresh,
    /// Keep the state, as far as it keeps its meaning.
    Adopt,
}

/// What was observed of one partition and what is configured.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts<'a> {
    pub partition: i32,
    /// O, the group's committed offset, stable.
    pub committed: Option<i64>,
    /// The first offset that retention has left in the input partition.
    pub low: i64,
    /// The offset after the input partition's last record.
    pub high: i64,
    /// Where a new group begins (`input.start`), as an offset.
    pub begin: i64,
    pub delivery: Delivery,
    pub on_change: OnChange,
    /// Of the configuration, now.
    pub fingerprint: &'a str,
}

/// Where a lane begins.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// With a learner that has learned nothing, emitting at once.
    Fresh { from: i64, notes: Vec<String> },
    /// With the state of candidate number `candidate`, whose position is `from`; emitting from `emit_from` on: what is in
    /// between is learned again and was emitted before.
    From { candidate: usize, from: i64, emit_from: i64, adopt: bool, notes: Vec<String> },
    /// Not at all: exit 5.
    Refuse(Refusal),
}

/// Why a lane cannot begin, with what mends it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(
        "partition {partition}: the group has committed offset {committed} and there is no state. Check name and checkpoint.topic; \
         to go on from {committed} with a model that has learned nothing, set checkpoint.on_change = \"fresh\" for one start, \
         or run `driftline state -c FILE reset --partition {partition}`"
    )]
    NoState { partition: i32, committed: i64 },
    #[error(
        "partition {partition}: the checkpoint stands at offset {next_offset}, after the group's committed offset {committed}, which \
         exactly-once delivery never writes. The group's offsets were reset, or state and group belong to different clusters. Set the \
         group back to {next_offset}, or run `driftline state -c FILE reset --partition {partition}` to start a new model at {committed}"
    )]
    Ahead { partition: i32, committed: i64, next_offset: i64 },
    #[error(
        "partition {partition}: the state needs offset {needed} next, but retention has left only {low} and after: offsets {needed} to \
         {last_lost} are lost. Raise the retention of the input topic; `driftline state -c FILE reset --partition {partition}` starts a \
         new model at {low}", last_lost = low - 1
    )]
    Gap { partition: i32, needed: i64, low: i64 },
    #[error(
        "partition {partition}: offset {position} is beyond the end of the input partition, {high}: the input topic was deleted and \
         created again, or this is another cluster. `driftline state -c FILE reset --partition {partition}` starts a new model on it"
    )]
    Recreated { partition: i32, position: i64, high: i64 },
    #[error(
        "partition {partition}: the configuration (fingerprint {now}) is not the one that made the state ({then}). Restore the \
         configuration, or set checkpoint.on_change: \"adopt\" keeps the state, \"fresh\" begins a new model at offset {from}"
    )]
    Changed { partition: i32, then: String, now: String, from: i64 },
    #[error(
        "partition {partition}: the state cannot be adopted, as these sections have changed: {sections}. Restore them, or set \
         checkpoint.on_change = \"fresh\""
    )]
    NotAdoptable { partition: i32, sections: String },
    #[error(
        "partition {partition}: no checkpoint can be read. {damages}. `driftline state -c FILE reset --partition {partition}` starts a \
         new model"
    )]
    AllDamaged { partition: i32, damages: String },
}

/// Decides from what was observed: O is the group's committed offset, C the position of a checkpoint.
///
/// | observed | decision |
/// | --- | --- |
/// | O > high, or C > high | refuse: the topic was created again |
/// | no state, no O | fresh from the start policy |
/// | no state, O | refuse; fresh from O under `on_change = "fresh"` |
/// | state, no O | from C, with a note (the group's offsets expired) |
/// | newest damaged | the older slot by the same rules, with a note |
/// | all damaged | refuse |
/// | all incomplete, no O, at least once | fresh from the start policy, with a note (the first write was cut off) |
/// | C > O | exactly once: refuse; at least once: from C (a checkpoint is written after its outputs) |
/// | C < low | refuse with the offsets lost |
/// | fingerprint changed | refuse; fresh from O (or C); adopt from C |
/// | C <= O | from C, emission off until O |
///
/// Fresh anywhere below `low` is refused as a gap, but for the start policy, which begins at `low`.
///
/// `candidates` stand in order, newest first. Where a candidate turns out to be damaged only when it is decoded, put the
/// damage into its `body` and decide again, as [`recover`](super::recover) does.
pub fn resolve(facts: &Facts<'_>, candidates: &[Candidate]) -> Decision {
    if let Some(position) = facts.committed.filter(|&committed| committed > facts.high) {
        return Decision::Refuse(facts.recreated(position));
    }
    if candidates.is_empty() {
        return without_state(facts);
    }
    let damaged = candidates.iter().filter_map(|candidate| Some((candidate.slot, candidate.body.as_ref().err()?)));
    let notes: Vec<_> =
        damaged.map(|(slot, damage)| format!("the checkpoint in slot {slot} is passed over: {damage}")).collect();
    for (index, candidate) in candidates.iter().enumerate() {
        if let (Some(manifest), Ok(_)) = (&candidate.manifest, &candidate.body) {
            return from_checkpoint(facts, index, manifest.next_offset, &manifest.fingerprint, notes);
        }
    }
    // Where nothing makes a checkpoint atomic, a crash may have cut the very first one off, before its positions.
    let cut_off = candidates.iter().all(|candidate| candidate.body == Err(Damage::NoManifest));
    if cut_off && facts.committed.is_none() && facts.delivery == Delivery::AtLeastOnce {
        return Decision::Fresh { from: facts.first(), notes };
    }
    Decision::Refuse(Refusal::AllDamaged { partition: facts.partition, damages: notes.join(". ") })
}

fn without_state(facts: &Facts<'_>) -> Decision {
    match facts.committed {
        None => Decision::Fresh { from: facts.first(), notes: Vec::new() },
        Some(committed) if facts.on_change == OnChange::Fresh => {
            fresh(facts, committed, "there was no state".to_owned(), Vec::new())
        }
        Some(committed) => Decision::Refuse(Refusal::NoState { partition: facts.partition, committed }),
    }
}

fn from_checkpoint(
    facts: &Facts<'_>,
    candidate: usize,
    from: i64,
    fingerprint: &str,
    mut notes: Vec<String>,
) -> Decision {
    let Facts { partition, low, high, .. } = *facts;
    if from > high {
        return Decision::Refuse(facts.recreated(from));
    }
    let emit_from = match facts.committed {
        Some(committed) if from > committed && facts.delivery == Delivery::ExactlyOnce => {
            return Decision::Refuse(Refusal::Ahead { partition, committed, next_offset: from });
        }
        Some(committed) => committed.max(from),
        None => {
            notes.push(format!(
                "the group has no committed offset (expired?): it goes on from the checkpoint, offset {from}"
            ));
            from
        }
    };
    let changed = fingerprint != facts.fingerprint;
    match facts.on_change {
        OnChange::Refuse if changed => Decision::Refuse(Refusal::Changed {
            partition,
            then: fingerprint.to_owned(),
            now: facts.fingerprint.to_owned(),
            from: emit_from,
        }),
        OnChange::Fresh if changed => {
            let why = format!("the configuration changed (fingerprint {fingerprint} to {})", facts.fingerprint);
            fresh(facts, facts.committed.unwrap_or(from), why, notes)
        }
        _ if from < low => Decision::Refuse(Refusal::Gap { partition, needed: from, low }),
        _ => Decision::From { candidate, from, emit_from, adopt: changed, notes },
    }
}

fn fresh(facts: &Facts<'_>, from: i64, why: String, mut notes: Vec<String>) -> Decision {
    if from < facts.low {
        return Decision::Refuse(Refusal::Gap { partition: facts.partition, needed: from, low: facts.low });
    }
    notes.push(format!("{why}: a new model begins at offset {from}"));
    Decision::Fresh { from, notes }
}

impl Facts<'_> {
    /// Where a new group begins.
    fn first(&self) -> i64 {
        self.begin.clamp(self.low, self.high.max(self.low))
    }

    fn recreated(&self, position: i64) -> Refusal {
        Refusal::Recreated { partition: self.partition, position, high: self.high }
    }
}
