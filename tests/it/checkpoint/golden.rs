//! A checkpoint of every version, as it was written then, is still read.
//!
//! A file that is missing is written, and the test fails until it is committed. What it holds changes only with the version
//! of the state, or where the same events are meant to lead to another state.

use std::path::PathBuf;

use driftline::checkpoint::{CURRENT, Slots, candidates, digest};
use driftline::stream::StateRecord;

use super::{learner, spec, write};

const EVENTS: i64 = 40;

fn file(version: u32) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/checkpoint-v{version}.json"))
}

fn written() -> Vec<(String, Vec<u8>)> {
    let spec = spec();
    let records = write(&spec, &learner(&spec, EVENTS), 0, EVENTS, &Slots::default());
    records.into_iter().map(|record| (String::from_utf8(record.key).unwrap(), record.value.unwrap())).collect()
}

fn read(version: u32) -> Vec<StateRecord> {
    let text = std::fs::read_to_string(file(version)).unwrap();
    let records: Vec<(String, Vec<u8>)> = serde_json::from_str(&text).unwrap();
    records.into_iter().map(|(key, value)| StateRecord { key: key.into_bytes(), value: Some(value) }).collect()
}

#[test]
fn every_version_is_still_read() {
    if !file(CURRENT).exists() {
        std::fs::write(file(CURRENT), serde_json::to_string(&written()).unwrap()).unwrap();
        panic!("{} was missing and has been written: commit it", file(CURRENT).display());
    }
    let spec = spec();
    for version in 1..=CURRENT {
        let found = candidates(&read(version), &spec.name, 0).remove(0);
        assert_eq!(found.manifest.as_ref().map(|manifest| manifest.next_offset), Some(EVENTS), "version {version}");
        assert_eq!(digest(&found.restore().unwrap()), digest(&learner(&spec, EVENTS)), "version {version}");
    }
}
