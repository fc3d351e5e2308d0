//! Exit codes: the one place that says which failure ends with which.

use std::process::ExitCode;

use crate::checkpoint::{Damage, Refusal};
use crate::codec::CodecError;
use crate::config::{ConfigErrors, mask_userinfo};
use crate::evaluation::EvaluationError;
use crate::stream::{Fault, StreamError};
use crate::worker::Stop;

/// What `--help` says of them.
pub const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  a bug (what to report is printed)
  2  usage or configuration
  3  environment: broker, registry or file, after the retry deadline
  4  fenced: another instance took over
  5  state: a gap, a changed fingerprint, a corrupt or too new checkpoint
  6  too many bad records
docs/operations.md has the remedies.";

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Done = 0,
    Bug = 1,
    Usage = 2,
    Environment = 3,
    Fenced = 4,
    State = 5,
    BadRecords = 6,
}

impl Exit {
    pub fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Done,
            2 => Self::Usage,
            3 => Self::Environment,
            4 => Self::Fenced,
            5 => Self::State,
            6 => Self::BadRecords,
            _ => Self::Bug,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A failure of a command's own, with its exit code.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    pub exit: Exit,
    pub message: String,
}

impl Failure {
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into() }
    }

    pub fn environment(message: impl Into<String>) -> Self {
        Self { exit: Exit::Environment, message: message.into() }
    }
}

/// The exit code of an error: that of the first cause that has one.
fn exit_of(error: &anyhow::Error) -> Exit {
    error.chain().find_map(exit_of_cause).unwrap_or(Exit::Bug)
}

fn exit_of_cause(cause: &(dyn std::error::Error + 'static)) -> Option<Exit> {
    if let Some(failure) = cause.downcast_ref::<Failure>() {
        Some(failure.exit)
    } else if let Some(stop) = cause.downcast_ref::<Stop>() {
        Some(Exit::from_code(stop.code()))
    } else if let Some(error) = cause.downcast_ref::<StreamError>() {
        match error.fault() {
            Fault::Fatal(code) => Some(Exit::from_code(code)),
            Fault::Record | Fault::Transient => Some(Exit::Environment),
        }
    } else if let Some(error) = cause.downcast_ref::<EvaluationError>() {
        Some(exit_of_evaluation(error))
    } else if let Some(error) = cause.downcast_ref::<CodecError>() {
        Some(if matches!(error, CodecError::Invalid { .. }) { Exit::Usage } else { Exit::Environment })
    } else if cause.is::<ConfigErrors>() {
        Some(Exit::Usage)
    } else if cause.is::<Refusal>() || cause.is::<Damage>() {
        Some(Exit::State)
    } else if cause.is::<std::io::Error>() {
        Some(Exit::Environment)
    } else {
        None
    }
}

fn exit_of_evaluation(error: &EvaluationError) -> Exit {
    match error {
        EvaluationError::Read { .. } => Exit::Environment,
        EvaluationError::NotJson { .. } => Exit::BadRecords,
        EvaluationError::Empty { .. }
        | EvaluationError::Header { .. }
        | EvaluationError::NoLabel { .. }
        | EvaluationError::NoFeature { .. } => Exit::Usage,
    }
}

/// Says on stderr what went wrong.
pub(super) fn report(error: &anyhow::Error) -> Exit {
    let exit = exit_of(error);
    eprintln!("error: {}", mask_userinfo(&format!("{error:#}")));
    if exit == Exit::Bug {
        eprintln!("{}", what_to_report());
    }
    exit
}

fn what_to_report() -> String {
    format!(
        "This is a bug in driftline {}. Please report the text above with the command line and the configuration, without \
         secrets, at the project's issue tracker.",
        env!("CARGO_PKG_VERSION")
    )
}

/// A panic in any thread ends the process with exit code 1: a worker whose thread is gone must not look alive.
pub(super) fn report_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        before(panic);
        eprintln!("{}", what_to_report());
        std::process::exit(Exit::Bug as i32);
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_cause_with_a_code_decides() {
        let environment = anyhow::Error::new(Failure::environment("no broker")).context("reading the topics");
        assert_eq!(exit_of(&environment), Exit::Environment);
        assert_eq!(exit_of(&ConfigErrors { problems: Vec::new() }.into()), Exit::Usage);
        assert_eq!(exit_of(&std::io::Error::other("disk").into()), Exit::Environment);
        assert_eq!(exit_of(&anyhow::anyhow!("what?")), Exit::Bug);
        assert!((0..=6).all(|code| Exit::from_code(code) as u8 == code));
    }
}
