//! Bytes to events, facts to bytes.

mod decoder;
mod encoder;
mod error;
mod features;
mod fill;
mod input;
mod json;
mod paths;
mod registry;
mod start;
pub mod time;

pub use decoder::{Decoded, Decoder};
pub use encoder::{Encoder, dead_letter_headers, origin_header};
pub use error::CodecError;
pub use input::{Format, Input};
pub use registry::Registry;
pub use start::Start;
pub use time::TimeUnit;
