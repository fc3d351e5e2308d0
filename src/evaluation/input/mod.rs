//! Files as the JSON records that a topic would hold.

mod cells;
mod infer;
mod open;
mod records;

pub use cells::Cells;
pub use infer::{Inferred, TaskChoice, infer};
pub use records::Records;
