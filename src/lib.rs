//! driftline: a worker that sits beside a Kafka cluster and learns from a stream.
//!
//! The rooms, from the top floor down; a room imports only from lower floors (`tests/it/tidy.rs` holds them to it):
//!
//! ```text
//! floor 6  cli         one file per subcommand
//! floor 5  worker      the loop: threads, lanes, commit, restore, rebalance, shutdown, telemetry
//! floor 4  config      layered load, check everything, build
//! floor 3  checkpoint  envelope, chunks, versions, resolve     evaluation  progressive validation of files
//! floor 2  learner     the five verbs for one lane: transform, predict, evaluate, detect, learn
//! floor 1  transform model drift metric   one file per component      codec  bytes <-> events and outputs
//!          stream      raw records: Source and Outbox, memory twin and Kafka
//! floor 0  event row facts params units stats rng linalg spread   words of the domain and small numeric tools
//! ```

// The bans of `clippy.toml` (clock, environment, threads, unordered maps, the system's `exp` and `ln`) hold in every room
// but the shell's: the modules with an `allow` below.

mod family;
pub mod params;

pub mod event;
pub mod facts;
pub mod linalg;
pub mod rng;
pub mod row;
pub mod spread;
pub mod stats;
pub mod units;

pub mod codec;
pub mod drift;
pub mod metric;
pub mod model;
#[allow(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod stream;
pub mod transform;

pub mod learner;

pub mod checkpoint;
pub mod evaluation;

#[allow(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod config;

#[allow(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod worker;

#[allow(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod cli;
