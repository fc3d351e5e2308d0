//! From the producer's `send` to the prediction in a read-committed consumer's hand.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use driftline::rng::Rng;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::producer::Producer;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::harness::Cluster;
use crate::{events, worker};

pub fn measure(cluster: &Cluster, rate: u32, time: Duration) -> String {
    let input = cluster.topic("latency", 1);
    let case = worker::Case::named("json");
    let mut running = worker::start(cluster, &input, &case, Duration::from_millis(100));
    let count = (f64::from(rate) * time.as_secs_f64()) as usize;
    // The n-th event is the n-th record, its prediction the n-th prediction.
    let sent = Mutex::new(Vec::with_capacity(count));
    let mut took = Vec::with_capacity(count);
    std::thread::scope(|scope| {
        scope.spawn(|| produce(cluster, &input, rate, count, &sent));
        let mut config = cluster.config();
        config.set("group.id", "bench-latency").set("isolation.level", "read_committed").set("fetch.wait.max.ms", "5");
        let consumer: BaseConsumer = config.create().unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&format!("{}.predictions", running.name), 0, Offset::Beginning).unwrap();
        consumer.assign(&list).unwrap();
        let deadline = Instant::now() + time + Duration::from_secs(120);
        while took.len() < count && Instant::now() < deadline {
            if let Some(Ok(_)) = consumer.poll(Duration::from_millis(100)) {
                let now = Instant::now();
                let at: Instant = sent.lock().unwrap()[took.len()];
                took.push(now.saturating_duration_since(at));
            }
        }
    });
    assert_eq!(took.len(), count, "{}", running.process.log());
    running.process.stop(Duration::from_secs(60));
    // The start-up of the worker is not what is asked.
    let mut took = took.split_off(count / 2);
    took.sort_unstable();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize];
    format!("latency at {rate}/s, commit every 100ms: p50 {:?}, p99 {:?}, most {:?}", at(0.5), at(0.99), at(1.0))
}

fn produce(cluster: &Cluster, input: &str, rate: u32, count: usize, sent: &Mutex<Vec<Instant>>) {
    let producer = events::producer(cluster);
    let mut rng = Rng::new(7, "latency");
    let start = Instant::now();
    for n in 0..count {
        let due = start + Duration::from_secs_f64(n as f64 / f64::from(rate));
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let event = events::event(&mut rng, events::Format::Json);
        sent.lock().unwrap().push(Instant::now());
        events::send(&producer, input, &event);
    }
    producer.flush(Duration::from_secs(60)).unwrap();
}
