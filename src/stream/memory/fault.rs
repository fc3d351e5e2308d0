//! What can go wrong, and where: the numbered points of the protocol and the script of a run.

use std::collections::BTreeMap;

use super::Member;

/// What happens at a point, to the member that passes it, before the operation takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The process dies: nothing it does from here on has an effect.
    Crash,
    /// Another instance takes over the transactional id.
    Fence,
    /// The broker aborts the open transaction.
    Abort,
    /// The broker does not answer this call and the next ones.
    Unavailable { calls: u32 },
    /// The session expires: others may own the partitions before the member hears of it.
    Lost,
    /// Another member joins and, later, leaves.
    Rebalance,
    /// The answer to this call is lost. A commit takes effect all the same.
    Unknown,
    /// The state topic is compacted.
    Compact,
    /// A bit of the newest record of each state partition flips.
    Damage,
}

impl Fault {
    /// All that nobody should notice in the end, by any number; [`Fault::Damage`] only once between two checkpoints.
    pub const ALL: [Self; 8] = [
        Self::Crash,
        Self::Fence,
        Self::Abort,
        Self::Unavailable { calls: 5 },
        Self::Lost,
        Self::Rebalance,
        Self::Unknown,
        Self::Compact,
    ];
}

/// A point that was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    pub name: &'static str,
    pub member: Member,
}

/// The script of a run and the trail it left.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub script: BTreeMap<u64, Fault>,
    pub trail: Vec<Point>,
}

impl Faults {
    /// Passes a point; tells what the script has for it.
    pub fn pass(&mut self, name: &'static str, member: Member) -> Option<Fault> {
        self.trail.push(Point { name, member });
        self.script.get(&self.clock()).copied()
    }

    /// Points passed.
    pub fn clock(&self) -> u64 {
        self.trail.len() as u64
    }
}
