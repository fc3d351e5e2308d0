//! Small tools that any room uses.

mod scratch;

pub use scratch::Scratch;
