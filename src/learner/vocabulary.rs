//! Vocabulary: the codes of one feature's categories, in order of arrival and bounded.

use std::collections::BTreeMap;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::rng;
use crate::row::Category;

/// Text to code. Texts are told apart by their 64-bit hash.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Listed")]
pub(super) struct Vocabulary {
    texts: Vec<CompactString>,
    #[serde(skip)]
    codes: BTreeMap<u64, u32>,
}

/// What a checkpoint holds of a vocabulary.
#[derive(Deserialize)]
struct Listed {
    texts: Vec<CompactString>,
}

impl From<Listed> for Vocabulary {
    fn from(Listed { texts }: Listed) -> Self {
        let codes = (0..).zip(&texts).map(|(code, text)| (rng::hash(text.as_bytes()), code)).collect();
        Self { texts, codes }
    }
}

impl Vocabulary {
    /// The category of `text`, which takes the next code where it is new and fewer than `most` are known.
    pub(super) fn category(&mut self, text: Option<&str>, most: usize) -> Category {
        let Some(text) = text else { return Category::MISSING };
        let hash = rng::hash(text.as_bytes());
        let code = match self.codes.get(&hash) {
            Some(&code) => code,
            None if self.texts.len() < most => self.add(text, hash),
            None => Category::OTHER,
        };
        Category { code, hash }
    }

    fn add(&mut self, text: &str, hash: u64) -> u32 {
        let code = u32::try_from(self.texts.len()).unwrap_or(Category::OTHER);
        self.texts.push(text.into());
        self.codes.insert(hash, code);
        code
    }

    /// The texts by code.
    pub(super) fn texts(&self) -> &[CompactString] {
        &self.texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_follow_arrival_up_to_the_bound_and_survive_a_round_trip() {
        let mut vocabulary = Vocabulary::default();
        let codes =
            |vocabulary: &mut Vocabulary| ["b", "a", "b", "c"].map(|text| vocabulary.category(Some(text), 2).code);
        assert_eq!(codes(&mut vocabulary), [0, 1, 0, Category::OTHER]);
        assert!(vocabulary.category(None, 2).is_missing());

        let bytes = rmp_serde::to_vec_named(&vocabulary).unwrap();
        let mut again: Vocabulary = rmp_serde::from_slice(&bytes).unwrap();
        assert_eq!(again, vocabulary);
        assert_eq!(codes(&mut again), [0, 1, 0, Category::OTHER]);
    }
}
