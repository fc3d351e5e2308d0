//! From what was observed to a learner and the offsets to go on from.

use super::candidate::{self, Candidate};
use super::resolve::{Decision, Facts, OnChange, Refusal, resolve};
use super::{Digest, LastRecord, Slot, Slots, candidates, digest};
use crate::learner::{Learner, Spec};
use crate::stream::StateRecord;

/// Where a lane begins, and with what.
#[derive(Clone, Debug)]
pub struct Recovery {
    pub learner: Learner,
    /// The first offset to process.
    pub from: i64,
    /// The first offset to emit for.
    pub emit_from: i64,
    /// The sequence of the next checkpoint: its slot is not the one that was restored.
    pub sequence: u64,
    pub slots: Slots,
    /// The last record that the state holds: to be compared with what stands at that offset now, where retention has left
    /// it. Another record there means that the input topic was created again.
    pub last: Option<LastRecord>,
    /// The digest of the state that was restored; `None` for a learner that has learned nothing.
    pub restored: Option<Digest>,
    /// What an operator should know, in words.
    pub notes: Vec<String>,
}

/// Decides, restores, and where a checkpoint fails to decode, decides again without it. `records` are those of the state
/// partition, the last of a key counts.
pub fn recover(facts: &Facts<'_>, records: &[StateRecord], spec: &Spec) -> Result<Recovery, Refusal> {
    let mut candidates = candidates(records, &spec.name, facts.partition);
    let slots = candidate::slots(records, &spec.name, facts.partition);
    loop {
        let facts = &overlook_new_defaults(facts, &candidates, spec);
        match resolve(facts, &candidates) {
            Decision::Refuse(refusal) => return Err(refusal),
            Decision::Fresh { from, notes } => {
                let (sequence, learner) = (next_sequence(&candidates, None), Learner::new(spec));
                return Ok(Recovery {
                    learner,
                    from,
                    emit_from: from,
                    sequence,
                    slots,
                    last: None,
                    restored: None,
                    notes,
                });
            }
            Decision::From { candidate, from, emit_from, adopt, notes } => {
                let chosen = &candidates[candidate];
                let last = chosen.manifest.as_ref().and_then(|manifest| manifest.last);
                match chosen.restore() {
                    Ok(mut learner) => {
                        let restored = Some(digest(&learner));
                        if adopt {
                            adopt_spec(&mut learner, spec, facts.partition)?;
                        }
                        let sequence = next_sequence(&candidates, Some(chosen.slot));
                        return Ok(Recovery { learner, from, emit_from, sequence, slots, last, restored, notes });
                    }
                    Err(damage) => candidates[candidate].body = Err(damage),
                }
            }
        }
    }
}

/// A newer build may know parameters that the one before did not, so that its fingerprint of the same configuration is
/// another. The state holds the configuration that made it: read with today's defaults, it says whether anything changed.
fn overlook_new_defaults<'a>(facts: &Facts<'a>, candidates: &[Candidate], spec: &Spec) -> Facts<'a> {
    let newest = candidates.iter().find(|candidate| candidate.body.is_ok());
    let other = newest.filter(|newest| newest.manifest.as_ref().is_some_and(|m| m.fingerprint != facts.fingerprint));
    let same = other.is_some_and(|newest| newest.restore().is_ok_and(|learner| learner.spec() == spec));
    Facts { on_change: if same { OnChange::Adopt } else { facts.on_change }, ..facts.clone() }
}

fn adopt_spec(learner: &mut Learner, spec: &Spec, partition: i32) -> Result<(), Refusal> {
    learner.adopt(spec).map_err(|sections| Refusal::NotAdoptable { partition, sections })
}

/// Greater than all that are known and in another slot than the one that was restored, which so survives until a whole new
/// checkpoint stands beside it.
fn next_sequence(candidates: &[Candidate], restored: Option<Slot>) -> u64 {
    let known = candidates.iter().filter_map(|candidate| candidate.manifest.as_ref());
    let newest = known.map(|manifest| manifest.sequence.unsigned_abs()).max();
    let next = newest.map_or(0, |newest| newest + 1);
    if restored == Some(Slot::of(next)) { next + 1 } else { next }
}
