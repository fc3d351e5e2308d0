//! The decision where a lane begins, row by row of its truth table.

use driftline::checkpoint::{
    Candidate, Checkpoint, Decision, Facts, OnChange, Refusal, Slots, candidates, encode, recover, resolve,
};
use driftline::learner::Spec;
use driftline::stream::Delivery;

use super::{facts, learner, spec, write};

/// Checkpoints at these offsets, the last is the newest.
fn at(spec: &Spec, offsets: &[i64]) -> Vec<Candidate> {
    let (slots, learner) = (Slots::default(), learner(spec, 3));
    let records: Vec<_> =
        (0..).zip(offsets).flat_map(|(sequence, &offset)| write(spec, &learner, sequence, offset, &slots)).collect();
    candidates(&records, "fraud", 0)
}

/// The decision in a few words.
fn decide(facts: Facts<'_>, candidates: &[Candidate]) -> String {
    match resolve(&facts, candidates) {
        Decision::Fresh { from, notes } => format!("fresh {from}, {} notes", notes.len()),
        Decision::From { from, emit_from, adopt, notes, .. } => {
            format!("from {from} emit {emit_from}{}, {} notes", if adopt { " adopt" } else { "" }, notes.len())
        }
        Decision::Refuse(refusal) => {
            assert!(refusal.to_string().contains("partition 0: "), "{refusal}");
            match refusal {
                Refusal::NoState { committed, .. } => format!("no state {committed}"),
                Refusal::Ahead { committed, next_offset, .. } => format!("ahead {next_offset} of {committed}"),
                Refusal::Gap { needed, low, .. } => format!("gap {needed} to {low}"),
                Refusal::Recreated { position, high, .. } => format!("recreated {position} of {high}"),
                Refusal::Changed { from, .. } => format!("changed, fresh would be {from}"),
                Refusal::AllDamaged { .. } => "all damaged".to_owned(),
                other => other.to_string(),
            }
        }
    }
}

#[test]
fn every_row() {
    let spec = spec();
    let print = spec.fingerprint();
    let [none, two] = [&[][..], &[50, 80]].map(|offsets| at(&spec, offsets));
    let damaged = |which: &[usize]| {
        let mut candidates = two.clone();
        which.iter().for_each(|&which| candidates[which].body = Err(driftline::checkpoint::Damage::NoManifest));
        candidates
    };
    let [newest, older, all] = [&[0][..], &[1], &[0, 1]].map(damaged);
    let o = |committed: i64| facts(Some(committed), &print);
    let no_o = || facts(None, &print);
    let changed = |on_change| Facts { on_change, fingerprint: "other", ..o(90) };
    let at_least_once = |committed| Facts { delivery: Delivery::AtLeastOnce, ..o(committed) };

    let rows: [(&str, Facts<'_>, &[Candidate], &str); 26] = [
        ("no state, no O", Facts { begin: 40, ..no_o() }, &none, "fresh 40, 0 notes"),
        (
            "the start policy names what retention took",
            Facts { begin: 0, low: 30, ..no_o() },
            &none,
            "fresh 30, 0 notes",
        ),
        ("no state, O", o(90), &none, "no state 90"),
        ("no state, O, fresh", Facts { on_change: OnChange::Fresh, ..o(90) }, &none, "fresh 90, 1 notes"),
        ("no state, O lost, fresh", Facts { on_change: OnChange::Fresh, low: 95, ..o(90) }, &none, "gap 90 to 95"),
        ("state, no O", no_o(), &two, "from 80 emit 80, 1 notes"),
        ("C < O", o(90), &two, "from 80 emit 90, 0 notes"),
        ("C = O", o(80), &two, "from 80 emit 80, 0 notes"),
        ("C > O", o(70), &two, "ahead 80 of 70"),
        ("C > O, at least once", at_least_once(70), &two, "from 80 emit 80, 0 notes"),
        ("C < low", Facts { low: 85, ..o(90) }, &two, "gap 80 to 85"),
        ("C = low", Facts { low: 80, ..o(90) }, &two, "from 80 emit 90, 0 notes"),
        ("newest damaged", o(90), &newest, "from 50 emit 90, 1 notes"),
        ("newest damaged, older lost", Facts { low: 60, ..o(90) }, &newest, "gap 50 to 60"),
        ("older damaged", o(90), &older, "from 80 emit 90, 1 notes"),
        ("all damaged", o(90), &all, "all damaged"),
        ("all incomplete, no O", no_o(), &all, "all damaged"),
        (
            "all incomplete, no O, at least once",
            Facts { begin: 40, delivery: Delivery::AtLeastOnce, ..no_o() },
            &all,
            "fresh 40, 2 notes",
        ),
        ("changed", changed(OnChange::Refuse), &two, "changed, fresh would be 90"),
        ("changed, fresh", changed(OnChange::Fresh), &two, "fresh 90, 1 notes"),
        ("changed, fresh, no O", Facts { committed: None, ..changed(OnChange::Fresh) }, &two, "fresh 80, 2 notes"),
        ("changed, adopt", changed(OnChange::Adopt), &two, "from 80 emit 90 adopt, 0 notes"),
        ("changed, adopt, lost", Facts { low: 85, ..changed(OnChange::Adopt) }, &two, "gap 80 to 85"),
        ("O > high", Facts { high: 85, ..o(90) }, &two, "recreated 90 of 85"),
        ("O > high, no state", Facts { high: 85, ..o(90) }, &none, "recreated 90 of 85"),
        ("C > high", Facts { high: 70, ..no_o() }, &two, "recreated 80 of 70"),
    ];
    for (row, facts, candidates, expected) in rows {
        assert_eq!(decide(facts, candidates), expected, "{row}");
    }
}

#[test]
fn a_changed_configuration_is_adopted_as_far_as_the_state_keeps_its_meaning() {
    let spec = spec();
    let records = write(&spec, &learner(&spec, 50), 0, 50, &Slots::default());
    let adopt = |changed: &Spec| {
        let print = changed.fingerprint();
        let facts = Facts { on_change: OnChange::Adopt, ..facts(Some(50), &print) };
        recover(&facts, &records, changed).map(|found| found.learner.spec().clone())
    };
    let mut kept = spec.clone();
    kept.epoch = serde_json::from_value(serde_json::json!({"events": 7})).unwrap();
    assert_eq!(adopt(&kept), Ok(kept.clone()));
    let mut lost = spec.clone();
    lost.transforms.clear();
    lost.seed = 9;
    assert_eq!(adopt(&lost), Err(Refusal::NotAdoptable { partition: 0, sections: "transform, seed".to_owned() }));
}

#[test]
fn another_fingerprint_of_the_same_configuration_is_no_change() {
    let spec = spec();
    let state = learner(&spec, 50);
    let checkpoint = Checkpoint {
        pipeline: "fraud",
        partition: 0,
        next_offset: 50,
        sequence: 0,
        fingerprint: "of an older build",
        last: None,
        counters: Default::default(),
        learner: &state,
    };
    let records = encode(&checkpoint, &Slots::default()).unwrap();
    for on_change in [OnChange::Refuse, OnChange::Fresh] {
        let print = spec.fingerprint();
        let found = recover(&Facts { on_change, ..facts(Some(60), &print) }, &records, &spec).unwrap();
        assert_eq!((found.from, found.emit_from, found.learner == state), (50, 60, true));
    }
}
