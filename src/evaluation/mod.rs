//! Progressive validation of files: every event is predicted before its label is learned. And streams to try it on.
//!
//! [`Records`] reads CSV and JSONL as the JSON records that a topic would hold, [`infer`] says what their columns are where no
//! configuration does, [`Validation`] runs the learner and [`Report`] is the `--json` document. The shell keeps the time.

mod baseline;
mod error;
mod input;
pub mod plot;
mod report;
pub mod streams;
mod validation;

pub use error::EvaluationError;
pub use input::{Cells, Inferred, Records, TaskChoice, infer};
pub use report::{Baselines, Data, Memory, Report, Speed};
pub use validation::{Traced, Validation, WindowScores};
