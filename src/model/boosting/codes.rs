//! Sums of derivatives by category.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::histogram::broaden;
use super::{Pair, add};

/// The first codes that came; later ones are not told apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Codes {
    codes: Vec<u32>,
    /// Code after code: first and second derivative by each score that was in use.
    sums: Vec<f64>,
}

/// The most codes of one feature.
pub const CODES: usize = 32;

impl Codes {
    /// Adds the pairs of as many scores as before or more.
    pub fn add(&mut self, code: u32, pairs: &[Pair]) {
        let block = 2 * pairs.len();
        if self.sums.len() < self.codes.len() * block {
            broaden(&mut self.sums, self.codes.len(), block);
        }
        let at = self.codes.iter().position(|known| *known == code).unwrap_or(self.codes.len());
        if at == CODES {
            return;
        }
        if at == self.codes.len() {
            self.codes.push(code);
            self.sums.resize(self.sums.len() + block, 0.0);
        }
        add(&mut self.sums[at * block..][..block], pairs);
    }

    /// Hands `consider` every code with its sums, in `sums`, which is memory for them.
    pub fn each(&self, sums: &mut [f64], mut consider: impl FnMut(f64, &[f64])) {
        let block = (self.sums.len() / self.codes.len().max(1)).max(1);
        for (code, own) in self.codes.iter().zip(self.sums.chunks_exact(block)) {
            sums.fill(0.0);
            sums[..block].copy_from_slice(own);
            consider(f64::from(*code), sums);
        }
    }
}
