//! LED digits: L. Breiman, J. H. Friedman, R. A. Olshen and C. J. Stone, "Classification and Regression Trees" (1984).
//!
//! Which of ten digits a display shows: its seven segments, each of which may be wrong, among 24 bits of which the others
//! mean nothing. Concept k shows the segments from bit 7 k on, in a circle, so that a drift moves all of them. At 10 % noise
//! no model is right more often than in 74 % of cases.

use super::{Generator, Value};
use crate::rng::Rng;

const BITS: usize = 24;
/// Which segments are lit: top, upper left, upper right, middle, lower left, lower right, bottom.
const DIGITS: [[u8; 7]; 10] = [
    [1, 1, 1, 0, 1, 1, 1],
    [0, 0, 1, 0, 0, 1, 0],
    [1, 0, 1, 1, 1, 0, 1],
    [1, 0, 1, 1, 0, 1, 1],
    [0, 1, 1, 1, 0, 1, 0],
    [1, 1, 0, 1, 0, 1, 1],
    [1, 1, 0, 1, 1, 1, 1],
    [1, 0, 1, 0, 0, 1, 0],
    [1, 1, 1, 1, 1, 1, 1],
    [1, 1, 1, 1, 0, 1, 1],
];

pub struct Led {
    rng: Rng,
    noise: f64,
}

impl Led {
    pub fn new(seed: u64) -> Self {
        Self { rng: Rng::new(seed, "stream.led"), noise: 0.1 }
    }
}

impl Generator for Led {
    fn columns(&self) -> Vec<String> {
        (1..=BITS).map(|i| format!("x{i}")).chain(["label".to_owned()]).collect()
    }

    fn set_noise(&mut self, share: f64) -> bool {
        self.noise = share;
        true
    }

    fn sample(&mut self, _: u64, concept: usize, fields: &mut Vec<Value>) {
        let digit = self.rng.below(DIGITS.len());
        let mut bits: [bool; BITS] = std::array::from_fn(|_| self.rng.below(2) == 1);
        for (segment, &lit) in DIGITS[digit].iter().enumerate() {
            let wrong = self.rng.uniform() < self.noise;
            bits[(segment + 7 * concept) % BITS] = (lit == 1) != wrong;
        }
        fields.extend(bits.map(|bit| Value::Integer(i64::from(bit))));
        fields.push(Value::Integer(digit as i64));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_show_the_digit_and_are_wrong_as_often_as_said() {
        for (noise, concept) in [(0.0, 0), (0.0, 3), (0.2, 1)] {
            let mut led = Led::new(1);
            assert!(led.set_noise(noise));
            let mut wrong = 0;
            for _ in 0..2_000 {
                let mut fields = Vec::new();
                led.sample(0, concept, &mut fields);
                let Some(Value::Integer(digit)) = fields.last() else { panic!("no digit") };
                let segments = DIGITS[*digit as usize].iter().enumerate();
                wrong += segments.filter(|&(i, &lit)| fields[(i + 7 * concept) % BITS] != Value::Integer(lit.into())).count();
            }
            assert!((wrong as f64 / 14_000.0 - noise).abs() < 0.01, "{wrong} at {noise}");
        }
    }
}
