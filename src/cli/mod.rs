//! The command line: one file per subcommand, each with its `Args` and `run`.

use std::process::ExitCode;

pub mod check;
pub mod components;
pub mod demo;
pub mod evaluate;
pub mod generate;
pub mod run;
pub mod schema;
pub mod send;
pub mod state;
pub mod topics;

mod cluster;
mod configured;
mod exit;
mod logging;
mod output;

pub use configured::Configured;
pub use exit::{EXIT_CODES, Exit, Failure};
pub use logging::{Global, LogFormat};
pub use output::{print, print_json, table};

/// Runs a command: logs to stderr, where it is not `silent`, and the exit code by what went wrong.
pub fn execute(global: &Global, silent: bool, command: impl FnOnce() -> anyhow::Result<()>) -> ExitCode {
    exit::report_panics();
    logging::start(global, silent);
    match command() {
        Ok(()) => Exit::Done.into(),
        Err(error) => exit::report(&error).into(),
    }
}
