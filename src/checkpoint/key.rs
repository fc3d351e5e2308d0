//! Keys of the state topic: `v1/PIPELINE/PARTITION/SLOT/chunk-N` and `v1/PIPELINE/PARTITION/SLOT/manifest`.

use std::fmt;

/// Two places for a checkpoint, used in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    A,
    B,
}

impl Slot {
    pub const BOTH: [Self; 2] = [Self::A, Self::B];

    /// The slot of a checkpoint by its sequence: A for even, B for odd.
    pub fn of(sequence: u64) -> Self {
        if sequence.is_multiple_of(2) { Self::A } else { Self::B }
    }

    pub(super) fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "A",
            Self::B => "B",
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Chunk(usize),
    Manifest,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key<'a> {
    pub(super) pipeline: &'a str,
    pub(super) partition: i32,
    pub(super) slot: Slot,
    pub(super) part: Part,
}

impl<'a> Key<'a> {
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let Self { pipeline, partition, slot, part } = self;
        match part {
            Part::Chunk(index) => format!("v1/{pipeline}/{partition}/{slot}/chunk-{index}"),
            Part::Manifest => format!("v1/{pipeline}/{partition}/{slot}/manifest"),
        }
        .into_bytes()
    }

    /// `None` for a key that is none of ours. A pipeline's name may hold slashes.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?.strip_prefix("v1/")?;
        let mut from_the_end = text.rsplitn(4, '/');
        let part = match from_the_end.next()? {
            "manifest" => Part::Manifest,
            chunk => Part::Chunk(chunk.strip_prefix("chunk-")?.parse().ok()?),
        };
        let slot = match from_the_end.next()? {
            "A" => Slot::A,
            "B" => Slot::B,
            _ => return None,
        };
        let partition = from_the_end.next()?.parse().ok()?;
        Some(Self { pipeline: from_the_end.next()?, partition, slot, part })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back() {
        for part in [Part::Chunk(0), Part::Chunk(12), Part::Manifest] {
            let key = Key { pipeline: "a/b", partition: 7, slot: Slot::B, part };
            assert_eq!(Key::parse(&key.to_bytes()), Some(key));
        }
        assert_eq!(Key::parse(b"v2/a/0/A/manifest"), None);
        assert_eq!(Key::parse(b"v1/a/0/C/manifest"), None);
    }
}
