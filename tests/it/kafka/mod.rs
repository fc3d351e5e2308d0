//! `stream::kafka` against a real Kafka: what the worker's promises rest on.

mod access;
mod commit;
mod embedded;
mod fence;
mod member;
mod rebalance;
mod restore;
mod source;
mod trouble;
