//! Bytes to events, facts to bytes.

mod avro;
mod decoder;
mod encoder;
mod error;
mod features;
mod fill;
mod input;
mod json;
mod paths;
// It waits for the network, on threads of its own; what it answers is the registry's, not the clock's.
#[allow(clippy::disallowed_methods, clippy::disallowed_types)]
mod registry;
pub mod schemas;
mod start;
pub mod time;
mod writer;

pub use avro::OutputNames;
pub use decoder::{Decoded, Decoder};
pub use encoder::{Encoder, dead_letter_headers, origin_header};
pub use error::CodecError;
pub use input::{Format, Input};
pub use registry::{Patience, RegisteredSchema, Registry};
pub use start::Start;
pub use time::TimeUnit;
pub use writer::Writer;
