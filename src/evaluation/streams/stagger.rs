//! STAGGER's blocks: J. C. Schlimmer and R. H. Granger, "Incremental learning from noisy data", Machine Learning 1 (1986).
//!
//! Size, colour and shape of a block. Concept 0 holds of small red ones, concept 1 of green or circular ones, concept 2 of
//! medium or large ones; then it begins again. No noise unless asked for.

use super::{Generator, Value, flipped};
use crate::rng::Rng;

const SIZES: [&str; 3] = ["small", "medium", "large"];
const COLOURS: [&str; 3] = ["red", "green", "blue"];
const SHAPES: [&str; 3] = ["square", "circular", "triangular"];

pub struct Stagger {
    rng: Rng,
    noise: f64,
}

impl Stagger {
    pub fn new(seed: u64) -> Self {
        Self { rng: Rng::new(seed, "stream.stagger"), noise: 0.0 }
    }
}

impl Generator for Stagger {
    fn columns(&self) -> Vec<String> {
        ["size", "colour", "shape", "label"].map(str::to_owned).to_vec()
    }

    fn set_noise(&mut self, share: f64) -> bool {
        self.noise = share;
        true
    }

    fn sample(&mut self, _: u64, concept: usize, fields: &mut Vec<Value>) {
        let [size, colour, shape] = std::array::from_fn(|_| self.rng.below(3));
        let holds = match concept % 3 {
            0 => SIZES[size] == "small" && COLOURS[colour] == "red",
            1 => COLOURS[colour] == "green" || SHAPES[shape] == "circular",
            _ => SIZES[size] != "small",
        };
        let label = flipped(holds, self.noise, &mut self.rng);
        fields.extend([SIZES[size], COLOURS[colour], SHAPES[shape]].map(Value::Text));
        fields.push(Value::Integer(i64::from(label)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One block in nine is small and red, five in nine are green or circular, two in three are medium or large.
    #[test]
    fn concepts_hold_as_often_as_their_blocks_come() {
        for (concept, share) in [(0, 1.0 / 9.0), (1, 5.0 / 9.0), (2, 2.0 / 3.0), (3, 1.0 / 9.0)] {
            let mut stagger = Stagger::new(1);
            let mut fields = Vec::new();
            (0..9_000).for_each(|index| stagger.sample(index, concept, &mut fields));
            let held = fields.iter().filter(|field| **field == Value::Integer(1)).count();
            assert!((held as f64 / 9_000.0 - share).abs() < 0.02, "{concept}: {held}");
        }
    }
}
