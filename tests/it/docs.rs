//! The documents are true: what they list is what the code has, what they show is run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use driftline::cli::EXIT_CODES;
use driftline::config::Config;
use driftline::facts::Reason;

use crate::harness::{self, Driftline, said};

const PATIENCE: Duration = Duration::from_secs(90);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn documents() -> Vec<(PathBuf, String)> {
    let docs = std::fs::read_dir(root().join("docs")).expect("docs").flatten().map(|entry| entry.path());
    let mut paths: Vec<_> = docs.chain([root().join("README.md"), root().join("CHANGELOG.md")]).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    paths.sort();
    paths
        .into_iter()
        .map(|path| (std::fs::read_to_string(&path).expect("a document"), path))
        .map(|(text, path)| (path, text))
        .collect()
}

fn document(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
}

/// The fenced blocks of a language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    text.match_indices(&fence)
        .map(|(at, _)| text[at + fence.len()..].split("\n```").next().unwrap_or_default().to_owned())
        .collect()
}

/// The first cells of the table under a heading, without backticks.
fn first_cells(text: &str, heading: &str) -> Vec<String> {
    let section = text.split(&format!("\n{heading}\n")).nth(1).unwrap_or_else(|| panic!("no {heading:?}"));
    let section = section.split("\n## ").next().unwrap_or_default();
    let is_row = |line: &&str| line.starts_with('|');
    let rows = section.lines().skip_while(|line| !is_row(line)).take_while(is_row).skip(2);
    rows.filter_map(|row| Some(row.split('|').nth(1)?.trim().trim_matches('`').to_owned())).collect()
}

#[test]
fn every_reason_of_a_dead_letter_is_listed() {
    let listed = first_cells(&document("docs/operations.md"), "## Dead letters");
    assert_eq!(listed, Reason::ALL.map(Reason::name));
}

#[test]
fn relative_links_lead_somewhere() {
    for (path, text) in documents() {
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split([')', ' ']).next().unwrap_or_default();
            let file = target.split('#').next().unwrap_or_default();
            if !target.contains("://") && !file.is_empty() {
                assert!(path.parent().expect("a folder").join(file).exists(), "{}: {target}", path.display());
            }
        }
    }
}

#[test]
fn configurations_that_are_shown_or_shipped_are_accepted() {
    let home = tempfile::tempdir().expect("a folder");
    let file = home.path().join("driftline.toml");
    let accept = |path: &Path, shown: &Path| {
        let loaded = Config::load(path, [], &[]);
        assert!(loaded.is_ok(), "{}: {}", shown.display(), loaded.err().map(|why| why.to_string()).unwrap_or_default());
    };
    for (path, text) in documents() {
        for block in blocks(&text, "toml") {
            assert!(block.parse::<toml::Table>().is_ok(), "{}:\n{block}", path.display());
            if block.starts_with("name = ") {
                std::fs::write(&file, &block).expect("written");
                accept(&file, &path);
            }
        }
    }
    for entry in std::fs::read_dir(root().join("config")).expect("config").flatten() {
        accept(&entry.path(), &entry.path());
    }
}

#[test]
fn the_readme_shows_the_configuration_that_is_shipped() {
    let shipped = document("config/fraud.toml");
    let shown = blocks(&document("README.md"), "toml");
    assert!(shown.iter().any(|block| shipped.trim_end().ends_with(block.trim_end())));
}

#[test]
fn every_exit_code_is_listed() {
    let listed = first_cells(&document("docs/operations.md"), "## Exit codes");
    let codes = EXIT_CODES.lines().filter_map(|line| line.split_whitespace().next()?.parse::<u8>().ok());
    assert_eq!(listed, codes.map(|code| code.to_string()).collect::<Vec<_>>());
}

/// Runs the README's shell blocks in one folder, in order; `.ci/run` runs the two that begin with `cargo`.
#[test]
fn the_commands_of_the_readme_run() {
    let Some(kafka) = harness::broker() else { return };
    let home = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(home.path().join("config")).expect("a folder");
    std::fs::copy(root().join("config/fraud.toml"), home.path().join("config/fraud.toml")).expect("copied");
    let env = [
        ("DRIFTLINE__KAFKA__BOOTSTRAP", kafka.bootstrap().to_owned()),
        ("PATH", format!("{}:{}", binaries().display(), std::env::var("PATH").unwrap_or_default())),
    ];
    let mut worker = None;
    for line in blocks(&document("README.md"), "sh").join("\n").lines() {
        let command = line.split(" #").next().unwrap_or_default().trim();
        if command.is_empty() || command.starts_with("cargo ") {
            continue;
        }
        if let Some(args) = command.strip_prefix("driftline run ") {
            let args: Vec<_> = std::iter::once("run").chain(args.split_whitespace()).collect();
            let path = home.path().join("run.log");
            worker = Some(Driftline::start_in(home.path(), &args, &[(env[0].0, &env[0].1)], &path));
            continue;
        }
        let out = Command::new("sh").args(["-ec", command]).current_dir(home.path()).envs(env.clone()).output();
        let out = out.expect("a shell");
        assert!(out.status.success(), "{command}: {}", said(&out));
    }
    let mut worker = worker.expect("the README runs the worker");
    assert_eq!(kafka.read_until("fraud.predictions", 10_000, PATIENCE).len(), 10_000, "{}", worker.log());
    assert_eq!(worker.stop(PATIENCE).code(), Some(0), "{}", worker.log());
}

/// Needs no cluster: what somebody new to streams tries first.
#[test]
fn the_commands_for_choosing_a_model_run() {
    let home = tempfile::tempdir().expect("a folder");
    let path = format!("{}:{}", binaries().display(), std::env::var("PATH").unwrap_or_default());
    for command in blocks(&document("docs/choosing.md"), "sh").join("\n").lines() {
        let out = Command::new("sh").args(["-ec", command]).current_dir(home.path()).env("PATH", &path).output();
        let out = out.expect("a shell");
        assert!(out.status.success(), "{command}: {}", said(&out));
    }
    let page = std::fs::read_to_string(home.path().join("sea.html")).expect("a report");
    assert!(page.contains("hoeffding_adaptive_tree"));
}

#[test]
fn the_models_to_choose_from_exist() {
    let listed = first_cells(&document("docs/choosing.md"), "## Which model when");
    assert!(listed.len() >= 8, "{listed:?}");
    for name in listed.iter().flat_map(|cell| cell.split("`, `")) {
        assert!(driftline::model::Params::NAMES.contains(&name), "docs/choosing.md speaks of {name}");
    }
}

fn binaries() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_driftline")).parent().expect("a folder")
}
