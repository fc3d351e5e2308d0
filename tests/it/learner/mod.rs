//! The learner as a whole: resuming, late labels, windows, watches, swaps, rejections.

mod labels;
mod rejections;
mod resume;
pub mod support;
mod swap;
mod watches;
mod windows;
