//! Every integration test, one binary: one module each.
