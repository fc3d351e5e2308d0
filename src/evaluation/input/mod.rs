//! Files as the JSON records that a topic would hold.

mod avro;
mod cells;
mod infer;
mod open;
mod records;

pub use infer::{Inferred, LOOK, TaskChoice, infer};
pub use records::{Documents, Records};
