//! `input.start`: where a group that has committed nothing yet begins.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::time;
use crate::event::Millis;

/// Where a new group begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    #[default]
    Earliest,
    Latest,
    /// The first record whose timestamp is at or after this.
    At(Millis),
}

impl std::str::FromStr for Start {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "earliest" => Ok(Self::Earliest),
            "latest" => Ok(Self::Latest),
            _ => time::parse_iso(text).or_else(|| text.parse().ok()).map(Self::At).ok_or_else(|| {
                format!(
                    "\"{text}\" must be \"earliest\", \"latest\", a time such as \"2026-01-31T00:00:00Z\", or milliseconds \
                     since 1970"
                )
            }),
        }
    }
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Earliest => f.write_str("earliest"),
            Self::Latest => f.write_str("latest"),
            Self::At(millis) => write!(f, "{millis}"),
        }
    }
}

impl Serialize for Start {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Start {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Millis(Millis),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Millis(millis) => Ok(Self::At(millis)),
            Written::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}
