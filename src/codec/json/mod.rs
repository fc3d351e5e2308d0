//! JSON: one pass over the document, straight into the event.
//!
//! Written by hand because it is the worker's hottest path and its rules differ from a parser's: `NaN` and `1e999` have a
//! reason of their own, unknown fields are checked but not built, of a key that comes twice the last counts. Property
//! tests hold it to `serde_json` in what it accepts and in every bit of every number.

pub mod encoder;
mod number;
mod scanner;
mod strings;
mod walk;
pub mod write;

pub(super) use walk::JsonDecoder;
