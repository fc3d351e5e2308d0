//! Watches a group's committed offset move: the same clock for whatever commits it.

use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::topic_partition_list::TopicPartitionList;

use crate::harness::Cluster;

pub struct Observer {
    consumer: BaseConsumer,
    group: String,
    topic: String,
}

impl Observer {
    /// Connected before anything begins, so that it sees the beginning.
    pub fn new(cluster: &Cluster, group: &str, topic: &str) -> Self {
        // Read committed, an answer waits while a transaction with offsets of the group is open.
        let mut config = cluster.config();
        let consumer = config.set("group.id", group).set("isolation.level", "read_uncommitted").create().unwrap();
        let observer = Self { consumer, group: group.to_owned(), topic: topic.to_owned() };
        observer.committed();
        observer
    }

    pub fn committed(&self) -> i64 {
        let mut list = TopicPartitionList::new();
        list.add_partition(&self.topic, 0);
        let answer = self.consumer.committed_offsets(list, Duration::from_secs(30)).unwrap();
        answer.find_partition(&self.topic, 0).and_then(|found| found.offset().to_raw()).unwrap_or(0).max(0)
    }

    /// Records per second from the first commit that is seen to that of `end`; `tick` is called between looks.
    pub fn rate(&self, end: i64, mut tick: impl FnMut(i64)) -> f64 {
        let deadline = Instant::now() + Duration::from_secs(600);
        let mut first = None;
        loop {
            let (now, offset) = (Instant::now(), self.committed());
            assert!(now < deadline, "{} committed {offset} of {end} after ten minutes", self.group);
            tick(offset);
            if offset > 0 {
                first.get_or_insert((now, offset));
            }
            if let Some((begun, from)) = first.filter(|_| offset >= end) {
                assert!(from < end / 2, "{} had committed {from} of {end} when it was first seen", self.group);
                return (end - from) as f64 / (now - begun).as_secs_f64();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
