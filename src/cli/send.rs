//! `driftline send`: a file into the input topic.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::cluster::PATIENCE;
use super::evaluate::Bar;
use super::{Configured, Failure, print, print_json};
use crate::codec::{Format, Input, Writer};
use crate::evaluation::Records;
use crate::event::Kind;
use crate::stream::kafka::{Sender, partition_of};

/// Produces a CSV, JSONL or Avro file to the input topic, in the configured format
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  driftline send payments.csv.gz -c fraud.toml --key txn_id
  driftline generate fraud -n 100000 | driftline send - -c fraud.toml --rate 1000
  driftline send payments.jsonl.zst -c fraud.toml --loop --rate 50")]
pub struct Args {
    /// .csv, .jsonl or .avro, also .gz and .zst, or - for standard input.
    file: PathBuf,
    #[command(flatten)]
    configured: Configured,
    /// Records per second; as fast as they are taken where it is absent.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
    /// Begins again at the end of the file, until interrupted.
    #[arg(long = "loop")]
    endless: bool,
    /// The column or field that is the records' key and decides their partition; input.id where it is absent. Records
    /// without one go to the partitions in turn.
    #[arg(long, value_name = "COLUMN")]
    key: Option<String>,
    /// Only to the topic's first N partitions; all of them where it is absent.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
    partitions: Option<i32>,
    /// One JSON document at the end.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let config = args.configured.load()?;
    let file = args.file.display().to_string();
    if args.endless && file == "-" {
        return Err(Failure::usage("--loop needs a file: standard input cannot be read again").into());
    }
    let records = Records::open(std::slice::from_ref(&file))?;
    let key = args.key.clone().or_else(|| config.input.id.clone());
    if let Some(asked) = &args.key
        && !records.header().is_empty()
        && !records.header().contains(asked)
    {
        let columns = records.header().join(", ");
        return Err(Failure::usage(format!("--key {asked}: {file} has no such column; it has {columns}")).into());
    }
    let registry = config.registry()?;
    let writer = Writer::new(&config.input, registry.as_deref())?;
    let sender = Sender::open(&config.cluster("send", PATIENCE), &config.input.topic)?;
    let there = sender.partitions()?;
    let partitions = args.partitions.unwrap_or(there);
    if partitions > there {
        let topic = &config.input.topic;
        return Err(Failure::usage(format!("--partitions {partitions}: {topic} has {there}")).into());
    }
    let mut sending =
        Sending { writer, sender, key, partitions, rate: args.rate, sent: 0, unkeyed: 0, started: Instant::now() };
    sending.file(records, &config.input)?;
    if args.endless {
        loop {
            sending.file(Records::open(std::slice::from_ref(&file))?, &config.input)?;
        }
    }
    sending.sender.flush()?;
    report(&sending, &config.input.topic, args.json)
}

fn report(sending: &Sending, topic: &str, json: bool) -> anyhow::Result<()> {
    let (sent, seconds) = (sending.sent, sending.started.elapsed().as_secs_f64());
    if json {
        return print_json(&json!({ "topic": topic, "records": sent, "seconds": seconds }));
    }
    Ok(print(&format!("{sent} records to {topic} in {seconds:.1} s"))?)
}

struct Sending {
    writer: Writer,
    sender: Sender,
    key: Option<String>,
    partitions: i32,
    rate: Option<u32>,
    sent: u64,
    /// Records without a key so far: they take turns.
    unkeyed: i32,
    started: Instant,
}

impl Sending {
    fn file(&mut self, mut records: Records, input: &Input) -> anyhow::Result<()> {
        let mut columns = Input { format: Format::Json, ..input.clone() };
        if let Some(key) = &self.key {
            // Columns that nothing refers to are not read.
            let roles = [&input.id, &input.time, &input.label, &input.weight];
            if !roles.into_iter().flatten().any(|field| field == key) {
                columns.features.entry(key.clone()).or_insert(Kind::Category);
            }
        }
        let documents = records.documents(&columns);
        let bar = Bar::new();
        let (mut document, mut value) = (Vec::new(), Vec::new());
        while let Some(raw) = records.read()? {
            documents.write(&raw, &mut document);
            value.clear();
            self.writer.write(&document, &mut value).map_err(|error| Failure {
                exit: super::Exit::BadRecords,
                message: format!("record {}: {error}", self.sent + 1),
            })?;
            self.pace();
            self.send(&document, &value)?;
            if self.sent.is_multiple_of(1_000) {
                bar.tick(records.progress(), self.sent);
            }
        }
        bar.clear();
        Ok(())
    }

    fn send(&mut self, document: &[u8], value: &[u8]) -> anyhow::Result<()> {
        let key = self.key.as_ref().and_then(|path| field(document, path));
        let partition = match &key {
            Some(key) => partition_of(key.as_bytes(), self.partitions),
            None => {
                self.unkeyed = (self.unkeyed + 1) % self.partitions;
                self.unkeyed
            }
        };
        self.sender.send(partition, key.as_deref().map(str::as_bytes), value)?;
        self.sent += 1;
        Ok(())
    }

    /// Waits until it is the next record's time.
    fn pace(&self) {
        let Some(rate) = self.rate else { return };
        let due = Duration::from_secs_f64(self.sent as f64 / f64::from(rate));
        if let Some(wait) = due.checked_sub(self.started.elapsed()) {
            std::thread::sleep(wait);
        }
    }
}

/// The text of a field, by its name or by the dotted path to it.
fn field(document: &[u8], path: &str) -> Option<String> {
    let document: Value = serde_json::from_slice(document).ok()?;
    let nested = || path.split('.').try_fold(&document, |value, name| value.get(name));
    match document.get(path).or_else(nested)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        value => Some(value.to_string()),
    }
}
