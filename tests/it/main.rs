//! Every integration test, one binary: one module each.

#[allow(dead_code, unused_imports)]
mod harness;
