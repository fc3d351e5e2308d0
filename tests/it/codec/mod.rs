//! Bytes to events and facts to bytes: every reason, every non-reason, and properties over arbitrary bytes.

mod avro;
mod json;
mod outputs;
mod registry;
mod writer;
