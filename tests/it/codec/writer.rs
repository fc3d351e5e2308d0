//! What `send` writes is what the worker reads, in every format.

use std::sync::Arc;

use driftline::codec::{CodecError, Decoded, Decoder, Format, Input, Registry, Writer};
use driftline::event::{Event, Kind};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::registry::{Stub, until_settled};

fn input() -> Input {
    let mut input = Input::new("in");
    input.id = Some("id".into());
    input.time = Some("ts".into());
    input.label = Some("y".into());
    input.weight = Some("w".into());
    let features = [
        ("x", Kind::Number),
        ("c", Kind::Category),
        ("b", Kind::Bool),
        ("t", Kind::Text),
        ("who.age", Kind::Number),
        ("who.home.town", Kind::Category),
    ];
    input.features = features.map(|(name, kind)| (name.to_owned(), kind)).into();
    input
}

fn nullable(values: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    prop_oneof![1 => Just(Value::Null), 4 => values].boxed()
}

fn number() -> BoxedStrategy<Value> {
    let double = any::<f64>().prop_filter("finite", |x| x.is_finite()).prop_map(Value::from);
    prop_oneof![double, any::<i64>().prop_map(Value::from), any::<u64>().prop_map(Value::from)].boxed()
}

fn category() -> BoxedStrategy<Value> {
    prop_oneof![".*".prop_map(Value::from), any::<bool>().prop_map(Value::from), any::<u64>().prop_map(Value::from)]
        .boxed()
}

fn document() -> impl Strategy<Value = (Value, bool)> {
    let bool = prop_oneof![any::<bool>().prop_map(Value::from), (0..2).prop_map(Value::from)];
    let time = prop_oneof![
        (-1_000_000_000_000..2_000_000_000_000_i64).prop_map(Value::from),
        (0.0..1e10).prop_map(Value::from),
        (1970..2100).prop_map(|year| json!(format!("{year}-02-03T04:05:06.789+01:00"))),
    ];
    let label = prop_oneof![number(), category()];
    let id = prop_oneof![".+".prop_map(Value::from), any::<u64>().prop_map(Value::from)];
    let weight = (0.001..1e9).prop_map(Value::from);
    let first = (nullable(number()), nullable(category()), nullable(bool), nullable(".*".prop_map(Value::from)));
    let second = (nullable(number()), nullable(category()), id, nullable(time), nullable(label), nullable(weight));
    (first, second, any::<bool>()).prop_map(|((x, c, b, t), (age, town, id, ts, y, w), flat)| {
        let mut document =
            json!({ "x": x, "c": c, "b": b, "t": t, "id": id, "ts": ts, "y": y, "w": w, "more": [1, {}] });
        if flat {
            document["who.age"] = age;
            document["who.home.town"] = town;
        } else {
            document["who"] = json!({ "age": age, "home": { "town": town } });
        }
        (document, flat)
    })
}

fn read(decoder: &mut Decoder, input: &Input, value: &[u8]) -> Event {
    let mut event = Event::empty(&input.layout());
    assert_eq!(until_settled(|| decoder.decode(1, 2, 3, Some(value), &mut event)), Ok(Decoded::Event));
    event
}

/// All of it, NaN being itself.
fn bits(event: &Event) -> String {
    let numbers: Vec<_> = event.features.numbers.iter().map(|x| x.to_bits()).collect();
    format!("{numbers:?} {event:?}")
}

#[test]
fn what_is_sent_as_avro_is_what_is_sent_as_json_bit_for_bit() {
    let stub = Stub::start();
    stub.answer("POST /subjects/in-value/versions", 200, r#"{"id":4}"#);
    let registry = Arc::new(Registry::new(&stub.url()).unwrap());
    let json = input();
    let avro = Input { format: Format::Avro, ..json.clone() };
    let writer = Writer::new(&avro, Some(&registry)).unwrap();
    let registered = stub.asked()[0].split_once("\r\n\r\n").unwrap().1.to_owned();
    stub.answer("GET /schemas/ids/4", 200, registered);
    let mut as_json = Decoder::new(&json, None).unwrap();
    let mut as_avro = Decoder::new(&avro, Some(&registry)).unwrap();
    let mut runner = proptest::test_runner::TestRunner::default();
    let property = |(document, _): (Value, bool)| {
        let text = document.to_string();
        let (mut copied, mut value) = (Vec::new(), Vec::new());
        Writer::new(&json, None).unwrap().write(text.as_bytes(), &mut copied).unwrap();
        prop_assert_eq!(copied, text.as_bytes());
        writer.write(text.as_bytes(), &mut value).unwrap();
        prop_assert_eq!(&value[..5], [0, 0, 0, 0, 4]);
        let (expected, found) = (read(&mut as_json, &json, text.as_bytes()), read(&mut as_avro, &avro, &value));
        prop_assert_eq!(bits(&found), bits(&expected), "{}", text);
        Ok(())
    };
    // The decoders keep memory between records; a test runner wants a plain function.
    let property = std::cell::RefCell::new(property);
    runner.run(&document(), |document| (property.borrow_mut())(document)).unwrap();
}

#[test]
fn by_a_schema_file_fields_go_by_name_and_what_does_not_fit_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let schema = r#"{"type":"record","name":"R","fields":[
        {"name":"x","type":"float"}, {"name":"extra","type":"int","default":7},
        {"name":"ts","type":{"type":"long","logicalType":"timestamp-micros"}},
        {"name":"who","type":{"type":"record","name":"Who","fields":[
            {"name":"age","type":["null","int"]},
            {"name":"tag","type":{"type":"enum","name":"Tag","symbols":["A","B"]}}]}},
        {"name":"other","type":["null","Who"]}]}"#;
    std::fs::write(file.path(), schema).unwrap();
    let mut input = Input::new("in");
    input.format = Format::Avro;
    input.schema = Some(file.path().to_owned());
    input.time = Some("ts".into());
    input.features =
        [("x", Kind::Number), ("extra", Kind::Number), ("who.age", Kind::Number), ("who.tag", Kind::Category)]
            .map(|(name, kind)| (name.to_owned(), kind))
            .into();
    let writer = Writer::new(&input, None).unwrap();
    let mut value = Vec::new();
    writer.write(br#"{"x":0.5,"ts":"2026-11-23T21:25:00Z","who.age":41,"who.tag":"B","z":[]}"#, &mut value).unwrap();
    let event = read(&mut Decoder::new(&input, None).unwrap(), &input, &value);
    assert_eq!(event.event_time, 1_795_469_100_000);
    assert_eq!(event.features.numbers, [7.0, 41.0, 0.5]);
    assert_eq!(event.features.categories, [Some("B".into())]);
    let result = writer.write(br#"{"x":0.5,"ts":1,"who":{"age":"old","tag":"B"}}"#, &mut value);
    let Err(CodecError::Rejected(rejection)) = result else { panic!("{result:?}") };
    assert!(rejection.error.contains("field `who.age` is \"old\""), "{rejection}");
}

#[test]
fn names_that_avro_cannot_have_are_told() {
    let stub = Stub::start();
    let registry = Registry::new(&stub.url()).unwrap();
    let mut input = Input { format: Format::Avro, ..Input::new("in") };
    input.features.insert("the amount".into(), Kind::Number);
    let Err(CodecError::Invalid { remedy, .. }) = Writer::new(&input, Some(&registry)) else { panic!("invalid") };
    assert!(remedy.contains("letters, digits and _"));
    assert!(stub.asked().is_empty());
}
