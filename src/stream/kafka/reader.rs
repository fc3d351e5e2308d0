//! Reads what a restore needs to know, outside the group: offsets, ends, and the state topic from its beginning.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::client::ClientContext;
use rdkafka::config::{FromClientConfigAndContext, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::client;
use super::errors;
use super::settings::Settings;
use crate::stream::{Observed, Start, StateRecord, StreamError};

/// One request to a broker; asked again until the patience is over.
const REQUEST: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(50);

pub(super) struct Quiet;

impl ClientContext for Quiet {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        client::log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(target: "librdkafka", %error, reason, "reader");
    }
}

impl ConsumerContext for Quiet {}

/// Two consumers that never join: one sees what is committed, the other where the log really ends.
pub struct Reader {
    committed: BaseConsumer<Quiet>,
    uncommitted: BaseConsumer<Quiet>,
    input: String,
    state: String,
    start: Start,
    patience: Duration,
}

/// How long to go on asking, and whether anybody still wants to know.
#[derive(Clone, Copy)]
pub(super) struct Until<'a> {
    deadline: Instant,
    wanted: &'a dyn Fn() -> bool,
}

impl Until<'_> {
    fn over(&self) -> bool {
        Instant::now() >= self.deadline || !(self.wanted)()
    }
}

impl Reader {
    /// # Errors
    /// [`StreamError::Refused`] for properties librdkafka does not take.
    pub fn open(settings: &Settings) -> Result<Self, StreamError> {
        let open = |config: &ClientConfig| {
            BaseConsumer::from_config_and_context(config, Quiet).map_err(|error| errors::of("opening a reader", &error))
        };
        Ok(Self {
            committed: open(&client::reader(settings, "read_committed"))?,
            uncommitted: open(&client::reader(settings, "read_uncommitted"))?,
            input: settings.input.clone(),
            state: settings.state.clone(),
            start: settings.start,
            patience: settings.patience,
        })
    }

    /// What a restore of `partition` needs to know; waits for open transactions that may still change it.
    ///
    /// # Errors
    /// [`StreamError::Unavailable`] once the patience is over, [`StreamError::Refused`] where the cluster says no.
    pub fn observe(&self, partition: i32) -> Result<Observed, StreamError> {
        self.observe_while(partition, &|| true)
    }

    pub(super) fn observe_while(&self, partition: i32, wanted: &dyn Fn() -> bool) -> Result<Observed, StreamError> {
        let until = Until { deadline: Instant::now() + self.patience, wanted };
        let committed = self.asked(&until, "reading the committed offset", || self.committed_offset(partition))?;
        let (low, high) = self.asked(&until, &format!("asking for the ends of {}", self.input), || {
            self.committed.fetch_watermarks(&self.input, partition, REQUEST)
        })?;
        let begin = match self.start {
            Start::Earliest => low,
            Start::Latest => high,
            Start::At(time) => {
                self.asked(&until, "looking up the start time", || self.offset_at(partition, time))?.unwrap_or(high)
            }
        };
        let state = self.state(partition, &until)?;
        Ok(Observed { partition, committed, low, high, begin, state })
    }

    /// Offset after the last record that a read-committed consumer can see.
    pub(super) fn high(&self, partition: i32) -> Option<i64> {
        self.committed.fetch_watermarks(&self.input, partition, REQUEST).ok().map(|(_, high)| high)
    }

    /// Repeats a request while it may heal.
    fn asked<T>(
        &self,
        until: &Until<'_>,
        doing: &str,
        mut request: impl FnMut() -> KafkaResult<T>,
    ) -> Result<T, StreamError> {
        loop {
            match request().map_err(|error| errors::of(doing, &error)) {
                Err(StreamError::Unavailable { .. }) if !until.over() => std::thread::sleep(PAUSE),
                answer => return answer,
            }
        }
    }

    /// librdkafka asks for the stable offset where the isolation level is read-committed.
    fn committed_offset(&self, partition: i32) -> KafkaResult<Option<i64>> {
        let mut list = TopicPartitionList::new();
        list.add_partition(&self.input, partition);
        let answer = self.committed.committed_offsets(list, REQUEST)?;
        let Some(element) = answer.find_partition(&self.input, partition) else { return Ok(None) };
        element.error()?;
        Ok(match element.offset() {
            Offset::Offset(offset) => Some(offset),
            _ => None,
        })
    }

    /// `None` where no record is that late.
    fn offset_at(&self, partition: i32, time: i64) -> KafkaResult<Option<i64>> {
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&self.input, partition, Offset::Offset(time))?;
        let answer = self.committed.offsets_for_times(list, REQUEST)?;
        let Some(element) = answer.find_partition(&self.input, partition) else { return Ok(None) };
        element.error()?;
        Ok(match element.offset() {
            Offset::Offset(offset) => Some(offset),
            _ => None,
        })
    }

    /// The newest record per key, in order.
    fn state(&self, partition: i32, until: &Until<'_>) -> Result<Vec<StateRecord>, StreamError> {
        let doing = format!("reading {} partition {partition}", self.state);
        // Where the log ends, aborted and open transactions included: under read-committed, an open one hides what follows.
        let (low, end) =
            self.asked(until, &doing, || self.uncommitted.fetch_watermarks(&self.state, partition, REQUEST))?;
        if low >= end {
            return Ok(Vec::new());
        }
        self.until_stable(partition, end, until, &doing)?;
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&self.state, partition, Offset::Beginning)
            .and_then(|()| self.committed.assign(&list))
            .map_err(|error| errors::of(&doing, &error))?;
        let records = self.to_the_end(partition, until, &doing);
        self.committed.unassign().map_err(|error| errors::of(&doing, &error))?;
        records
    }

    fn until_stable(&self, partition: i32, end: i64, until: &Until<'_>, doing: &str) -> Result<(), StreamError> {
        loop {
            let (_, stable) =
                self.asked(until, doing, || self.committed.fetch_watermarks(&self.state, partition, REQUEST))?;
            if stable >= end {
                return Ok(());
            }
            if until.over() {
                let cause = format!("a transaction has been open since offset {stable}, the log ends at {end}");
                return Err(errors::unavailable(doing, cause));
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Reads on until the end of the partition is reported. A record's offset never tells it: a control record may be last.
    fn to_the_end(&self, partition: i32, until: &Until<'_>, doing: &str) -> Result<Vec<StateRecord>, StreamError> {
        let mut newest = BTreeMap::new();
        loop {
            match self.committed.poll(Duration::from_millis(100)) {
                Some(Ok(message)) if message.partition() == partition => {
                    let value = message.payload().map(<[u8]>::to_vec);
                    newest.insert(message.key().unwrap_or_default().to_vec(), (message.offset(), value));
                }
                Some(Err(KafkaError::PartitionEOF(at))) if at == partition => return Ok(in_order(newest)),
                Some(Err(error)) => match errors::of(doing, &error) {
                    StreamError::Unavailable { .. } => {}
                    raised => return Err(raised),
                },
                _ => {}
            }
            if until.over() {
                return Err(errors::unavailable(doing, "the end was not reached in time"));
            }
        }
    }
}

fn in_order(newest: BTreeMap<Vec<u8>, (i64, Option<Vec<u8>>)>) -> Vec<StateRecord> {
    let mut all: Vec<_> = newest.into_iter().collect();
    all.sort_by_key(|(_, (offset, _))| *offset);
    all.into_iter().map(|(key, (_, value))| StateRecord { key, value }).collect()
}
