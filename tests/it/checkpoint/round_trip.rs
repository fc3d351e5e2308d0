//! What is written is read back: small states, large ones, and what compaction leaves of several.

use std::collections::BTreeMap;

use driftline::checkpoint::{self, CHUNK_BYTES, LastRecord, Slots, candidates, digest, recover};
use driftline::event::Event;
use driftline::learner::Learner;
use driftline::rng::Rng;
use driftline::stream::StateRecord;
use proptest::prelude::*;

use super::{facts, learner, place, spec, write};
use crate::learner::support::{deeds, play, run, specs};

/// What a compacted topic ends up with: the newest record of each key, tombstones gone.
fn compact(records: impl IntoIterator<Item = StateRecord>) -> Vec<StateRecord> {
    let mut newest = BTreeMap::new();
    records.into_iter().for_each(|record| drop(newest.insert(record.key.clone(), record)));
    newest.into_values().filter(|record| record.value.is_some()).collect()
}

/// A learner whose state takes about `bytes`, hard to compress.
fn large(bytes: usize) -> Learner {
    let mut spec = spec();
    spec.max_categories = 1 << 20;
    let mut rng = Rng::new(1, "large");
    let mut learner = Learner::new(&spec);
    for offset in 0..bytes.div_ceil(4_096) {
        let mut event = Event::empty(&spec.layout);
        event.offset = offset as i64;
        let text: String = (0..4_096).map(|_| char::from(33 + rng.below(94) as u8)).collect();
        event.features.categories = vec![Some(text.into())];
        learner.step(&place(&spec), &event).unwrap();
    }
    learner
}

#[test]
fn a_state_its_position_and_its_counters() {
    let spec = spec();
    let learner = learner(&spec, 300);
    let records = write(&spec, &learner, 0, 300, &Slots::default());
    let found = recover(&facts(Some(310), &spec.fingerprint()), &records, &spec).unwrap();
    assert_eq!(found.learner, learner);
    assert_eq!((found.from, found.emit_from, found.sequence), (300, 310, 1));
    assert_eq!(found.restored, Some(digest(&learner)));

    let manifest = candidates(&records, "fraud", 0).remove(0).manifest.unwrap();
    assert_eq!(manifest.counters["dead_letters"], 3);
    assert_eq!(manifest.counters["events"], 300);
    assert_eq!((manifest.event_time, manifest.last), (299_000, Some(LastRecord::new(299, 299_000, Some(b"value")))));
    assert_eq!(records, write(&spec, &learner, 0, 300, &Slots::default()), "encoding is deterministic");
}

#[test]
fn any_avro_tool_reads_the_manifest() {
    let spec = spec();
    let records = write(&spec, &learner(&spec, 10), 4, 10, &Slots::default());
    let bytes = records.last().unwrap().value.as_deref().unwrap();
    let objects: Vec<_> = apache_avro::Reader::new(bytes).unwrap().map(Result::unwrap).collect();
    let [apache_avro::types::Value::Record(fields)] = &objects[..] else { panic!("{objects:?}") };
    assert!(fields.iter().any(|(name, value)| name == "next_offset" && *value == apache_avro::types::Value::Long(10)));
}

#[test]
fn a_large_state_takes_many_chunks_and_a_smaller_one_after_it_leaves_none_behind() {
    let (spec, slots) = (spec(), Slots::default());
    let (large, small) = (large(20_000_000), learner(&spec, 50));
    let first = write(&spec, &large, 0, 100, &slots);
    let sizes: Vec<_> = first.iter().map(|record| record.value.as_ref().unwrap().len()).collect();
    assert!(sizes.len() > 15 && sizes.iter().all(|&size| size <= CHUNK_BYTES), "{sizes:?}");
    assert_eq!(recover(&facts(Some(100), &spec.fingerprint()), &first, &spec).unwrap().learner, large);

    // The slot is used again after a restart, which must know of the chunks that stand there.
    let restarted = recover(&facts(Some(100), &spec.fingerprint()), &first, &spec).unwrap();
    let second = write(&spec, &small, restarted.sequence, 150, &restarted.slots);
    let third = write(&spec, &small, restarted.sequence + 1, 200, &restarted.slots);
    let left = compact([first, second, third].concat());
    assert_eq!(left.len(), 4, "a chunk and a manifest in each slot");
    assert_eq!(recover(&facts(Some(200), &spec.fingerprint()), &left, &spec).unwrap().from, 200);
}

#[test]
fn a_reset_leaves_nothing_of_the_pipeline_and_all_of_another() {
    let spec = spec();
    let mut other = spec.clone();
    other.name = "other".to_owned();
    let records = [&spec, &other].map(|spec| write(spec, &learner(spec, 5), 0, 5, &Slots::default())).concat();
    let tombstones = checkpoint::tombstones(&records, "fraud", 0);
    let left = compact([records, tombstones].concat());
    assert!(candidates(&left, "fraud", 0).is_empty());
    assert_eq!(candidates(&left, "other", 0).len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]

    #[test]
    fn every_state_survives(spec in specs(), deeds in deeds()) {
        let mut learner = Learner::new(&spec);
        run(&mut learner, &play(&deeds, &spec));
        let records = write(&spec, &learner, 3, 7, &Slots::default());
        let found = recover(&facts(Some(7), &spec.fingerprint()), &records, &spec).unwrap();
        prop_assert_eq!(digest(&found.learner), digest(&learner));
    }
}
