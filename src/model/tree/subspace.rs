//! Features picked out of a row.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use crate::event::Layout;
use crate::rng::Rng;

/// Which features a leaf or a tree looks at: slots of the row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, GetSize)]
pub struct Subspace {
    pub numbers: Vec<u32>,
    pub categories: Vec<u32>,
}

impl Subspace {
    /// All features of a layout.
    pub fn of(layout: &Layout) -> Self {
        Self::all(layout.numbers.len(), layout.categories.len())
    }

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

    /// `n` draws of `size` of these features, where no set comes again before all have come, as the sets of few features
    /// otherwise would.
    pub fn draw_evenly(&self, size: usize, n: usize, rng: &mut Rng) -> Vec<Self> {
        let sets = (0..size.min(self.len())).map(|i| (self.len() - i) as f64 / (i + 1) as f64).product::<f64>().round();
        let mut drawn: Vec<Self> = Vec::with_capacity(n);
        for i in 0..n {
            let most = (i as f64 / sets) as usize;
            let mut next = self.draw(size, rng);
            for _ in 0..MOST_DRAWS {
                if drawn.iter().filter(|set| **set == next).count() <= most {
                    break;
                }
                next = self.draw(size, rng);
            }
            drawn.push(next);
        }
        drawn
    }
}

/// Enough to meet the last of a few dozen sets; where there are more of them, any draw is a new one.
const MOST_DRAWS: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_set_comes_again_before_all_have_come() {
        for seed in 0..20 {
            let drawn = Subspace::all(2, 1).draw_evenly(2, 10, &mut Rng::new(seed, "test"));
            let mut counts =
                drawn.iter().map(|set| drawn.iter().filter(|other| *other == set).count()).collect::<Vec<_>>();
            counts.sort_unstable();
            assert_eq!(counts, [3, 3, 3, 3, 3, 3, 4, 4, 4, 4], "seed {seed}");
        }
    }
}
