//! The worker for real: its threads, its clock, signals, and what is looked at before it starts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::trouble::Trouble;
use super::{Codecs, Settings, Status, Stop, Turn, Worker};
use crate::codec::{CodecError, Registry};
use crate::config::Config;
use crate::spread;
use crate::stream::kafka::instance::Instance;
use crate::stream::kafka::{self, Admin, topics};
use crate::stream::{Fault, StreamError};

/// How long one answer of the cluster is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two turns while the cluster is left alone after a failure.
const WAIT: Duration = Duration::from_millis(20);

/// Asks every thread to commit what it has and to leave; may be cloned and sent anywhere.
#[derive(Clone, Debug, Default)]
pub struct Shutdown(Arc<AtomicBool>);

impl Shutdown {
    pub fn ask(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub fn asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Runs as many workers as are configured, until `shutdown`; `watch` sees each thread's status after each turn.
///
/// # Errors
/// The first thread's that stopped by itself: the others then commit what they have and leave.
pub fn run(config: &Config, shutdown: &Shutdown, watch: &(impl Fn(usize, &Status) + Sync)) -> Result<(), Stop> {
    start(config, shutdown, watch, look)
}

/// The same on a broker that answers no questions about its topics, as the embedded one.
///
/// # Errors
/// As of [`run`].
pub fn run_unlooked(
    config: &Config,
    shutdown: &Shutdown,
    watch: &(impl Fn(usize, &Status) + Sync),
) -> Result<(), Stop> {
    start(config, shutdown, watch, |_| Ok(()))
}

fn start(
    config: &Config,
    shutdown: &Shutdown,
    watch: &(impl Fn(usize, &Status) + Sync),
    look: impl Fn(&kafka::Settings) -> Result<(), StreamError>,
) -> Result<(), Stop> {
    let claimed = match &config.worker.instance {
        Some(_) => None,
        None => Some(Instance::claim(config.group()).map_err(unclaimed)?),
    };
    let instance = config.worker.instance.as_deref().or(claimed.as_ref().map(Instance::name)).unwrap_or_default();
    let cluster = config.cluster(instance, PATIENCE);
    let start = Start { config, shutdown, started: Instant::now() };
    announce(config, &cluster);
    if start.again(|| look(&cluster).map_err(Stop::from))?.is_none() {
        return Ok(());
    }
    let registry = config.registry().map_err(Stop::Codec)?;
    let lane = |thread| {
        let work = || start.thread(thread, &cluster, registry.as_ref(), watch);
        let spread = spread::over(config.worker.learner_threads, work);
        let done = spread.unwrap_or_else(|error| Err(failed("starting a thread", &error.to_string())));
        // One that stops by itself takes the others along: a supervisor restarts the whole.
        shutdown.ask();
        done
    };
    on_threads(config.worker.threads, shutdown, &lane)
}

fn announce(config: &Config, cluster: &kafka::Settings) {
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        name = config.name,
        fingerprint = %config.spec().fingerprint(),
        input = cluster.input,
        threads = config.worker.threads,
        instance = cluster.instance,
        "driftline starts"
    );
}

/// Runs `lane` on so many threads; the first failure of any.
fn on_threads(
    threads: usize,
    shutdown: &Shutdown,
    lane: &(impl Fn(usize) -> Result<(), Stop> + Sync),
) -> Result<(), Stop> {
    std::thread::scope(|scope| {
        let spawn = |thread| {
            std::thread::Builder::new().name(format!("driftline-{thread}")).spawn_scoped(scope, move || lane(thread))
        };
        let threads: Vec<_> = (0..threads).map(spawn).collect();
        let mut first = Ok(());
        for thread in threads {
            let done = match thread {
                Ok(thread) => thread.join().unwrap_or_else(|_| Err(failed("running a thread", "it panicked"))),
                Err(error) => {
                    shutdown.ask();
                    Err(failed("starting a thread", &error.to_string()))
                }
            };
            first = first.and(done);
        }
        first
    })
}

/// What every thread starts from.
struct Start<'a> {
    config: &'a Config,
    shutdown: &'a Shutdown,
    started: Instant,
}

impl Start<'_> {
    fn thread(
        &self,
        thread: usize,
        cluster: &kafka::Settings,
        registry: Option<&Arc<Registry>>,
        watch: &impl Fn(usize, &Status),
    ) -> Result<(), Stop> {
        let layout = self.config.input.layout();
        let codecs = || -> Result<Codecs, CodecError> {
            Ok(Codecs::new(self.config.decoder(registry)?, self.config.encoder(registry)?, &layout))
        };
        let Some(codecs) = self.again(|| codecs().map_err(Stop::Codec))? else { return Ok(()) };
        let Some((source, outbox)) = self.again(|| kafka::open(cluster, thread).map_err(Stop::from))? else {
            return Ok(());
        };
        let mut worker = Worker::new(Settings::new(self.config), codecs, source, outbox);
        loop {
            if self.shutdown.asked() {
                worker.close();
            }
            let turn = worker.turn(self.started.elapsed())?;
            watch(thread, worker.status());
            match turn {
                Turn::Running => {}
                Turn::Waiting => std::thread::sleep(WAIT),
                Turn::Closed => return Ok(()),
            }
        }
    }

    /// Tries until it works, `worker.retry_for` is over, or nobody wants it any more (`None`).
    fn again<T>(&self, attempt: impl Fn() -> Result<T, Stop>) -> Result<Option<T>, Stop> {
        let mut trouble = Trouble::new(self.config.worker.retry_for.std());
        while !self.shutdown.asked() {
            let error = match attempt() {
                Ok(done) => return Ok(Some(done)),
                Err(error) if transient(&error) => error,
                Err(error) => return Err(error),
            };
            tracing::warn!("{error}; tried again");
            let now = self.started.elapsed();
            let Some(at) = trouble.note(now) else {
                return Err(Stop::Unavailable { error: error.to_string(), lasted: trouble.lasted(now) });
            };
            std::thread::sleep(at.saturating_sub(now));
        }
        Ok(None)
    }
}

fn transient(stop: &Stop) -> bool {
    match stop {
        Stop::Stream(error) => error.fault() == Fault::Transient,
        Stop::Codec(CodecError::Transient { .. }) => true,
        _ => false,
    }
}

/// Looks at the topics: what would go wrong later is said now.
fn look(cluster: &kafka::Settings) -> Result<(), StreamError> {
    let names: Vec<String> = topics::roles(cluster).into_iter().map(|(_, name)| name).collect();
    let found = Admin::open(cluster)?.describe(&names)?;
    for finding in topics::check(cluster, &found) {
        match finding.severity {
            topics::Severity::Danger => {
                return Err(StreamError::Refused {
                    doing: format!("looking at topic {}", finding.topic),
                    cause: finding.what,
                    remedy: finding.remedy,
                });
            }
            topics::Severity::Advice => tracing::warn!(topic = finding.topic, "{}; {}", finding.what, finding.remedy),
        }
    }
    Ok(())
}

fn unclaimed(error: std::io::Error) -> Stop {
    failed("claiming a name for this process in the temporary folder", &error.to_string())
}

fn failed(doing: &str, cause: &str) -> Stop {
    let remedy = "set worker.instance to a name that no other process has".to_owned();
    Stop::Stream(StreamError::Refused { doing: doing.to_owned(), cause: cause.to_owned(), remedy })
}
