//! Features picked out of a row.

use serde::{Deserialize, Serialize};

use crate::rng::Rng;

/// Which features a leaf or a tree looks at: slots of the row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subspace {
    pub numbers: Vec<u32>,
    pub categories: Vec<u32>,
}

impl Subspace {
    pub fn all(numbers: usize, categories: usize) -> Self {
        Self { numbers: (0..numbers as u32).collect(), categories: (0..categories as u32).collect() }
    }

    pub fn len(&self) -> usize {
        self.numbers.len() + self.categories.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `size` of these features without replacement, each set as likely as any; all of them where `size` is no less.
    pub fn draw(&self, size: usize, rng: &mut Rng) -> Self {
        if size >= self.len() {
            return self.clone();
        }
        let mut drawn = Self::default();
        let mut wanted = size;
        for (i, slot) in self.numbers.iter().chain(&self.categories).enumerate() {
            if rng.below(self.len() - i) < wanted {
                wanted -= 1;
                let kind = if i < self.numbers.len() { &mut drawn.numbers } else { &mut drawn.categories };
                kind.push(*slot);
            }
        }
        drawn
    }
}
