//! Versions of the state: every shape that this build reads, up to the current one.
//!
//! An added field is `#[serde(default)]` and no new version. A change that breaks is one: the old shape is frozen here in a
//! file of its own with `From<Old> for New`, and `STATE_VERSION` goes up.

use super::{CURRENT, Damage, OLDEST};
use crate::learner::Learner;

/// Reads a state of any version from `OLDEST` to `CURRENT`.
pub(super) fn decode(version: u32, body: &[u8]) -> Result<Learner, Damage> {
    check(version)?;
    rmp_serde::from_slice(body).map_err(|error| Damage::State { why: error.to_string() })
}

/// Whether this build reads states of `version`.
pub(super) fn check(version: u32) -> Result<(), Damage> {
    match version {
        found if found > CURRENT => Err(Damage::FutureVersion { found, oldest: OLDEST, current: CURRENT }),
        found if found < OLDEST => Err(Damage::PastVersion { found, oldest: OLDEST, current: CURRENT }),
        _ => Ok(()),
    }
}
