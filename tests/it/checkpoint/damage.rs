//! Damage is told, whatever it is, and the older slot takes over.

use std::sync::LazyLock;

use driftline::checkpoint::{Damage, Refusal, Slots, candidates, recover};
use driftline::learner::Spec;
use driftline::stream::StateRecord;
use proptest::prelude::*;
use proptest::sample::Index;

use super::{facts, learner, spec, write};

/// What may happen to a record.
#[derive(Clone, Debug)]
enum Harm {
    Flip(Index, u8),
    Truncate(Index),
    Drop,
    Grow(u8),
}

fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![
        (any::<Index>(), 0..8u8).prop_map(|(at, bit)| Harm::Flip(at, bit)),
        any::<Index>().prop_map(Harm::Truncate),
        Just(Harm::Drop),
        any::<u8>().prop_map(Harm::Grow),
    ]
}

fn inflict(harm: &Harm, records: &mut Vec<StateRecord>, at: usize) {
    let value = records[at].value.as_mut().unwrap();
    match harm {
        Harm::Flip(byte, bit) => {
            let byte = byte.index(value.len());
            value[byte] ^= 1 << bit;
        }
        Harm::Truncate(to) => value.truncate(to.index(value.len())),
        Harm::Drop => drop(records.remove(at)),
        Harm::Grow(byte) => value.push(*byte),
    }
}

/// A specification, a checkpoint and the next one.
static TWO: LazyLock<(Spec, Vec<StateRecord>, Vec<StateRecord>)> = LazyLock::new(|| {
    let (spec, slots) = (spec(), Slots::default());
    let older = write(&spec, &learner(&spec, 20), 6, 20, &slots);
    let newer = write(&spec, &learner(&spec, 30), 7, 30, &slots);
    (spec, older, newer)
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_harm_to_the_newest_checkpoint_is_told_and_the_older_one_taken(harm in harm(), which in any::<Index>()) {
        let (spec, older, mut newer) = TWO.clone();
        let at = which.index(newer.len());
        inflict(&harm, &mut newer, at);
        let records = [older, newer].concat();
        let found = recover(&facts(Some(35), &spec.fingerprint()), &records, &spec).unwrap();
        prop_assert_eq!((found.from, found.emit_from), (20, 35));
        prop_assert_eq!(found.notes.len(), 1, "{:?}", found.notes);
        prop_assert!(found.notes[0].starts_with("the checkpoint in slot B is passed over: "));
        prop_assert!(found.sequence % 2 == 1, "the next one must not replace the only one that can be read");
    }
}

#[test]
fn kinds_of_damage_are_told_apart() {
    let spec = spec();
    let whole = write(&spec, &learner(&spec, 20), 0, 20, &Slots::default());
    let damage = |change: &dyn Fn(&mut Vec<StateRecord>)| {
        let mut records = whole.clone();
        change(&mut records);
        candidates(&records, "fraud", 0).remove(0).body.unwrap_err()
    };
    let bytes = |records: &mut Vec<StateRecord>, at: usize| records[at].value.take().unwrap();
    assert_eq!(damage(&|r| drop(r.pop())), Damage::NoManifest);
    assert_eq!(damage(&|r| drop(r.remove(0))), Damage::MissingChunk { index: 0, of: 1 });
    assert!(matches!(damage(&|r| r[0].value = Some(bytes(r, 0)[1..].to_vec())), Damage::ShortChunk { index: 0, .. }));
    let flipped = |r: &mut Vec<StateRecord>, at: usize| r[at].value.as_mut().unwrap()[9] ^= 1;
    assert!(matches!(damage(&|r| flipped(r, 0)), Damage::CorruptChunk { index: 0, .. }));
    assert!(matches!(damage(&|r| flipped(r, 1)), Damage::Manifest { .. }));

    // Under a key of another pipeline.
    let foreign: Vec<_> = whole
        .iter()
        .map(|record| {
            let key = String::from_utf8(record.key.clone()).unwrap().replace("fraud", "other");
            StateRecord { key: key.into_bytes(), value: record.value.clone() }
        })
        .collect();
    assert!(matches!(candidates(&foreign, "other", 0)[0].body, Err(Damage::Foreign { .. })));
}

#[test]
fn where_nothing_can_be_read_both_damages_are_named() {
    let (spec, slots) = (spec(), Slots::default());
    let mut records: Vec<_> =
        [6, 7].iter().flat_map(|&sequence| write(&spec, &learner(&spec, 20), sequence, 20, &slots)).collect();
    records.retain(|record| !record.key.ends_with(b"chunk-0"));
    let refusal = recover(&facts(Some(35), &spec.fingerprint()), &records, &spec).unwrap_err();
    let Refusal::AllDamaged { damages, .. } = &refusal else { panic!("{refusal}") };
    assert!(damages.contains("slot A") && damages.contains("slot B") && damages.contains("chunk 0 of 1 is missing"));
    assert!(refusal.to_string().contains("driftline state -c FILE reset"));
}
