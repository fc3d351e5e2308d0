//! `--report`: the page, written to a file.

use std::path::Path;

use anyhow::Context as _;
use toml::{Table, Value};

use super::Args;
use super::pass::Pass;
use super::setup::Pipeline;
use crate::evaluation::page::Page;
use crate::evaluation::{Profile, Report};

/// Sections of a configuration that an evaluation has no use for; brokers are nobody's business who reads the page.
const LEFT_OUT: [&str; 4] = ["kafka", "outputs", "checkpoint", "worker"];

/// Writes the page of these reports, which came of `pipelines` in `pass`.
pub fn write(path: &Path, args: &Args, pass: &Pass, pipelines: &[Pipeline], reports: &[Report]) -> anyhow::Result<()> {
    let configurations = pipelines.iter().map(configuration).collect::<Result<Vec<_>, _>>()?;
    let features = pass.profile().map(Profile::features).unwrap_or_default();
    let (source, command) = (source(&args.files), command());
    let page =
        Page { source: &source, command: &command, reports, configurations: &configurations, features: &features };
    std::fs::write(path, page.html()).with_context(|| format!("cannot write {}", path.display()))
}

/// The pipeline with every default filled in, as it would stand in a configuration.
fn configuration(pipeline: &Pipeline) -> Result<String, toml::ser::Error> {
    let spec = pipeline.config.spec();
    let mut root = Table::try_from(&pipeline.config)?;
    LEFT_OUT.iter().for_each(|section| drop(root.remove(*section)));
    root.insert("model".to_owned(), Value::try_from(&spec.model)?);
    if !spec.transforms.is_empty() {
        root.insert("transform".to_owned(), Value::try_from(&spec.transforms)?);
    }
    toml::to_string(&root)
}

/// The files' names without their folders.
fn source(files: &[String]) -> String {
    let name = |file: &String| match file.as_str() {
        "-" => "standard input".to_owned(),
        path => path.rsplit('/').next().unwrap_or(path).to_owned(),
    };
    files.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// What was typed, as a shell would take it again.
fn command() -> String {
    let quoted = |argument: String| {
        let plain = |c: char| c.is_alphanumeric() || "-_=./,:@%+".contains(c);
        if !argument.is_empty() && argument.chars().all(plain) {
            argument
        } else {
            format!("'{}'", argument.replace('\'', "'\\''"))
        }
    };
    let arguments = std::env::args_os().skip(1).map(|argument| quoted(argument.to_string_lossy().into_owned()));
    ["driftline".to_owned()].into_iter().chain(arguments).collect::<Vec<_>>().join(" ")
}
