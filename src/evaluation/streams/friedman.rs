//! Friedman's function: J. H. Friedman, "Multivariate adaptive regression splines", Annals of Statistics 19 (1991).
//!
//! Ten numbers, uniform in [0, 1); the target is 10 sin(π a b) + 20 (c - 1/2)² + 10 d + 5 e with normal noise, where
//! concept k takes a … e from the features k, k + 1 … in a circle.

use super::{Generator, Value};
use crate::rng::Rng;

const FEATURES: usize = 10;

pub struct Friedman {
    rng: Rng,
}

impl Friedman {
    pub fn new(seed: u64) -> Self {
        Self { rng: Rng::new(seed, "stream.friedman") }
    }
}

impl Generator for Friedman {
    fn columns(&self) -> Vec<String> {
        (1..=FEATURES).map(|i| format!("x{i}")).chain(["target".to_owned()]).collect()
    }

    fn sample(&mut self, _: u64, concept: usize, fields: &mut Vec<Value>) {
        let x: [f64; FEATURES] = std::array::from_fn(|_| self.rng.uniform());
        let [a, b, c, d, e] = std::array::from_fn(|i| x[(i + concept) % FEATURES]);
        let mean = 10.0 * libm::sin(std::f64::consts::PI * a * b) + 20.0 * (c - 0.5) * (c - 0.5) + 10.0 * d + 5.0 * e;
        fields.extend(x.map(Value::Number));
        fields.push(Value::Number(mean + self.rng.normal()));
    }
}
