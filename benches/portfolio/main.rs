//! How good the default pipeline is without tuning: every stream, beside its best peer and no-change.
//!
//! `cargo bench --bench portfolio -- [--limit N] [--delay N] [--seeds N] [--budget N] [--held-out] [--ablation] [STREAM …]`; the data sets are
//! found through `DRIFTLINE_DATA`. `--held-out` takes generated streams instead. `--ablation` logs what every expert says once,
//! nobody resting, and replays the combination without each of them, or without those that `--without 'A|B'` names (again and again);
//! over `--seeds`.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::unwrap_used)]

mod data;
mod peers;
mod run;

use data::Stream;
use driftline::evaluation::streams::Schedule;
use driftline::model::portfolio::Params;
use driftline::row::Task;

struct Arguments {
    limit: usize,
    delay: usize,
    seeds: u64,
    budget: Option<f64>,
    held_out: bool,
    ablation: bool,
    without: Vec<String>,
    streams: Vec<String>,
}

fn arguments() -> Arguments {
    let mut found = Arguments {
        limit: usize::MAX,
        delay: 0,
        seeds: 1,
        budget: None,
        held_out: false,
        ablation: false,
        without: Vec::new(),
        streams: Vec::new(),
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        if word == "--without" {
            found.without.extend(words.next());
            continue;
        }
        let mut number = || words.next().and_then(|n| n.parse().ok()).expect("a number");
        match word.as_str() {
            "--limit" => found.limit = number(),
            "--delay" => found.delay = number(),
            "--budget" => found.budget = Some(number() as f64),
            "--seeds" => found.seeds = number() as u64,
            "--held-out" => found.held_out = true,
            "--ablation" => found.ablation = true,
            "--bench" => {}
            _ => found.streams.push(word),
        }
    }
    found
}

fn main() {
    let arguments = arguments();
    let folder = std::env::var("DRIFTLINE_DATA").unwrap_or_else(|_| "../shared/data".to_owned());
    let names = if arguments.streams.is_empty() { data::names(&folder) } else { arguments.streams.clone() };
    let streams: Box<dyn Iterator<Item = Stream>> = match arguments.held_out {
        true => Box::new(held_out(arguments.limit.min(20_000))),
        false => Box::new(names.into_iter().map(|name| {
            // No peer was measured on more of this one.
            let most = if name == "interchanging_rbf" { 100_000 } else { usize::MAX };
            data::data_set(&folder, &name, arguments.limit.min(most))
        })),
    };
    if arguments.ablation { ablation(streams, &arguments) } else { table(streams, &arguments) }
}

/// Streams that nothing was chosen by: abrupt and gradual drift every 5,000 rows, two seeds.
fn held_out(n: usize) -> impl Iterator<Item = Stream> {
    let at: Vec<u64> = (1..).map(|k| k * 5_000).take_while(|at| *at < n as u64).collect();
    let names = ["sea", "agrawal", "hyperplane", "random_rbf", "friedman", "fraud"];
    names.into_iter().flat_map(move |name| {
        let at = at.clone();
        [(11, 0), (12, 1_000)].map(|(seed, width)| data::generated(name, seed, n, Schedule { at: at.clone(), width }))
    })
}

fn table(streams: impl Iterator<Item = Stream>, arguments: &Arguments) {
    println!("| stream | rows | ours | no-change | best peer | difference | events/s | carried by |");
    println!("|---|---|---|---|---|---|---|---|");
    let mut params = Params::default();
    params.budget = arguments.budget.unwrap_or(params.budget);
    for stream in streams {
        for seed in 1..=arguments.seeds {
            let pass = run::pass(&stream, &params, seed, arguments.delay, false);
            let peer = peers::best(&stream.name).filter(|_| arguments.delay == 0);
            let (theirs, difference) = match &peer {
                Some(peer) => {
                    let whole = if stream.rows.len() < peer.rows.min(arguments.limit) || arguments.limit == usize::MAX {
                        ""
                    } else {
                        ", on more rows"
                    };
                    (format!("{:.4} {}{whole}", peer.score, peer.name), difference(stream.task, pass.score, peer.score))
                }
                None => Default::default(),
            };
            println!(
                "| {} | {} | {:.4} | {:.4} | {theirs} | {difference} | {:.0} | {} |",
                stream.name,
                stream.rows.len(),
                pass.score,
                pass.no_change,
                pass.events_per_second,
                carried(&pass)
            );
        }
    }
}

/// Points of accuracy above, or per cent of the error below; + is better.
fn difference(task: Task, ours: f64, theirs: f64) -> String {
    match task {
        Task::Regression => format!("{:+.1} %", 100.0 * (1.0 - ours / theirs)),
        _ => format!("{:+.2}", 100.0 * (ours - theirs)),
    }
}

/// The three experts of the largest mean weight, and those that rested.
fn carried(pass: &run::Pass) -> String {
    let mut order: Vec<usize> = (0..pass.names.len()).collect();
    order.sort_by(|a, b| pass.weights[*b].total_cmp(&pass.weights[*a]));
    let mut words: Vec<String> =
        order.iter().take(3).map(|k| format!("{} {:.2}", pass.names[*k], pass.weights[*k])).collect();
    for (name, awake) in pass.names.iter().zip(&pass.awake).filter(|(_, awake)| **awake < 0.99) {
        words.push(format!("{name} awake {:.0} %", 100.0 * awake));
    }
    words.join(", ")
}

fn ablation(streams: impl Iterator<Item = Stream>, arguments: &Arguments) {
    let params = Params { budget: f64::MAX, ..Params::default() };
    println!("| stream | without | alone | lost without it |");
    println!("|---|---|---|---|");
    for stream in streams {
        let passes: Vec<run::Pass> =
            (1..=arguments.seeds).map(|seed| run::pass(&stream, &params, seed, arguments.delay, true)).collect();
        let mean = |score: &dyn Fn(&run::Pass) -> f64| passes.iter().map(score).sum::<f64>() / passes.len() as f64;
        let without = |left_out: &dyn Fn(usize) -> bool| {
            let kept: Vec<usize> = (0..passes[0].names.len()).filter(|k| !left_out(*k)).collect();
            mean(&|pass| run::replay(&pass.said, &kept, stream.task))
        };
        let (whole, names) = (without(&|_| false), &passes[0].names);
        println!("| {} | none | {:.4} | |", stream.name, whole);
        for set in &arguments.without {
            let less = without(&|k| set.split('|').any(|name| name == names[k]));
            println!("| {} | {set} | {less:.4} | {} |", stream.name, difference(stream.task, whole, less));
        }
        for (k, name) in names.iter().enumerate().filter(|_| arguments.without.is_empty()) {
            let alone = mean(&|pass| run::alone(&pass.said, k, stream.task));
            let lost = difference(stream.task, whole, without(&|other| other == k));
            println!("| {} | {name} | {alone:.4} | {lost} |", stream.name);
        }
    }
}
