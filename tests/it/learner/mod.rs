//! The learner as a whole: resuming, late labels, windows, watches, rejections.

mod labels;
mod rejections;
mod resume;
pub mod support;
mod watches;
mod windows;
