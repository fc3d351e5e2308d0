//! What makes a rule: its conditions, what it knows of the rows that meet them, its detector.

mod condition;
mod rule;

pub use condition::Condition;
pub use rule::{Outcome, Plan, Rule};
