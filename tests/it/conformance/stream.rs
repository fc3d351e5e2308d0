//! Streams that components go through: a plain one with something to learn, and a dirty one.

use driftline::event::{Kind, Layout};
use driftline::linalg::LARGEST;
use driftline::rng::{Rng, hash};
use driftline::row::{Category, Label, Row, Task};

/// One event, with a label for each kind of task.
#[derive(Clone, Debug)]
pub struct Sample {
    pub row: Row,
    pub weight: f64,
    binary: u32,
    class: u32,
    value: f64,
    level: f64,
}

impl Sample {
    pub fn label(&self, task: Task) -> Label {
        match task {
            Task::Binary => Label::Class(self.binary),
            Task::Multiclass => Label::Class(self.class),
            Task::Regression => Label::Value(self.value),
        }
    }

    /// A signal for detectors, finite; it jumps half-way.
    pub fn signal(&self) -> f64 {
        self.level + self.value
    }
}

const FEATURES: [(&str, Kind); 7] = [
    ("age", Kind::Number),
    ("balance", Kind::Number),
    ("score", Kind::Number),
    ("vip", Kind::Bool),
    ("country", Kind::Category),
    ("device", Kind::Category),
    ("note", Kind::Text),
];

pub fn layout() -> Layout {
    Layout::new(FEATURES)
}

/// The same features as a configuration might name them in another order.
pub fn layout_of_another_order() -> Layout {
    Layout::new(FEATURES.iter().rev().copied())
}

/// How much is missing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Missing {
    None,
    Some,
}

/// A stream whose numbers say much about every label, with classes that come one after the other.
pub fn plain(n: usize, missing: Missing) -> Vec<Sample> {
    let mut rng = Rng::new(21, "conformance");
    (0..n).map(|i| sample(&mut rng, i, n, missing)).collect()
}

fn sample(rng: &mut Rng, i: usize, n: usize, missing: Missing) -> Sample {
    let (a, b, c) = (rng.normal(), rng.normal(), rng.normal());
    let vip = rng.below(2) as f64;
    let score = 2.0 * a - b + 0.2 * rng.normal();
    let binary = u32::from(score > 0.0);
    let largest = [a, b, c].iter().enumerate().fold(0, |best, (k, v)| if *v > [a, b, c][best] { k } else { best });
    let class = if i < n / 4 { binary } else { largest as u32 };
    let mut numbers = vec![a, b, c, vip];
    let mut categories = vec![category(rng.below(5) as u32), category(rng.below(3) as u32)];
    let mut note = Some(["late again", "paid in full", "call back"][rng.below(3)].into());
    if missing == Missing::Some {
        numbers.iter_mut().for_each(|number| *number = if rng.uniform() < 0.1 { f64::NAN } else { *number });
        categories.iter_mut().for_each(|c| *c = if rng.uniform() < 0.1 { Category::MISSING } else { *c });
        note = note.filter(|_| rng.uniform() > 0.1);
    }
    let level = if i < n / 2 { 0.0 } else { 4.0 };
    let row = Row { numbers, categories, texts: vec![note] };
    Sample { row, weight: 0.5 + rng.uniform(), binary, class, value: score, level }
}

fn category(code: u32) -> Category {
    Category { code, hash: hash(&code.to_le_bytes()) }
}

/// Everything that may reach a component and should not hurt it.
pub fn dirty(n: usize) -> Vec<Sample> {
    let mut rng = Rng::new(22, "conformance");
    let numbers = [f64::NAN, 0.0, -0.0, 1.0, -1e20, LARGEST, -LARGEST, f64::MIN_POSITIVE, 5e-324, 1e9];
    let categories = [Category::MISSING, Category { code: Category::OTHER, hash: 1 }, category(0), category(1_000_000)];
    let notes = [None, Some(""), Some("\u{1F600}\u{0} İSTANBUL ß"), Some("x")];
    let sample = |_| Sample {
        row: Row {
            numbers: (0..4).map(|_| numbers[rng.below(numbers.len())]).collect(),
            categories: (0..2).map(|_| categories[rng.below(categories.len())]).collect(),
            texts: vec![notes[rng.below(notes.len())].map(Into::into)],
        },
        weight: [1e-9, 1.0, 1e9][rng.below(3)],
        binary: rng.below(2) as u32,
        class: rng.below(3) as u32,
        level: 0.0,
        value: [0.0, -1e20, LARGEST, 1e-300][rng.below(4)],
    };
    (0..n).map(sample).collect()
}
