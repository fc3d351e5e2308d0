//! Partitions come and go: new ones are restored while the others go on, revoked ones are committed with a checkpoint and
//! then given back, lost ones are forgotten.

use super::{Stop, Worker};
use crate::stream::{Change, Outbox, Source};

impl<S: Source, O: Outbox> Worker<S, O> {
    pub(super) fn change(&mut self, change: Change) -> Result<(), Stop> {
        match change {
            Change::Assigned(partitions) => {
                tracing::info!(?partitions, "assigned");
                for partition in partitions {
                    self.forget(partition);
                    self.ask(partition, self.now);
                }
                Ok(())
            }
            Change::Revoked(partitions) => {
                tracing::info!(?partitions, "revoked");
                partitions.iter().for_each(|partition| {
                    self.restoring.remove(partition);
                });
                self.leaving.extend(partitions);
                Ok(())
            }
            Change::Lost(partitions) => {
                tracing::warn!(?partitions, "lost: another member may own them already");
                partitions.iter().for_each(|partition| self.forget(*partition));
                self.leaving.extend(partitions);
                Ok(())
            }
        }
    }

    /// Drops all that is in memory of a partition.
    fn forget(&mut self, partition: i32) {
        self.lanes.remove(&partition);
        self.restoring.remove(&partition);
        self.leaving.remove(&partition);
        self.batch.forget(partition);
        if let Some(flight) = &mut self.flight {
            flight.forget(partition);
        }
    }

    /// Releases what is leaving, as soon as the log knows all of it.
    pub(super) fn give_back(&mut self) -> Result<(), Stop> {
        let under_way = |p: &i32| self.flight.as_ref().is_some_and(|flight| flight.concerns(*p));
        let news = |p: &i32| self.lanes.get(p).is_some_and(|lane| lane.has_news() || self.wants_checkpoint(*p, lane));
        if self.leaving.is_empty() || self.leaving.iter().any(|p| under_way(p) || news(p)) {
            return Ok(());
        }
        let partitions: Vec<i32> = self.leaving.iter().copied().collect();
        match self.source.release(&partitions) {
            Ok(()) => partitions.into_iter().for_each(|partition| self.forget(partition)),
            Err(error) => {
                self.again(error)?;
            }
        }
        Ok(())
    }
}
