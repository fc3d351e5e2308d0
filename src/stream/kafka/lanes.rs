//! Which partitions librdkafka fetches, brought in line with which ones the worker wants and from where.
//!
//! A partition is in librdkafka's assignment exactly while it is to be handed out. Pausing is taking it out and resuming
//! is putting it in again at our own position: librdkafka's `pause` loses the start offset of a partition that was
//! assigned a moment before, and its `seek` fails after an offset out of range.

use std::collections::{BTreeMap, BTreeSet};

use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaResult;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::group::{Claims, Member};

#[derive(Debug, Default)]
struct Lane {
    /// The first offset that may still be handed out.
    next: i64,
    wanted: bool,
    /// In librdkafka's assignment.
    fetched: bool,
    /// Fetched from elsewhere than `next`.
    astray: bool,
}

/// The partitions of one member.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    lanes: BTreeMap<i32, Lane>,
    /// Revoked and not yet released. Until then nothing may be unassigned: librdkafka would take it for the release.
    leaving: BTreeSet<i32>,
}

impl Lanes {
    /// Whether a record is to be handed out; moves the position past it if so.
    pub(super) fn accept(&mut self, partition: i32, offset: i64) -> bool {
        match self.lanes.get_mut(&partition) {
            Some(lane) if lane.wanted && !lane.astray && offset >= lane.next => {
                lane.next = offset + 1;
                true
            }
            // Fetched before a rewind or a pause.
            _ => false,
        }
    }

    pub(super) fn start(&mut self, partition: i32, offset: i64) {
        let lane = self.lanes.entry(partition).or_default();
        lane.astray = lane.fetched;
        lane.next = offset;
        lane.wanted = true;
    }

    pub(super) fn pause(&mut self, partition: i32) {
        if let Some(lane) = self.lanes.get_mut(&partition) {
            lane.wanted = false;
        }
    }

    pub(super) fn resume(&mut self, partition: i32) {
        if let Some(lane) = self.lanes.get_mut(&partition).filter(|lane| !lane.wanted) {
            lane.wanted = true;
            lane.astray = lane.fetched;
        }
    }

    /// Revoked or lost: handed out no more, and held until released.
    pub(super) fn leave(&mut self, partitions: &[i32]) {
        for partition in partitions {
            self.pause(*partition);
            self.leaving.insert(*partition);
        }
    }

    /// The running partitions and their positions.
    pub(super) fn running(&self) -> impl Iterator<Item = (i32, i64)> {
        self.lanes.iter().filter(|(_, lane)| lane.wanted).map(|(partition, lane)| (*partition, lane.next))
    }

    /// Forgets `partitions`; gives up what librdkafka still has of them once all that must leave have left.
    pub(super) fn release(
        &mut self,
        partitions: &[i32],
        member: &Member,
        claims: &Claims,
        topic: &str,
    ) -> KafkaResult<()> {
        let leaving = partitions.iter().filter(|partition| self.leaving.remove(partition)).count();
        if leaving == 0 || !self.leaving.is_empty() {
            return Ok(());
        }
        // This call is the acknowledgement, also where the list is empty.
        member.incremental_unassign(&self.withdraw(topic))?;
        claims.found();
        Ok(())
    }

    /// Makes librdkafka fetch what is wanted, from where it is wanted.
    pub(super) fn settle(&mut self, member: &Member, claims: &Claims, topic: &str) -> KafkaResult<()> {
        if self.leaving.is_empty() {
            let away = self.withdraw(topic);
            if away.count() > 0 {
                claims.note_lost(member);
                member.incremental_unassign(&away)?;
            }
        }
        let mut list = TopicPartitionList::new();
        for (partition, lane) in self.lanes.iter_mut().filter(|(_, lane)| lane.wanted && !lane.fetched) {
            list.add_partition_offset(topic, *partition, Offset::Offset(lane.next))?;
        }
        if list.count() > 0 {
            claims.note_lost(member);
            member.incremental_assign(&list)?;
            for lane in self.lanes.values_mut().filter(|lane| lane.wanted && !lane.fetched) {
                lane.fetched = true;
                lane.astray = false;
            }
        }
        Ok(())
    }

    /// What librdkafka fetches and should not, marked as no longer fetched.
    fn withdraw(&mut self, topic: &str) -> TopicPartitionList {
        let mut list = TopicPartitionList::new();
        for (partition, lane) in &mut self.lanes {
            if lane.fetched && (!lane.wanted || lane.astray) {
                list.add_partition(topic, *partition);
                lane.fetched = false;
                lane.astray = false;
            }
        }
        list
    }

    /// Forgets a partition that has been released.
    pub(super) fn forget(&mut self, partition: i32) {
        if self.lanes.get(&partition).is_some_and(|lane| !lane.fetched) {
            self.lanes.remove(&partition);
        }
    }

    pub(super) fn is_leaving(&self) -> bool {
        !self.leaving.is_empty()
    }
}
