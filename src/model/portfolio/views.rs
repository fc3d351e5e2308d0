//! The shapes in which experts see a row.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::recent::Recent;
use crate::event::Layout;
use crate::model::Context;
use crate::row::{Label, Row};
use crate::transform::{self, Transform, Transformer as _};

/// How an expert sees a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, GetSize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// As it is: trees, neighbours, naive Bayes.
    Plain,
    /// As numbers of one scale: scaled, a column for each category, words hashed.
    Encoded,
    /// Encoded, and what the labels have been of late.
    Recent,
    /// As it is, and what the labels have been of late.
    PlainRecent,
}

/// What makes every [`View`] of a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Views {
    encoders: Vec<Transform>,
    recent: Recent,
    /// Of the numbers that `recent` adds.
    scaler: Transform,
}

/// A row in every view.
#[derive(Clone, Debug, Default, GetSize)]
pub struct Seen {
    pub encoded: Row,
    pub recent: Row,
    pub plain_recent: Row,
}

impl Seen {
    /// `row` as seen by `view`.
    pub fn by<'a>(&'a self, view: View, row: &'a Row) -> &'a Row {
        match view {
            View::Plain => row,
            View::Encoded => &self.encoded,
            View::Recent => &self.recent,
            View::PlainRecent => &self.plain_recent,
        }
    }
}

impl Views {
    pub fn new(context: Context<'_>) -> Self {
        let mut encoders = Vec::new();
        let mut layout = context.layout.clone();
        let one_hot = transform::one_hot::Params { max_categories: 128 };
        let mut wanted =
            vec![transform::Params::StandardScaler(Default::default()), transform::Params::OneHot(one_hot)];
        if !layout.texts.is_empty() {
            wanted.push(transform::Params::Hasher(Default::default()));
        }
        for params in wanted {
            let encoder = params.build(&layout);
            layout = encoder.layout(&layout);
            encoders.push(encoder);
        }
        let recent = Recent::new(context.task, context.classes);
        let scaler = transform::Params::StandardScaler(Default::default()).build(&recent.layout(&Layout::default()));
        Self { encoders, recent, scaler }
    }

    /// The layout of rows of `layout` in a view.
    pub fn layout(&self, layout: &Layout, view: View) -> Layout {
        let encode = || self.encoders.iter().fold(layout.clone(), |layout, encoder| encoder.layout(&layout));
        match view {
            View::Plain => layout.clone(),
            View::Encoded => encode(),
            View::Recent => self.recent.layout(&encode()),
            View::PlainRecent => self.recent.layout(layout),
        }
    }

    /// What the labels have been of late, and how many there were: goes into the advice.
    pub fn remember(&self, advice: &mut Vec<f64>) {
        advice.push(self.recent.count() as f64);
        self.recent.write(advice);
    }

    /// How many numbers [`Views::remember`] appends.
    pub fn remembered(&self) -> usize {
        1 + self.recent.len()
    }

    /// The row in every view, with what was remembered when it was predicted.
    pub fn see(&self, row: &Row, remembered: &[f64], seen: &mut Seen) {
        let remembered = remembered.get(1..).unwrap_or_default();
        seen.plain_recent.copy_from(row);
        seen.plain_recent.numbers.extend_from_slice(remembered);
        seen.encoded.copy_from(row);
        self.encoders.iter().for_each(|encoder| encoder.transform(&mut seen.encoded));
        seen.recent.numbers.clear();
        seen.recent.numbers.extend_from_slice(remembered);
        self.scaler.transform(&mut seen.recent);
        let scaled = std::mem::take(&mut seen.recent.numbers);
        seen.recent.copy_from(&seen.encoded);
        seen.recent.numbers.extend(scaled);
    }

    /// Learns a row and its label, and leaves the row in every view in `seen`.
    pub fn learn(&mut self, row: &Row, label: Label, remembered: &[f64], seen: &mut Seen) {
        seen.encoded.copy_from(row);
        for encoder in &mut self.encoders {
            encoder.learn(&seen.encoded, Some(label));
            encoder.transform(&mut seen.encoded);
        }
        let (count, numbers) = remembered.split_first().unwrap_or((&0.0, &[]));
        seen.recent.numbers.clear();
        seen.recent.numbers.extend_from_slice(numbers);
        self.scaler.learn(&seen.recent, Some(label));
        self.recent.learn(label, *count as u64);
        self.see(row, remembered, seen);
    }
}
