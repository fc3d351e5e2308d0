//! `driftline run`: the worker, until a signal.

use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use super::Configured;
use crate::worker::{self, Shutdown};

/// Runs the worker until SIGTERM or SIGINT: it then finishes its transaction with a checkpoint and leaves the group; a second
/// signal ends it at once, and nothing is lost by that either.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  driftline run -c fraud.toml
  driftline run -c fraud.toml --set worker.threads=2 --log-format json")]
pub struct Args {
    #[command(flatten)]
    configured: Configured,
}

/// What a shell reports of a process that SIGINT ended.
const INTERRUPTED: i32 = 130;

pub fn run(args: &Args) -> anyhow::Result<()> {
    let config = args.configured.load()?;
    let shutdown = Shutdown::default();
    let runtime = at_signals(&shutdown)?;
    let done = worker::run(&config, &shutdown, &|_, _| {});
    runtime.shutdown_background();
    Ok(done?)
}

/// Asks `shutdown` at the first SIGTERM or SIGINT and ends the process at the second, as long as the runtime lives.
pub(super) fn at_signals(shutdown: &Shutdown) -> std::io::Result<Runtime> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.spawn(ask_at_signal(shutdown.clone()));
    Ok(runtime)
}

async fn ask_at_signal(shutdown: Shutdown) {
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    let (Ok(mut terminate), Ok(mut interrupt)) = signals else {
        tracing::warn!("signals cannot be handled here: stopping is a crash, which loses nothing");
        return;
    };
    loop {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        if shutdown.asked() {
            std::process::exit(INTERRUPTED);
        }
        tracing::info!("stopping: the transaction under way is finished first");
        shutdown.ask();
    }
}
