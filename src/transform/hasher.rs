//! Hasher: categories and words of texts into a fixed number of columns, each adding +1 or -1 to its bucket.
//!
//! K. Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009: by the sign, collisions cancel
//! in expectation. A word is a run of letters and digits, in lower case; the same category or word in another feature
//! falls into another bucket. What is missing adds nothing. Categories and texts leave the row.
//!
//! ```
//! use driftline::event::{Kind, Layout};
//! use driftline::row::Row;
//! use driftline::transform::{Hasher, Transformer, hasher::Params};
//!
//! let hasher = Hasher::new(Params { buckets: 8 }, &Layout::new([("note", Kind::Text)]));
//! let mut row = Row { texts: vec![Some("Paid in full".into())], ..Row::default() };
//! hasher.transform(&mut row);
//! assert_eq!((row.numbers.len(), row.texts.len()), (8, 0));
//! assert!(row.numbers.iter().any(|column| *column != 0.0));
//! ```

use compact_str::CompactString;
use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::Transformer;
use crate::event::Layout;
use crate::params::About;
use crate::rng::{hash, mix};
use crate::row::Row;

pub const ABOUT: About = About {
    summary: "hashes categories and the words of texts into a fixed number of signed columns",
    source: "K. Weinberger et al., Feature hashing for large scale multitask learning, ICML 2009",
    example: "type = \"hasher\"\nbuckets = 1024",
};

crate::params! {
    pub struct Params {
        /// Columns that all categories and words share.
        pub buckets: usize = 256, in 1..=1_048_576 => "in [1, 1048576]";
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Hasher {
    buckets: usize,
    /// One for each feature, from its name: other features in the configuration move no bucket.
    category_salts: Vec<u64>,
    text_salts: Vec<u64>,
}

impl Hasher {
    pub fn new(params: Params, layout: &Layout) -> Self {
        let salts = |names: &[String]| names.iter().map(|name| hash(name.as_bytes())).collect();
        let (category_salts, text_salts) = (salts(&layout.categories), salts(&layout.texts));
        Self { buckets: params.buckets, category_salts, text_salts }
    }
}

impl Transformer for Hasher {
    fn transform(&self, row: &mut Row) {
        let before = row.numbers.len();
        row.numbers.resize(before + self.buckets, 0.0);
        let columns = &mut row.numbers[before..];
        for (category, salt) in row.categories.iter().zip(&self.category_salts) {
            if !category.is_missing() {
                add(columns, category.hash, *salt);
            }
        }
        for (text, salt) in row.texts.iter().zip(&self.text_salts) {
            if let Some(text) = text {
                for_each_word(text, |word| add(columns, hash(word.as_bytes()), *salt));
            }
        }
        row.categories.clear();
        row.texts.clear();
    }

    fn layout(&self, input: &Layout) -> Layout {
        let mut layout = input.clone();
        layout.numbers.extend((0..self.buckets).map(|bucket| format!("hash #{bucket}")));
        layout.categories.clear();
        layout.texts.clear();
        layout
    }
}

/// Adds the sign of `hash` under `salt` to its column.
fn add(columns: &mut [f64], hash: u64, salt: u64) {
    let mixed = mix(hash ^ salt.rotate_left(1));
    let bucket = ((u128::from(mixed) * columns.len() as u128) >> 64) as usize;
    if let Some(column) = columns.get_mut(bucket) {
        *column += if mixed & 1 == 0 { 1.0 } else { -1.0 };
    }
}

/// Each run of letters and digits, in lower case.
fn for_each_word(text: &str, mut see: impl FnMut(&str)) {
    let mut word = CompactString::default();
    for run in text.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty()) {
        word.clear();
        word.extend(run.chars().flat_map(char::to_lowercase));
        see(&word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Kind;
    use crate::row::Category;

    fn layout() -> Layout {
        Layout::new([("from", Kind::Category), ("to", Kind::Category), ("note", Kind::Text)])
    }

    fn hashed(from: &str, to: &str, note: &str) -> Vec<f64> {
        let category = |text: &str| match text {
            "" => Category::MISSING,
            _ => Category { code: 0, hash: hash(text.as_bytes()) },
        };
        let note = (!note.is_empty()).then(|| note.into());
        let mut row = Row { numbers: vec![], categories: vec![category(from), category(to)], texts: vec![note] };
        Hasher::new(Params { buckets: 512 }, &layout()).transform(&mut row);
        assert!(row.categories.is_empty() && row.texts.is_empty());
        row.numbers
    }

    #[test]
    fn words_count_without_case_and_punctuation() {
        assert_eq!(hashed("", "", "Zahl' ÄRGER, 3 zahl"), hashed("", "", "zahl zahl ärger 3"));
        assert_eq!(hashed("", "", "").iter().map(|v| v.abs()).sum::<f64>(), 0.0, "missing adds nothing");
        assert_eq!(hashed("", "", "one two three").iter().map(|v| v.abs()).sum::<f64>(), 3.0);
    }

    #[test]
    fn the_feature_counts_as_well_as_the_category() {
        assert_ne!(hashed("de", "", ""), hashed("", "de", ""));
        assert_ne!(hashed("de", "", ""), hashed("", "", "de"));
    }

    #[test]
    fn buckets_and_signs_are_even() {
        let mut columns = vec![0.0; 16];
        let mut counts = vec![0.0; 16];
        for n in 0..16_000_u64 {
            let mut one = vec![0.0; 16];
            add(&mut one, hash(&n.to_le_bytes()), 7);
            for ((sum, count), value) in columns.iter_mut().zip(&mut counts).zip(one) {
                *sum += value;
                *count += f64::abs(value);
            }
        }
        assert!(counts.iter().all(|count| (count - 1_000.0).abs() < 150.0), "{counts:?}");
        assert!(columns.iter().all(|sum: &f64| sum.abs() < 150.0), "{columns:?}");
    }
}
