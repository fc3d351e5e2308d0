//! `--compare`: each pipeline is in company what it is alone, on any number of threads.

use std::process::Command;

use serde_json::Value;

use super::{LATER, csv, evaluate, path, reports};

const NAMES: [&str; 4] = ["default", "hoeffding_tree", "logistic_regression", "adaptive_random_forest"];

#[test]
fn pipelines_in_company_are_what_they_are_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x.csv");
    std::fs::write(&file, csv()).expect("written");
    let compared = ["--compare", &NAMES.join(","), "--set", "drift.0.type=adwin"];
    let all = reports(&[&[path(&file)], &compared[..]].concat()).expect("reports");
    assert_eq!(all.iter().map(|report| report.name.as_str()).collect::<Vec<_>>(), NAMES);
    for report in &all {
        let model = ["--model", &report.name];
        let model = if report.name == "default" { &[][..] } else { &model };
        let alone = evaluate(&[&[path(&file)], model, &compared[2..]].concat());
        assert_eq!((&alone.digest, &alone.windows), (&report.digest, &report.windows), "{}", report.name);
        assert_eq!((&alone.metrics, &alone.baselines), (&report.metrics, &report.baselines), "{}", report.name);
    }
    for threads in ["2", "16"] {
        let threaded = [&[path(&file)], &compared[..], &["--threads", threads, "--delay", "0"]].concat();
        let single = [&[path(&file)], &compared[..], &["--threads", "1", "--delay", "0"]].concat();
        let digests = |arguments: &[&str]| {
            reports(arguments)
                .expect("reports")
                .into_iter()
                .map(|report| (report.digest, report.metrics))
                .collect::<Vec<_>>()
        };
        assert_eq!(digests(&threaded), digests(&single), "{threads} threads");
    }
}

/// Enough trees that each thread gets some.
#[test]
fn an_ensemble_alone_is_the_same_on_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x.csv");
    std::fs::write(&file, csv()).expect("written");
    let forests = [
        "adaptive_random_forest",
        "streaming_random_patches",
        "leveraging_bagging",
        "arte",
        "aggregated_mondrian_forest",
    ];
    let cases = forests.map(|model| ["--model", model, "--label", "y"]);
    for case in cases.into_iter().chain([["--model", "adaptive_random_forest", "--label", "a"]]) {
        let digest = |threads: &str| {
            let more = ["--set", "model.trees=50", "--threads", threads];
            evaluate(&[&[path(&file)], &case[..], &more].concat()).digest
        };
        let one = digest("1");
        for threads in ["2", "3", "7"] {
            assert_eq!(digest(threads), one, "{case:?} on {threads} threads");
        }
    }
}

#[test]
fn configurations_are_compared_each_with_its_own_columns() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("x.csv"), csv()).expect("written");
    let config = LATER.replace("from = \"later\"", "from = \"event\"");
    std::fs::write(at("both.toml"), &config).expect("written");
    let one = config.replace("a = \"number\", ", "").replace("[[transform]]\ntype = \"standard_scaler\"", "");
    std::fs::write(at("one.toml"), one).expect("written");
    let (both, one) = (at("both.toml"), at("one.toml"));

    let compared = format!("{},naive_bayes,default", path(&one));
    let all = reports(&[path(&at("x.csv")), "-c", path(&both), "--compare", &compared]).expect("reports");
    let found: Vec<_> =
        all.iter().map(|report| (report.name.as_str(), report.pipeline.model.name(), report.data.features)).collect();
    let default = found[3].1;
    let expected = [
        ("both", "logistic_regression", 2),
        ("one", "logistic_regression", 1),
        ("naive_bayes", "naive_bayes", 2),
        ("default", default, 2),
    ];
    assert_eq!(found, expected);
    assert_eq!(all[1].digest, evaluate(&[path(&at("x.csv")), "-c", path(&one)]).digest);
}

#[test]
fn what_cannot_be_compared_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x.csv");
    std::fs::write(&file, csv()).expect("written");
    let told = |compared: &str| {
        let error = reports(&[path(&file), "--compare", compared]).expect_err("an error");
        format!("{error:#}")
    };
    assert!(told("hoefding_tree").contains("did you mean \"hoeffding_tree\"?"), "{}", told("hoefding_tree"));
    assert!(told("majority,majority").contains("twice"));
    let config =
        LATER.replace("binary", "regression").replace("classes = [\"no\", \"yes\"]", "").replace("logistic", "linear");
    let other = folder.path().join("other.toml");
    std::fs::write(&other, config.replace("from = \"later\"", "from = \"event\"")).expect("written");
    let mixed = told(&format!("majority,{}", path(&other)));
    assert!(mixed.contains("majority (binary, label y), other (regression, label y)"), "{mixed}");
}

/// What a user sees: an object by name, or one table and one plot.
#[test]
fn a_comparison_is_one_document_or_one_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x.csv");
    std::fs::write(&file, csv()).expect("written");
    let run = |json: &[&str]| {
        let arguments = [&["evaluate", path(&file), "--compare", "majority,naive_bayes"], json].concat();
        let out = Command::new(env!("CARGO_BIN_EXE_driftline")).args(arguments).output().expect("it runs");
        assert!(out.status.success(), "{out:?}");
        String::from_utf8(out.stdout).expect("UTF-8")
    };
    let document: Value = serde_json::from_str(&run(&["--json"])).expect("JSON");
    let names: Vec<_> = document.as_object().expect("an object").keys().collect();
    assert_eq!(names, ["majority", "naive_bayes"]);
    assert_eq!(document["naive_bayes"]["pipeline"]["model"]["type"], "naive_bayes");
    let shown = run(&[]);
    let begins = |name: &str| shown.lines().filter(|line| line.starts_with(name)).count();
    assert_eq!((begins("naive_bayes "), begins("no_change "), begins("accuracy")), (1, 1, 1), "{shown}");
    assert!(shown.contains("● majority   ▲ naive_bayes   · no-change"), "{shown}");
}
