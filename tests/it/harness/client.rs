//! Topics, records in and committed records out, by rdkafka.

use std::any::Any;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Header, Headers, Message as _, OwnedHeaders};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

const PATIENCE: Duration = Duration::from_secs(60);

/// A running Kafka.
pub struct Cluster {
    bootstrap: String,
    _server: Option<Box<dyn Any + Send + Sync>>,
}

/// A record, written or read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    pub partition: i32,
    /// Of a record that was read.
    pub offset: i64,
    /// Milliseconds since 1970; 0 leaves it to the broker.
    pub timestamp: i64,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

impl Message {
    /// A record of partition 0 without key.
    pub fn value(value: impl Into<Vec<u8>>) -> Self {
        Self { value: Some(value.into()), ..Self::default() }
    }

    pub fn key(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.key = Some(key.into());
        self
    }

    pub fn partition(mut self, partition: i32) -> Self {
        self.partition = partition;
        self
    }

    pub fn timestamp(mut self, timestamp: i64) -> Self {
        self.timestamp = timestamp;
        self
    }

    pub fn header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.to_owned(), Some(value.into())));
        self
    }

    /// The value as text; "" for a tombstone.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.value.as_deref().unwrap_or_default()).into_owned()
    }

    /// The value as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(self.value.as_deref().unwrap_or_default())
            .unwrap_or_else(|why| panic!("{why}: {}", self.text()))
    }

    /// A header's value as text.
    pub fn header_text(&self, name: &str) -> Option<String> {
        let (_, value) = self.headers.iter().find(|(header, _)| header == name)?;
        Some(String::from_utf8_lossy(value.as_deref()?).into_owned())
    }

    fn read(message: &BorrowedMessage<'_>) -> Self {
        let owned = |header: Header<'_, &[u8]>| (header.key.to_owned(), header.value.map(<[u8]>::to_vec));
        Self {
            partition: message.partition(),
            offset: message.offset(),
            timestamp: message.timestamp().to_millis().unwrap_or_default(),
            key: message.key().map(<[u8]>::to_vec),
            value: message.payload().map(<[u8]>::to_vec),
            headers: message.headers().map(|headers| headers.iter().map(owned).collect()).unwrap_or_default(),
        }
    }
}

impl Cluster {
    pub fn at(bootstrap: &str) -> Self {
        Self { bootstrap: bootstrap.to_owned(), _server: None }
    }

    /// Ties the life of `server` to this.
    pub fn keep(mut self, server: impl Any + Send + Sync) -> Self {
        self._server = Some(Box::new(server));
        self
    }

    /// `HOST:PORT`.
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// A client configuration with the address set.
    pub fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.bootstrap).set("log.connection.close", "false");
        config
    }

    /// A new topic; its name begins with `prefix` and is used by nobody else.
    pub fn topic(&self, prefix: &str, partitions: i32) -> String {
        let name = unique(prefix);
        self.create(&name, partitions, &[]);
        name
    }

    /// Creates the topic `name` with the settings given (`cleanup.policy` …), and waits until it can be written.
    pub fn create(&self, name: &str, partitions: i32, settings: &[(&str, &str)]) {
        let mut topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
        for (key, value) in settings {
            topic = topic.set(key, value);
        }
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
        let done = block_on(self.admin().create_topics([&topic], &options)).expect("the broker answers");
        assert!(done.iter().all(Result::is_ok), "topic {name}: {done:?}");
        self.await_leaders(name, partitions);
    }

    pub fn delete(&self, name: &str) {
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
        let done = block_on(self.admin().delete_topics(&[name], &options)).expect("the broker answers");
        assert!(done.iter().all(Result::is_ok), "topic {name}: {done:?}");
    }

    /// Adds partitions to a topic, up to `partitions` in all.
    pub fn grow(&self, name: &str, partitions: i32) {
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
        let more = NewPartitions::new(name, partitions as usize);
        let done = block_on(self.admin().create_partitions([&more], &options)).expect("the broker answers");
        assert!(done.iter().all(Result::is_ok), "topic {name}: {done:?}");
        self.await_leaders(name, partitions);
    }

    /// Does away with what lies before `offset`, as retention does.
    pub fn delete_records(&self, topic: &str, partition: i32, offset: i64) {
        let mut before = TopicPartitionList::new();
        before.add_partition_offset(topic, partition, Offset::Offset(offset)).expect("an offset");
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
        block_on(self.admin().delete_records(&before, &options)).expect("the broker answers");
    }

    fn admin(&self) -> AdminClient<DefaultClientContext> {
        self.config().create().expect("an admin client")
    }

    fn await_leaders(&self, topic: &str, partitions: i32) {
        let client: BaseConsumer = self.config().create().expect("a client");
        let start = Instant::now();
        loop {
            let ready = client.fetch_metadata(Some(topic), Duration::from_secs(10)).is_ok_and(|metadata| {
                metadata.topics().first().is_some_and(|topic| {
                    topic.partitions().len() == partitions as usize
                        && topic.partitions().iter().all(|one| one.leader() >= 0)
                })
            });
            if ready {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "topic {topic} has no leaders");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Writes the records, in order per partition, and waits until the broker has them all.
    pub fn produce<'a>(&self, topic: &str, messages: impl IntoIterator<Item = &'a Message>) {
        let stream = self.stream(topic);
        messages.into_iter().for_each(|message| stream.send(message));
    }

    /// Writes records to a topic over some time; dropping it waits until the broker has them all.
    pub fn stream(&self, topic: &str) -> Stream {
        let mut config = self.config();
        config.set("enable.idempotence", "true").set("linger.ms", "5").set("message.max.bytes", "10000000");
        Stream { topic: topic.to_owned(), producer: config.create().expect("a producer") }
    }

    /// Every committed record of the topic, up to its end now: by partition, then offset.
    pub fn read_all(&self, topic: &str) -> Vec<Message> {
        self.read(topic, "read_committed")
    }

    /// Every record of the topic, aborted and unfinished transactions included.
    pub fn read_uncommitted(&self, topic: &str) -> Vec<Message> {
        self.read(topic, "read_uncommitted")
    }

    /// Reads until the topic has at least `count` committed records, or `patience` is over: then what there is.
    pub fn read_until(&self, topic: &str, count: usize, patience: Duration) -> Vec<Message> {
        let start = Instant::now();
        loop {
            let found = self.read_all(topic);
            if found.len() >= count || start.elapsed() > patience {
                return found;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn read(&self, topic: &str, isolation: &str) -> Vec<Message> {
        let mut config = self.config();
        config.set("group.id", "driftline-test-reader").set("enable.auto.commit", "false");
        config.set("isolation.level", isolation).set("enable.partition.eof", "true");
        config.set("fetch.wait.max.ms", "20").set("fetch.queue.backoff.ms", "5");
        let consumer: BaseConsumer = config.create().expect("a consumer");
        let metadata = consumer.fetch_metadata(Some(topic), PATIENCE).expect("the broker answers");
        let mut left: BTreeSet<i32> = metadata.topics()[0].partitions().iter().map(|one| one.id()).collect();
        assert!(!left.is_empty(), "topic {topic} is not there");
        let mut assignment = TopicPartitionList::new();
        for &partition in &left {
            assignment.add_partition_offset(topic, partition, Offset::Beginning).expect("an offset");
        }
        consumer.assign(&assignment).expect("assigned");
        let mut found = Vec::new();
        let start = Instant::now();
        while !left.is_empty() {
            match consumer.poll(Duration::from_millis(100)) {
                Some(Ok(message)) => found.push(Message::read(&message)),
                Some(Err(KafkaError::PartitionEOF(partition))) => drop(left.remove(&partition)),
                Some(Err(_)) | None => assert!(start.elapsed() < PATIENCE, "{topic}: no end of partitions {left:?}"),
            }
        }
        found.sort_by_key(|message| (message.partition, message.offset));
        found
    }

    /// The group's committed offset of a partition.
    pub fn committed(&self, group: &str, topic: &str, partition: i32) -> Option<i64> {
        let consumer: BaseConsumer = self.config().set("group.id", group).create().expect("a consumer");
        let mut which = TopicPartitionList::new();
        which.add_partition(topic, partition);
        let answer = consumer.committed_offsets(which, PATIENCE).expect("the broker answers");
        answer.find_partition(topic, partition)?.offset().to_raw().filter(|&offset| offset >= 0)
    }
}

/// See [`Cluster::stream`].
pub struct Stream {
    topic: String,
    producer: ThreadedProducer<DefaultProducerContext>,
}

impl Stream {
    pub fn send(&self, message: &Message) {
        let headers = message
            .headers
            .iter()
            .fold(OwnedHeaders::new(), |headers, (key, value)| headers.insert(Header { key, value: value.as_ref() }));
        let mut record = BaseRecord::<[u8], [u8]>::to(&self.topic).partition(message.partition).headers(headers);
        record.key = message.key.as_deref();
        record.payload = message.value.as_deref();
        record.timestamp = Some(message.timestamp).filter(|&timestamp| timestamp > 0);
        while let Err((why, again)) = self.producer.send(record) {
            let full = Some(rdkafka::types::RDKafkaErrorCode::QueueFull);
            assert_eq!(why.rdkafka_error_code(), full, "{}: {why}", self.topic);
            std::thread::sleep(Duration::from_millis(5));
            record = again;
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.producer.flush(PATIENCE).expect("all written");
    }
}

/// `prefix` with an ending that nobody else has.
pub fn unique(prefix: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    format!("{prefix}-{}-{:x}-{}", std::process::id(), nanos & 0xffff_ffff, COUNT.fetch_add(1, Ordering::Relaxed))
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}
