//! Synthetic streams of the literature, and one of card payments: pure functions of a seed and a schedule of concepts.
//!
//! To add one: a file beside the others, shaped like them, and its line in `streams!` below.

use crate::rng::Rng;

/// One field of a sample.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Number(f64),
    Integer(i64),
    Bool(bool),
    Text(&'static str),
    /// Text that names this sample alone.
    Id(String),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Text(text) => f.write_str(text),
            Self::Id(text) => f.write_str(text),
        }
    }
}

/// What draws samples.
pub trait Generator {
    /// The names of the fields; the label is the last.
    fn columns(&self) -> Vec<String>;

    /// Sets the share of labels, or of bits of a display, that are wrong; `false` where the stream knows no noise.
    fn set_noise(&mut self, _share: f64) -> bool {
        false
    }

    /// Draws sample `index` (0, 1, 2 …) under `concept` (0, 1, 2 …) and appends its fields.
    fn sample(&mut self, index: u64, concept: usize, fields: &mut Vec<Value>);
}

/// When a stream goes from one concept to the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schedule {
    /// Ascending indices of samples; concept k + 1 follows at `at[k]`.
    pub at: Vec<u64>,
    /// Samples that a change takes, centred on its position; 0 is abrupt. The new concept's share rises as a logistic
    /// curve (A. Bifet et al., "New ensemble methods for evolving data streams", KDD 2009).
    pub width: u64,
}

impl Schedule {
    fn concept(&self, index: u64, rng: &mut Rng) -> usize {
        if self.width == 0 {
            return self.at.partition_point(|&at| at <= index);
        }
        let draw = rng.uniform();
        let passed = |&&at: &&u64| {
            let distance = (index as f64 - at as f64) / self.width as f64;
            draw < 1.0 / (1.0 + libm::exp(-4.0 * distance))
        };
        self.at.iter().filter(passed).count()
    }
}

/// An endless stream with a schedule of concepts.
pub struct Stream {
    generator: Box<dyn Generator + Send>,
    schedule: Schedule,
    rng: Rng,
    index: u64,
}

impl Stream {
    pub fn columns(&self) -> Vec<String> {
        self.generator.columns()
    }

    /// Sets the share of labels, or of bits of a display, that are wrong; `false` where the stream knows no noise.
    pub fn set_noise(&mut self, share: f64) -> bool {
        self.generator.set_noise(share)
    }

    /// The next sample's fields, in the order of [`Stream::columns`], into `fields`, which is cleared.
    pub fn sample(&mut self, fields: &mut Vec<Value>) {
        fields.clear();
        let concept = self.schedule.concept(self.index, &mut self.rng);
        self.generator.sample(self.index, concept, fields);
        self.index += 1;
    }
}

/// Registers the streams, a line each: the file, its generator and one sentence.
macro_rules! streams {
    ($($file:ident => $Generator:ident, $summary:literal;)+) => {
        $(pub mod $file;)+

        /// Names and summaries, in the order of registration.
        pub const STREAMS: &[(&str, &str)] = &[$((stringify!($file), $summary),)+];

        /// The stream called `name`, drawn with `seed`.
        pub fn build(name: &str, seed: u64, schedule: Schedule) -> Option<Stream> {
            let generator: Box<dyn Generator + Send> = match name {
                $(stringify!($file) => Box::new($file::$Generator::new(seed)),)+
                _ => return None,
            };
            Some(Stream { generator, schedule, rng: Rng::new(seed, "stream.schedule"), index: 0 })
        }
    };
}

streams! {
    sea => Sea, "sum of two of three numbers against a threshold, which is the concept; 10 % noise";
    agrawal => Agrawal, "loan applicants with 6 numbers and 3 categories; the concept is one of 10 rules";
    hyperplane => Hyperplane, "10 numbers on either side of a plane, which is the concept; 5 % noise";
    random_rbf => RandomRbf, "10 numbers around 50 random centres of 5 classes, which are the concept";
    led => Led, "24 bits of which 7 show one of 10 digits; the concept is which ones; 10 % noise";
    stagger => Stagger, "size, colour and shape of a block; the concept is one of 3 rules";
    sine => Sine, "points below or above a curve; the concept is one of 4: two curves, each also turned around";
    friedman => Friedman, "regression on 10 numbers of which 5 matter; the concept is which ones";
    fraud => Fraud, "card payments, about 8 % fraudulent; the concept is how fraudsters behave";
}

/// A share of labels that are flipped.
fn flipped(label: bool, noise: f64, rng: &mut Rng) -> bool {
    label != (rng.uniform() < noise)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(name: &str, seed: u64, schedule: Schedule, n: usize) -> Vec<Vec<Value>> {
        let mut stream = build(name, seed, schedule).expect(name);
        let mut fields = Vec::new();
        let mut next = || {
            stream.sample(&mut fields);
            fields.clone()
        };
        (0..n).map(|_| next()).collect()
    }

    #[test]
    fn every_stream_is_a_function_of_its_seed() {
        for (name, _) in STREAMS {
            let columns = build(name, 1, Schedule::default()).expect(name).columns();
            let first = samples(name, 1, Schedule::default(), 200);
            assert_eq!(first, samples(name, 1, Schedule::default(), 200), "{name}");
            assert_ne!(first, samples(name, 2, Schedule::default(), 200), "{name}");
            assert!(first.iter().all(|fields| fields.len() == columns.len()), "{name}: {columns:?}");
            let labels: std::collections::BTreeSet<_> = first.iter().map(|f| format!("{:?}", f.last())).collect();
            assert!(labels.len() >= 2, "{name} has the labels {labels:?}");
        }
    }

    #[test]
    fn a_drift_changes_what_follows_and_nothing_before() {
        for (name, _) in STREAMS {
            let steady = samples(name, 1, Schedule::default(), 400);
            let drifting = samples(name, 1, Schedule { at: vec![200], width: 0 }, 400);
            assert_eq!(steady[..200], drifting[..200], "{name}");
            assert_ne!(steady[200..], drifting[200..], "{name}");
        }
    }

    #[test]
    fn noise_is_as_much_as_is_asked_for() {
        for name in ["sea", "hyperplane", "stagger", "sine"] {
            let labels = |noise| {
                let mut stream = build(name, 1, Schedule::default()).expect(name);
                assert!(stream.set_noise(noise), "{name}");
                let mut fields = Vec::new();
                let mut next = || {
                    stream.sample(&mut fields);
                    fields.last().cloned()
                };
                (0..5_000).map(|_| next()).collect::<Vec<_>>()
            };
            let (clean, noisy) = (labels(0.0), labels(0.3));
            let wrong = clean.iter().zip(&noisy).filter(|(a, b)| a != b).count();
            assert!((1_400..1_600).contains(&wrong), "{name}: {wrong}");
        }
        assert!(!build("agrawal", 1, Schedule::default()).expect("agrawal").set_noise(0.1));
    }

    #[test]
    fn a_gradual_drift_mixes_both_concepts() {
        let schedule = Schedule { at: vec![500], width: 400 };
        let mut rng = Rng::new(1, "test");
        let concepts: Vec<usize> = (0..1_000).map(|i| schedule.concept(i, &mut rng)).collect();
        let new = |range: std::ops::Range<usize>| concepts[range].iter().sum::<usize>();
        assert!(new(0..100) < 10 && (30..70).contains(&new(450..550)) && new(900..1_000) > 90);
    }
}
