//! Every integration test, one binary: one module each.

// Tests are of the shell: see `src/lib.rs`.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::unwrap_used)]

mod codec;
mod components;
mod conformance;
mod docs;
mod evaluate;
mod harness;
mod kafka;
mod offline_live;
mod parity_drift;
mod parity_models;
mod portfolio;
mod registry;
mod report;
mod run;
mod simulation;
mod tidy;

mod chaos;
mod checkpoint;
mod cli;
mod commands;
mod config;
mod learner;
