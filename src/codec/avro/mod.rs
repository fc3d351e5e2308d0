//! Avro's binary encoding (specification 1.12).
//!
//! A writer's schema is compiled once into a plan that walks the bytes, fills the wanted fields by name, and skips the
//! rest: nothing is built that nobody reads. `apache-avro` parses the schemas; property tests hold the plan to it.

mod bytes;
mod compile;
mod decoder;
mod encoder;
mod plan;
mod schema;
mod shape;
mod write;

pub(super) use decoder::AvroDecoder;
pub(super) use encoder::AvroEncoder;
pub use encoder::OutputNames;
pub(super) use schema::{Names, full, names, parse};
