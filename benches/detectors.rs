//! Drift detectors on streams whose change is known: how late, how often for nothing, how often at all.
//!
//! `cargo bench --bench detectors` prints the table of docs/accuracy.md. Every detector with its defaults, beside one that
//! always fires and one that never does, over 100 seeds of each stream:
//!
//! - step: 4,000 errors, their rate 0.2, then 0.4 from 2,000 on;
//! - small step: the same with 0.2, then 0.3;
//! - gradual: 5,000 errors, their rate rising from 0.2 to 0.4 between 2,000 and 3,000;
//! - real: 4,000 normal values of deviation 1, their mean 0, then 1 from 2,000 on. Detectors of errors don't take part.
//!
//! Recall is the share of seeds with an alarm at or after the change; the delay is the mean number of values from (the beginning
//! of) the change to the first of those alarms; false alarms are those before the change, for each 1,000 values, and those in
//! 10,000 values without any change.

use driftline::drift::{self, Detector, DriftDetector, Signal};
use driftline::rng::Rng;

const SEEDS: u64 = 100;
const CHANGE: usize = 2_000;
const STILL: usize = 10_000;
const STREAMS: [&str; 4] = ["step", "small step", "gradual", "real"];
/// Those that know errors and successes only.
const OF_ERRORS: [&str; 5] = ["ddm", "eddm", "fhddm", "hddm_a", "hddm_w"];

/// Value `index` of a stream.
fn value(stream: &str, index: usize, rng: &mut Rng) -> f64 {
    let changed = index >= CHANGE;
    let rate = match stream {
        "real" => return rng.normal() + f64::from(u8::from(changed)),
        "step" if changed => 0.4,
        "small step" if changed => 0.3,
        "gradual" => 0.2 + 0.2 * ((index as f64 - CHANGE as f64) / 1_000.0).clamp(0.0, 1.0),
        _ => 0.2,
    };
    f64::from(u8::from(rng.uniform() < rate))
}

fn length(stream: &str) -> usize {
    if stream == "gradual" { 5_000 } else { 4_000 }
}

/// What takes values and fires.
enum Subject {
    Always,
    Never,
    Detector(drift::Params),
}

impl Subject {
    /// The indices at which it fires, of `n` values from `seed`; without a change where `still`.
    fn alarms(&self, stream: &str, seed: u64, n: usize, still: bool) -> Vec<usize> {
        let mut rng = Rng::new(seed, &format!("detectors {stream} {still}"));
        let mut detector = match self {
            Self::Always => return (0..n).collect(),
            Self::Never => return Vec::new(),
            Self::Detector(params) => params.build(),
        };
        let mut fires = |index| {
            let at = if still { 0 } else { index };
            fed(&mut detector, value(stream, at, &mut rng))
        };
        (0..n).filter(|&index| fires(index)).collect()
    }

    fn takes(&self, stream: &str) -> bool {
        !matches!(self, Self::Detector(params) if stream == "real" && OF_ERRORS.contains(&params.name()))
    }
}

fn fed(detector: &mut Detector, value: f64) -> bool {
    detector.update(value) == Signal::Drift
}

/// `recall, delay, false alarms per 1,000` of one subject on one stream, as cells of a table.
fn cells(subject: &Subject, stream: &str) -> String {
    if !subject.takes(stream) {
        return "– | – | –".to_owned();
    }
    let (mut found, mut delay, mut early, mut values) = (0, 0, 0, 0);
    for seed in 0..SEEDS {
        let alarms = subject.alarms(stream, seed, length(stream), false);
        let before = alarms.partition_point(|&at| at < CHANGE);
        if let Some(first) = alarms.get(before) {
            found += 1;
            delay += first - CHANGE;
        }
        early += before + subject.alarms(stream, seed, STILL, true).len();
        values += CHANGE + STILL;
    }
    let delay = if found == 0 { "–".to_owned() } else { format!("{:.0}", delay as f64 / f64::from(found)) };
    format!("{:.2} | {delay} | {:.2}", f64::from(found) / SEEDS as f64, 1_000.0 * early as f64 / values as f64)
}

fn subjects() -> Vec<(String, Subject)> {
    let variants = [
        ("adwin, one-sided", "type = 'adwin'\none_sided = true"),
        ("hddm_w, as MOA", "type = 'hddm_w'\nfirst_narrows = false\non_fall = 'restart'"),
        ("kswin, alpha 0.005 as River", "type = 'kswin'\nalpha = 0.005"),
        ("page_hinkley, threshold 20, up", "type = 'page_hinkley'\nthreshold = 20\ndirection = 'up'"),
    ];
    let mut all: Vec<_> = drift::Params::defaults()
        .into_iter()
        .map(|params| (params.name().to_owned(), Subject::Detector(params)))
        .collect();
    for (name, toml) in variants {
        let params = toml::from_str(toml).expect("parameters");
        all.push((name.to_owned(), Subject::Detector(params)));
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all.push(("always fires".to_owned(), Subject::Always));
    all.push(("never fires".to_owned(), Subject::Never));
    all
}

fn main() {
    let heads: String = STREAMS.iter().map(|stream| format!(" {stream}: recall | delay | false per 1,000 |")).collect();
    println!("| detector |{heads}");
    println!("| --- |{}", " --- | --- | --- |".repeat(STREAMS.len()));
    for (name, subject) in subjects() {
        let row: Vec<_> = STREAMS.iter().map(|stream| cells(&subject, stream)).collect();
        println!("| {name} | {} |", row.join(" | "));
    }
}
