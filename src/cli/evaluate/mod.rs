//! `driftline evaluate`: progressive validation of pipelines on files, without Kafka.

use std::path::PathBuf;

use clap::ValueEnum;

use super::{print, print_json};
use crate::evaluation::{Records, Report};
use crate::row;

mod page;
mod pass;
mod process;
mod reader;
mod setup;
mod show;
mod trace;

use pass::Pass;
pub(super) use process::Bar;

/// Progressive validation of pipelines on CSV, JSONL or Avro files: every event is predicted before its label is learned.
///
/// Without -c it works on any file with a header row: the label is the last column, the kinds of the others and the task
/// are inferred from the first 2,000 records (empty = missing; text that is different in every record is left out),
/// and the default pipeline learns: a portfolio of experts.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Example:\n  driftline generate sea -n 100000 --drift-at 50000 > sea.csv\n  \
                        driftline evaluate sea.csv --set drift.0.type=adwin\n  \
                        driftline evaluate sea.csv --compare default,hoeffding_tree,naive_bayes --report sea.html")]
pub struct Args {
    /// Files to read as one stream: .csv, .jsonl or .avro, also .gz and .zst, or - for standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// The configuration whose pipeline is evaluated.
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The column of the label; the last one where neither this nor the configuration names it.
    #[arg(long, value_name = "NAME")]
    pub label: Option<String>,
    /// What is to be predicted; inferred from the label where neither this nor the configuration says it.
    #[arg(long, value_enum)]
    pub task: Option<Task>,
    /// The model in place of the default or the configured one: see `driftline components`.
    #[arg(long, value_name = "TYPE")]
    pub model: Option<String>,
    /// Pipelines that run beside each other in one pass over the data: types of models, configuration files, or `default`.
    /// A type takes the place of the model in -c. What --model or -c says comes first.
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    pub compare: Vec<String>,
    /// A key of the configuration by its TOML path, as model.l2=0.1; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// What models that draw random numbers draw from, in place of the configuration's seed.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// The most records that are read.
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// How many pipelines of --compare learn at once, or, of a pipeline alone, members of its ensemble (which pays from some
    /// dozens of trees on); the results are the same for any number.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: u16,
    /// Labels arrive this many events late, as records of their own.
    #[arg(long, value_name = "N")]
    pub delay: Option<usize>,
    /// Writes every prediction as `run` would emit it, with its truth, as JSON lines.
    #[arg(long, value_name = "FILE", conflicts_with = "compare")]
    pub trace: Option<PathBuf>,
    /// Writes a page for browsers that needs nothing but itself: scores over time, drifts, calibration, features.
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,
    /// Prints one JSON document instead of tables and plots; with --compare, an object of such documents by name.
    #[arg(long)]
    pub json: bool,
}

/// `--task`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Task {
    Binary,
    Multiclass,
    Regression,
}

impl From<Task> for row::Task {
    fn from(task: Task) -> Self {
        match task {
            Task::Binary => Self::Binary,
            Task::Multiclass => Self::Multiclass,
            Task::Regression => Self::Regression,
        }
    }
}

/// Evaluates, and prints what came of it.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let reports = reports(args)?;
    match &reports[..] {
        [report] if args.json && args.compare.is_empty() => print_json(report),
        reports if args.json => print_json(&show::by_name(reports)),
        reports => Ok(print(&show::reports(reports))?),
    }
}

/// Evaluates: a report for each pipeline, in the order they were asked for; and writes the page.
pub fn reports(args: &Args) -> anyhow::Result<Vec<Report>> {
    let mut records = Records::open(&args.files)?;
    let pipelines = setup::pipelines(args, &mut records)?;
    let window = setup::window(args, &pipelines, &mut records)?;
    let mut pass = Pass::new(args, records, &pipelines, window)?;
    let reports = pass.run()?;
    if let Some(path) = &args.report {
        page::write(path, args, &pass, &pipelines, &reports)?;
    }
    Ok(reports)
}
