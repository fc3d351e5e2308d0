//! Outputs: both formats say the same, by the schemas of `schemas/`.

use apache_avro::types::Value;
use apache_avro::{Schema, from_avro_datum};
use driftline::codec::{Encoder, schemas};
use driftline::event::Origin;
use driftline::facts::{Alert, AlertKind, Evaluation, Level, PredictionRecord, Stretch};
use serde_json::{Value as Json, json};

fn origin() -> Origin {
    Origin { topic: "in".into(), partition: 3, offset: 1 << 40 }
}

pub fn predictions() -> [PredictionRecord; 2] {
    let classes = PredictionRecord {
        id: "é \"1\"\n".into(),
        origin: origin(),
        event_time: -5,
        label: "yes".into(),
        probabilities: [("no".into(), 0.1), ("yes".into(), 0.9)].into_iter().collect(),
        value: None,
        model: "logistic_regression",
        learned: 300,
        warming: false,
        fingerprint: "0123456789abcdef".into(),
    };
    let value = PredictionRecord {
        probabilities: Default::default(),
        value: Some(0.1 + 0.2),
        label: "0.30000000000000004".into(),
        ..classes.clone()
    };
    [classes, value]
}

fn alert() -> Alert {
    Alert {
        id: "a".into(),
        kind: AlertKind::ConceptDrift,
        level: Level::Drift,
        detector: "adwin".into(),
        watch: "error".into(),
        origin: origin(),
        event_time: 1_700_000_000_000,
        before: Stretch { mean: 0.25, n: 1_000 },
        after: Stretch { mean: 0.5, n: 32 },
        actions: vec!["alert".into(), "reset".into()],
        message: "the error rose".into(),
    }
}

fn evaluation() -> Evaluation {
    Evaluation {
        epoch: 2,
        topic: "in".into(),
        partition: 3,
        from: 10,
        to: 20,
        event_time: 5,
        events: 11,
        labelled: 7,
        metrics: vec![("accuracy", 0.75), ("kappa", -1e-9)],
        rolling: vec![("accuracy", 1.0)],
        no_change: vec![("accuracy", 0.5)],
        no_change_rolling: Vec::new(),
        counters: [("events".to_owned(), 31), ("drifts".to_owned(), 1)].into(),
    }
}

/// Each record as JSON and as Avro, with the name of its schema.
fn both() -> Vec<(&'static str, Json, Vec<u8>)> {
    let (json, avro) = (Encoder::json(), Encoder::avro().unwrap());
    let mut found = Vec::new();
    let mut add = |name, encode: &dyn Fn(&Encoder, &mut Vec<u8>)| {
        let (mut text, mut datum) = (Vec::new(), Vec::new());
        encode(&json, &mut text);
        encode(&avro, &mut datum);
        found.push((name, serde_json::from_slice(&text).unwrap(), datum));
    };
    for record in &predictions() {
        add("prediction", &|encoder, out| encoder.prediction(record, out));
    }
    add("alert", &|encoder, out| encoder.alert(&alert(), out));
    add("evaluation", &|encoder, out| encoder.evaluation(&evaluation(), out));
    found
}

fn as_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Boolean(truth) => json!(truth),
        Value::Int(n) => json!(n),
        Value::Long(n) | Value::TimestampMillis(n) => json!(n),
        Value::Double(x) => json!(x),
        Value::String(text) => json!(text),
        Value::Union(_, inner) => as_json(inner),
        Value::Array(items) => items.iter().map(as_json).collect(),
        Value::Map(entries) => entries.iter().map(|(key, value)| (key.clone(), as_json(value))).collect(),
        Value::Record(fields) => fields.iter().map(|(name, value)| (name.clone(), as_json(value))).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn both_formats_say_the_same_by_the_schema() {
    for (name, json, datum) in both() {
        let (_, text) = schemas::ALL.into_iter().find(|(known, _)| *known == name).unwrap();
        let schema = Schema::parse_str(text).unwrap();
        assert_eq!(datum[..2], [0xC3, 0x01], "single-object encoding");
        assert_eq!(datum[2..10], schema.fingerprint::<apache_avro::rabin::Rabin>().bytes[..]);
        let mut rest = &datum[10..];
        let value = from_avro_datum(&schema, &mut rest, None).unwrap();
        assert!(rest.is_empty());
        assert_eq!(as_json(&value), json, "{name}");
        // Also the order of the names.
        let Schema::Record(record) = &schema else { panic!("{name} is a record") };
        let names: Vec<_> = record.fields.iter().map(|field| &field.name).collect();
        assert_eq!(json.as_object().unwrap().keys().collect::<Vec<_>>(), names);
    }
}

#[test]
fn what_is_written_is_what_was_said() {
    let [(_, classes, _), (_, value, _), (_, alert, _), (_, evaluation, _)] = &both()[..] else { panic!("four") };
    assert_eq!(classes["origin"], json!({ "topic": "in", "partition": 3, "offset": 1_u64 << 40 }));
    assert_eq!(classes["probabilities"], json!({ "no": 0.1, "yes": 0.9 }));
    assert_eq!((&classes["value"], &classes["id"]), (&Json::Null, &json!("é \"1\"\n")));
    assert_eq!((&value["value"], &value["probabilities"]), (&json!(0.1 + 0.2), &Json::Null));
    assert_eq!((&alert["kind"], &alert["level"]), (&json!("concept_drift"), &json!("drift")));
    assert_eq!(alert["after"], json!({ "mean": 0.5, "n": 32 }));
    assert_eq!(evaluation["metrics"], json!({ "accuracy": 0.75, "kappa": -1e-9 }));
    assert_eq!(evaluation["counters"], json!({ "drifts": 1, "events": 31 }));
}

#[test]
fn json_has_no_nan() {
    let mut record = predictions()[0].clone();
    record.probabilities = [("no".into(), f64::NAN), ("yes".into(), 0.9)].into_iter().collect();
    record.value = Some(f64::INFINITY);
    let mut out = Vec::new();
    Encoder::json().prediction(&record, &mut out);
    let json: Json = serde_json::from_slice(&out).unwrap();
    assert_eq!((&json["probabilities"]["no"], &json["value"]), (&Json::Null, &Json::Null));
}

#[test]
fn every_field_of_every_schema_is_documented() {
    fn visit(at: &str, schema: &Json) {
        for field in schema["fields"].as_array().into_iter().flatten() {
            let at = format!("{at}.{}", field["name"].as_str().unwrap());
            assert!(field["doc"].as_str().is_some_and(|doc| doc.ends_with(['.', '…'])), "{at} has no doc");
            visit(&at, &field["type"]);
            field["type"].as_array().into_iter().flatten().for_each(|branch| visit(&at, branch));
        }
    }
    for (name, text) in schemas::ALL {
        let schema: Json = serde_json::from_str(text).unwrap();
        assert!(schema["doc"].is_string(), "{name}");
        visit(name, &schema);
    }
}
