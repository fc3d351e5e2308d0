//! Sine: J. Gama, P. Medas, G. Castillo and P. Rodrigues, "Learning with drift detection", SBIA 2004.
//!
//! Two numbers, uniform in [0, 1); the label is 1 where the second lies below a curve of the first: sin(x) in concept 0 and
//! 0.5 + 0.3 sin(3 π x) in concept 2. Concepts 1 and 3 are those with their labels turned around; then it begins again. No
//! noise unless asked for.

use super::{Generator, Value, flipped};
use crate::rng::Rng;

pub struct Sine {
    rng: Rng,
    noise: f64,
}

impl Sine {
    pub fn new(seed: u64) -> Self {
        Self { rng: Rng::new(seed, "stream.sine"), noise: 0.0 }
    }
}

impl Generator for Sine {
    fn columns(&self) -> Vec<String> {
        ["x1", "x2", "label"].map(str::to_owned).to_vec()
    }

    fn set_noise(&mut self, share: f64) -> bool {
        self.noise = share;
        true
    }

    fn sample(&mut self, _: u64, concept: usize, fields: &mut Vec<Value>) {
        let (a, b) = (self.rng.uniform(), self.rng.uniform());
        let curve = match concept % 4 {
            0 | 1 => libm::sin(a),
            _ => 0.5 + 0.3 * libm::sin(3.0 * std::f64::consts::PI * a),
        };
        let below = (b < curve) == concept.is_multiple_of(2);
        fields.extend([a, b].map(Value::Number));
        fields.push(Value::Integer(i64::from(flipped(below, self.noise, &mut self.rng))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The share of ones is the area below the curve: 1 - cos 1, 0.5 + 0.2 / π, or what is above it.
    #[test]
    fn labels_share_the_square_by_the_curve() {
        let first = 1.0 - libm::cos(1.0);
        let second = 0.5 + 0.2 / std::f64::consts::PI;
        for (concept, share) in [(0, first), (1, 1.0 - first), (2, second), (3, 1.0 - second), (4, first)] {
            let mut sine = Sine::new(1);
            let mut fields = Vec::new();
            (0..20_000).for_each(|index| sine.sample(index, concept, &mut fields));
            let ones = fields.iter().filter(|field| **field == Value::Integer(1)).count();
            assert!((ones as f64 / 20_000.0 - share).abs() < 0.01, "{concept}: {ones}");
        }
    }
}
