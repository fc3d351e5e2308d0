//! Progressive validation of files: every event is predicted before its label is learned. And streams to try it on.
//!
//! [`Records`] reads CSV, JSONL and Avro as the JSON records that a topic would hold, [`infer`] says what their columns are where no
//! configuration does, [`Validation`] runs the learner and [`Report`] is the `--json` document. The shell keeps the time.

mod baseline;
mod detail;
mod error;
mod input;
pub mod page;
pub mod plot;
mod profile;
mod report;
pub mod streams;
mod validation;

pub use detail::{Calibration, Detail, Point};
pub use error::EvaluationError;
pub use input::{Documents, Inferred, LOOK, Records, TaskChoice, infer};
pub use profile::{FeatureSummary, Profile, Summary};
pub use report::{Baselines, Data, Memory, Report, Speed};
pub use validation::{Keep, Traced, Validation, WindowScores};
