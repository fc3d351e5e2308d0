//! Watches a group's committed offset move: the same clock for whatever commits it.

use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::topic_partition_list::TopicPartitionList;

use crate::harness::Cluster;

pub struct Observer {
    consumer: BaseConsumer,
    topic: String,
}

impl Observer {
    pub fn new(cluster: &Cluster, group: &str, topic: &str) -> Self {
        let consumer = cluster.config().set("group.id", group).create().unwrap();
        Self { consumer, topic: topic.to_owned() }
    }

    pub fn committed(&self) -> i64 {
        let mut list = TopicPartitionList::new();
        list.add_partition(&self.topic, 0);
        let answer = self.consumer.committed_offsets(list, Duration::from_secs(30)).unwrap();
        answer.find_partition(&self.topic, 0).and_then(|found| found.offset().to_raw()).unwrap_or(0).max(0)
    }

    /// Records per second from the first commit seen to the one of `end`; `tick` is called between looks.
    pub fn rate(&self, end: i64, mut tick: impl FnMut(i64)) -> f64 {
        let deadline = Instant::now() + Duration::from_secs(600);
        let mut first = None;
        loop {
            let (now, offset) = (Instant::now(), self.committed());
            assert!(now < deadline, "{} of {end} after ten minutes", offset);
            tick(offset);
            if offset > 0 {
                let (from, start): (i64, Instant) = *first.get_or_insert((offset, now));
                if offset >= end {
                    return (end - from) as f64 / (now - start).as_secs_f64();
                }
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
