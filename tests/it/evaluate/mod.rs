//! `evaluate` from file to document: known scores, the shape of the document, one path for late labels.

use std::path::Path;

use clap::Parser;
use driftline::cli::evaluate::{self, Args};
use driftline::cli::generate;
use driftline::evaluation::Report;
use driftline::evaluation::streams::{self, Schedule};
use serde_json::Value;

use crate::harness;

mod compare;
mod files;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: Args,
}

fn evaluate(arguments: &[&str]) -> Report {
    let mut reports = reports(arguments).expect("reports");
    assert_eq!(reports.len(), 1);
    reports.remove(0)
}

fn reports(arguments: &[&str]) -> anyhow::Result<Vec<Report>> {
    let cli = Cli::try_parse_from(["evaluate"].iter().chain(arguments)).expect("arguments");
    evaluate::reports(&cli.args)
}

fn data(name: &str) -> Option<String> {
    Some(harness::data_set(name)?.to_string_lossy().into_owned())
}

fn score(scores: &[(&str, f64)], name: &str) -> f64 {
    scores.iter().find(|(metric, _)| *metric == name).map(|(_, value)| *value).expect(name)
}

/// Predictable from `a` and `c`, with something missing; 300 rows.
fn csv() -> String {
    let row = |i: u32| {
        let (a, c) = (f64::from(i * 37 % 101) / 100.0, ["red", "green", "blue"][i as usize % 3]);
        let label = if (a > 0.5) != (c == "red") { "yes" } else { "no" };
        let a = if i % 17 == 3 { String::new() } else { a.to_string() };
        format!("e{i},{a},{c},{label}\n")
    };
    "id,a,c,y\n".to_owned() + &(0..300).map(row).collect::<String>()
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("a trace");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[test]
fn phishing_scores_as_in_river() {
    let Some(file) = data("phishing.csv.gz") else { return };
    let report = evaluate(&[&file, "--model", "logistic_regression"]);
    assert_eq!(report.data.rows, 1_250);
    assert!((score(&report.metrics, "accuracy") - 0.8928).abs() < 1e-12, "{:?}", report.metrics);
}

#[test]
fn elec_is_read_as_it_is_and_no_change_is_the_published_one() {
    let Some(file) = data("elec.csv.gz") else { return };
    let report = evaluate(&[&file, "--model", "logistic_regression"]);
    assert_eq!((report.data.rows, report.data.features, report.data.labelled), (45_312, 8, 45_312));
    assert_eq!(report.data.classes, ["DOWN", "UP"]);
    let (name, no_change) = &report.baselines.0[0];
    assert_eq!(*name, "no_change");
    assert!((score(no_change, "accuracy") - 0.8533).abs() < 1e-3, "{no_change:?}");
    assert!(score(&report.metrics, "kappa_temporal") < 0.0, "the linear model does not beat no-change here");
}

#[test]
fn regression_is_inferred_from_its_label() {
    let Some(file) = data("trump_approval.csv.gz") else { return };
    let report = evaluate(&[&file]);
    let metrics: Vec<&str> = report.metrics.iter().map(|(name, _)| *name).collect();
    assert_eq!(metrics, ["mae", "rmse", "r2"]);
    assert_eq!(report.baselines.0[1].0, "mean");
}

#[test]
fn the_document_has_the_published_shape() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x.csv");
    std::fs::write(&file, csv()).expect("written");
    let report = evaluate(&[path(&file), "--set", "drift.0.type=adwin", "--set", "drift.0.delta=0.9"]);
    let document = serde_json::to_value(&report).expect("JSON");
    let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        keys(&document),
        [
            "data",
            "pipeline",
            "fingerprint",
            "seed",
            "metrics",
            "baselines",
            "windows",
            "alerts",
            "speed",
            "memory",
            "digest"
        ]
    );
    assert_eq!(keys(&document["data"])[..4], ["rows", "features", "task", "classes"]);
    let metrics = ["accuracy", "kappa", "kappa_temporal", "kappa_m", "f1", "roc_auc", "log_loss"];
    assert_eq!(keys(&document["metrics"]), metrics);
    assert_eq!(keys(&document["baselines"]), ["no_change", "majority"]);
    assert_eq!(keys(&document["windows"][0])[..3], ["from", "to", "accuracy"]);
    let windows = document["windows"].as_array().expect("windows");
    assert_eq!((windows.len(), &windows[0]["from"], &windows[5]["to"]), (6, &Value::from(0), &Value::from(299)));
    assert_eq!(
        keys(&document["speed"]),
        ["events_per_second", "end_to_end_events_per_second", "cpu_seconds", "threads"]
    );
    assert_eq!(keys(&document["memory"]), ["model_bytes", "learner_bytes", "peak_rss_bytes"]);
    assert_eq!(document["digest"].as_str().map(str::len), Some(64));
}

#[test]
fn the_trace_holds_every_prediction_with_its_truth() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, trace) = (folder.path().join("x.csv"), folder.path().join("trace.jsonl"));
    std::fs::write(&file, csv()).expect("written");
    let report = evaluate(&[path(&file), "--trace", path(&trace)]);
    let trace = lines(&trace);
    assert_eq!(trace.len(), 300);
    let right = trace.iter().filter(|line| line["label"] == line["truth"]).count();
    assert!((score(&report.metrics, "accuracy") - right as f64 / 300.0).abs() < 1e-12);
    let offsets: Vec<i64> = trace.iter().filter_map(|line| line["origin"]["offset"].as_i64()).collect();
    assert_eq!(offsets, (0..300).collect::<Vec<_>>());
    assert_eq!(trace[7]["fingerprint"], report.fingerprint.as_str());
}

/// What the model said, without what names it.
fn answers(trace: &[Value]) -> Vec<(Value, Value, Value)> {
    trace.iter().map(|line| (line["probabilities"].clone(), line["learned"].clone(), line["truth"].clone())).collect()
}

#[test]
fn a_delay_of_nothing_is_no_delay() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, trace) = (folder.path().join("x.csv"), folder.path().join("trace.jsonl"));
    std::fs::write(&file, csv()).expect("written");
    evaluate(&[path(&file), "--trace", path(&trace)]);
    let at_once = answers(&lines(&trace));
    evaluate(&[path(&file), "--trace", path(&trace), "--delay", "0"]);
    assert_eq!(answers(&lines(&trace)), at_once);
    evaluate(&[path(&file), "--trace", path(&trace), "--delay", "20"]);
    assert_ne!(answers(&lines(&trace)), at_once);
}

const LATER: &str = r#"
name = "later"
[kafka]
bootstrap = "localhost:9092"
[input]
topic = "x"
id = "id"
label = "y"
features = { a = "number", c = "category" }
[task]
kind = "binary"
classes = ["no", "yes"]
[labels]
from = "later"
wait = { events = 21 }
[[transform]]
type = "standard_scaler"
[[transform]]
type = "one_hot"
[model]
type = "logistic_regression"
"#;

/// `--delay 20` is what a stream of events and of labels 20 events later is.
#[test]
fn a_delay_is_labels_as_later_records() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let rows: Vec<Vec<String>> = csv().lines().skip(1).map(|row| row.split(',').map(str::to_owned).collect()).collect();
    let label = |row: &[String]| format!("{{\"id\":\"{}\",\"y\":\"{}\"}}\n", row[0], row[3]);
    let mut later = String::new();
    for (i, row) in rows.iter().enumerate() {
        let a = if row[1].is_empty() { "null" } else { &row[1] };
        later += &format!("{{\"id\":\"{}\",\"a\":{a},\"c\":\"{}\"}}\n", row[0], row[2]);
        if let Some(past) = i.checked_sub(20) {
            later += &label(&rows[past]);
        }
    }
    rows[280..].iter().for_each(|row| later += &label(row));
    std::fs::write(at("later.jsonl"), later).expect("written");
    std::fs::write(at("x.csv"), csv()).expect("written");
    std::fs::write(at("c.toml"), LATER).expect("written");
    let (config, trace) = (at("c.toml"), at("trace.jsonl"));

    evaluate(&[path(&at("x.csv")), "-c", path(&config), "--delay", "20", "--trace", path(&trace)]);
    let delayed = answers(&lines(&trace));
    let report = evaluate(&[path(&at("later.jsonl")), "-c", path(&config), "--trace", path(&trace)]);
    assert_eq!(answers(&lines(&trace)), delayed);
    assert_eq!((report.data.rows, report.data.labelled), (600, 300));
}

#[test]
fn records_that_cannot_be_used_are_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x.jsonl");
    let config = folder.path().join("c.toml");
    std::fs::write(&config, LATER.replace("from = \"later\"", "from = \"event\"")).expect("written");
    let text = "{\"id\":1,\"a\":1,\"c\":\"u\",\"y\":\"no\"}\nnot JSON\n{\"id\":2,\"a\":\"x\",\"y\":\"no\"}\n{\"id\":3,\"y\":\"maybe\"}\n";
    std::fs::write(&file, text).expect("written");
    let report = evaluate(&[path(&file), "-c", path(&config)]);
    let rejected: Vec<_> = report.data.rejected.into_iter().collect();
    assert_eq!(rejected, [("not_json", 1), ("unknown_class", 1), ("wrong_type", 1)]);
    assert_eq!((report.data.rows, report.data.labelled), (4, 1));
}

#[test]
fn options_reach_the_pipeline() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x.csv");
    std::fs::write(&file, csv()).expect("written");
    let arguments =
        ["--model", "majority", "--seed", "7", "--limit", "100", "--label", "c", "--set", "metrics.window=30"];
    let report = evaluate(&[&[path(&file)], &arguments[..]].concat());
    assert_eq!((report.pipeline.model.name(), report.seed, report.data.rows), ("majority", 7, 100));
    assert_eq!((report.pipeline.metrics.window, report.windows.len()), (30, 4));
    assert_eq!(report.data.classes.len(), 3);
    assert_eq!(report.metrics[0], report.baselines.0[1].1[0], "the majority model is the majority baseline");
}

#[test]
fn what_is_wrong_with_the_options_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x.csv");
    std::fs::write(&file, csv()).expect("written");
    let told = |arguments: &[&str]| reports(&[&[path(&file)], arguments].concat()).expect_err("an error").to_string();
    assert!(told(&["--model", "magic"]).contains("magic"), "{}", told(&["--model", "magic"]));
    assert!(told(&["--set", "model.l3=1", "--model", "logistic_regression"]).contains("l3"));
    assert!(told(&["--label", "z"]).contains("no column `z`"));
}

/// The stream of the demonstration: a model beats no-change, falls behind where fraud changes, and comes back.
#[test]
fn fraud_drifts_visibly() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("fraud.csv");
    let mut stream = streams::build("fraud", 1, Schedule { at: vec![6_000], width: 0 }).expect("a stream");
    let mut csv = stream.columns().join(",") + "\n";
    let mut fields = Vec::new();
    for _ in 0..12_000 {
        stream.sample(&mut fields);
        csv += &(fields.iter().map(ToString::to_string).collect::<Vec<_>>().join(",") + "\n");
    }
    std::fs::write(&file, csv).expect("written");
    let report = evaluate(&[path(&file), "--model", "logistic_regression"]);
    let accuracy = |rows: std::ops::Range<i64>| {
        let within: Vec<f64> = report
            .windows
            .iter()
            .filter(|window| rows.contains(&window.from) && rows.contains(&window.to))
            .map(|window| score(&window.scores, "accuracy"))
            .collect();
        within.iter().sum::<f64>() / within.len() as f64
    };
    let (before, at, after) = (accuracy(3_000..6_000), accuracy(6_000..6_400), accuracy(10_000..12_000));
    assert!(before > 0.97 && at < 0.93 && after > 0.96, "{before:.3}, {at:.3}, {after:.3}");
    assert!(score(&report.metrics, "accuracy") > score(&report.baselines.0[0].1, "accuracy") + 0.05);
}

#[test]
fn generated_streams_parse_as_commands() {
    #[derive(Parser)]
    struct Generate {
        #[command(flatten)]
        args: generate::Args,
    }
    let parsed = Generate::try_parse_from(["generate", "sea", "-n", "5", "--drift-at", "2,4", "--width", "1"]);
    let args = parsed.expect("arguments").args;
    assert_eq!((args.drift_at, args.width, args.n), (vec![2, 4], 1, 5));
    assert!(Generate::try_parse_from(["generate", "see"]).is_err());
}
