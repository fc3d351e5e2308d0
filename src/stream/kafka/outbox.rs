//! The worker's handle on its committer thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::committer::{Committer, Order};
use super::errors;
use super::group::{Claims, Member};
use super::settings::Settings;
use crate::stream::{Commit, StreamError};

/// See [`crate::stream::Outbox`].
pub struct Outbox {
    orders: Option<SyncSender<Order>>,
    outcomes: Receiver<Result<(), StreamError>>,
    under_way: bool,
    claims: Arc<Claims>,
    stopping: Arc<AtomicBool>,
    committer: Option<JoinHandle<()>>,
}

impl Outbox {
    /// Fences this thread's past self.
    pub(super) fn open(
        settings: &Settings,
        thread: usize,
        member: Arc<Member>,
        claims: Arc<Claims>,
    ) -> Result<Self, StreamError> {
        let stopping = Arc::new(AtomicBool::new(false));
        let mut committer = Committer::open(settings, thread, member, claims.clone(), stopping.clone())?;
        let (orders, inbox) = sync_channel::<Order>(1);
        let (results, outcomes) = sync_channel(1);
        let handle = std::thread::Builder::new()
            .name(format!("driftline-commit-{thread}"))
            .spawn(move || {
                for order in inbox {
                    if results.send(committer.publish(order)).is_err() {
                        return;
                    }
                }
            })
            .map_err(|error| errors::unavailable("starting the committer thread", error))?;
        Ok(Self { orders: Some(orders), outcomes, under_way: false, claims, stopping, committer: Some(handle) })
    }
}

fn gone() -> StreamError {
    errors::unavailable("publishing", "the committer thread has ended")
}

impl crate::stream::Outbox for Outbox {
    fn submit(&mut self, commit: Commit) -> Result<(), StreamError> {
        if self.under_way {
            let cause = "a commit is still under way".to_owned();
            return Err(errors::refused("publishing", cause, "this is a bug: report it"));
        }
        let positions = commit.positions.iter().map(|(partition, _)| *partition);
        let Some(claims) = self.claims.of(positions) else {
            return Err(errors::aborted("publishing", "a partition of it is no longer this member's"));
        };
        self.orders.as_ref().ok_or_else(gone)?.send(Order { commit, claims }).map_err(|_| gone())?;
        self.under_way = true;
        Ok(())
    }

    fn outcome(&mut self, wait: Duration) -> Option<Result<(), StreamError>> {
        if !self.under_way {
            return None;
        }
        let outcome = match self.outcomes.recv_timeout(wait) {
            Ok(outcome) => outcome,
            Err(RecvTimeoutError::Timeout) => return None,
            Err(RecvTimeoutError::Disconnected) => Err(gone()),
        };
        self.under_way = false;
        Some(outcome)
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.orders = None;
        if let Some(committer) = self.committer.take() {
            let _ = committer.join();
        }
    }
}
