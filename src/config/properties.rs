//! `[kafka.properties]`: any librdkafka property but those that driftline owns.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use super::secret::Secret;
use crate::params::{Check, Problems};
use crate::stream::kafka::check_properties;

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
        let all = self.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        for problem in check_properties(&all) {
            problems.add(&problem.name, problem.why);
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
        assert!(problems.found()[2].message.contains("belongs to driftline"));
    }
}
