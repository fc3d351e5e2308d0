//! Bytes to events, and facts to bytes.

mod input;

pub use input::{Format, Input, TimeUnit};
