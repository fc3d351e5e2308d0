//! The files that `evaluate` reads: every shape and packing is the same stream.

use std::io::Write as _;
use std::process::{Command, Stdio};

use apache_avro::types::Record;
use apache_avro::{Codec, DeflateSettings, Schema, Writer, ZstandardSettings};
use serde_json::Value;

use super::{csv, evaluate, path};

#[test]
fn compression_and_parts_change_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let text = csv();
    let (head, tail) = text.split_at(text.find("e150,").expect("a row"));
    std::fs::write(at("x.csv"), &text).expect("written");
    std::fs::write(at("x.csv.zst"), zstd::encode_all(text.as_bytes(), 1).expect("compressed")).expect("written");
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gz, head.as_bytes()).expect("compressed");
    // Of the same name, so that the learner is the same.
    std::fs::create_dir(at("parts")).expect("made");
    std::fs::write(at("parts/x.csv.gz"), gz.finish().expect("compressed")).expect("written");
    std::fs::write(at("parts/y.csv"), format!("id,a,c,y\n{tail}")).expect("written");

    let whole = evaluate(&[path(&at("x.csv"))]);
    assert_eq!(evaluate(&[path(&at("x.csv.zst"))]).digest, whole.digest);
    let parts = evaluate(&[path(&at("parts/x.csv.gz")), path(&at("parts/y.csv"))]);
    assert_eq!((parts.digest, parts.data.rows), (whole.digest, 300));
}

const SCHEMA: &str = r#"{"type":"record","name":"x","fields":[
    {"name":"id","type":"string"},{"name":"a","type":["null","double"]},{"name":"c","type":"string"},
    {"name":"y","type":{"type":"enum","name":"answer","symbols":["no","yes"]}}]}"#;

/// The rows of `csv` in an Avro container.
fn avro(codec: Codec) -> Vec<u8> {
    let schema = Schema::parse_str(SCHEMA).expect("a schema");
    let mut writer = Writer::with_codec(&schema, Vec::new(), codec);
    for row in csv().lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let mut record = Record::new(&schema).expect("a record");
        record.put("id", cells[0]);
        record.put("a", (!cells[1].is_empty()).then(|| cells[1].parse::<f64>().expect("a number")));
        record.put("c", cells[2]);
        record.put("y", apache_avro::types::Value::Enum(u32::from(cells[3] == "yes"), cells[3].to_owned()));
        writer.append(record).expect("written");
    }
    writer.into_inner().expect("written")
}

fn jsonl() -> String {
    let line = |row: &str| {
        let cells: Vec<&str> = row.split(',').collect();
        let a = if cells[1].is_empty() { "null" } else { cells[1] };
        format!("{{\"id\":\"{}\",\"a\":{a},\"c\":\"{}\",\"y\":\"{}\"}}\n", cells[0], cells[2], cells[3])
    };
    csv().lines().skip(1).map(line).collect()
}

#[test]
fn avro_is_read_whatever_its_codec() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("x.csv"), csv()).expect("written");
    let expected = evaluate(&[path(&at("x.csv"))]).digest;
    let codecs = [
        Codec::Null,
        Codec::Deflate(DeflateSettings::default()),
        Codec::Snappy,
        Codec::Zstandard(ZstandardSettings::default()),
    ];
    for codec in codecs {
        std::fs::write(at("x.avro"), avro(codec)).expect("written");
        let report = evaluate(&[path(&at("x.avro"))]);
        assert_eq!((report.data.rows, &report.digest), (300, &expected), "{codec:?}");
    }
}

/// A configuration's features are found in the container by their names; a time is one, whatever its unit.
#[test]
fn avro_is_read_by_a_configuration() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let schema = r#"{"type":"record","name":"x","fields":[
        {"name":"in","type":{"type":"record","name":"in","fields":[{"name":"a","type":"float"}]}},
        {"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}},{"name":"y","type":"boolean"}]}"#;
    let config = "name = \"x\"\n[kafka]\nbootstrap = \"localhost:9092\"\n[input]\ntopic = \"x\"\nformat = \"avro\"\n\
                  schema = \"x.avsc\"\ntime = \"at\"\ntime_unit = \"s\"\nlabel = \"y\"\nfeatures = { \"in.a\" = \"number\" }\n\
                  [task]\nkind = \"binary\"\nclasses = [\"false\", \"true\"]\n[model]\ntype = \"naive_bayes\"\n";
    std::fs::write(at("x.toml"), config).expect("written");
    let schema = Schema::parse_str(schema).expect("a schema");
    let mut writer = Writer::new(&schema, Vec::new());
    for i in 0..100_i64 {
        let inner = apache_avro::types::Value::Record(vec![("a".to_owned(), (i as f32 / 100.0).into())]);
        let at = apache_avro::types::Value::TimestampMicros(1_700_000_000_000_000 + i * 1_500_000);
        let record = vec![("in".to_owned(), inner), ("at".to_owned(), at), ("y".to_owned(), (i >= 50).into())];
        writer.append(apache_avro::types::Value::Record(record)).expect("written");
    }
    std::fs::write(at("x.avro"), writer.into_inner().expect("written")).expect("written");
    let trace = at("trace.jsonl");
    let report = evaluate(&[path(&at("x.avro")), "-c", path(&at("x.toml")), "--trace", path(&trace)]);
    assert_eq!((report.data.labelled, report.data.rejected.len()), (100, 0));
    let trace = super::lines(&trace);
    assert_eq!(trace[3]["event_time"], 1_700_000_004_500_i64);
    assert_eq!(trace[99]["label"], "true");
}

/// `driftline evaluate - --json`, with these bytes on its standard input.
fn piped(bytes: &[u8]) -> Value {
    let mut child = Command::new(env!("CARGO_BIN_EXE_driftline"))
        .args(["evaluate", "-", "--json", "--model", "naive_bayes"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("driftline starts");
    child.stdin.take().expect("a pipe").write_all(bytes).expect("it reads");
    let out = child.wait_with_output().expect("it ends");
    assert!(out.status.success(), "{out:?}");
    serde_json::from_slice(&out.stdout).expect("one JSON document, and nothing else")
}

#[test]
fn standard_input_is_known_by_its_first_bytes() {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(jsonl().as_bytes()).expect("compressed");
    let expected = piped(csv().as_bytes());
    assert_eq!((&expected["data"]["rows"], &expected["pipeline"]["name"]), (&300.into(), &"stdin".into()));
    let others = [
        ("JSONL", jsonl().into_bytes()),
        ("Avro", avro(Codec::Null)),
        ("JSONL, gzip", gz.finish().expect("compressed")),
        ("CSV, Zstandard", zstd::encode_all(csv().as_bytes(), 1).expect("compressed")),
        ("Avro, Zstandard", zstd::encode_all(&avro(Codec::Snappy)[..], 1).expect("compressed")),
    ];
    for (shape, bytes) in others {
        assert_eq!(piped(&bytes)["digest"], expected["digest"], "{shape}");
    }
}

#[test]
fn what_is_no_container_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x.avro");
    std::fs::write(&file, csv()).expect("written");
    let told = super::reports(&[path(&file)]).expect_err("no container").to_string();
    assert!(told.contains("x.avro"), "{told}");
}
