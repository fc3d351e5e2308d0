//! Whether an event costs the same after a million others: events a second over each tenth of a stationary stream.
//!
//! `cargo bench --bench stationary [-- EVENTS [MODEL…]]`. Ten numbers around 50 centres of 5 classes (`random_rbf`); one core.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::unwrap_used)]

use std::time::{Duration, Instant};

use driftline::evaluation::streams::{self, Schedule, Value};
use driftline::event::{Event, Kind, Layout, RawLabel};
use driftline::learner::{Learner, Place, Spec};
use serde_json::json;

const MODELS: [&str; 13] = [
    "softmax_regression",
    "naive_bayes",
    "knn",
    "hoeffding_tree",
    "hoeffding_adaptive_tree",
    "efdt",
    "adaptive_random_forest",
    "streaming_random_patches",
    "leveraging_bagging",
    "arte",
    "sgbt",
    "aggregated_mondrian_forest",
    "portfolio",
];
const TENTHS: usize = 10;
/// Events that are drawn before the learner runs over them, timed.
const CHUNK: usize = 1_000;
/// The curve of the rates, from 0 to the highest.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let events: usize = arguments.first().map_or(1_000_000, |number| number.parse().unwrap());
    let models = if arguments.len() > 1 { &arguments[1..] } else { &MODELS.map(String::from)[..] };
    println!("events/s over each tenth of {events} events, and as a curve; accuracy; bytes held by the model");
    for model in models {
        run(model, events);
    }
}

fn run(model: &str, events: usize) {
    let mut stream = streams::build("random_rbf", 1, Schedule::default()).unwrap();
    let columns = stream.columns();
    let layout = Layout::new(columns[..columns.len() - 1].iter().map(|name| (name.as_str(), Kind::Number)));
    let spec = json!({
        "name": "bench", "layout": layout, "task": { "kind": "multiclass", "max_classes": 5 }, "model": { "type": model },
    });
    let spec: Spec = serde_json::from_value(spec).unwrap();
    let place = Place { topic: "bench".into(), partition: 0, fingerprint: spec.fingerprint() };
    let mut learner = Learner::new(&spec);
    let (mut chunk, mut fields) = (vec![Event::empty(&layout); CHUNK], Vec::new());
    let origin = Instant::now();
    let mut rates = Vec::new();
    print!("{model:>26}");
    for tenth in 0..TENTHS {
        let mut spent = Duration::ZERO;
        for first in (0..events / TENTHS).step_by(CHUNK) {
            for (i, event) in chunk.iter_mut().enumerate() {
                stream.sample(&mut fields);
                fill(event, &layout, &columns, &fields, tenth * events / TENTHS + first + i);
            }
            let start = now(origin);
            chunk.iter().for_each(|event| drop(learner.step(&place, event).unwrap()));
            spent += now(origin) - start;
        }
        let rate = (events / TENTHS) as f64 / spent.as_secs_f64();
        print!(" {rate:>9.0}");
        rates.push(rate);
    }
    let accuracy =
        learner.score().total().iter().find(|(name, _)| **name == *"accuracy").map_or(0.0, |(_, score)| *score);
    let most = rates.iter().copied().fold(0.0, f64::max);
    let curve: String = rates.iter().map(|rate| BARS[(8.0 * rate / most).round() as usize]).collect();
    println!("  {curve}  {accuracy:.4}  {}", learner.model_bytes());
}

/// CPU time of this thread where the system tells (Linux), else wall time since `origin`.
fn now(origin: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| origin.elapsed(), Duration::from_nanos)
}

fn fill(event: &mut Event, layout: &Layout, columns: &[String], fields: &[Value], index: usize) {
    for (name, value) in columns.iter().zip(fields) {
        match (value, layout.numbers.iter().position(|number| number == name)) {
            (Value::Number(number), Some(slot)) => event.features.numbers[slot] = *number,
            (label, _) => event.label = Some(RawLabel::Text(label.to_string().into())),
        }
    }
    event.offset = index as i64;
}
