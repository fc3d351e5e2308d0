//! The input topic as one member of its consumer group.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::message::{BorrowedMessage, Headers as _, Message};

use super::client;
use super::errors;
use super::group::{Claims, Group, Member, let_go};
use super::lanes::Lanes;
use super::observe::Observer;
use super::settings::Settings;
use crate::stream::{Change, Header, Headers, Observed, Record, StreamError};

/// How long leaving the group may take; a broker that is away then learns it from the silence.
const FAREWELL: Duration = Duration::from_secs(5);

/// See [`crate::stream::Source`].
pub struct Source {
    member: Arc<Member>,
    claims: Arc<Claims>,
    topic: String,
    lanes: Lanes,
    observer: Observer,
    closed: bool,
}

/// A consumer that has not joined yet.
pub(super) fn connect(settings: &Settings, thread: usize) -> Result<(Arc<Member>, Arc<Claims>), StreamError> {
    let claims = Arc::new(Claims::default());
    let group = Group::new(claims.clone());
    let member = BaseConsumer::from_config_and_context(&client::consumer(settings, thread), group)
        .map_err(|error| errors::of("opening the consumer", &error))?;
    Ok((Arc::new(member), claims))
}

impl Source {
    /// Joins the group.
    pub(super) fn open(settings: &Settings, member: Arc<Member>, claims: Arc<Claims>) -> Result<Self, StreamError> {
        let observer = Observer::open(settings)?;
        member.subscribe(&[&settings.input]).map_err(|error| errors::of("joining the group", &error))?;
        Ok(Self { member, claims, topic: settings.input.clone(), lanes: Lanes::default(), observer, closed: false })
    }

    fn take_change(&mut self) -> Option<Change> {
        let change = self.member.context().take()?;
        if let Change::Revoked(partitions) | Change::Lost(partitions) = &change {
            self.lanes.leave(partitions);
        }
        Some(change)
    }

    fn settle(&mut self, doing: &str) -> Result<(), StreamError> {
        self.lanes.settle(&self.member, &self.claims, &self.topic).map_err(|error| errors::of(doing, &error))
    }

    /// An error that `poll` reported: ours to raise, or librdkafka's to heal.
    fn trouble(&self, error: &KafkaError) -> Result<(), StreamError> {
        let doing = format!("reading {}", self.topic);
        match errors::code(error) {
            Some(Code::Fatal) => {
                let (code, cause) = self.member.client().fatal_error().unwrap_or((Code::Fatal, error.to_string()));
                Err(errors::of_code(&doing, code, &cause))
            }
            Some(Code::AutoOffsetReset | Code::OffsetOutOfRange) => Err(self.out_of_range(error)),
            Some(_) => match errors::of(&doing, error) {
                StreamError::Unavailable { cause, .. } => {
                    tracing::debug!(target: "librdkafka", cause, "{doing}");
                    Ok(())
                }
                raised => Err(raised),
            },
            None => Ok(()),
        }
    }

    /// librdkafka does not say which partition it was.
    fn out_of_range(&self, error: &KafkaError) -> StreamError {
        for (partition, offset) in self.lanes.running() {
            match self.member.fetch_watermarks(&self.topic, partition, FAREWELL) {
                Ok((low, high)) if offset < low || offset > high => {
                    return StreamError::OutOfRange { partition, offset };
                }
                _ => {}
            }
        }
        errors::unavailable(&format!("reading {}", self.topic), error)
    }
}

impl crate::stream::Source for Source {
    fn poll(
        &mut self,
        wait: Duration,
        max: usize,
        each: &mut dyn FnMut(Record<'_>),
    ) -> Result<Option<Change>, StreamError> {
        if let Some(change) = self.take_change() {
            return Ok(Some(change));
        }
        let deadline = Instant::now() + wait;
        let mut handed = 0;
        while handed < max {
            let left = if handed == 0 { deadline.saturating_duration_since(Instant::now()) } else { Duration::ZERO };
            // The borrow of a message ends before anything else is asked of the consumer.
            match self.member.poll(left) {
                Some(Ok(message)) => {
                    if self.lanes.accept(message.partition(), message.offset()) {
                        each(record(&message, &MessageHeaders(&message)));
                        handed += 1;
                    }
                }
                Some(Err(error)) => self.trouble(&error)?,
                // Also after a rebalance: nothing does not mean that the time is over.
                None => {
                    let change = self.take_change();
                    if change.is_some() || left.is_zero() {
                        return Ok(change);
                    }
                }
            }
        }
        Ok(None)
    }

    fn observe(&mut self, partition: i32) {
        self.observer.ask(partition);
    }

    fn observed(&mut self) -> Option<Result<Observed, (i32, StreamError)>> {
        self.observer.answer()
    }

    fn start(&mut self, partition: i32, offset: i64) -> Result<(), StreamError> {
        self.claims.claim(partition);
        self.lanes.start(partition, offset);
        self.observer.watch(partition);
        self.settle(&format!("reading partition {partition} from offset {offset}"))
    }

    fn pause(&mut self, partitions: &[i32]) -> Result<(), StreamError> {
        partitions.iter().for_each(|partition| self.lanes.pause(*partition));
        self.settle("pausing")
    }

    fn resume(&mut self, partitions: &[i32]) -> Result<(), StreamError> {
        partitions.iter().for_each(|partition| self.lanes.resume(*partition));
        self.settle("resuming")
    }

    fn high(&self, partition: i32) -> Option<i64> {
        self.observer.high(partition)
    }

    fn release(&mut self, partitions: &[i32]) -> Result<(), StreamError> {
        for partition in partitions {
            self.claims.give_up(*partition);
            self.observer.forget(*partition);
            self.lanes.pause(*partition);
        }
        self.lanes
            .release(partitions, &self.member, &self.claims, &self.topic)
            .map_err(|error| errors::of("releasing partitions", &error))?;
        partitions.iter().for_each(|partition| self.lanes.forget(*partition));
        self.settle("releasing partitions")
    }

    fn close(&mut self) {
        if std::mem::replace(&mut self.closed, true) {
            return;
        }
        self.member.context().close();
        if self.lanes.is_leaving() || self.member.context().take().is_some() {
            let_go(&self.member);
        }
        self.member.unsubscribe();
        let deadline = Instant::now() + FAREWELL;
        while Instant::now() < deadline {
            let quiet = self.member.poll(Duration::from_millis(50)).is_none();
            if quiet && self.member.assignment().is_ok_and(|list| list.count() == 0) {
                break;
            }
        }
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        crate::stream::Source::close(self);
    }
}

fn record<'a>(message: &'a BorrowedMessage<'a>, headers: &'a MessageHeaders<'a>) -> Record<'a> {
    Record {
        partition: message.partition(),
        offset: message.offset(),
        timestamp: message.timestamp().to_millis().unwrap_or(0),
        key: message.key(),
        value: message.payload(),
        headers,
    }
}

struct MessageHeaders<'a>(&'a BorrowedMessage<'a>);

impl std::fmt::Debug for MessageHeaders<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.to_vec()).finish()
    }
}

impl Headers for MessageHeaders<'_> {
    fn to_vec(&self) -> Vec<Header> {
        let Some(headers) = self.0.headers() else { return Vec::new() };
        headers.iter().map(|header| (header.key.to_owned().into(), header.value.map(<[u8]>::to_vec))).collect()
    }
}
