//! `driftline demo`: the real worker on a drifting stream of card payments, in one process, with nothing to install.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::anyhow;

use super::cluster::PATIENCE;
use super::run::at_signals;
use crate::config::{Config, Sources};
use crate::stream::kafka::embedded::Embedded;
use crate::stream::kafka::{Admin, Settings, Tail, topics};
use crate::worker::{self, Shutdown, Status};

mod payments;
mod seen;
mod view;

use payments::Payments;
use seen::Seen;
use view::View;

/// Shows it all in one process: an embedded demonstration broker, a drifting stream of card payments, the real worker
///
/// Predictions, alerts and evaluations are read back from their topics as they come. Nothing is installed, nothing but
/// loopback is used and no file is left behind.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  driftline demo
  driftline demo --events 100000 --speed 5000
  driftline demo --kafka localhost:9092")]
pub struct Args {
    /// Payments in all; what fraud looks like changes after a third and after two thirds of them.
    #[arg(long, value_name = "N", default_value_t = 30_000, value_parser = clap::value_parser!(u64).range(100..))]
    events: u64,
    /// Of the stream.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Payments per second.
    #[arg(long, value_name = "RATE", default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..))]
    speed: u32,
    /// A real cluster in place of the embedded broker; the demo's topics are made there and deleted at the end.
    #[arg(long, value_name = "HOST:PORT")]
    kafka: Option<String>,
}

/// The README's configuration.
const CONFIGURATION: &str = include_str!("../../../config/fraud.toml");
/// Evaluations in the course of the demo.
const EPOCHS: u64 = 60;
/// Payments that are sent ahead of their predictions: the embedded broker keeps only the last few MiB.
const AHEAD: u64 = 4_000;
/// How long nothing may come before the demo gives up.
const SILENCE: Duration = Duration::from_secs(60);

pub fn run(args: &Args) -> anyhow::Result<()> {
    let names = Names::new();
    let embedded = match &args.kafka {
        None => Some(Embedded::start(&names.all(), 1)?),
        Some(_) => None,
    };
    let bootstrap = embedded.as_ref().map(Embedded::bootstrap).or_else(|| args.kafka.clone()).unwrap_or_default();
    let config = configuration(args, &names, &bootstrap)?;
    let settings = config.cluster("demo", PATIENCE);
    let made = if embedded.is_none() { Some(Made::create(&settings)?) } else { None };
    view::introduce(args, &config, embedded.is_some());
    let done = demonstrate(args, &config, &settings);
    drop(made);
    done
}

/// The topics of one demo; on a real cluster no other demo has the same.
struct Names {
    name: String,
    topics: Vec<String>,
}

impl Names {
    fn new() -> Self {
        let name = format!("driftline-demo-{}", std::process::id());
        let topics = ["payments", "predictions", "alerts", "evaluations", "dead-letters", "state"];
        Self { topics: topics.iter().map(|topic| format!("{name}.{topic}")).collect(), name }
    }

    fn all(&self) -> Vec<&str> {
        self.topics.iter().map(String::as_str).collect()
    }
}

fn configuration(args: &Args, names: &Names, bootstrap: &str) -> anyhow::Result<Config> {
    let Names { name, topics } = names;
    let mut sets = vec![
        format!("name={name}"),
        // A name of its own, which needs no lock file.
        "worker.instance=demo".to_owned(),
        format!("kafka.bootstrap={bootstrap}"),
        format!("input.topic={}", topics[0]),
        format!("epoch.events={}", (args.events / EPOCHS).max(1)),
        format!("metrics.window={}", (args.events / EPOCHS).clamp(50, 1_000)),
    ];
    if args.kafka.is_none() {
        // Nothing that the broker would have to be asked about.
        sets.push("outputs.dead_letters=".to_owned());
    }
    let base = Some(("the demo".to_owned(), CONFIGURATION.to_owned()));
    Ok(Sources { base, file: None, variables: Vec::new(), sets }.load()?)
}

/// Topics on a real cluster, deleted when dropped.
struct Made {
    admin: Admin,
    names: Vec<String>,
}

impl Made {
    fn create(settings: &Settings) -> anyhow::Result<Self> {
        let admin = Admin::open(settings)?;
        let needs = topics::plan(settings, &topics::Found::new(), 1, 1);
        let made = Self { names: needs.iter().map(|need| need.name.clone()).collect(), admin };
        for (_, answer) in made.admin.create(&needs)? {
            answer?;
        }
        Ok(made)
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        if let Err(error) = self.admin.delete(&names) {
            tracing::warn!("the demo's topics {} are still there: {error}", names.join(", "));
        }
    }
}

/// The producer and the worker on threads of their own, the view here.
fn demonstrate(args: &Args, config: &Config, settings: &Settings) -> anyhow::Result<()> {
    let topics = config.topics();
    let outputs = [Some(topics.predictions.as_str()), topics.alerts.as_deref(), topics.evaluations.as_deref()];
    let outputs: Vec<&str> = outputs.into_iter().flatten().collect();
    let tail = Tail::open(settings, &outputs, 1)?;
    let (shutdown, predicted) = (Shutdown::default(), AtomicU64::new(0));
    // Interrupted, it still cleans up after itself.
    let runtime = at_signals(&shutdown)?;
    let done = std::thread::scope(|scope| {
        let working = scope.spawn(|| {
            let watch = |_, _: &Status| {};
            let done = match &args.kafka {
                Some(_) => worker::run(config, &shutdown, &watch),
                None => worker::run_unlooked(config, &shutdown, &watch),
            };
            shutdown.ask();
            done
        });
        let sending = scope.spawn(|| {
            let done = Payments::new(args.seed, args.events).send(settings, args.speed, &predicted, AHEAD, &shutdown);
            if done.is_err() {
                shutdown.ask();
            }
            done
        });
        let watched = watch(args, &tail, &topics, &predicted, &shutdown);
        shutdown.ask();
        let panicked = |_| anyhow!("a thread of the demo panicked");
        sending.join().map_err(panicked)??;
        working.join().map_err(panicked)??;
        watched.map(|(seen, view)| view.summary(&seen))
    });
    runtime.shutdown_background();
    done
}

/// Reads the outputs until every payment has its prediction.
fn watch(
    args: &Args,
    tail: &Tail,
    topics: &crate::config::Topics,
    predicted: &AtomicU64,
    shutdown: &Shutdown,
) -> anyhow::Result<(Seen, View)> {
    let mut seen = Seen::new(topics);
    let mut view = View::new(args.events, std::io::stdout().is_terminal());
    let mut last = Instant::now();
    // The last epoch's evaluation comes in the transaction of its last prediction, or just before it.
    while seen.predictions < args.events || seen.evaluated < args.events / (args.events / EPOCHS).max(1) {
        let Some(record) = tail.next(Duration::from_millis(100))? else {
            if shutdown.asked() || last.elapsed() > SILENCE {
                break;
            }
            view.show(&seen);
            continue;
        };
        last = Instant::now();
        let news = seen.take(&record)?;
        predicted.store(seen.predictions, Ordering::SeqCst);
        view.news(&seen, news);
    }
    Ok((seen, view))
}
