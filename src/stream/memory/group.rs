//! The consumer group's coordinator: members, generations, cooperative assignment.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Change;
use super::Member;

/// Points that a member of a scripted rebalance stays.
const VISIT: u64 = 40;
/// Points after which a dead member's session expires.
const SESSION: u64 = 30;

#[derive(Debug, Default)]
struct Membership {
    /// The generation the member knows: commits of another one are refused.
    generation: u32,
    /// What is the member's in the eyes of the coordinator.
    owned: BTreeSet<i32>,
    /// What the member was told to be its own and has not released.
    told: BTreeSet<i32>,
    /// What it was told to release.
    leaving: BTreeSet<i32>,
    /// The session expired, and the member has not heard of it.
    lost: bool,
    /// When the coordinator will notice that it is gone.
    gone_at: Option<u64>,
    /// A visitor of a scripted rebalance owns partitions and never reads.
    visitor: bool,
}

#[derive(Debug, Default)]
pub(super) struct Group {
    partitions: i32,
    generation: u32,
    members: BTreeMap<Member, Membership>,
    next: Member,
}

impl Group {
    pub fn new(partitions: i32) -> Self {
        Self { partitions, ..Self::default() }
    }

    pub fn join(&mut self) -> Member {
        self.next += 1;
        self.members.insert(self.next, Membership::default());
        self.rebalance();
        self.next
    }

    /// A member joins that holds its share and leaves after a while.
    pub fn visit(&mut self, now: u64) {
        let visitor = self.join();
        if let Some(member) = self.members.get_mut(&visitor) {
            member.visitor = true;
            member.gone_at = Some(now + VISIT);
        }
    }

    pub fn leave(&mut self, member: Member) {
        self.members.remove(&member);
        self.rebalance();
    }

    /// The process is gone; the coordinator notices when the session expires.
    pub fn die(&mut self, member: Member, now: u64) {
        if let Some(membership) = self.members.get_mut(&member) {
            membership.gone_at = Some(now + SESSION);
        }
    }

    /// The session of a living member expires.
    pub fn expire(&mut self, member: Member) {
        if let Some(membership) = self.members.get_mut(&member) {
            membership.owned.clear();
            membership.leaving.clear();
            membership.lost = true;
            self.rebalance();
        }
    }

    /// Lets sessions expire and visitors give up what is asked of them.
    pub fn tick(&mut self, now: u64) {
        let gone = |m: &&Membership| m.gone_at.is_some_and(|at| at <= now);
        let late: Vec<Member> = self.members.iter().filter(|(_, m)| gone(m)).map(|(id, _)| *id).collect();
        for member in late {
            self.leave(member);
        }
        let visitors: Vec<Member> = self.members.iter().filter(|(_, m)| m.visitor).map(|(id, _)| *id).collect();
        for member in visitors {
            if let Some(Change::Revoked(partitions)) = self.tell(member) {
                self.release(member, &partitions);
            }
        }
    }

    fn target(&self, partition: i32) -> Option<Member> {
        let members: Vec<Member> = self.members.iter().filter(|(_, m)| !m.lost).map(|(id, _)| *id).collect();
        let index = usize::try_from(partition).ok()?.checked_rem(members.len())?;
        members.get(index).copied()
    }

    /// A new generation; what nobody holds goes to whom it is meant for.
    fn rebalance(&mut self) {
        self.generation += 1;
        for partition in 0..self.partitions {
            let target = self.target(partition);
            let held = self.members.values().any(|m| m.owned.contains(&partition));
            if let (false, Some(member)) = (held, target.and_then(|id| self.members.get_mut(&id))) {
                member.owned.insert(partition);
            }
        }
    }

    /// What a member hears when it polls.
    pub fn tell(&mut self, member: Member) -> Option<Change> {
        let mine: BTreeSet<i32> = (0..self.partitions).filter(|p| self.target(*p) == Some(member)).collect();
        let generation = self.generation;
        let membership = self.members.get_mut(&member)?;
        if membership.lost {
            membership.lost = false;
            let lost = std::mem::take(&mut membership.told).into_iter().collect();
            self.rebalance();
            return Some(Change::Lost(lost));
        }
        membership.generation = generation;
        let revoked: Vec<i32> =
            membership.told.iter().filter(|p| !mine.contains(p) && !membership.leaving.contains(p)).copied().collect();
        if !revoked.is_empty() {
            membership.leaving.extend(&revoked);
            return Some(Change::Revoked(revoked));
        }
        let assigned: Vec<i32> = membership.owned.difference(&membership.told).copied().collect();
        membership.told.extend(&assigned);
        (!assigned.is_empty()).then_some(Change::Assigned(assigned))
    }

    /// Takes back what the member was told to be its own; what it lost is not its to give.
    pub fn release(&mut self, member: Member, partitions: &[i32]) {
        if let Some(membership) = self.members.get_mut(&member) {
            for partition in partitions.iter().filter(|p| membership.told.remove(p)) {
                membership.owned.remove(partition);
                membership.leaving.remove(partition);
            }
        }
        self.rebalance();
    }

    /// Whether the member was told of `partition` and has not released it.
    pub fn holds(&self, member: Member, partition: i32) -> bool {
        self.members.get(&member).is_some_and(|m| m.told.contains(&partition))
    }

    /// The generation as the member knows it.
    pub fn known(&self, member: Member) -> Option<u32> {
        self.members.get(&member).map(|m| m.generation)
    }

    /// Whether the member belongs to the group as it is now, and `generation` with it: else its commits are refused.
    pub fn current(&self, member: Member, generation: Option<u32>) -> bool {
        generation == Some(self.generation) && self.members.get(&member).is_some_and(|m| !m.lost)
    }

    /// Whether the partition is being taken from the member.
    pub fn leaving(&self, member: Member, partition: i32) -> bool {
        self.members.get(&member).is_some_and(|m| m.leaving.contains(&partition))
    }
}
