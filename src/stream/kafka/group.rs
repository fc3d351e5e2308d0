//! Membership: what the coordinator says, queued for the worker's own thread, and the claims a commit must still hold.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::TopicPartitionList;
use rdkafka::types::RDKafkaRespErr;

use crate::stream::Change;

/// The consumer of one worker thread.
pub(super) type Member = BaseConsumer<Group>;

/// librdkafka calls this from within `poll`, on the thread that polls.
///
/// Nothing is assigned or given up here but by [`Group::closing`]: an assignment is acknowledged with an empty list, since a
/// partition is fetched only from the offset that its restored lane asks for; a revocation waits for the last commit.
pub(super) struct Group {
    changes: Mutex<VecDeque<Change>>,
    claims: Arc<Claims>,
    /// The worker has said good-bye: whatever comes is let go at once, so that dropping the consumer cannot wait for us.
    closing: AtomicBool,
}

impl Group {
    pub(super) fn new(claims: Arc<Claims>) -> Self {
        Self { changes: Mutex::default(), claims, closing: AtomicBool::new(false) }
    }

    pub(super) fn take(&self) -> Option<Change> {
        held(&self.changes).pop_front()
    }

    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::SeqCst);
        self.claims.give_up_all();
    }

    fn revoked(&self, consumer: &BaseConsumer<Self>, partitions: Vec<i32>) {
        if self.closing.load(Ordering::SeqCst) {
            let_go(consumer);
        } else if self.claims.note_lost(consumer) {
            // Another member may own them already: what was submitted of theirs must not be committed any more.
            self.claims.give_up_all();
            held(&self.changes).push_back(Change::Lost(partitions));
        } else {
            held(&self.changes).push_back(Change::Revoked(partitions));
        }
    }
}

/// Gives up everything that is assigned; also acknowledges a revocation.
pub(super) fn let_go(consumer: &Member) {
    let all = consumer.assignment().unwrap_or_else(|_| TopicPartitionList::new());
    if let Err(error) = consumer.incremental_unassign(&all) {
        tracing::debug!(%error, "unassigning while leaving the group");
    }
}

impl ConsumerContext for Group {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, event: RDKafkaRespErr, list: &mut TopicPartitionList) {
        let partitions: Vec<i32> = list.elements().iter().map(|element| element.partition()).collect();
        match event {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => {
                self.claims.note_lost(consumer);
                if let Err(error) = consumer.incremental_assign(&TopicPartitionList::new()) {
                    tracing::warn!(%error, "acknowledging an assignment");
                }
                if !partitions.is_empty() && !self.closing.load(Ordering::SeqCst) {
                    held(&self.changes).push_back(Change::Assigned(partitions));
                }
            }
            _ => self.revoked(consumer, partitions),
        }
    }
}

impl ClientContext for Group {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        super::client::log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(target: "librdkafka", %error, reason, "consumer");
    }
}

/// Which partitions are this member's to commit, and since when.
///
/// A commit carries the claims it was made under. A coordinator fences by the member's generation; but a member that was
/// thrown out has none until it joins again, and a commit without a generation is fenced by nobody. So the committer
/// takes the group metadata, and only then looks whether its claims still hold.
#[derive(Default)]
pub(super) struct Claims {
    held: Mutex<(u64, BTreeMap<i32, u64>)>,
    /// librdkafka forgets that the assignment was lost as soon as something is assigned; we do not.
    lost: AtomicBool,
}

impl Claims {
    /// From now on commits of `partition` may be submitted; a claim that still holds is kept.
    pub(super) fn claim(&self, partition: i32) {
        let mut claims = held(&self.held);
        let (last, all) = &mut *claims;
        all.entry(partition).or_insert_with(|| {
            *last += 1;
            *last
        });
    }

    pub(super) fn give_up(&self, partition: i32) {
        held(&self.held).1.remove(&partition);
    }

    pub(super) fn give_up_all(&self) {
        held(&self.held).1.clear();
    }

    /// The claims on `partitions`; `None` where one of them is not ours.
    pub(super) fn of(&self, partitions: impl Iterator<Item = i32>) -> Option<Vec<(i32, u64)>> {
        let claims = held(&self.held);
        partitions.map(|partition| claims.1.get(&partition).map(|number| (partition, *number))).collect()
    }

    /// Whether nothing was lost since `claims` were taken. Ask after having fetched the group metadata, never before.
    pub(super) fn hold(&self, claims: &[(i32, u64)], consumer: &Member) -> bool {
        !consumer.assignment_lost() && !self.lost.load(Ordering::SeqCst) && {
            let current = held(&self.held);
            claims.iter().all(|(partition, number)| current.1.get(partition) == Some(number))
        }
    }

    /// Keeps that the assignment is lost, until [`Claims::found`]; to be called on the polling thread before anything is
    /// assigned or unassigned, which makes librdkafka forget it.
    pub(super) fn note_lost(&self, consumer: &BaseConsumer<Group>) -> bool {
        if consumer.assignment_lost() {
            self.lost.store(true, Ordering::SeqCst);
        }
        self.lost.load(Ordering::SeqCst)
    }

    /// What was lost has been let go: the member joins again.
    pub(super) fn found(&self) {
        self.lost.store(false, Ordering::SeqCst);
    }
}

/// A poisoned lock guards plain data that is valid at every point.
pub(super) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_taken_again_is_another_claim() {
        let claims = Claims::default();
        assert_eq!(claims.of([0].into_iter()), None);
        claims.claim(0);
        let first = claims.of([0].into_iter()).unwrap();
        claims.claim(0);
        assert_eq!(claims.of([0].into_iter()).unwrap(), first);
        claims.give_up(0);
        claims.claim(0);
        assert_ne!(claims.of([0].into_iter()).unwrap(), first);
    }
}
