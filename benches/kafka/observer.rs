//! Watches a group's committed offset move: the same clock for whatever commits it.

use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::groups::GroupInfo;
use rdkafka::topic_partition_list::TopicPartitionList;

use crate::harness::Cluster;

pub struct Observer {
    consumer: BaseConsumer,
    group: String,
    topic: String,
}

impl Observer {
    pub fn new(cluster: &Cluster, group: &str, topic: &str) -> Self {
        let consumer = cluster.config().set("group.id", group).create().unwrap();
        Self { consumer, group: group.to_owned(), topic: topic.to_owned() }
    }

    pub fn committed(&self) -> i64 {
        let mut list = TopicPartitionList::new();
        list.add_partition(&self.topic, 0);
        let answer = self.consumer.committed_offsets(list, Duration::from_secs(30)).unwrap();
        answer.find_partition(&self.topic, 0).and_then(|found| found.offset().to_raw()).unwrap_or(0).max(0)
    }

    /// Waits until the group has a member with its partitions.
    fn await_member(&self, deadline: Instant) -> Instant {
        loop {
            let now = Instant::now();
            // A broker that has just started still loads its coordinator.
            let groups = self.consumer.fetch_group_list(Some(&self.group), Duration::from_secs(30));
            let stable = |group: &GroupInfo| group.state() == "Stable" && !group.members().is_empty();
            if groups.is_ok_and(|groups| groups.groups().iter().any(stable)) {
                return now;
            }
            assert!(now < deadline, "no member of {} after ten minutes", self.group);
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Records per second from the assignment to the commit of `end`; `tick` is called between looks.
    pub fn rate(&self, end: i64, mut tick: impl FnMut(i64)) -> f64 {
        let deadline = Instant::now() + Duration::from_secs(600);
        let start = self.await_member(deadline);
        loop {
            let (now, offset) = (Instant::now(), self.committed());
            assert!(now < deadline, "{offset} of {end} after ten minutes");
            tick(offset);
            if offset >= end {
                return end as f64 / (now - start).as_secs_f64();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
