//! JSON records: what each becomes, or why it cannot.

use driftline::codec::{CodecError, Decoded, Decoder, Encoder, Input};
use driftline::event::{Event, Kind, Origin, RawLabel};
use driftline::facts::{PredictionRecord, Reason};
use driftline::units::Bytes;
use proptest::prelude::*;

fn input() -> Input {
    let mut input = Input::new("in");
    input.time = Some("ts".into());
    input.label = Some("y".into());
    input.weight = Some("w".into());
    for (name, kind) in [
        ("x", Kind::Number),
        ("c", Kind::Category),
        ("b", Kind::Bool),
        ("t", Kind::Text),
        ("who.age", Kind::Number),
        ("who.home.town", Kind::Category),
    ] {
        input.features.insert(name.into(), kind);
    }
    input
}

fn decode_with(input: &Input, value: &[u8]) -> Result<Event, CodecError> {
    let mut decoder = Decoder::new(input, None).unwrap();
    let mut event = Event::empty(&input.layout());
    // What an earlier record left must not show.
    assert_eq!(decoder.decode(0, 1, 5, Some(FULL), &mut event), Ok(Decoded::Event));
    decoder.decode(2, 7, 1_000, Some(value), &mut event).map(|_| event)
}

fn decode(value: &str) -> Result<Event, CodecError> {
    decode_with(&input(), value.as_bytes())
}

/// Numbers `b who.age x`, categories `c who.home.town`, texts `t`.
const FULL: &[u8] = br#"{"x":1.5,"c":"red","b":true,"t":"words","who":{"age":41,"home":{"town":"Bern"}},"ts":7,"y":"yes","w":2,"id":"i"}"#;

#[test]
fn a_full_record() {
    let event = decode_with(&input(), FULL).unwrap();
    assert_eq!(event.id, "in-2-7");
    assert_eq!((event.offset, event.event_time, event.weight), (7, 7_000, 2.0));
    assert_eq!(event.features.numbers, [1.0, 41.0, 1.5]);
    assert_eq!(event.features.categories, [Some("red".into()), Some("Bern".into())]);
    assert_eq!(event.features.texts, [Some("words".into())]);
    assert_eq!(event.label, Some(RawLabel::Text("yes".into())));
}

#[test]
fn what_is_missing_is_missing() {
    let everything =
        r#"{"x":null,"c":null,"b":null,"t":null,"who":{"home":null,"age":null},"ts":null,"y":null,"w":null}"#;
    for value in
        ["{}", everything, r#"{"who":null}"#, r#" { "other" : [ {"x" : 1}, NaN, "\u00e9" ] } "#, r#"{"who":{}}"#]
    {
        let event = decode(value).unwrap();
        assert!(event.features.numbers.iter().all(|x| x.is_nan()), "{value}");
        assert_eq!(event.features.categories, [None, None]);
        assert_eq!((event.label, event.weight, event.event_time), (None, 1.0, 1_000));
    }
}

#[test]
fn each_field_is_read_as_configured() {
    let x = |value: &str| decode(&format!("{{\"x\":{value}}}")).unwrap().features.numbers[2];
    assert_eq!(x("-12.5e-1"), -1.25);
    assert_eq!(x("123456789012345678901234567890"), 123456789012345678901234567890.0);
    assert!(x("-0").is_sign_negative());
    let b = |value: &str| decode(&format!("{{\"b\":{value}}}")).unwrap().features.numbers[0];
    assert_eq!([b("true"), b("1"), b("1.0"), b("false"), b("0")], [1.0, 1.0, 1.0, 0.0, 0.0]);
    let c = |value: &str| decode(&format!("{{\"c\":{value}}}")).unwrap().features.categories[0].clone().unwrap();
    assert_eq!([c("\"a\\n\\ud83d\\ude00\""), c("true"), c("42"), c("-0")], ["a\n😀", "true", "42", "0"]);
    assert_eq!(c("184467440737095516160"), "184467440737095516160");
    let y = |value: &str| decode(&format!("{{\"y\":{value}}}")).unwrap().label.unwrap();
    assert_eq!([y("1"), y("false")], [RawLabel::Number(1.0), RawLabel::Bool(false)]);
    let ts = |value: &str| decode(&format!("{{\"ts\":{value}}}")).unwrap().event_time;
    assert_eq!([ts("1795469100.5"), ts("1795469100500"), ts("\"2026-11-23T21:25:00.5Z\"")], [1_795_469_100_500; 3]);
}

#[test]
fn of_a_key_that_comes_twice_the_last_counts() {
    let event =
        decode(r#"{"x":1,"x":2,"who":{"age":3,"home":{"town":"a"}},"who":{"home":{}},"c":"a","c":null}"#).unwrap();
    assert_eq!(event.features.numbers[2], 2.0);
    assert!(event.features.numbers[1].is_nan());
    assert_eq!(event.features.categories, [None, None]);
}

#[test]
fn a_dotted_key_at_the_top_is_the_nested_field() {
    let event = decode(r#"{"who.age":3,"who.home.town":"Thun"}"#).unwrap();
    assert_eq!(event.features.numbers[1], 3.0);
    assert_eq!(event.features.categories[1], Some("Thun".into()));
}

#[test]
fn every_reason_names_field_value_and_remedy() {
    use Reason::{NonFinite, NotJson, TooLarge, WrongType};
    let table: &[(&str, Reason, &str)] = &[
        ("", NotJson, "at byte 0: a value is expected"),
        ("{\"x\":1", NotJson, "a comma or the end"),
        ("{\"x\":1}}", NotJson, "something follows"),
        ("{\"x\":1,}", NotJson, "key in double quotes"),
        ("{x:1}", NotJson, "key in double quotes"),
        ("{\"x\" 1}", NotJson, "colon"),
        ("{\"x\":01}", NotJson, "a digit"),
        ("{\"x\":1.}", NotJson, "a digit"),
        ("{\"x\":-}", NotJson, "a digit"),
        ("{\"x\":1e}", NotJson, "a digit"),
        ("{\"x\":tru}", NotJson, "true, false, null"),
        ("{\"c\":\"a\nb\"}", NotJson, "control character"),
        ("{\"q\":\"\\x\"}", NotJson, "escape"),
        ("{\"c\":\"\\ud800\"}", NotJson, "escape"),
        ("{\"c\":\"abc", NotJson, "closing quote"),
        ("{\"x\":\"bad\",\"c\"", NotJson, "colon"),
        ("[1,2]", WrongType, "not a JSON object"),
        ("null", WrongType, "not a JSON object"),
        ("{\"x\":\"12.5\"}", WrongType, "field `x` is the text \"12.5\": a number is expected"),
        ("{\"x\":true}", WrongType, "field `x` is true"),
        ("{\"x\":[1]}", WrongType, "field `x` is an array"),
        ("{\"b\":2}", WrongType, "field `b` is 2: true, false, 0 or 1"),
        ("{\"c\":1.5}", WrongType, "field `c` is 1.5: text, a whole number"),
        ("{\"c\":{\"d\":1}}", WrongType, "field `c` is an object"),
        ("{\"t\":5}", WrongType, "field `t` is 5: text"),
        ("{\"y\":{}}", WrongType, "field `y` is an object"),
        ("{\"ts\":\"yesterday\"}", WrongType, "field `ts` is the text \"yesterday\": ISO 8601"),
        ("{\"w\":0}", WrongType, "field `w` is 0: a number above 0"),
        ("{\"who\":5}", WrongType, "field `who` is 5: a record is expected, with `who.age` inside"),
        ("{\"who\":{\"age\":\"old\"}}", WrongType, "field `who.age`"),
        ("{\"x\":NaN}", NonFinite, "field `x` is NaN"),
        ("{\"x\":-Infinity}", NonFinite, "field `x` is -inf"),
        ("{\"x\":1e999}", NonFinite, "field `x` is inf"),
        ("{\"y\":Infinity}", NonFinite, "field `y`"),
    ];
    for (value, reason, words) in table {
        rejected(decode(value), *reason, words);
    }
    rejected(decode_with(&input(), b"{\"c\":\"\xff\"}"), NotJson, "not UTF-8");
    rejected(decode(&"[".repeat(100_000)), NotJson, "nested more than 128 deep");
    let mut small = input();
    small.max_record = Bytes(120);
    let large = format!("{{\"x\":1{}}}", " ".repeat(120));
    rejected(decode_with(&small, large.as_bytes()), TooLarge, "has 127 bytes, more than input.max_record = \"120B\"");
}

#[track_caller]
fn rejected(result: Result<Event, CodecError>, reason: Reason, words: &str) {
    let Err(CodecError::Rejected(rejection)) = result else { panic!("{words}: {result:?}") };
    assert_eq!(rejection.reason, reason, "{rejection}");
    assert!(rejection.error.contains(words), "{rejection}");
}

#[test]
fn an_id_is_text_or_a_number_and_must_be_there() {
    let mut input = input();
    input.id = Some("id".into());
    let id = |value: &str| decode_with(&input, value.as_bytes()).map(|event| event.id);
    assert_eq!(id(r#"{"id":"a"}"#).unwrap(), "a");
    assert_eq!(id(r#"{"id":18446744073709551615}"#).unwrap(), "18446744073709551615");
    for value in ["{}", r#"{"id":null}"#, r#"{"id":""}"#] {
        rejected(decode_with(&input, value.as_bytes()), Reason::NoId, "field `id` is missing, null or empty");
    }
    rejected(decode_with(&input, br#"{"id":[]}"#), Reason::WrongType, "field `id` is an array");
}

#[test]
fn no_value_is_a_tombstone() {
    let input = input();
    let mut event = Event::empty(&input.layout());
    assert_eq!(Decoder::new(&input, None).unwrap().decode(0, 0, 0, None, &mut event), Ok(Decoded::Tombstone));
}

#[test]
fn a_prediction_has_the_names_of_its_schema() {
    let mut record = PredictionRecord {
        id: "a\"b".into(),
        origin: Origin { topic: "in".into(), partition: 1, offset: 2 },
        event_time: 3,
        label: "yes".into(),
        probabilities: [("no".into(), 0.1), ("yes".into(), f64::NAN)].into_iter().collect(),
        value: None,
        model: "m",
        learned: 4,
        warming: true,
        fingerprint: "f".into(),
    };
    let json = |record: &PredictionRecord| {
        let mut out = Vec::new();
        Encoder::json().prediction(record, &mut out);
        String::from_utf8(out).unwrap()
    };
    assert_eq!(
        json(&record),
        r#"{"id":"a\"b","origin":{"topic":"in","partition":1,"offset":2},"event_time":3,"label":"yes","probabilities":{"no":0.1,"yes":null},"value":null,"model":"m","learned":4,"warming":true,"fingerprint":"f"}"#
    );
    record.probabilities = Default::default();
    record.value = Some(-1e-7);
    assert!(json(&record).contains(r#""probabilities":null,"value":-1e-7"#));
}

fn document() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<f64>().prop_filter("finite", |x| x.is_finite()).prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        ".*".prop_map(Into::into),
    ];
    let key = prop_oneof![Just("x".to_owned()), Just("who".to_owned()), Just("age".to_owned()), ".*"];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|entries| serde_json::Value::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode_with(&input(), &bytes);
    }

    /// Accepts exactly what `serde_json` does, also where a byte is changed.
    #[test]
    fn accepts_what_is_json(document in document(), pretty: bool, at: prop::sample::Index, byte: Option<u8>) {
        let mut bytes = if pretty { serde_json::to_vec_pretty(&document) } else { serde_json::to_vec(&document) }.unwrap();
        if let Some(byte) = byte {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let accepted = !matches!(decode_with(&input(), &bytes), Err(CodecError::Rejected(why)) if why.reason == Reason::NotJson);
        // It refuses numbers beyond a double, which have a reason of their own here.
        let expected = match serde_json::from_slice::<serde_json::Value>(&bytes) {
            Err(why) => why.to_string().contains("number out of range"),
            Ok(_) => true,
        };
        prop_assert_eq!(accepted, expected, "{}", String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn numbers_are_those_of_str_parse(text in "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?") {
        let expected: f64 = text.parse().unwrap();
        match decode(&format!("{{\"x\":{text}}}")) {
            Ok(event) => prop_assert_eq!(event.features.numbers[2].to_bits(), expected.to_bits(), "{}", text),
            Err(_) => prop_assert!(expected.is_infinite(), "{}", text),
        }
    }

    #[test]
    fn doubles_round_trip(bits: u64) {
        let x = f64::from_bits(bits);
        if x.is_finite() {
            let text = serde_json::to_string(&x).unwrap();
            prop_assert_eq!(decode(&format!("{{\"x\":{text}}}")).unwrap().features.numbers[2].to_bits(), bits);
        }
    }

    #[test]
    fn strings_are_what_they_stand_for(text: String) {
        let json = serde_json::json!({ "c": text, "who": { "home": { "town": text } } }).to_string();
        let event = decode(&json).unwrap();
        prop_assert_eq!(event.features.categories, [Some(text.as_str().into()), Some(text.as_str().into())]);
    }
}
