//! `[[drift]]`: the detector's own parameters and what follows its signals, side by side in one table.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value};

use crate::learner::Watch;

/// The keys of a `[[drift]]` table that are not the detector's.
pub const WATCH_KEYS: [&str; 6] = ["watch", "on_warning", "on_drift", "boost", "boost_half_life", "swap_within"];

/// One `[[drift]]` table.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Drift(pub Watch);

impl<'de> Deserialize<'de> for Drift {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (mut watch, detector): (Map<String, Value>, Map<String, Value>) =
            Map::<String, Value>::deserialize(deserializer)?
                .into_iter()
                .partition(|(key, _)| WATCH_KEYS.contains(&key.as_str()));
        watch.insert("detector".to_owned(), Value::Object(detector));
        Watch::deserialize(Value::Object(watch)).map(Self).map_err(de::Error::custom)
    }
}
