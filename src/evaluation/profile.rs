//! What the features of a stream look like, for the report page: one pass, constant memory.

use std::collections::BTreeMap;

use compact_str::CompactString;

use crate::codec::Input;
use crate::event::{Features, Kind, Layout};

/// The most different categories of a feature that are counted one by one.
const CATEGORIES: usize = 1_000;
/// Categories of a feature that are told.
const TOP: usize = 4;
/// The most stretches whose means are told.
const STRETCHES: usize = 64;

/// Sums up features, row by row.
#[derive(Clone, Debug)]
pub struct Profile {
    layout: Layout,
    kinds: BTreeMap<String, Kind>,
    rows: u64,
    numbers: Vec<Numbers>,
    categories: Vec<Categories>,
    texts: Vec<u64>,
}

/// One feature, summed up.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureSummary {
    pub name: String,
    pub kind: Kind,
    /// Share of the rows that lack it.
    pub missing: f64,
    pub summary: Summary,
}

/// What a feature's values are like.
#[derive(Clone, Debug, PartialEq)]
pub enum Summary {
    Numbers {
        mean: f64,
        deviation: f64,
        least: f64,
        most: f64,
        /// Means of even stretches of the stream, in order; NaN where a stretch has no value.
        course: Vec<f64>,
    },
    Categories {
        /// How many different ones there are; with `more`, at least.
        different: usize,
        more: bool,
        /// The most frequent, with their share of all values.
        top: Vec<(String, f64)>,
    },
    Text,
    /// No row has it.
    Nothing,
}

#[derive(Clone, Debug, Default)]
struct Numbers {
    n: u64,
    mean: f64,
    squares: f64,
    least: f64,
    most: f64,
    course: Course,
}

#[derive(Clone, Debug, Default)]
struct Categories {
    n: u64,
    counts: BTreeMap<CompactString, u64>,
    more: bool,
}

/// Sums over stretches of the same number of rows; where there are too many, each two become one.
#[derive(Clone, Debug)]
struct Course {
    stretches: Vec<(f64, u64)>,
    rows: u64,
    every: u64,
}

impl Default for Course {
    fn default() -> Self {
        Self { stretches: Vec::new(), rows: 0, every: 1 }
    }
}

impl Profile {
    pub fn new(input: &Input) -> Self {
        let layout = input.layout();
        Self {
            kinds: input.features.clone(),
            rows: 0,
            numbers: vec![Numbers::default(); layout.numbers.len()],
            categories: vec![Categories::default(); layout.categories.len()],
            texts: vec![0; layout.texts.len()],
            layout,
        }
    }

    /// Takes in one row.
    pub fn add(&mut self, features: &Features) {
        self.rows += 1;
        for (numbers, &value) in self.numbers.iter_mut().zip(&features.numbers) {
            numbers.add(value);
        }
        for (categories, value) in self.categories.iter_mut().zip(&features.categories) {
            categories.add(value.as_ref());
        }
        for (n, value) in self.texts.iter_mut().zip(&features.texts) {
            *n += u64::from(value.is_some());
        }
    }

    /// Every feature, by name.
    pub fn features(&self) -> Vec<FeatureSummary> {
        let Layout { numbers, categories, texts } = &self.layout;
        let numbers = numbers.iter().zip(&self.numbers).map(|(name, column)| (name, column.n, column.summary()));
        let categories =
            categories.iter().zip(&self.categories).map(|(name, column)| (name, column.n, column.summary()));
        let texts = texts.iter().zip(&self.texts).map(|(name, &n)| (name, n, Summary::Text));
        let feature = |(name, n, summary): (&String, u64, Summary)| FeatureSummary {
            name: name.clone(),
            kind: self.kinds.get(name).copied().unwrap_or(Kind::Number),
            missing: if self.rows == 0 { 0.0 } else { 1.0 - n as f64 / self.rows as f64 },
            summary: if n == 0 { Summary::Nothing } else { summary },
        };
        let mut features: Vec<_> = numbers.chain(categories).chain(texts).map(feature).collect();
        features.sort_by(|a, b| a.name.cmp(&b.name));
        features
    }
}

impl Numbers {
    fn add(&mut self, value: f64) {
        self.course.add(value);
        if value.is_nan() {
            return;
        }
        self.n += 1;
        let before = value - self.mean;
        self.mean += before / self.n as f64;
        self.squares += before * (value - self.mean);
        (self.least, self.most) =
            if self.n == 1 { (value, value) } else { (self.least.min(value), self.most.max(value)) };
    }

    fn summary(&self) -> Summary {
        let deviation = (self.squares / self.n.max(1) as f64).sqrt();
        let course = self.course.stretches.iter().map(|(sum, n)| if *n == 0 { f64::NAN } else { sum / *n as f64 });
        Summary::Numbers { mean: self.mean, deviation, least: self.least, most: self.most, course: course.collect() }
    }
}

impl Categories {
    fn add(&mut self, value: Option<&CompactString>) {
        let Some(value) = value else { return };
        self.n += 1;
        if let Some(count) = self.counts.get_mut(value) {
            *count += 1;
        } else if self.counts.len() < CATEGORIES {
            self.counts.insert(value.clone(), 1);
        } else {
            self.more = true;
        }
    }

    fn summary(&self) -> Summary {
        let mut counts: Vec<_> = self.counts.iter().collect();
        counts.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        let top = counts.iter().take(TOP).map(|(name, n)| (name.to_string(), **n as f64 / self.n as f64)).collect();
        Summary::Categories { different: self.counts.len(), more: self.more, top }
    }
}

impl Course {
    fn add(&mut self, value: f64) {
        if self.rows.is_multiple_of(self.every) {
            if self.stretches.len() == STRETCHES {
                let pairs = self.stretches.chunks(2);
                self.stretches = pairs.map(|pair| pair.iter().fold((0.0, 0), |a, b| (a.0 + b.0, a.1 + b.1))).collect();
                self.every *= 2;
            }
            self.stretches.push((0.0, 0));
        }
        self.rows += 1;
        if let Some((sum, n)) = self.stretches.last_mut().filter(|_| !value.is_nan()) {
            *sum += value;
            *n += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(rows: &[(f64, Option<&str>)]) -> Vec<FeatureSummary> {
        let input: Input =
            toml::from_str("topic = \"t\"\nfeatures = { a = \"number\", b = \"category\", c = \"text\" }").unwrap();
        let mut profile = Profile::new(&input);
        for (number, category) in rows {
            let categories = vec![category.map(CompactString::from)];
            profile.add(&Features { numbers: vec![*number], categories, texts: vec![None] });
        }
        profile.features()
    }

    #[test]
    fn each_kind_is_summed_up() {
        let found = profile(&[(1.0, Some("x")), (f64::NAN, Some("y")), (4.0, Some("y")), (1.0, None)]);
        assert_eq!(found.iter().map(|feature| feature.missing).collect::<Vec<_>>(), [0.25, 0.25, 1.0]);
        let Summary::Numbers { mean, deviation, least, most, course } = &found[0].summary else { panic!("{found:?}") };
        assert_eq!((*mean, *least, *most), (2.0, 1.0, 4.0));
        assert!((deviation - 2.0_f64.sqrt()).abs() < 1e-12 && course[1].is_nan(), "{found:?}");
        let top = vec![("y".to_owned(), 2.0 / 3.0), ("x".to_owned(), 1.0 / 3.0)];
        assert_eq!(found[1].summary, Summary::Categories { different: 2, more: false, top });
        assert_eq!((found[2].kind, &found[2].summary), (Kind::Text, &Summary::Nothing));
    }

    #[test]
    fn long_streams_take_no_more_memory() {
        let rows: Vec<_> = (0..10_000).map(|i| (f64::from(i), Some(["u", "v"][i as usize % 2]))).collect();
        let Summary::Numbers { course, .. } = &profile(&rows)[0].summary else { panic!("a number") };
        assert!((STRETCHES / 2..=STRETCHES).contains(&course.len()), "{}", course.len());
        assert!(course.is_sorted() && course[0] < 300.0, "{course:?}");
        let names: Vec<_> = (0..3_000).map(|i| format!("n{i}")).collect();
        let rows: Vec<_> = names.iter().map(|name| (0.0, Some(name.as_str()))).collect();
        let Summary::Categories { different, more, .. } = profile(&rows)[1].summary else { panic!("a category") };
        assert_eq!((different, more), (CATEGORIES, true));
    }
}
