//! State is all there is: written, read back, resumed and built again without a bit of difference.

use super::cases::{Case, Subject, for_every_component};
use super::is_due;
use super::stream::{self, Missing, Sample};

const EVENTS: usize = 400;
/// What a component may take in a checkpoint after the plain stream, in bytes; an ensemble so much for each of its members.
const BUDGET: usize = 64 << 10;

/// Sixteen members, as many trees as boosting has, and the forests and boosters of a portfolio.
fn budget(component: &str) -> usize {
    match component.split_whitespace().next() {
        _ if is_due(component, "size") => BUDGET,
        Some("model/sgbt") => 30 * BUDGET,
        Some("model/portfolio") => (3 * 10 + 2 * 30) * BUDGET,
        _ => 16 * BUDGET,
    }
}

fn encode<S: Subject>(subject: &S) -> Vec<u8> {
    rmp_serde::to_vec_named(subject).unwrap()
}

fn decode<S: Subject>(name: &str, bytes: &[u8]) -> S {
    rmp_serde::from_slice(bytes).unwrap_or_else(|e| panic!("{name}: cannot be read back: {e}"))
}

fn run<S: Subject>(subject: &mut S, samples: &[Sample]) -> Vec<u64> {
    samples.iter().flat_map(|sample| subject.turn(sample)).map(f64::to_bits).collect()
}

#[test]
fn written_and_read_back_is_the_same() {
    fn check<S: Subject>(case: &Case<S>) {
        let mut subject = case.build(&stream::layout(), 1);
        for sample in stream::plain(EVENTS, Missing::Some) {
            subject.turn(&sample);
        }
        let bytes = encode(&subject);
        let back: S = decode(&case.name, &bytes);
        // NaN is unequal to itself, so the bytes decide.
        assert_eq!(encode(&back), bytes, "{}", case.name);
        let budget = budget(&case.name);
        assert!(bytes.len() <= budget, "{}: {} bytes of state are more than {budget}", case.name, bytes.len());
    }
    for_every_component!(check);
}

#[test]
fn resumed_equals_uninterrupted() {
    fn check<S: Subject>(case: &Case<S>) {
        let samples = stream::plain(EVENTS, Missing::Some);
        let mut whole = case.build(&stream::layout(), 1);
        let expected = run(&mut whole, &samples);
        for stop in [0, 1, 33, 257] {
            let mut first = case.build(&stream::layout(), 1);
            let mut out = run(&mut first, &samples[..stop]);
            let mut second: S = decode(&case.name, &encode(&first));
            drop(first);
            out.extend(run(&mut second, &samples[stop..]));
            assert_eq!(out, expected, "{}: stopped after {stop}", case.name);
            assert_eq!(encode(&second), encode(&whole), "{}: state, stopped after {stop}", case.name);
        }
    }
    for_every_component!(check);
}

#[test]
fn the_same_seed_gives_the_same_bits() {
    fn check<S: Subject>(case: &Case<S>) {
        let samples = stream::plain(EVENTS, Missing::Some);
        let once = || {
            let mut subject = case.build(&stream::layout(), 7);
            (run(&mut subject, &samples), encode(&subject))
        };
        assert_eq!(once(), once(), "{}", case.name);
    }
    for_every_component!(check);
}

#[test]
fn the_order_in_which_features_are_declared_changes_no_bit() {
    fn check<S: Subject>(case: &Case<S>) {
        let samples = stream::plain(EVENTS, Missing::Some);
        let mut one = case.build(&stream::layout(), 1);
        let mut other = case.build(&stream::layout_of_another_order(), 1);
        assert_eq!(run(&mut one, &samples), run(&mut other, &samples), "{}", case.name);
        assert_eq!(encode(&one), encode(&other), "{}", case.name);
    }
    for_every_component!(check);
}
