//! Avro records of a schema file: what each becomes, or why it cannot; and the plan against `apache-avro`.

use std::path::PathBuf;

use apache_avro::types::Value;
use apache_avro::{Schema, from_avro_datum, to_avro_datum};
use driftline::codec::{CodecError, Decoder, Format, Input};
use driftline::event::{Event, Kind, RawLabel};
use driftline::facts::Reason;
use proptest::prelude::*;
use serde_json::json;

/// A schema file that lasts as long as the test.
fn file(schema: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), schema).unwrap();
    file
}

pub fn input(features: &[(&str, Kind)]) -> Input {
    let mut input = Input::new("in");
    input.format = Format::Avro;
    input.features = features.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
    input
}

fn decode(input: &Input, schema: &str, datum: &[u8]) -> Result<Event, CodecError> {
    let file = file(schema);
    let mut input = input.clone();
    input.schema = Some(file.path().to_owned());
    let mut decoder = Decoder::new(&input, None)?;
    let mut event = Event::empty(&input.layout());
    decoder.decode(2, 7, 1_000, Some(datum), &mut event).map(|_| event)
}

const PAYMENT: &str = r#"{"type":"record","name":"Payment","namespace":"shop","fields":[
    {"name":"id","type":{"type":"fixed","name":"Id","size":16,"logicalType":"uuid"}},
    {"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}},
    {"name":"tags","type":{"type":"array","items":{"type":"map","values":"Id"}}},
    {"name":"amount","type":["null","int","double"]},
    {"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}},
    {"name":"kind","type":{"type":"enum","name":"Kind","symbols":["CARD","CASH"]}},
    {"name":"next","type":["null","Payment"],"default":null},
    {"name":"who","type":["null",{"type":"record","name":"Who","fields":[
        {"name":"age","type":"int"},{"name":"born","type":{"type":"int","logicalType":"date"}}]}]},
    {"name":"seen","type":{"type":"map","values":"long"}},
    {"name":"name","type":"string"},
    {"name":"fraud","type":"boolean"}]}"#;

fn payment_input() -> Input {
    let mut input = input(&[
        ("amount", Kind::Number),
        ("price", Kind::Number),
        ("kind", Kind::Category),
        ("next.amount", Kind::Number),
        ("who.age", Kind::Number),
        ("seen.web", Kind::Number),
        ("nowhere", Kind::Number),
    ]);
    input.id = Some("name".into());
    input.time = Some("at".into());
    input.label = Some("fraud".into());
    input
}

/// Field by field, by hand: the bytes that the specification gives.
fn payment(amount: &[u8], next: &[u8]) -> Vec<u8> {
    [
        &[7; 16],
        &[0x80, 0x88, 0xA6, 0xDC, 0xC8, 0xA6, 0xB0, 0x06][..],
        // One block that tells its size, 35 bytes of one item of one entry; then the end.
        &[0x01, 0x2A, 0x02, 0x04, b'k', b'k', 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 0x00, 0x00],
        amount,
        &[0x04, 0xFF, 0x85],
        &[0x02],
        next,
        &[0x02, 0x52, 0x01],
        &[0x03, 0x14, 0x06, b'w', b'e', b'b', 0x0E, 0x06, b'a', b'p', b'p', 0x04, 0x00],
        &[0x04, b'p', b'1'],
        &[0x01],
    ]
    .concat()
}

#[test]
fn a_record_of_everything() {
    let inner = payment(&[0x02, 0x0D], &[0x00]);
    let datum = payment(&[0x04, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F], &[&[0x02], &inner[..]].concat());
    let event = decode(&payment_input(), PAYMENT, &datum).unwrap();
    assert_eq!(event.id, "p1");
    assert_eq!(event.label, Some(RawLabel::Bool(true)));
    assert_eq!(event.event_time, micros(&datum[16..24]) / 1_000);
    assert_eq!(event.features.categories, [Some("CASH".into())]);
    let names = payment_input().layout().numbers;
    let found: Vec<_> = names.iter().map(String::as_str).zip(event.features.numbers).collect();
    assert_eq!(found[..2], [("amount", 1.5), ("next.amount", -7.0)]);
    assert!(found[2].1.is_nan(), "{:?}", found[2]);
    assert_eq!(found[3..], [("price", -1.23), ("seen.web", 7.0), ("who.age", 41.0)]);
}

fn micros(varint: &[u8]) -> i64 {
    match from_avro_datum(&Schema::Long, &mut &varint[..], None).unwrap() {
        Value::Long(micros) => micros,
        other => panic!("{other:?}"),
    }
}

#[test]
fn no_cut_no_addition_and_no_flipped_byte_panics_and_most_are_told() {
    let datum = payment(&[0x00], &[0x00]);
    assert!(decode(&payment_input(), PAYMENT, &datum).is_ok());
    for end in 0..datum.len() {
        rejected(decode(&payment_input(), PAYMENT, &datum[..end]), Reason::NotAvro, "the datum ends in the middle");
    }
    rejected(decode(&payment_input(), PAYMENT, &[&datum[..], &[0]].concat()), Reason::NotAvro, "more bytes follow");
    for at in 0..datum.len() {
        for bit in 0..8 {
            let mut flipped = datum.clone();
            flipped[at] ^= 1 << bit;
            let _ = decode(&payment_input(), PAYMENT, &flipped);
        }
    }
}

#[test]
fn every_reason_names_what_is_wrong() {
    let schema = |kind: &str| format!(r#"{{"type":"record","name":"R","fields":[{{"name":"x","type":{kind}}}]}}"#);
    let many = [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01];
    let table: &[(&str, Kind, &[u8], Reason, &str)] = &[
        (r#""string""#, Kind::Number, b"\x02a", Reason::WrongType, "field `x` is the text \"a\": a number"),
        (r#""string""#, Kind::Category, b"\x02\xff", Reason::NotAvro, "not UTF-8"),
        (r#""string""#, Kind::Category, &many, Reason::NotAvro, "ends in the middle"),
        (r#""string""#, Kind::Category, b"\x01", Reason::NotAvro, "negative"),
        (r#""bytes""#, Kind::Category, b"\x02a", Reason::WrongType, "field `x` is bytes"),
        (r#"{"type":"array","items":"int"}"#, Kind::Number, b"\x02\x02\x00", Reason::WrongType, "is an array"),
        (r#"{"type":"array","items":"int"}"#, Kind::Number, &many, Reason::NotAvro, "ends in the middle"),
        (r#""double""#, Kind::Number, &[0, 0, 0, 0, 0, 0, 0xF8, 0x7F], Reason::NonFinite, "field `x` is NaN"),
        (r#""float""#, Kind::Number, &[0, 0, 0x80, 0x7F], Reason::NonFinite, "field `x` is inf"),
        (r#""boolean""#, Kind::Bool, b"\x02", Reason::NotAvro, "neither 0 nor 1"),
        (r#""int""#, Kind::Number, &[0x80, 0x80, 0x80, 0x80, 0x80, 0x01], Reason::NotAvro, "more than 32 bits"),
        (r#""long""#, Kind::Number, &[0xFF; 11], Reason::NotAvro, "more than 64 bits"),
        (r#"["null","int"]"#, Kind::Number, b"\x04\x00", Reason::NotAvro, "out of range"),
        (r#"["null","int"]"#, Kind::Number, b"\x01\x00", Reason::NotAvro, "out of range"),
    ];
    for (kind, feature, datum, reason, words) in table {
        rejected(decode(&input(&[("x", *feature)]), &schema(kind), datum), *reason, words);
    }
}

#[test]
fn a_bomb_of_empty_items_costs_nothing() {
    let schema = r#"{"type":"record","name":"R","fields":[{"name":"x","type":{"type":"array","items":"null"}},{"name":"y","type":"int"}]}"#;
    let datum = [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x00, 0x02];
    assert_eq!(decode(&input(&[("y", Kind::Number)]), schema, &datum).unwrap().features.numbers, [1.0]);
}

#[test]
fn records_without_end_are_refused() {
    let schema =
        r#"{"type":"record","name":"R","fields":[{"name":"y","type":"int"},{"name":"next","type":["null","R"]}]}"#;
    let datum = [0x02_u8; 10_000];
    rejected(decode(&input(&[("y", Kind::Number)]), schema, &datum), Reason::NotAvro, "nested more than 128 deep");
}

#[test]
fn a_schema_file_that_cannot_serve_is_told_at_start() {
    for schema in ["", "{}", "\"int\"", r#"{"type":"record","name":"R","fields":[{"name":"x","type":"Gone"}]}"#] {
        let Err(CodecError::Invalid { doing, .. }) = decode(&input(&[("x", Kind::Number)]), schema, &[]) else {
            panic!("{schema}");
        };
        assert!(doing.contains("input.schema"));
    }
    let mut absent = input(&[("x", Kind::Number)]);
    absent.schema = Some(PathBuf::from("no/such.avsc"));
    assert!(matches!(Decoder::new(&absent, None), Err(CodecError::Invalid { .. })));
    absent.schema = None;
    assert!(matches!(Decoder::new(&absent, None), Err(CodecError::Invalid { .. })));
}

#[track_caller]
fn rejected(result: Result<Event, CodecError>, reason: Reason, words: &str) {
    let Err(CodecError::Rejected(rejection)) = result else { panic!("{words}: {result:?}") };
    assert_eq!(rejection.reason, reason, "{rejection}");
    assert!(rejection.error.contains(words), "{words}: {rejection}");
}

/// A type, its names given when it is written down.
#[derive(Clone, Debug)]
enum Type {
    Plain(&'static str),
    Enum(usize),
    Fixed(usize),
    Array(Box<Type>),
    Map(Box<Type>),
    Nullable(Box<Type>),
    Record(Vec<Type>),
}

fn any_type() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![
        prop::sample::select(vec!["null", "boolean", "int", "long", "float", "double", "bytes", "string"])
            .prop_map(Type::Plain),
        (1..4_usize).prop_map(Type::Enum),
        (0..20_usize).prop_map(Type::Fixed),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let nullable = inner
            .clone()
            .prop_filter("no union in a union", |inner| !matches!(inner, Type::Nullable(_) | Type::Plain("null")));
        prop_oneof![
            inner.clone().prop_map(|item| Type::Array(Box::new(item))),
            inner.clone().prop_map(|value| Type::Map(Box::new(value))),
            nullable.prop_map(|inner| Type::Nullable(Box::new(inner))),
            prop::collection::vec(inner, 0..5).prop_map(Type::Record),
        ]
    })
}

/// A source of arbitrary values.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // Small and large ones, so that every length of integer comes up.
        self.0 >> (self.0 % 61)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.roll() % n
    }

    fn text(&mut self) -> String {
        (0..self.below(40)).map(|_| char::from_u32(0x20 + self.below(0x400) as u32).unwrap_or('x')).collect()
    }

    fn double(&mut self) -> f64 {
        let x = f64::from_bits(self.roll().rotate_left(11));
        if x.is_finite() { x } else { -0.0 }
    }

    fn float(&mut self) -> f32 {
        let x = f32::from_bits(self.roll().rotate_left(7) as u32);
        if x.is_finite() { x } else { -0.0 }
    }
}

impl Type {
    fn schema(&self, named: &mut usize) -> serde_json::Value {
        *named += 1;
        let name = format!("N{named}");
        match self {
            Self::Plain(name) => json!(name),
            Self::Enum(n) => {
                json!({ "type": "enum", "name": name, "symbols": (0..*n).map(|i| format!("S{i}")).collect::<Vec<_>>() })
            }
            Self::Fixed(size) => json!({ "type": "fixed", "name": name, "size": size }),
            Self::Array(item) => json!({ "type": "array", "items": item.schema(named) }),
            Self::Map(value) => json!({ "type": "map", "values": value.schema(named) }),
            Self::Nullable(inner) => json!(["null", inner.schema(named)]),
            Self::Record(fields) => {
                let fields: Vec<_> = fields
                    .iter()
                    .enumerate()
                    .map(|(at, field)| json!({ "name": format!("f{at}"), "type": field.schema(named) }))
                    .collect();
                json!({ "type": "record", "name": name, "fields": fields })
            }
        }
    }

    fn value(&self, dice: &mut Dice) -> Value {
        match self {
            Self::Plain("null") => Value::Null,
            Self::Plain("boolean") => Value::Boolean(dice.below(2) == 1),
            Self::Plain("int") => Value::Int(dice.roll() as i32),
            Self::Plain("long") => {
                Value::Long((dice.roll() as i64).wrapping_mul(if dice.below(2) == 0 { 1 } else { -1 }))
            }
            Self::Plain("float") => Value::Float(dice.float()),
            Self::Plain("double") => Value::Double(dice.double()),
            Self::Plain("bytes") => Value::Bytes(dice.text().into_bytes()),
            Self::Plain(_) => Value::String(dice.text()),
            Self::Enum(n) => {
                let at = dice.below(*n as u64);
                Value::Enum(at as u32, format!("S{at}"))
            }
            Self::Fixed(size) => Value::Fixed(*size, vec![dice.roll() as u8; *size]),
            Self::Array(item) => Value::Array((0..dice.below(4)).map(|_| item.value(dice)).collect()),
            Self::Map(value) => {
                Value::Map((0..dice.below(4)).map(|_| (format!("k{}", dice.below(3)), value.value(dice))).collect())
            }
            Self::Nullable(inner) if dice.below(3) > 0 => Value::Union(1, Box::new(inner.value(dice))),
            Self::Nullable(_) => Value::Union(0, Box::new(Value::Null)),
            Self::Record(fields) => {
                let fields = fields.iter().enumerate();
                Value::Record(fields.map(|(at, field)| (format!("f{at}"), field.value(dice))).collect())
            }
        }
    }

    /// The scalars that can be features, some left out.
    fn features(&self, path: &str, dice: &mut Dice, found: &mut Vec<(String, Kind)>) {
        let inside = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let kind = match self {
            Self::Nullable(inner) => return inner.features(path, dice, found),
            Self::Record(fields) => {
                return fields
                    .iter()
                    .enumerate()
                    .for_each(|(at, field)| field.features(&inside(&format!("f{at}")), dice, found));
            }
            Self::Map(value) => return value.features(&inside("k1"), dice, found),
            Self::Plain("int" | "long" | "float" | "double") => Kind::Number,
            Self::Plain("boolean") => Kind::Bool,
            Self::Plain("string") | Self::Enum(_) => Kind::Category,
            _ => return,
        };
        if dice.below(4) > 0 && !path.is_empty() {
            found.push((path.to_owned(), kind));
        }
    }
}

fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let value = if let Value::Union(_, inner) = value { inner } else { value };
    if path.is_empty() {
        return Some(value);
    }
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    match value {
        Value::Record(fields) => at(&fields.iter().find(|(field, _)| field == name)?.1, rest),
        Value::Map(entries) => at(entries.get(name)?, rest),
        _ => None,
    }
}

fn number(value: Option<&Value>) -> Option<f64> {
    match value? {
        Value::Int(n) => Some(f64::from(*n)),
        Value::Long(n) => Some(*n as f64),
        Value::Float(x) => Some(f64::from(*x)),
        Value::Double(x) => Some(*x),
        Value::Boolean(truth) => Some(f64::from(u8::from(*truth))),
        _ => None,
    }
}

fn same_as_apache(event: &Event, input: &Input, value: &Value) -> Result<(), TestCaseError> {
    let layout = input.layout();
    for (slot, name) in layout.numbers.iter().enumerate() {
        let expected = number(at(value, name)).unwrap_or(f64::NAN);
        prop_assert_eq!(event.features.numbers[slot].to_bits(), expected.to_bits(), "{}", name);
    }
    for (slot, name) in layout.categories.iter().enumerate() {
        let expected = match at(value, name) {
            Some(Value::String(text) | Value::Enum(_, text)) => Some(text.as_str().into()),
            _ => None,
        };
        prop_assert_eq!(&event.features.categories[slot], &expected, "{}", name);
    }
    Ok(())
}

fn record() -> impl Strategy<Value = Type> {
    prop::collection::vec(any_type(), 1..7).prop_map(Type::Record)
}

proptest! {
    #[test]
    fn the_plan_reads_what_apache_avro_does(kind in record(), seed in 1..u64::MAX) {
        let text = kind.schema(&mut 0).to_string();
        let schema = Schema::parse_str(&text).unwrap();
        let mut dice = Dice(seed);
        let datum = to_avro_datum(&schema, kind.value(&mut dice)).unwrap();
        let value = from_avro_datum(&schema, &mut &datum[..], None).unwrap();
        let mut features = Vec::new();
        kind.features("", &mut dice, &mut features);
        let mut input = Input::new("in");
        input.format = Format::Avro;
        input.features = features.into_iter().collect();
        let event = decode(&input, &text, &datum).unwrap();
        same_as_apache(&event, &input, &value)?;
    }

    #[test]
    fn arbitrary_bytes_never_panic(kind in record(), seed in 1..u64::MAX, bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let mut features = Vec::new();
        kind.features("", &mut Dice(seed), &mut features);
        let mut input = Input::new("in");
        input.format = Format::Avro;
        input.features = features.into_iter().collect();
        if let Err(why) = decode(&input, &kind.schema(&mut 0).to_string(), &bytes) {
            prop_assert!(matches!(why, CodecError::Rejected(_)), "{}", why);
        }
    }

    /// Fields by name: whatever their order, whatever else the writer has, in whichever width it writes numbers.
    #[test]
    fn writers_may_differ(order in Just(vec![0, 1, 2, 3]).prop_shuffle(), wide: bool, absent in 0..5_usize, x in -1_000_000..1_000_000_i32) {
        let fields = [
            (r#"{"name":"x","type":"int"}"#, r#"{"name":"x","type":"double"}"#),
            (r#"{"name":"c","type":"string"}"#, r#"{"name":"c","type":["null","string"]}"#),
            (r#"{"name":"new","type":{"type":"array","items":"string"}}"#, r#"{"name":"new","type":"bytes"}"#),
            (r#"{"name":"y","type":"float"}"#, r#"{"name":"y","type":"long"}"#),
        ];
        let written: Vec<_> = order.iter().copied().filter(|at| *at != absent).collect();
        let text: Vec<_> = written.iter().map(|at| if wide { fields[*at].1 } else { fields[*at].0 }).collect();
        let text = format!(r#"{{"type":"record","name":"R","fields":[{}]}}"#, text.join(","));
        let schema = Schema::parse_str(&text).unwrap();
        let value = |at: usize| match (at, wide) {
            (0, false) => ("x", Value::Int(x)),
            (0, true) => ("x", Value::Double(x.into())),
            (1, false) => ("c", Value::String("red".into())),
            (1, true) => ("c", Value::Union(1, Box::new(Value::String("red".into())))),
            (2, false) => ("new", Value::Array(vec![Value::String("a".into())])),
            (2, true) => ("new", Value::Bytes(vec![1, 2])),
            (_, false) => ("y", Value::Float(0.5)),
            (_, true) => ("y", Value::Long(2)),
        };
        let record = written.iter().map(|at| value(*at)).map(|(name, value)| (name.to_owned(), value)).collect();
        let datum = to_avro_datum(&schema, Value::Record(record)).unwrap();
        let mut input = input(&[("x", Kind::Number), ("c", Kind::Category)]);
        input.label = Some("y".into());
        let event = decode(&input, &text, &datum).unwrap();
        prop_assert_eq!(event.features.numbers[0].to_bits(), if absent == 0 { f64::NAN } else { x.into() }.to_bits());
        prop_assert_eq!(&event.features.categories[0], &(absent != 1).then(|| "red".into()));
        prop_assert_eq!(event.label, (absent != 3).then_some(RawLabel::Number(if wide { 2.0 } else { 0.5 })));
    }
}
