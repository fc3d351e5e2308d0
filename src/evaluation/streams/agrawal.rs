//! Agrawal's loan applicants: R. Agrawal, T. Imielinski and A. Swami, "Database mining: a performance perspective", IEEE
//! TKDE 5 (1993).
//!
//! Concept k is the paper's classification function k + 1, from 10 on again. No perturbation.

use super::{Generator, Value};
use crate::rng::Rng;

const LEVELS: [&str; 5] = ["level0", "level1", "level2", "level3", "level4"];
const CARS: [&str; 20] = [
    "car1", "car2", "car3", "car4", "car5", "car6", "car7", "car8", "car9", "car10", "car11", "car12", "car13",
    "car14", "car15", "car16", "car17", "car18", "car19", "car20",
];
const ZIPCODES: [&str; 9] = ["zip1", "zip2", "zip3", "zip4", "zip5", "zip6", "zip7", "zip8", "zip9"];

pub struct Agrawal {
    rng: Rng,
}

struct Applicant {
    salary: f64,
    commission: f64,
    age: f64,
    education: usize,
    car: usize,
    zipcode: usize,
    house_value: f64,
    house_years: f64,
    loan: f64,
}

impl Agrawal {
    pub fn new(seed: u64) -> Self {
        Self { rng: Rng::new(seed, "stream.agrawal") }
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.rng.uniform()
    }

    fn applicant(&mut self) -> Applicant {
        let salary = self.between(20_000.0, 150_000.0);
        let commission = if salary >= 75_000.0 { 0.0 } else { self.between(10_000.0, 75_000.0) };
        let age = 20.0 + self.rng.below(61) as f64;
        let (education, car, zipcode) = (self.rng.below(5), self.rng.below(20), self.rng.below(9));
        let worth = (9 - zipcode) as f64 * 100_000.0;
        Applicant {
            salary,
            commission,
            age,
            education,
            car,
            zipcode,
            house_value: self.between(0.5 * worth, 1.5 * worth),
            house_years: 1.0 + self.rng.below(30) as f64,
            loan: self.between(0.0, 500_000.0),
        }
    }
}

impl Applicant {
    /// Whether the applicant is in group A by the paper's function `function` (0 to 9).
    fn in_group_a(&self, function: usize) -> bool {
        let Self { salary, education, loan, .. } = *self;
        let income = salary + self.commission;
        match function {
            0 => self.by_age(true, false, true),
            1 => self.by_pay(salary),
            2 => self.by_age(education <= 1, (1..=3).contains(&education), education >= 2),
            3 => {
                let paid = |condition, then, otherwise| within(if condition { then } else { otherwise }, salary, 50_000.0);
                self.by_age(
                    paid(education <= 1, 25_000.0, 50_000.0),
                    paid((1..=3).contains(&education), 50_000.0, 75_000.0),
                    paid(education >= 2, 50_000.0, 25_000.0),
                )
            }
            4 => {
                let owing = |pay, then, otherwise| {
                    let from = if within(pay, salary, 50_000.0) { then } else { otherwise };
                    within(from, loan, 200_000.0)
                };
                self.by_age(
                    owing(50_000.0, 100_000.0, 200_000.0),
                    owing(75_000.0, 200_000.0, 300_000.0),
                    owing(25_000.0, 300_000.0, 100_000.0),
                )
            }
            5 => self.by_pay(income),
            6 => 0.67 * income - 0.2 * loan > 20_000.0,
            7 => 0.67 * income - 5_000.0 * education as f64 > 20_000.0,
            8 => 0.67 * income - 5_000.0 * education as f64 - 0.2 * loan > 10_000.0,
            _ => 0.67 * income - 5_000.0 * education as f64 + 0.2 * self.equity() > 10_000.0,
        }
    }

    fn by_age(&self, below_40: bool, below_60: bool, above: bool) -> bool {
        match self.age {
            age if age < 40.0 => below_40,
            age if age < 60.0 => below_60,
            _ => above,
        }
    }

    fn by_pay(&self, pay: f64) -> bool {
        let paid = |from| within(from, pay, 50_000.0);
        self.by_age(paid(50_000.0), paid(75_000.0), paid(25_000.0))
    }

    fn equity(&self) -> f64 {
        0.1 * self.house_value * (self.house_years - 20.0).max(0.0)
    }
}

/// Whether `value` lies in the stretch of `length` that begins at `from`.
fn within(from: f64, value: f64, length: f64) -> bool {
    (from..=from + length).contains(&value)
}

impl Generator for Agrawal {
    fn columns(&self) -> Vec<String> {
        ["salary", "commission", "age", "elevel", "car", "zipcode", "hvalue", "hyears", "loan", "label"]
            .map(str::to_owned)
            .to_vec()
    }

    fn sample(&mut self, _: u64, concept: usize, fields: &mut Vec<Value>) {
        let applicant = self.applicant();
        let label = if applicant.in_group_a(concept % 10) { "groupA" } else { "groupB" };
        let Applicant { salary, commission, age, education, car, zipcode, house_value, house_years, loan } = applicant;
        fields.extend([salary, commission, age].map(Value::Number));
        fields.extend([LEVELS[education], CARS[car], ZIPCODES[zipcode]].map(Value::Text));
        fields.extend([house_value, house_years, loan].map(Value::Number));
        fields.push(Value::Text(label));
    }
}
