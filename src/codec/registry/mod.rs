//! A schema registry that speaks Confluent's API (Confluent, Apicurio, Karapace, Redpanda).

/// A client of one registry.
#[derive(Debug)]
pub struct Registry {
    _url: String,
}

impl Registry {
    pub fn new(url: &str) -> Self {
        Self { _url: url.to_owned() }
    }
}
