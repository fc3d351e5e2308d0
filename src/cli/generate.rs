//! `driftline generate`: standard synthetic streams as CSV.

use std::io::{self, BufWriter, Write};

use clap::builder::PossibleValuesParser;

use super::exit::Failure;
use crate::evaluation::streams::{self, Schedule, Stream};

/// Writes a synthetic stream as CSV to standard output; the label is the last column.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = help())]
pub struct Args {
    /// Which stream.
    #[arg(value_parser = PossibleValuesParser::new(streams::STREAMS.iter().map(|(name, _)| *name)))]
    pub stream: String,
    /// How many rows.
    #[arg(short, long, value_name = "N", default_value_t = 10_000)]
    pub n: u64,
    /// Another seed draws other rows; the same draws the same on any machine.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// The rows at which the next concept follows, in ascending order, with commas.
    #[arg(long, value_name = "ROW", value_delimiter = ',')]
    pub drift_at: Vec<u64>,
    /// Rows that a change takes, centred on its row; 0 is abrupt.
    #[arg(long, value_name = "ROWS", default_value_t = 0)]
    pub width: u64,
    /// The share of labels (led: of segments) that are wrong, instead of the stream's own.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub noise: Option<f64>,
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse::<f64>().map_err(|why| why.to_string())?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("is not in [0, 1]".to_owned()) }
}

fn help() -> String {
    let list: String = streams::STREAMS.iter().map(|(name, summary)| format!("  {name:<12}{summary}\n")).collect();
    format!(
        "Streams:\n{list}\nExample:\n  driftline generate agrawal -n 100000 --drift-at 30000,60000 --width 2000 > agrawal.csv"
    )
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let mut at = args.drift_at.clone();
    at.sort_unstable();
    let schedule = Schedule { at, width: args.width };
    let mut stream = streams::build(&args.stream, args.seed, schedule)
        .ok_or_else(|| anyhow::anyhow!("there is no stream `{}`", args.stream))?;
    if args.noise.is_some_and(|share| !stream.set_noise(share)) {
        return Err(Failure::usage(format!("{} has no noise to set", args.stream)).into());
    }
    match write(stream, args.n, BufWriter::new(io::stdout().lock())) {
        // A reader that has seen enough, such as `head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

fn write(mut stream: Stream, n: u64, mut out: impl Write) -> io::Result<()> {
    writeln!(out, "{}", stream.columns().join(","))?;
    let mut fields = Vec::new();
    for _ in 0..n {
        stream.sample(&mut fields);
        for (at, field) in fields.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(out, "{comma}{field}")?;
        }
        writeln!(out)?;
    }
    out.flush()
}
