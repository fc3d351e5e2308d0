//! The demonstration broker takes what the worker does.

use std::time::{Duration, Instant};

use driftline::stream::kafka::{self, OutputTopics, Settings, embedded::Embedded};
use driftline::stream::{Delivery, Source as _, Start};
use rdkafka::producer::Producer as _;

use super::member::{Member, outputs};
use crate::harness::Cluster;

#[test]
fn a_commit_goes_through_within_seconds_of_the_start() {
    let start = Instant::now();
    let broker = Embedded::start(&["in", "out", "letters", "state"], 2).unwrap();
    let settings = Settings {
        name: "demo".to_owned(),
        bootstrap: broker.bootstrap(),
        properties: [].into(),
        input: "in".to_owned(),
        state: "state".to_owned(),
        outputs: OutputTopics {
            predictions: "out".to_owned(),
            dead_letters: Some("letters".to_owned()),
            ..OutputTopics::default()
        },
        start: Start::Earliest,
        delivery: Delivery::ExactlyOnce,
        instance: "one".to_owned(),
        patience: Duration::from_secs(10),
    };
    let cluster = Cluster::at(&broker.bootstrap());
    let producer: rdkafka::producer::BaseProducer = cluster.config().create().unwrap();
    for partition in 0..2 {
        let record = rdkafka::producer::BaseRecord::<(), str>::to("in").partition(partition).payload("event");
        producer.send(record).unwrap();
    }
    producer.flush(Duration::from_secs(10)).unwrap();
    let (source, outbox) = kafka::open(&settings, 0).unwrap();
    let mut member = Member { source, outbox, changes: Vec::new(), seen: Vec::new() };
    assert_eq!(member.assigned(), [0, 1]);
    for partition in 0..2 {
        let observed = member.observe(partition);
        assert_eq!((observed.committed, observed.low, observed.high), (None, 0, 1));
        member.source.start(partition, 0).unwrap();
    }
    member.poll_until("both records", |member| member.seen.len() == 2);
    member.commit(outputs(0, &["prediction"], 1)).unwrap();
    assert_eq!(cluster.read_all("out").len(), 1);
    // The mock coordinator waits three seconds for more members.
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
}
