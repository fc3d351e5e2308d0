//! Bytes to events and predictions to bytes: a record of eight numbers and a label, beside what general libraries take to
//! build a value of it.

use std::hint::black_box;

use apache_avro::Schema;
use apache_avro::types::Value as Avro;
use criterion::{Criterion, criterion_group, criterion_main};
use driftline::codec::{Decoded, Decoder, Encoder, Format, Input};
use driftline::event::{Event, Kind, Origin};
use driftline::facts::PredictionRecord;

const NUMBERS: [&str; 8] = ["date", "day", "period", "nswprice", "nswdemand", "vicprice", "vicdemand", "transfer"];
const JSON: &str = r#"{"date":0.886441,"day":3.0,"period":0.255319,"nswprice":0.041475,"nswdemand":0.306456,"vicprice":0.002771,"vicdemand":0.422915,"transfer":0.414912,"class":"UP"}"#;

fn input() -> Input {
    let mut input = Input::new("elec");
    input.label = Some("class".to_owned());
    input.features = NUMBERS.map(|name| (name.to_owned(), Kind::Number)).into();
    input
}

fn decode(c: &mut Criterion, name: &str, input: &Input, value: &[u8]) {
    let mut decoder = Decoder::new(input, None).expect("a decoder");
    let mut event = Event::empty(&input.layout());
    c.bench_function(name, |b| {
        b.iter(|| {
            let decoded = decoder.decode(0, 123_456, 5, Some(black_box(value)), &mut event);
            assert_eq!(decoded, Ok(Decoded::Event));
        });
    });
}

fn json(c: &mut Criterion) {
    decode(c, "decode/json", &input(), JSON.as_bytes());
    c.bench_function("decode/json/serde_json_value", |b| {
        b.iter(|| serde_json::from_str::<serde_json::Value>(black_box(JSON)).expect("JSON"));
    });
}

fn avro(c: &mut Criterion) {
    let fields: Vec<_> = NUMBERS.iter().map(|name| format!(r#"{{"name":"{name}","type":"double"}}"#)).collect();
    let fields = fields.join(",");
    let text = format!(r#"{{"type":"record","name":"Elec","fields":[{fields},{{"name":"class","type":"string"}}]}}"#);
    let schema = Schema::parse_str(&text).expect("a schema");
    let mut record: Vec<_> = NUMBERS.iter().map(|name| ((*name).to_owned(), Avro::Double(0.886_441))).collect();
    record.push(("class".to_owned(), Avro::String("UP".to_owned())));
    let datum = apache_avro::to_avro_datum(&schema, Avro::Record(record)).expect("a datum");
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), &text).expect("written");
    let input = Input { format: Format::Avro, schema: Some(file.path().to_owned()), ..input() };
    decode(c, "decode/avro", &input, &datum);
    c.bench_function("decode/avro/apache_avro_value", |b| {
        b.iter(|| apache_avro::from_avro_datum(&schema, &mut black_box(&datum[..]), None).expect("a datum"));
    });
}

fn predictions(c: &mut Criterion) {
    let record = PredictionRecord {
        id: "elec-0-123456".into(),
        origin: Origin { topic: "elec".into(), partition: 0, offset: 123_456 },
        event_time: 1_700_000_000_000,
        label: "UP".into(),
        probabilities: [("DOWN".into(), 0.123_456_789_012_345), ("UP".into(), 0.876_543_210_987_655)]
            .into_iter()
            .collect(),
        value: None,
        model: "logistic_regression",
        learned: 123_456,
        warming: false,
        fingerprint: "0123456789abcdef".into(),
    };
    for (name, encoder) in [("json", Encoder::json()), ("avro", Encoder::avro().expect("an encoder"))] {
        let mut out = Vec::new();
        c.bench_function(&format!("encode/prediction/{name}"), |b| {
            b.iter(|| {
                out.clear();
                encoder.prediction(black_box(&record), &mut out);
            });
        });
    }
}

criterion_group!(benches, json, avro, predictions);
criterion_main!(benches);
