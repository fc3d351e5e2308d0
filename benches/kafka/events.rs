//! Events like Elec's: eight numbers in 0..1 and a label that follows them.

use driftline::rng::Rng;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};

use crate::harness::Cluster;

pub const FEATURES: [&str; 8] = ["date", "day", "nswdemand", "nswprice", "period", "transfer", "vicdemand", "vicprice"];

pub fn event(rng: &mut Rng) -> String {
    let mut text = String::from("{");
    let mut sum = 0.0;
    for name in FEATURES {
        let value = (rng.uniform() * 1e6).floor() / 1e6;
        sum += value;
        text += &format!("\"{name}\":{value},");
    }
    let noisy = sum + rng.uniform() - 0.5;
    text + &format!("\"label\":\"{}\"}}", if noisy > 4.0 { "UP" } else { "DOWN" })
}

pub fn producer(cluster: &Cluster) -> ThreadedProducer<DefaultProducerContext> {
    let mut config = cluster.config();
    config.set("linger.ms", "5").set("acks", "1").set("compression.type", "lz4");
    config.create().unwrap()
}

pub fn send(producer: &ThreadedProducer<DefaultProducerContext>, topic: &str, value: &str) {
    let mut record = BaseRecord::<(), str>::to(topic).partition(0).payload(value);
    while let Err((error, back)) = producer.send(record) {
        assert_eq!(error, KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull));
        std::thread::sleep(std::time::Duration::from_millis(1));
        record = back;
    }
}

pub fn fill(cluster: &Cluster, topic: &str, count: usize) {
    let producer = producer(cluster);
    let mut rng = Rng::new(7, "bench");
    for _ in 0..count {
        send(&producer, topic, &event(&mut rng));
    }
    producer.flush(std::time::Duration::from_secs(60)).unwrap();
}
