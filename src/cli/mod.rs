//! The commands, one file each.

pub mod evaluate;
pub mod generate;
