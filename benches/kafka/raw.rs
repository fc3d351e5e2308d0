//! What an engineer would write by hand and tune: one consumer, one transactional producer, one loop.

use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::harness::{Cluster, unique};
use crate::observer::Observer;

/// How a commit waits for what is in flight.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Flush {
    /// As rust-rdkafka does: looks every 100 ms.
    AsIs,
    /// As driftline does: looks every millisecond.
    Prompt,
}

pub fn measure(cluster: &Cluster, input: &str, count: usize, commit: Duration, bytes: usize, flush: Flush) -> f64 {
    let (group, output) = (unique("raw"), cluster.topic("raw-out", 1));
    let observer = Observer::new(cluster, &group, input);
    std::thread::scope(|scope| {
        scope.spawn(|| pump(cluster, &group, input, &output, count as i64, commit, bytes, flush));
        observer.rate(count as i64, |_| ())
    })
}

fn consumer(cluster: &Cluster, group: &str, input: &str) -> BaseConsumer {
    let mut config = cluster.config();
    config.set("group.id", group).set("enable.auto.commit", "false").set("auto.offset.reset", "earliest");
    config.set("isolation.level", "read_committed");
    config.set("fetch.queue.backoff.ms", "5").set("queued.min.messages", "1000000");
    let consumer: BaseConsumer = config.create().unwrap();
    consumer.subscribe(&[input]).unwrap();
    consumer
}

#[allow(clippy::too_many_arguments)]
fn pump(
    cluster: &Cluster,
    group: &str,
    input: &str,
    output: &str,
    count: i64,
    commit: Duration,
    bytes: usize,
    flush: Flush,
) {
    let consumer = consumer(cluster, group, input);
    let mut config = cluster.config();
    config.set("transactional.id", group).set("linger.ms", "50").set("compression.type", "lz4");
    config.set("queue.buffering.max.messages", "1000000");
    let producer: ThreadedProducer<DefaultProducerContext> = config.create().unwrap();
    producer.init_transactions(Duration::from_secs(60)).unwrap();
    let (mut position, mut began) = (0, None);
    let mut out = Vec::with_capacity(bytes);
    while position < count || began.is_some() {
        if let Some(message) = consumer.poll(Duration::from_millis(if began.is_some() { 1 } else { 100 })) {
            let message = message.unwrap();
            began.get_or_insert_with(|| {
                producer.begin_transaction().unwrap();
                Instant::now()
            });
            transform(message.payload().unwrap(), bytes, &mut out);
            let mut record = BaseRecord::<[u8], [u8]>::to(output).partition(0).payload(&out);
            record.key = message.key();
            while let Err((KafkaError::MessageProduction(_), back)) = producer.send(record) {
                std::thread::sleep(Duration::from_millis(1));
                record = back;
            }
            position = message.offset() + 1;
        }
        if began.is_some_and(|at| at.elapsed() >= commit || position == count) {
            finish(&producer, &consumer, input, position, flush);
            began = None;
        }
    }
}

/// The input's bytes, over and over, to the size of a prediction.
fn transform(input: &[u8], bytes: usize, out: &mut Vec<u8>) {
    out.clear();
    out.extend(input.iter().rev().cycle().take(bytes));
}

fn finish(
    producer: &ThreadedProducer<DefaultProducerContext>,
    consumer: &BaseConsumer,
    input: &str,
    position: i64,
    flush: Flush,
) {
    let mut offsets = TopicPartitionList::new();
    offsets.add_partition_offset(input, 0, Offset::Offset(position)).unwrap();
    let metadata = consumer.group_metadata().unwrap();
    producer.send_offsets_to_transaction(&offsets, &metadata, Duration::from_secs(30)).unwrap();
    while flush == Flush::Prompt && producer.flush(Duration::ZERO).is_err() {
        std::thread::sleep(Duration::from_millis(1));
    }
    producer.commit_transaction(Duration::from_secs(30)).unwrap();
}
