//! The whole worker on the memory twin: every fault at every point of the protocol, and many at random.
//!
//! The oracle: what a `read_committed` reader finds equals, byte for byte and in order, what an uninterrupted run wrote;
//! the state that a last, undisturbed worker restores has the same digest; and nobody broke the log's rules.

mod behaviour;
mod enumerated;
mod oracle;
mod random;
mod rigged;
mod sabotage;
mod world;
