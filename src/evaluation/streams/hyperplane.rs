//! A hyperplane: G. Hulten, L. Spencer and P. Domingos, "Mining time-changing data streams", KDD 2001.
//!
//! Ten numbers, uniform in [0, 1); the label says on which side of a plane through the centre they lie.

use super::{Generator, Value, flipped};
use crate::rng::Rng;

const FEATURES: usize = 10;

pub struct Hyperplane {
    rng: Rng,
    noise: f64,
    /// Draws the weights of each concept.
    planes: Rng,
}

impl Hyperplane {
    pub fn new(seed: u64) -> Self {
        Self { rng: Rng::new(seed, "stream.hyperplane"), noise: 0.05, planes: Rng::new(seed, "stream.hyperplane.planes") }
    }
}

impl Generator for Hyperplane {
    fn columns(&self) -> Vec<String> {
        (1..=FEATURES).map(|i| format!("x{i}")).chain(["label".to_owned()]).collect()
    }

    fn set_noise(&mut self, share: f64) -> bool {
        self.noise = share;
        true
    }

    fn sample(&mut self, _: u64, concept: usize, fields: &mut Vec<Value>) {
        let mut weights = self.planes.child(concept as u64);
        let mut side = 0.0;
        for _ in 0..FEATURES {
            let x = self.rng.uniform();
            side += (2.0 * weights.uniform() - 1.0) * (x - 0.5);
            fields.push(Value::Number(x));
        }
        fields.push(Value::Integer(i64::from(flipped(side >= 0.0, self.noise, &mut self.rng))));
    }
}
