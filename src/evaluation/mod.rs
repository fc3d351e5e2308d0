//! Progressive validation of files, and the streams to try it on.

pub mod streams;
