//! Small tools that any room uses.

mod error_scale;
mod scratch;

pub use error_scale::ErrorScale;
pub use scratch::Scratch;
