//! Random radial basis functions: A. Bifet et al., "New ensemble methods for evolving data streams", KDD 2009.
//!
//! Each of 50 centres in [0, 1)^10 has a class, a weight and a spread; a sample lies around one of them, at a normal
//! distance in a random direction. A concept has centres of its own.

use super::{Generator, Value};
use crate::rng::Rng;

const FEATURES: usize = 10;
const CENTRES: usize = 50;
const CLASSES: usize = 5;

pub struct RandomRbf {
    rng: Rng,
    /// Draws the centres of each concept.
    concepts: Rng,
    concept: usize,
    centres: Vec<Centre>,
}

struct Centre {
    at: [f64; FEATURES],
    class: usize,
    weight: f64,
    spread: f64,
}

impl RandomRbf {
    pub fn new(seed: u64) -> Self {
        let concepts = Rng::new(seed, "stream.random_rbf.centres");
        Self { rng: Rng::new(seed, "stream.random_rbf"), concepts, concept: 0, centres: centres(concepts.child(0)) }
    }

    fn pick(&mut self) -> usize {
        let total: f64 = self.centres.iter().map(|centre| centre.weight).sum();
        let mut left = total * self.rng.uniform();
        let found = self.centres.iter().position(|centre| {
            left -= centre.weight;
            left < 0.0
        });
        found.unwrap_or(CENTRES - 1)
    }
}

fn centres(mut rng: Rng) -> Vec<Centre> {
    let mut centre = || Centre {
        at: std::array::from_fn(|_| rng.uniform()),
        class: rng.below(CLASSES),
        weight: rng.uniform(),
        spread: 0.1 * rng.uniform(),
    };
    (0..CENTRES).map(|_| centre()).collect()
}

impl Generator for RandomRbf {
    fn columns(&self) -> Vec<String> {
        (1..=FEATURES).map(|i| format!("x{i}")).chain(["label".to_owned()]).collect()
    }

    fn sample(&mut self, _: u64, concept: usize, fields: &mut Vec<Value>) {
        if concept != self.concept {
            self.centres = centres(self.concepts.child(concept as u64));
            self.concept = concept;
        }
        let picked = self.pick();
        let direction: [f64; FEATURES] = std::array::from_fn(|_| self.rng.normal());
        let length = direction.iter().map(|d| d * d).sum::<f64>().sqrt();
        let distance = self.rng.normal();
        let centre = &self.centres[picked];
        let step = distance * centre.spread / length;
        fields.extend(centre.at.iter().zip(direction).map(|(at, d)| Value::Number(at + step * d)));
        fields.push(Value::Integer(centre.class as i64));
    }
}
