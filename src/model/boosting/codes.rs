//! Sums of derivatives by category.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::{Pair, add};

/// The first codes that came; later ones are not told apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Codes {
    codes: Vec<u32>,
    /// Code after code: first and second derivative by each score.
    sums: Vec<f64>,
}

/// The most codes of one feature.
pub const CODES: usize = 32;

impl Codes {
    pub fn add(&mut self, code: u32, pairs: &[Pair]) {
        let block = 2 * pairs.len();
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

    /// Hands `consider` every code with its sums, of `block` numbers.
    pub fn each(&self, block: usize, mut consider: impl FnMut(f64, &[f64])) {
        for (code, sums) in self.codes.iter().zip(self.sums.chunks_exact(block)) {
            consider(f64::from(*code), sums);
        }
    }
}
