//! Avro through a real schema registry: framing, an evolved schema mid-stream, an outage, an id that nobody knows.

use std::time::Duration;

use apache_avro::types::{Record, Value as Avro};
use apache_avro::{Schema, to_avro_datum};
use serde_json::Value;

use crate::harness::{self, Cluster, Live, Message, Registry};

const PATIENCE: Duration = Duration::from_secs(90);

/// The producer's first schema, and its second: fields in another order, one more, one wider, one that nobody reads.
const FIRST: &str = r#"{"type":"record","name":"Payment","fields":[
    {"name":"id","type":"string"}, {"name":"amount","type":"float"}, {"name":"fraud","type":"boolean"}]}"#;
const SECOND: &str = r#"{"type":"record","name":"Payment","fields":[
    {"name":"note","type":["null","string"],"default":null},
    {"name":"fraud","type":"boolean"}, {"name":"amount","type":"double"},
    {"name":"country","type":["null","string"],"default":null}, {"name":"id","type":"string"}]}"#;

const PIPELINE: &str = r#"
KAFKA
registry = "REGISTRY"
INPUT
format = "avro"
id = "id"
label = "fraud"
[input.features]
amount = "number"
country = "category"
[task]
kind = "binary"
classes = ["false", "true"]
[[transform]]
type = "standard_scaler"
[[transform]]
type = "one_hot"
[model]
type = "logistic_regression"
"#;

fn live<'a>(kafka: &'a Cluster, registry: &Registry, more: &str) -> Live<'a> {
    Live::new(kafka, 1, &(PIPELINE.replace("REGISTRY", registry.url()) + more))
}

fn fraud(number: u32) -> bool {
    number.is_multiple_of(3)
}

/// One payment as the registry's serializers write it: 0, the schema's id in four bytes, the datum.
fn payment(id: u32, schema: &str, number: u32) -> Message {
    let parsed = Schema::parse_str(schema).expect("a schema");
    let mut record = Record::new(&parsed).expect("a record");
    record.put("id", format!("p{number}"));
    record.put("fraud", fraud(number));
    // A half is exact as a float, so that the widened field holds the same number.
    let amount = f64::from(number % 50) + if fraud(number) { 25.5 } else { 0.5 };
    if schema == FIRST {
        record.put("amount", amount as f32);
    } else {
        record.put("amount", amount);
        record.put("note", Avro::Union(1, Box::new("later on".into())));
        record.put("country", Avro::Union(1, Box::new(["CH", "FR"][number as usize % 2].into())));
    }
    let datum = to_avro_datum(&parsed, record).expect("a datum");
    Message::value([&[0], &id.to_be_bytes()[..], &datum].concat()).timestamp(1_700_000_000_000 + i64::from(number))
}

/// The same payment as JSON.
fn as_json(second: bool, number: u32) -> String {
    let amount = f64::from(number % 50) + if fraud(number) { 25.5 } else { 0.5 };
    let country = if second { format!("\"{}\"", ["CH", "FR"][number as usize % 2]) } else { "null".to_owned() };
    format!(
        r#"{{"id":"p{number}","amount":{amount},"fraud":{},"country":{country},"ts":{}}}"#,
        fraud(number),
        1_700_000_000_000_u64 + u64::from(number)
    )
}

#[test]
fn an_evolved_schema_mid_stream_predicts_as_json_does() {
    let (Some(kafka), Some(registry)) = (harness::broker(), harness::registry()) else { return };
    let live = live(kafka, registry, "");
    let subject = format!("{}-value", live.topic("in"));
    let (first, second) = (registry.register(&subject, FIRST), registry.register(&subject, SECOND));
    // The old producer is still there when the new one begins.
    let evolved = |number: u32| number >= 300 && !number.is_multiple_of(5);
    let records: Vec<_> = (0..600)
        .map(|number| if evolved(number) { payment(second, SECOND, number) } else { payment(first, FIRST, number) })
        .collect();
    kafka.produce(&live.topic("in"), &records);
    let mut worker = live.run();
    let found = kafka.read_until(&live.topic("predictions"), records.len(), PATIENCE);
    assert_eq!(worker.stop(PATIENCE).code(), Some(0), "{}", worker.log());
    assert_eq!(found.len(), records.len(), "{}", worker.log());
    assert!(kafka.read_all(&live.topic("dead-letters")).is_empty());

    let file = live.home.path().join("same.jsonl");
    let lines: Vec<_> = (0..600).map(|number| as_json(evolved(number), number)).collect();
    std::fs::write(&file, lines.join("\n")).expect("written");
    let trace = live.home.path().join("trace.jsonl");
    let paths = [&file, &trace].map(|path| path.to_string_lossy().into_owned());
    let config = live.config_path();
    let json = ["--set", "input.format=json", "--set", "input.time=ts"];
    live.command(&[&["evaluate", &paths[0], "-c", &config, "--trace", &paths[1]], &json[..]].concat());
    let offline = std::fs::read_to_string(&trace).expect("a trace");
    for (offline, live) in offline.lines().zip(&found) {
        let offline: Value = serde_json::from_str(offline).expect("JSON");
        let live = live.json();
        for field in ["id", "label", "probabilities", "learned", "event_time", "fingerprint"] {
            assert_eq!(offline[field], live[field], "{field}");
        }
    }
}

#[test]
fn an_outage_of_the_registry_is_waited_for() {
    let Some(kafka) = harness::broker() else { return };
    let Some(registry) = harness::private_registry() else { return };
    let live = live(kafka, &registry, "");
    let subject = format!("{}-value", live.topic("in"));
    let (first, second) = (registry.register(&subject, FIRST), registry.register(&subject, SECOND));
    kafka.produce(&live.topic("in"), &(0..20).map(|number| payment(first, FIRST, number)).collect::<Vec<_>>());
    let mut worker = live.run();
    assert_eq!(kafka.read_until(&live.topic("predictions"), 20, PATIENCE).len(), 20, "{}", worker.log());

    registry.stop();
    kafka.produce(&live.topic("in"), &(20..40).map(|number| payment(second, SECOND, number)).collect::<Vec<_>>());
    let later = kafka.read_until(&live.topic("predictions"), 21, Duration::from_secs(4));
    assert_eq!(later.len(), 20, "nothing is decoded without its schema");
    assert!(worker.running(), "{}", worker.log());
    registry.start();
    // Its storage is in memory: the same schemas again, in the same order.
    assert_eq!((registry.register(&subject, FIRST), registry.register(&subject, SECOND)), (first, second));
    assert_eq!(kafka.read_until(&live.topic("predictions"), 40, PATIENCE).len(), 40, "{}", worker.log());
    assert!(kafka.read_all(&live.topic("dead-letters")).is_empty(), "an outage is nobody's dead letter");
    assert_eq!(worker.stop(PATIENCE).code(), Some(0));
}

#[test]
fn an_unknown_schema_and_broken_framing_are_dead_letters() {
    let (Some(kafka), Some(registry)) = (harness::broker(), harness::registry()) else { return };
    let live = live(kafka, registry, "");
    let first = registry.register(&format!("{}-value", live.topic("in")), FIRST);
    let mut records: Vec<_> = (0..10).map(|number| payment(first, FIRST, number)).collect();
    records.insert(5, payment(999_999, FIRST, 5));
    records.push(Message::value("{}"));
    let mut cut = payment(first, FIRST, 3);
    cut.value.as_mut().expect("a value").truncate(9);
    records.push(cut);
    kafka.produce(&live.topic("in"), &records);
    let mut worker = live.run();
    let dead = kafka.read_until(&live.topic("dead-letters"), 3, PATIENCE);
    let found = kafka.read_until(&live.topic("predictions"), 10, PATIENCE);
    assert_eq!(worker.stop(PATIENCE).code(), Some(0), "{}", worker.log());
    assert_eq!(found.len(), 10);
    let reasons: Vec<_> = dead.iter().filter_map(|record| record.header_text("driftline.reason")).collect();
    assert_eq!(reasons, ["unknown_schema", "not_avro", "not_avro"]);
    assert_eq!(dead[0].value, records[5].value, "the bytes as they came");
    assert_eq!(dead[0].header_text("driftline.origin"), Some(format!("{}-0-5", live.topic("in"))));
}
