//! `driftline run` beside a tuned raw consume-transform-produce loop, on one broker, in one run.
//!
//! `just bench-kafka` (see there for the settings). Prints one line per measurement: rates in records per second from
//! the first commit to the last, as an outside observer sees them, and the median of their ratios; end-to-end latency of
//! predictions at a fixed rate; resident memory on the way.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::unwrap_used)]

#[allow(dead_code, unused_imports)]
#[path = "../../tests/it/harness/mod.rs"]
mod harness;

mod events;
mod latency;
mod observer;
mod raw;
mod worker;

use std::time::Duration;

use harness::Cluster;

fn setting(name: &str, default: &str) -> String {
    std::env::var(format!("DRIFTLINE_BENCH_{name}")).unwrap_or_else(|_| default.to_owned())
}

fn main() {
    let kafka = setting("KAFKA", "");
    let cluster = match kafka.as_str() {
        // Also where `cargo bench` runs everything.
        "" => return eprintln!("skipped: needs DRIFTLINE_BENCH_KAFKA=HOST:PORT, or =jvm; see `just bench-kafka`"),
        "jvm" => Cluster::from(harness::private_broker(&[]).expect("java and mvn")),
        address => Cluster::at(address),
    };
    let count: usize = setting("EVENTS", "1000000").parse().unwrap();
    let repeats: usize = setting("REPEATS", "3").parse().unwrap();
    for name in setting("CASES", "json,avro").split(',') {
        compare(&cluster, &worker::Case::named(name), count, repeats);
    }
    let rate: u32 = setting("LATENCY_RATE", "1000").parse().unwrap();
    println!("{}", latency::measure(&cluster, rate, Duration::from_secs(20)));
}

/// `run` and the raw loop on the same records, by turns.
fn compare(cluster: &Cluster, case: &worker::Case, count: usize, repeats: usize) {
    let input = cluster.topic("bench", 1);
    events::fill(cluster, &input, count, case.format);
    println!("{}: {count} events, {:?}, 8 features, one partition", case.name, case.format);
    let mut bytes = None;
    for commit in setting("COMMIT_MS", "100,500").split(',') {
        let commit = Duration::from_millis(commit.parse().unwrap());
        let mut ratios = Vec::new();
        for _ in 0..repeats {
            let run = worker::measure(cluster, &input, count, case, commit);
            // The raw loop writes records of the size that the worker writes.
            let bytes = *bytes.get_or_insert_with(|| worker::mean_bytes(cluster, &run.output));
            let plain = raw::measure(cluster, &input, count, commit, bytes, raw::Flush::AsIs);
            let prompt = raw::measure(cluster, &input, count, commit, bytes, raw::Flush::Prompt);
            println!(
                "{} commit every {commit:?}: run {:.0}/s, raw {plain:.0}/s (run/raw {:.2}), raw with a prompt flush \
                 {prompt:.0}/s (run/raw {:.2}), {:.2} us of CPU an event, {bytes} bytes out, resident after each tenth: {}",
                case.name,
                run.rate,
                run.rate / plain,
                run.rate / prompt,
                run.cpu / count as f64 * 1e6,
                run.memory.join(", ")
            );
            ratios.push(run.rate / plain);
        }
        ratios.sort_by(f64::total_cmp);
        println!(
            "{} commit every {commit:?}: run/raw, median of {repeats} {:.2} ({:.2} to {:.2})",
            case.name,
            ratios[repeats / 2],
            ratios[0],
            ratios[repeats - 1]
        );
    }
}
