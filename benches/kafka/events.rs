//! Events like Elec's: eight numbers in 0..1 and a label that follows them.

use driftline::rng::Rng;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};

use crate::harness::Cluster;

pub const FEATURES: [&str; 8] = ["date", "day", "nswdemand", "nswprice", "period", "transfer", "vicdemand", "vicprice"];

/// How events and predictions are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Json,
    /// Plain datums of [`schema`].
    Avro,
}

/// The Avro schema of an event.
pub fn schema() -> String {
    let fields: String = FEATURES.iter().map(|name| format!(r#"{{"name":"{name}","type":"double"}},"#)).collect();
    format!(r#"{{"type":"record","name":"Event","fields":[{fields}{{"name":"label","type":"string"}}]}}"#)
}

pub fn event(rng: &mut Rng, format: Format) -> Vec<u8> {
    let values = FEATURES.map(|_| (rng.uniform() * 1e6).floor() / 1e6);
    let noisy = values.iter().sum::<f64>() + rng.uniform() - 0.5;
    let label = if noisy > 4.0 { "UP" } else { "DOWN" };
    match format {
        Format::Json => {
            let fields = FEATURES.iter().zip(values).map(|(name, value)| format!("\"{name}\":{value},"));
            format!("{{{}\"label\":\"{label}\"}}", fields.collect::<String>()).into_bytes()
        }
        Format::Avro => {
            let mut datum: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            datum.push(2 * label.len() as u8); // zigzag
            datum.extend_from_slice(label.as_bytes());
            datum
        }
    }
}

pub fn producer(cluster: &Cluster) -> ThreadedProducer<DefaultProducerContext> {
    let mut config = cluster.config();
    config.set("linger.ms", "5").set("acks", "1").set("compression.type", "lz4");
    config.create().unwrap()
}

pub fn send(producer: &ThreadedProducer<DefaultProducerContext>, topic: &str, value: &[u8]) {
    let mut record = BaseRecord::<(), [u8]>::to(topic).partition(0).payload(value);
    while let Err((error, back)) = producer.send(record) {
        assert_eq!(error, KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull));
        std::thread::sleep(std::time::Duration::from_millis(1));
        record = back;
    }
}

pub fn fill(cluster: &Cluster, topic: &str, count: usize, format: Format) {
    let producer = producer(cluster);
    let mut rng = Rng::new(7, "bench");
    for _ in 0..count {
        send(&producer, topic, &event(&mut rng, format));
    }
    producer.flush(std::time::Duration::from_secs(60)).unwrap();
}
