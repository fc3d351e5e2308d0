//! Card payments: a made-up stream in which about 8 % are fraudulent and fraudsters change their ways with the concept.
//!
//! Honest customers stay as they are; only what fraud looks like moves, so a model that does not follow misses nearly all of it.

use super::{Generator, Value};
use crate::rng::Rng;

const SHARE: f64 = 0.08;
const MERCHANTS: [&str; 8] =
    ["grocery", "fuel", "restaurant", "clothing", "electronics", "travel", "gaming", "gift_cards"];
const COUNTRIES: [&str; 6] = ["DE", "FR", "PL", "US", "BR", "NG"];
/// 2026-01-01 UTC, milliseconds since 1970.
const START: i64 = 1_767_225_600_000;

/// How a kind of customer pays.
struct Profile {
    /// Mean and deviation of the logarithm of the amount.
    amount: (f64, f64),
    /// The hours around which payments gather, and how closely.
    hour: (f64, f64),
    /// Weights of the merchant categories and of the countries.
    merchants: [f64; 8],
    countries: [f64; 6],
    /// Mean age of the account, days.
    age: f64,
    /// Mean number of further payments within the hour.
    velocity: f64,
    /// Chance that the card is at the till.
    present: f64,
}

const HONEST: Profile = Profile {
    amount: (3.3, 0.8),
    hour: (14.0, 4.0),
    merchants: [9.0, 4.0, 5.0, 3.0, 1.5, 1.0, 1.0, 0.5],
    countries: [10.0, 5.0, 3.0, 1.5, 0.5, 0.3],
    age: 900.0,
    velocity: 0.4,
    present: 0.75,
};

/// Big purchases at night, far away; then many small ones from young accounts, at tills; then a steady trickle from old
/// accounts over the wire. What gives one away speaks for honesty in the next.
const FRAUDULENT: [Profile; 3] = [
    Profile {
        amount: (5.6, 0.6),
        hour: (3.0, 2.0),
        merchants: [0.3, 0.3, 0.3, 1.0, 8.0, 4.0, 0.1, 0.1],
        countries: [1.0, 1.0, 1.0, 3.0, 2.0, 3.0],
        age: 900.0,
        velocity: 0.1,
        present: 0.1,
    },
    Profile {
        amount: (1.6, 0.5),
        hour: (15.0, 3.0),
        merchants: [0.3, 1.0, 0.3, 0.3, 0.1, 0.1, 8.0, 8.0],
        countries: [8.0, 5.0, 3.0, 0.1, 0.1, 0.1],
        age: 60.0,
        velocity: 3.0,
        present: 0.97,
    },
    Profile {
        amount: (4.6, 0.3),
        hour: (21.0, 1.5),
        merchants: [0.3, 9.0, 0.3, 6.0, 0.3, 0.3, 0.1, 0.1],
        countries: [1.0, 1.0, 9.0, 0.1, 0.1, 0.1],
        age: 2_500.0,
        velocity: 0.1,
        present: 0.05,
    },
];

pub struct Fraud {
    rng: Rng,
}

impl Fraud {
    pub fn new(seed: u64) -> Self {
        Self { rng: Rng::new(seed, "stream.fraud") }
    }

    fn pick(&mut self, weights: &[f64]) -> usize {
        let mut left = weights.iter().sum::<f64>() * self.rng.uniform();
        let found = weights.iter().position(|weight| {
            left -= weight;
            left < 0.0
        });
        found.unwrap_or(0)
    }
}

impl Generator for Fraud {
    fn columns(&self) -> Vec<String> {
        [
            "txn_id",
            "ts",
            "amount",
            "hour",
            "merchant",
            "country",
            "account_age_days",
            "payments_1h",
            "card_present",
            "is_fraud",
        ]
        .map(str::to_owned)
        .to_vec()
    }

    fn sample(&mut self, index: u64, concept: usize, fields: &mut Vec<Value>) {
        let fraudulent = self.rng.uniform() < SHARE;
        let profile = if fraudulent { &FRAUDULENT[concept % FRAUDULENT.len()] } else { &HONEST };
        let amount = libm::exp(profile.amount.0 + profile.amount.1 * self.rng.normal());
        let hour = (profile.hour.0 + profile.hour.1 * self.rng.normal()).floor().rem_euclid(24.0);
        let merchant = MERCHANTS[self.pick(&profile.merchants)];
        let country = COUNTRIES[self.pick(&profile.countries)];
        let age = (-profile.age * libm::log(1.0 - self.rng.uniform())).floor();
        let velocity = self.rng.poisson(profile.velocity);
        let present = self.rng.uniform() < profile.present;
        fields.extend([
            Value::Id(format!("t{index:08}")),
            Value::Integer(START + 1_000 * index as i64),
            Value::Number((amount * 100.0).round() / 100.0),
            Value::Integer(hour as i64),
            Value::Text(merchant),
            Value::Text(country),
            Value::Integer(age as i64),
            Value::Integer(i64::from(velocity)),
            Value::Bool(present),
            Value::Bool(fraudulent),
        ]);
    }
}
