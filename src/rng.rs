//! Randomness that is a function of a key and a counter, so that a checkpoint holds it in one number.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

/// Counter-based generator: draw `n` of stream `key` is a fixed mix of both (SplitMix64's finalizer twice).
///
/// G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, GetSize)]
pub struct Rng {
    key: u64,
    counter: u64,
}

impl Rng {
    /// A stream of its own for each `seed` and `purpose` (the name of the component that draws).
    pub fn new(seed: u64, purpose: &str) -> Self {
        Self { key: mix(seed ^ hash(purpose.as_bytes())), counter: 0 }
    }

    /// The stream of member `index` of this one (a tree of a forest).
    pub fn child(&self, index: u64) -> Self {
        Self { key: mix(self.key ^ mix(index.wrapping_add(1))), counter: 0 }
    }

    /// Names the stream.
    pub fn key(&self) -> u64 {
        self.key
    }

    /// The next 64 uniform bits.
    pub fn bits(&mut self) -> u64 {
        self.counter = self.counter.wrapping_add(1);
        mix(self.key ^ mix(self.counter))
    }

    /// Uniform in [0, 1), 53 bits.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in 0..n without bias worth naming (n far below 2^64); 0 where n is 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.bits()) * n as u128) >> 64) as usize
    }

    /// Standard normal, by Box and Muller.
    pub fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.uniform()));
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }

    /// Poisson with mean `lambda`, by inversion: see [`Poisson`] for many of them.
    pub fn poisson(&mut self, lambda: f64) -> u32 {
        let draw = self.uniform();
        cumulative(lambda).take_while(|below| draw >= *below).count() as u32
    }
}

/// A Poisson distribution with its table: draws as [`Rng::poisson`] does, for less.
#[derive(Clone, Debug, Default, PartialEq, GetSize)]
pub struct Poisson {
    lambda: f64,
    /// The chance of no more than 0, 1, 2 …
    cumulative: Vec<f64>,
}

impl Poisson {
    /// Becomes that of mean `lambda`.
    pub fn set(&mut self, lambda: f64) {
        if self.lambda != lambda {
            *self = Self { lambda, cumulative: cumulative(lambda).collect() };
        }
    }

    pub fn draw(&self, rng: &mut Rng) -> u32 {
        let draw = rng.uniform();
        self.cumulative.iter().take_while(|below| draw >= **below).count() as u32
    }
}

/// The chance of no more than 0, 1, 2 … while it grows.
fn cumulative(lambda: f64) -> impl Iterator<Item = f64> {
    let (mut chance, mut sum, mut count) = (libm::exp(-lambda), 0.0, 0.0);
    std::iter::from_fn(move || {
        let before = sum;
        sum += chance;
        count += 1.0;
        chance *= lambda / count;
        (sum > before || count < lambda).then_some(sum)
    })
}

/// SplitMix64's finalizer: every bit of the result depends on every bit of `z`. Never changes.
pub fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Stable 64-bit hash of bytes: FNV-1a, then mixed. Never changes: learned state depends on it.
pub fn hash(bytes: &[u8]) -> u64 {
    let fnv = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, &b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    mix(fnv)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_uniform_and_streams_differ() {
        let mut rng = Rng::new(1, "test");
        let mean = (0..10_000).map(|_| rng.uniform()).sum::<f64>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.01, "{mean}");
        assert_ne!(Rng::new(1, "test").bits(), Rng::new(1, "other").bits());
        assert_ne!(Rng::new(1, "test").child(0).bits(), Rng::new(1, "test").child(1).bits());
    }

    #[test]
    fn poisson_has_its_mean() {
        let mut rng = Rng::new(3, "poisson");
        let mean = (0..10_000).map(|_| f64::from(rng.poisson(6.0))).sum::<f64>() / 10_000.0;
        assert!((mean - 6.0).abs() < 0.1, "{mean}");
    }

    #[test]
    fn a_table_draws_the_same() {
        for lambda in [1e-9, 0.5, 6.0, 100.0] {
            let mut table = Poisson::default();
            table.set(lambda);
            let (mut one, mut other) = (Rng::new(1, "table"), Rng::new(1, "table"));
            let draws: Vec<u32> = (0..10_000).map(|_| table.draw(&mut one)).collect();
            assert!(draws.iter().all(|draw| *draw == other.poisson(lambda)), "{lambda}");
            let n = draws.len() as f64;
            let mean = draws.iter().copied().map(f64::from).sum::<f64>() / n;
            let variance =
                draws.iter().map(|draw| (f64::from(*draw) - mean) * (f64::from(*draw) - mean)).sum::<f64>() / n;
            assert!((mean - lambda).abs() < 0.05 * lambda + 1e-3, "{lambda}: mean {mean}");
            assert!((variance - lambda).abs() < 0.1 * lambda + 1e-3, "{lambda}: variance {variance}");
        }
    }
}
