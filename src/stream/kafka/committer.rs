//! The thread that owns the producer, and the protocol of a commit.
//!
//! Exactly once: begin, outputs, checkpoints, offsets under fresh group metadata, commit. At least once: outputs
//! acknowledged, checkpoints acknowledged, offsets. An error is judged by its class first (the same call again, abort, a
//! new producer), then by its code (who is to blame, and what remedies it).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{CommitMode, Consumer, ConsumerGroupMetadata};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode as Code};
use rdkafka::producer::{Producer as _, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::delivery::{Deliveries, Producer};
use super::group::{Claims, Member};
use super::produce::Press;
use super::settings::Settings;
use super::{client, errors, topics};
use crate::stream::{Commit, Delivery, StreamError};

/// One call; repeated while it is retriable.
const CALL: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(10);

/// A commit with the claims it was made under.
pub(super) struct Order {
    pub(super) commit: Commit,
    pub(super) claims: Vec<(i32, u64)>,
}

/// Why a commit did not go through, by what must be done with the producer.
enum Trouble {
    /// The producer lives on after an abort.
    Abort(StreamError),
    /// The producer is spent, or the outcome is unknown: a new one of the same id settles it.
    Dead(StreamError),
}

pub(super) struct Committer {
    settings: Settings,
    thread: usize,
    member: Arc<Member>,
    claims: Arc<Claims>,
    press: Press,
    producer: Option<Producer>,
    stopping: Arc<AtomicBool>,
    began: Began,
}

impl Committer {
    pub(super) fn open(
        settings: &Settings,
        thread: usize,
        member: Arc<Member>,
        claims: Arc<Claims>,
        stopping: Arc<AtomicBool>,
    ) -> Result<Self, StreamError> {
        let mut committer = Self {
            press: Press::new(settings, 0),
            settings: settings.clone(),
            thread,
            member,
            claims,
            producer: None,
            stopping,
            began: Began::now(),
        };
        committer.reopen()?;
        committer.press = Press::new(settings, topics::dead_letter_bytes(settings));
        Ok(committer)
    }

    pub(super) fn publish(&mut self, order: Order) -> Result<(), StreamError> {
        let Order { commit, claims } = order;
        if commit.positions.is_empty() {
            let nothing = commit.outputs.is_empty() && commit.checkpoints.is_empty();
            let cause = || "a commit without positions is fenced by nobody".to_owned();
            return if nothing {
                Ok(())
            } else {
                Err(errors::refused("publishing", cause(), "this is a bug: report it"))
            };
        }
        if self.producer.is_none() {
            self.reopen()?;
        }
        let Some(producer) = self.producer.take() else { return Err(errors::unavailable("publishing", "no producer")) };
        producer.client().context().forget();
        self.began = Began::now();
        let done = match self.settings.delivery {
            Delivery::ExactlyOnce => self.transact(&producer, commit, &claims),
            Delivery::AtLeastOnce => self.deliver(&producer, commit, &claims),
        };
        match done {
            Ok(()) => {
                self.producer = Some(producer);
                Ok(())
            }
            Err(trouble) => Err(self.recover(producer, trouble)),
        }
    }

    fn transact(&self, producer: &Producer, commit: Commit, claims: &[(i32, u64)]) -> Result<(), Trouble> {
        self.judged(producer, "beginning a transaction", producer.begin_transaction())?;
        let offsets = self.offsets(&commit.positions)?;
        self.outputs(producer, &commit)?;
        self.checkpoints(producer, commit)?;
        self.repeated(producer, "committing offsets", || {
            // Fresh each time, and the claims looked at only then: see `Claims`.
            let metadata = self.metadata(claims)?;
            Ok(producer.send_offsets_to_transaction(&offsets, &metadata, CALL))
        })?;
        self.flushed(producer)?;
        self.repeated(producer, "committing a transaction", || Ok(producer.commit_transaction(CALL)))
    }

    /// Waits until nothing is in flight. rust-rdkafka's own flush looks again only every 100 ms, which is then what each
    /// commit takes; asked with no time it sends what lingers and says at once whether all has arrived.
    fn flushed(&self, producer: &Producer) -> Result<(), Trouble> {
        while let Err(error) = producer.flush(Duration::ZERO) {
            if !is_retriable(&error) || self.over() {
                return self.judged(producer, "awaiting acknowledgements", Err(error));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// A new idempotent producer after any failure: what the old one still has queued must not overtake its repetition.
    fn deliver(&self, producer: &Producer, commit: Commit, claims: &[(i32, u64)]) -> Result<(), Trouble> {
        let offsets = self.offsets(&commit.positions)?;
        self.outputs(producer, &commit)?;
        self.flush(producer)?;
        self.checkpoints(producer, commit)?;
        self.flush(producer)?;
        self.metadata(claims)?;
        let done = self.member.commit(&offsets, CommitMode::Sync);
        done.map_err(|error| Trouble::Dead(transient(errors::of("committing offsets", &error))))
    }

    fn flush(&self, producer: &Producer) -> Result<(), Trouble> {
        self.flushed(producer)?;
        match producer.client().context().first_failure() {
            None => Ok(()),
            Some(failure) => Err(Trouble::Dead(transient(errors::of_code("publishing", failure.code, &failure.cause)))),
        }
    }

    fn outputs(&self, producer: &Producer, commit: &Commit) -> Result<(), Trouble> {
        for output in &commit.outputs {
            let sent = self.press.output(producer, output, &|| !self.over());
            self.judged(producer, "publishing outputs", sent)?;
        }
        Ok(())
    }

    fn checkpoints(&self, producer: &Producer, commit: Commit) -> Result<(), Trouble> {
        for checkpoint in commit.checkpoints {
            for record in (checkpoint.encode)().map_err(Trouble::Abort)? {
                let sent = self.press.state(producer, checkpoint.partition, &record, &|| !self.over());
                self.judged(producer, "publishing a checkpoint", sent)?;
            }
        }
        Ok(())
    }

    fn offsets(&self, positions: &[(i32, i64)]) -> Result<TopicPartitionList, Trouble> {
        let mut list = TopicPartitionList::with_capacity(positions.len());
        for (partition, position) in positions {
            list.add_partition_offset(&self.settings.input, *partition, Offset::Offset(*position))
                .map_err(|error| Trouble::Abort(errors::of("committing offsets", &error)))?;
        }
        Ok(list)
    }

    fn metadata(&self, claims: &[(i32, u64)]) -> Result<ConsumerGroupMetadata, Trouble> {
        let metadata = self.member.group_metadata();
        let lost = || Trouble::Abort(errors::aborted("committing offsets", "partitions of it were lost meanwhile"));
        metadata.filter(|_| self.claims.hold(claims, &self.member)).ok_or_else(lost)
    }

    /// Makes the same call again while it is retriable and the time is not over.
    fn repeated(
        &self,
        producer: &Producer,
        doing: &str,
        mut call: impl FnMut() -> Result<KafkaResult<()>, Trouble>,
    ) -> Result<(), Trouble> {
        loop {
            match call()? {
                Err(error) if is_retriable(&error) => {
                    if self.over() {
                        return Err(Trouble::Dead(errors::unavailable(doing, error)));
                    }
                    std::thread::sleep(PAUSE);
                }
                done => return self.judged(producer, doing, done),
            }
        }
    }

    fn judged(&self, producer: &Producer, doing: &str, done: KafkaResult<()>) -> Result<(), Trouble> {
        let Err(error) = done else { return Ok(()) };
        let first = producer.client().context().first_failure();
        if let Some((code, cause)) = producer.client().fatal_error() {
            return Err(Trouble::Dead(self.blame(doing, code, &cause)));
        }
        // A record that did not arrive says more than the commit that it failed.
        let raised = match (first, errors::code(&error)) {
            (Some(failure), _) => match self.missing(producer, failure.code) {
                Some(topic) => self.blame(doing, Code::UnknownTopic, &format!("topic {topic} is gone")),
                None => self.blame(doing, failure.code, &failure.cause),
            },
            (None, Some(code)) => self.blame(doing, code, &error.to_string()),
            (None, None) => errors::aborted(doing, &error),
        };
        let spent = matches!(&error, KafkaError::Transaction(inner) if !inner.txn_requires_abort());
        Err(if spent || self.settings.delivery == Delivery::AtLeastOnce {
            Trouble::Dead(raised)
        } else {
            Trouble::Abort(raised)
        })
    }

    /// The topic that a record was never taken by: librdkafka hopes for a deleted one for longer than a transaction lasts.
    fn missing(&self, producer: &Producer, code: Code) -> Option<String> {
        if code != Code::MessageTimedOut {
            return None;
        }
        let metadata = producer.client().fetch_metadata(None, CALL).ok()?;
        let there =
            |name: &String| metadata.topics().iter().any(|topic| topic.name() == name && topic.error().is_none());
        topics::roles(&self.settings).into_iter().map(|(_, name)| name).find(|name| !there(name))
    }

    /// A broker that times a transaction out answers as if another instance had taken over. It never does so early.
    fn blame(&self, doing: &str, code: Code, cause: &str) -> StreamError {
        let ours = self.began.elapsed() >= self.settings.transaction_timeout().mul_f32(0.9);
        if errors::is_fencing(code) && code != Code::FencedInstanceId && ours {
            return errors::aborted(doing, format!("the transaction outlived transaction.timeout.ms ({cause})"));
        }
        transient(errors::of_code(doing, code, cause))
    }

    /// Leaves a producer that can take the next commit, where that is possible.
    fn recover(&mut self, producer: Producer, trouble: Trouble) -> StreamError {
        let raised = match trouble {
            Trouble::Dead(raised) => raised,
            Trouble::Abort(raised) => match self.abort(&producer) {
                // After a record that failed for good, the next transaction of the same producer finds a gap in its numbers.
                Ok(()) if producer.client().context().first_failure().is_none() => {
                    self.producer = Some(producer);
                    return raised;
                }
                Err(Trouble::Dead(fenced @ StreamError::Fenced { .. })) => fenced,
                Ok(()) | Err(_) => raised,
            },
        };
        drop(producer);
        if matches!(raised, StreamError::Fenced { .. }) || self.stopping.load(Ordering::SeqCst) {
            return raised;
        }
        tracing::warn!(error = %raised, "the producer is replaced");
        match self.reopen() {
            Ok(()) => raised,
            Err(worse) => worse,
        }
    }

    fn abort(&self, producer: &Producer) -> Result<(), Trouble> {
        self.repeated(producer, "aborting a transaction", || Ok(producer.abort_transaction(CALL)))
    }

    /// A new producer; of an id it fences every older one and settles what that left open.
    fn reopen(&mut self) -> Result<(), StreamError> {
        let doing = "opening the transactional producer";
        let config = client::producer(&self.settings, self.thread);
        let producer: Producer = ThreadedProducer::from_config_and_context(&config, Deliveries::default())
            .map_err(|error| errors::of(doing, &error))?;
        if self.settings.delivery == Delivery::ExactlyOnce {
            self.fence(&producer, doing)?;
        }
        self.producer = Some(producer);
        Ok(())
    }

    fn fence(&self, producer: &Producer, doing: &str) -> Result<(), StreamError> {
        let deadline = Instant::now() + self.settings.patience;
        loop {
            let error = match producer.init_transactions(CALL) {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            let said = producer.client().context().last_said();
            let raised = match (producer.client().fatal_error(), said) {
                (Some((code, cause)), _) => errors::of_code(doing, code, &cause),
                (None, Some(said)) if is_retriable(&error) => errors::of_code(doing, said.code, &said.cause),
                (None, _) => errors::of(doing, &error),
            };
            let over = Instant::now() >= deadline || self.stopping.load(Ordering::SeqCst);
            if over || !is_retriable(&error) || matches!(raised, StreamError::Refused { .. }) {
                return Err(raised);
            }
        }
    }

    /// A transaction that the broker will have aborted by now is not worth waiting for.
    fn over(&self) -> bool {
        let limit = self.settings.transaction_timeout().max(self.settings.patience);
        self.stopping.load(Ordering::SeqCst) || self.began.elapsed() > limit
    }
}

/// A flush that timed out leaves the transaction open: the commit is called again.
fn is_retriable(error: &KafkaError) -> bool {
    match error {
        KafkaError::Transaction(inner) => inner.is_retriable(),
        KafkaError::Flush(_) => true,
        _ => false,
    }
}

/// Within a commit, what may heal has aborted it.
fn transient(error: StreamError) -> StreamError {
    match error {
        StreamError::Unavailable { doing, cause } => StreamError::Aborted { doing, cause },
        other => other,
    }
}

/// When a transaction began, by both clocks: one stands still while a machine sleeps, the other may be set.
struct Began(Instant, SystemTime);

impl Began {
    fn now() -> Self {
        Self(Instant::now(), SystemTime::now())
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed().max(self.1.elapsed().unwrap_or_default())
    }
}
