//! `driftline evaluate`: progressive validation of a pipeline on files, without Kafka.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::ValueEnum;

use crate::checkpoint;
use crate::codec::{CodecError, Decoded, Decoder, Encoder, Format, Input};
use crate::config::Config;
use crate::evaluation::{Memory, Records, Report, Speed, Traced, Validation};
use crate::event::Event;
use crate::learner::Place;
use crate::row;

mod process;
mod setup;
mod show;

pub(super) use process::Bar;

/// Progressive validation of a pipeline on CSV or JSONL files: every event is predicted before its label is learned.
///
/// Without -c it works on any file with a header row: the label is the last column, the kinds of the others and the task
/// are inferred from the first 2,000 records (empty = missing; text that is different in every record is left out),
/// and the default pipeline learns: a portfolio of experts.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Example:\n  driftline generate sea -n 100000 --drift-at 50000 > sea.csv\n  \
                        driftline evaluate sea.csv --set drift.0.type=adwin")]
pub struct Args {
    /// Files to read as one stream: .csv or .jsonl, also .gz and .zst, or - for standard input.
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
    /// A key of the configuration by its TOML path, as model.l2=0.1; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// The most records that are read.
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// The most threads; one pipeline on one stream uses one.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: u16,
    /// Labels arrive this many events late, as records of their own.
    #[arg(long, value_name = "N")]
    pub delay: Option<usize>,
    /// Writes every prediction as `run` would emit it, with its truth, as JSON lines.
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// Prints one JSON document instead of tables and plots.
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

/// Events that are parsed before the learner runs over them, timed.
const CHUNK: usize = 1_024;

/// Evaluates, and prints what came of it.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let report = report(args)?;
    let mut out = std::io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &report)?;
        writeln!(out)?;
    } else {
        out.write_all(show::report(&report).as_bytes())?;
    }
    Ok(())
}

/// Evaluates.
pub fn report(args: &Args) -> anyhow::Result<Report> {
    let started = Instant::now();
    let mut records = Records::open(&args.files)?;
    let config = setup::config(args, &mut records)?;
    let window = setup::window(args, &config, &mut records)?;
    let mut session = Session::new(args, &config, window)?;
    session.read(&mut records, &config.input, args.limit.unwrap_or(u64::MAX))?;
    session.finish(started)
}

/// One run over the files.
struct Session {
    validation: Validation,
    trace: Trace,
    bar: process::Bar,
    events: u64,
    rows: u64,
    /// Time in the learner alone.
    learning: Duration,
}

impl Session {
    fn new(args: &Args, config: &Config, window: usize) -> anyhow::Result<Self> {
        let spec = config.spec();
        let place =
            Place { topic: Arc::from(config.input.topic.as_str()), partition: 0, fingerprint: spec.fingerprint() };
        Ok(Self {
            validation: Validation::new(&spec, place, args.delay, window, args.trace.is_some()),
            trace: Trace::create(args.trace.as_ref())?,
            bar: process::Bar::new(),
            events: 0,
            rows: 0,
            learning: Duration::ZERO,
        })
    }

    fn read(&mut self, records: &mut Records, input: &Input, limit: u64) -> anyhow::Result<()> {
        // The records are JSON, whatever the topic holds.
        let input = Input { format: Format::Json, schema: None, ..input.clone() };
        records.resolve(&input);
        let mut decoder = Decoder::new(&input, None)?;
        let mut chunk = vec![Event::empty(&input.layout()); CHUNK];
        let (mut filled, mut record) = (0, Vec::new());
        while self.rows < limit && records.next(&mut record)? {
            let offset = i64::try_from(self.rows)?;
            match decoder.decode(0, offset, 0, Some(&record), &mut chunk[filled]) {
                Ok(Decoded::Event) => filled += 1,
                Ok(Decoded::Tombstone) => {}
                Err(CodecError::Rejected(rejection)) => self.validation.reject(offset, &rejection),
                Err(error) => return Err(error.into()),
            }
            self.rows += 1;
            if filled == CHUNK {
                self.learn(&mut chunk);
                filled = 0;
                self.bar.tick(records.progress(), self.rows);
            }
        }
        self.learn(&mut chunk[..filled]);
        Ok(())
    }

    fn learn(&mut self, mut events: &mut [Event]) {
        self.events += events.len() as u64;
        while !events.is_empty() {
            let start = Instant::now();
            let taken = self.validation.learn(events);
            self.learning += start.elapsed();
            self.validation.observe(&mut |traced| self.trace.write(traced));
            events = &mut events[taken..];
        }
    }

    fn finish(mut self, started: Instant) -> anyhow::Result<Report> {
        let mut more = true;
        while more {
            let start = Instant::now();
            more = self.validation.learn_late();
            self.learning += start.elapsed();
            self.validation.observe(&mut |traced| self.trace.write(traced));
        }
        self.validation.finish(&mut |traced| self.trace.write(traced));
        self.trace.close()?;
        self.bar.clear();
        for rejection in self.validation.rejections() {
            eprintln!("{rejection}");
        }
        let rate = |elapsed: Duration| self.events as f64 / elapsed.as_secs_f64().max(1e-9);
        let speed = Speed {
            events_per_second: rate(self.learning),
            end_to_end_events_per_second: rate(started.elapsed()),
            cpu_seconds: process::cpu_seconds(),
            threads: 1,
        };
        let learner = &self.validation.learner;
        let memory = Memory {
            learner_bytes: rmp_serde::to_vec_named(learner)?.len(),
            peak_rss_bytes: process::peak_rss_bytes(),
        };
        let digest = checkpoint::digest(learner).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Report::new(&self.validation, self.rows, speed, memory, digest))
    }
}

/// The file of `--trace`, if any.
struct Trace {
    file: Option<BufWriter<File>>,
    encoder: Encoder,
    line: Vec<u8>,
    /// The first write that failed.
    failed: Option<std::io::Error>,
}

impl Trace {
    fn create(path: Option<&PathBuf>) -> anyhow::Result<Self> {
        let create = |path: &PathBuf| File::create(path).with_context(|| format!("cannot write {}", path.display()));
        let file = path.map(create).transpose()?.map(BufWriter::new);
        Ok(Self { file, encoder: Encoder::json(), line: Vec::new(), failed: None })
    }

    fn write(&mut self, (record, truth): Traced<'_>) {
        let Some(file) = &mut self.file else { return };
        self.line.clear();
        self.encoder.prediction(record, &mut self.line);
        // Into the record, before its closing brace.
        self.line.pop();
        self.line.extend_from_slice(b",\"truth\":");
        let written = serde_json::to_writer(&mut self.line, &truth)
            .map_err(std::io::Error::from)
            .and_then(|()| self.line.write_all(b"}\n"))
            .and_then(|()| file.write_all(&self.line));
        if let Err(error) = written {
            self.failed.get_or_insert(error);
        }
    }

    fn close(&mut self) -> anyhow::Result<()> {
        let flushed = self.file.as_mut().map_or(Ok(()), Write::flush);
        self.failed.take().map_or(flushed, Err).context("cannot write the trace")
    }
}
