//! `[kafka.properties]`: any librdkafka property but those that driftline owns.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use super::secret::Secret;
use crate::params::{Check, Problems};

/// librdkafka properties by name. `security.protocol = "SSL"` and `"security.protocol" = "SSL"` are the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Properties(BTreeMap<String, Property>);

/// The value of one property.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
enum Property {
    Plain(String),
    Secret(Secret),
}

/// Properties that the guarantees rest on, and where to turn instead.
const OWNED: [(&str, &str); 17] = [
    ("bootstrap.servers", "set kafka.bootstrap"),
    ("metadata.broker.list", "set kafka.bootstrap"),
    ("group.id", "it follows from name"),
    ("group.instance.id", "set worker.instance"),
    ("group.protocol", "driftline uses the classic protocol"),
    ("partition.assignment.strategy", "driftline uses cooperative-sticky"),
    ("transactional.id", "it follows from name and worker.instance"),
    ("enable.idempotence", "it is always on"),
    ("acks", "it is always all"),
    ("request.required.acks", "it is always all"),
    ("enable.auto.commit", "driftline commits with its outputs"),
    ("enable.auto.offset.store", "driftline keeps its own position"),
    ("auto.offset.reset", "set input.start"),
    ("isolation.level", "it is always read_committed"),
    ("enable.partition.eof", "driftline needs it as it is"),
    ("enable.gapless.guarantee", "driftline needs it as it is"),
    ("max.in.flight.requests.per.connection", "idempotence rests on its default"),
];

impl Properties {
    /// Every property with its value, secrets revealed.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, property)| (name.as_str(), property.reveal()))
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(Property::reveal)
    }

    fn insert(&mut self, name: String, value: &Value) -> Result<(), String> {
        let property = match value {
            Value::Object(table) if table.len() == 1 && table.contains_key("file") => {
                Property::Secret(Secret::deserialize(value).map_err(|e| e.to_string())?)
            }
            Value::Object(table) => {
                return table.iter().try_for_each(|(key, value)| self.insert(format!("{name}.{key}"), value));
            }
            Value::String(text) => Property::new(&name, text.clone()),
            Value::Number(_) | Value::Bool(_) => Property::new(&name, value.to_string()),
            Value::Null | Value::Array(_) => return Err("must be a string, a number or a bool".to_owned()),
        };
        self.0.insert(name, property);
        Ok(())
    }
}

impl Property {
    fn new(name: &str, text: String) -> Self {
        if is_secret(name) { Self::Secret(Secret::new(text)) } else { Self::Plain(text) }
    }

    fn reveal(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(secret) => secret.reveal(),
        }
    }
}

/// Whether the property of this name holds a secret.
pub fn is_secret(name: &str) -> bool {
    ["password", "secret", "key.pem", "oauthbearer.config", "token", "private"].iter().any(|word| name.contains(word))
}

impl Check for Properties {
    fn check(&self, problems: &mut Problems) {
        for (name, property) in &self.0 {
            if let Some((_, instead)) = OWNED.iter().find(|(owned, _)| owned == name) {
                problems.add(name, format!("driftline owns this property: remove it ({instead})"));
                continue;
            }
            let client = rdkafka::ClientConfig::from_iter([(name.clone(), property.reveal().to_owned())]);
            if let Err(rdkafka::error::KafkaError::ClientConfig(_, why, _, _)) = client.create_native_config() {
                let secret = matches!(property, Property::Secret(_));
                problems.add(name, if secret { "librdkafka refuses this value".to_owned() } else { why });
            }
        }
    }
}

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let table = serde_json::Map::deserialize(deserializer)?;
        let mut properties = Self::default();
        for (key, value) in table {
            properties.insert(key, &value).map_err(de::Error::custom)?;
        }
        Ok(properties)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_and_quoted_names_are_the_same_and_secrets_hide() {
        let properties: Properties =
            toml::from_str("sasl.password = 'x1'\n'sasl.mechanism' = 'PLAIN'\nfetch.min.bytes = 1").unwrap();
        let all: Vec<_> = properties.iter().collect();
        assert_eq!(all, [("fetch.min.bytes", "1"), ("sasl.mechanism", "PLAIN"), ("sasl.password", "x1")]);
        assert_eq!(
            serde_json::to_string(&properties).unwrap(),
            r#"{"fetch.min.bytes":"1","sasl.mechanism":"PLAIN","sasl.password":"***"}"#
        );
    }

    #[test]
    fn owned_unknown_and_wrong_properties_are_named() {
        let mut problems = Problems::default();
        let properties: Properties =
            toml::from_str("group.id = 'x'\nfetch.min.bites = 1\nfetch.min.bytes = 'many'").unwrap();
        properties.check(&mut problems);
        let keys: Vec<_> = problems.found().iter().map(|p| p.key.as_str()).collect();
        assert_eq!(keys, ["fetch.min.bites", "fetch.min.bytes", "group.id"], "{problems:?}");
        assert!(problems.found()[2].message.contains("follows from name"));
    }
}
