//! SEA: W. N. Street and Y. Kim, "A streaming ensemble algorithm (SEA) for large-scale classification", KDD 2001.
//!
//! Three numbers, uniform in [0, 10); the label is 1 where the first two add up to no more than a threshold.

use super::{Generator, Value, flipped};
use crate::rng::Rng;

const THRESHOLDS: [f64; 4] = [8.0, 9.0, 7.0, 9.5];

pub struct Sea {
    rng: Rng,
    noise: f64,
}

impl Sea {
    pub fn new(seed: u64) -> Self {
        Self { rng: Rng::new(seed, "stream.sea"), noise: 0.1 }
    }
}

impl Generator for Sea {
    fn columns(&self) -> Vec<String> {
        ["x1", "x2", "x3", "label"].map(str::to_owned).to_vec()
    }

    fn set_noise(&mut self, share: f64) -> bool {
        self.noise = share;
        true
    }

    fn sample(&mut self, _: u64, concept: usize, fields: &mut Vec<Value>) {
        let [a, b, c] = std::array::from_fn(|_| 10.0 * self.rng.uniform());
        let label = flipped(a + b <= THRESHOLDS[concept % THRESHOLDS.len()], self.noise, &mut self.rng);
        fields.extend([a, b, c].map(Value::Number));
        fields.push(Value::Integer(i64::from(label)));
    }
}
