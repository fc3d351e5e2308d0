//! Boost: a learning rate raised at a drift, which decays back to what is configured.

use serde::{Deserialize, Serialize};

/// A boost below this share is none.
const OVER: f64 = 1e-3;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Boost {
    /// What the factor exceeds 1 by.
    excess: f64,
    /// What is left of the excess after one labelled event.
    decay: f64,
}

impl Boost {
    /// `factor` now, half of its excess over 1 after `half_life` labelled events.
    pub(super) fn new(factor: f64, half_life: f64) -> Self {
        Self { excess: factor - 1.0, decay: libm::exp2(-1.0 / half_life) }
    }

    pub(super) fn factor(&self) -> f64 {
        1.0 + self.excess
    }

    pub(super) fn decay(&mut self) {
        self.excess *= self.decay;
        if self.excess < OVER {
            self.excess = 0.0;
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.excess == 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_excess_goes_in_a_half_life_and_all_of_it_in_the_end() {
        let mut boost = Boost::new(5.0, 10.0);
        (0..10).for_each(|_| boost.decay());
        assert!((boost.factor() - 3.0).abs() < 1e-12, "{}", boost.factor());
        (0..200).for_each(|_| boost.decay());
        assert!(boost.is_over() && boost.factor() == 1.0);
    }
}
