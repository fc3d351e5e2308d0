//! A real Kafka, a real schema registry, a real browser and the real binary for the tests.
//!
//! ```ignore
//! let Some(kafka) = harness::broker() else { return };
//! let topic = kafka.topic("in", 3);
//! kafka.produce(&topic, &[Message::value("{}").partition(0)]);
//! assert_eq!(kafka.read_all(&topic).len(), 1);
//! ```
//!
//! [`broker`] is started once per test process and shared by its tests, whose topics have unique names. Where it comes from,
//! the first that is there:
//!
//! 1. `DRIFTLINE_TEST_KAFKA=HOST:PORT`, somebody's own cluster; `=docker` and `=jvm` insist on one of the next two;
//! 2. a container through testcontainers, where Docker runs;
//! 3. the same Kafka on the JVM, where `java` and `mvn` are: its jars come from Maven Central, once per user.
//!
//! Where none is, [`broker`] says `skipped: needs …` on stderr, past the capture of the test runner, and returns `None`;
//! with `DRIFTLINE_TEST_REQUIRE=1` it fails the test instead, so that a CI run can't skip in silence.
//! Whatever is started here ends with the test process, however that ends.

mod browser;
mod client;
mod docker;
mod download;
mod guard;
mod jvm;
mod live;
mod process;
mod registry;
mod selftest;

use std::io::Write;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

pub use browser::Browser;
pub use client::{Cluster, Message, unique};
pub use jvm::{Broker, COMPACTION, free_ports};
pub use live::{Live, said};
pub use process::Driftline;
pub use registry::Registry;

/// The Kafka shared by all tests of this process; `None`, said on stderr, where there is none to be had.
pub fn broker() -> Option<&'static Cluster> {
    static SHARED: OnceLock<Result<Cluster, String>> = OnceLock::new();
    found(SHARED.get_or_init(shared).as_ref().map_err(String::as_str))
}

/// A Kafka of the test's own, to be stopped, started and killed; `properties` are added to the broker's. JVM only.
pub fn private_broker(properties: &[(&str, &str)]) -> Option<Broker> {
    found(Broker::launch(properties).map_err(|why| format!("needs java and mvn: {why}")))
}

/// The schema registry shared by all tests of this process; `DRIFTLINE_TEST_REGISTRY=URL` is somebody's own.
pub fn registry() -> Option<&'static Registry> {
    static SHARED: OnceLock<Result<Registry, String>> = OnceLock::new();
    let start = || Registry::shared().map_err(|why| format!("needs java and mvn, or DRIFTLINE_TEST_REGISTRY: {why}"));
    found(SHARED.get_or_init(start).as_ref().map_err(String::as_str))
}

/// A registry of the test's own, to be stopped and started.
pub fn private_registry() -> Option<Registry> {
    found(Registry::launch().map_err(|why| format!("needs java and mvn: {why}")))
}

/// A browser of the test's own.
pub fn browser() -> Option<Browser> {
    found(Browser::launch().map_err(|why| format!("needs chromium, or DRIFTLINE_TEST_BROWSER: {why}")))
}

fn shared() -> Result<Cluster, String> {
    let wish = std::env::var("DRIFTLINE_TEST_KAFKA").unwrap_or_default();
    match wish.as_str() {
        "docker" => docker::kafka(),
        "jvm" => Broker::launch(&[]).map(Cluster::from),
        "" => docker::kafka().or_else(|docker| {
            Broker::launch(&[]).map(Cluster::from).map_err(|jvm| {
                format!("needs DRIFTLINE_TEST_KAFKA=HOST:PORT, or Docker ({docker}), or java and mvn ({jvm})")
            })
        }),
        address => Ok(Cluster::at(address)),
    }
}

/// A data set by its file's name, from the folder `DRIFTLINE_DATA`, by default `../shared/data`; never required, as they are
/// not the project's to ship.
pub fn data_set(name: &str) -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data");
    let folder = std::env::var_os("DRIFTLINE_DATA").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let path = folder.join(name);
    if !path.exists() {
        skip(&format!("needs {} (set DRIFTLINE_DATA)", path.display()));
        return None;
    }
    Some(path)
}

/// Unwraps what a test needs, or says that the test is skipped.
pub fn found<T>(needed: Result<T, impl std::fmt::Display>) -> Option<T> {
    match needed {
        Ok(found) => Some(found),
        Err(why) if std::env::var_os("DRIFTLINE_TEST_REQUIRE").is_some() => {
            panic!("{why} (DRIFTLINE_TEST_REQUIRE is set)")
        }
        Err(why) => {
            skip(&why.to_string());
            None
        }
    }
}

fn skip(why: &str) {
    static SKIPPED: AtomicUsize = AtomicUsize::new(0);
    let count = SKIPPED.fetch_add(1, Ordering::Relaxed) + 1;
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    // Not eprintln!: the runner captures that where a test passes.
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {why} ({count} skipped so far)");
}
