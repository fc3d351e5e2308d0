//! Portfolio: diverse experts under prediction with expert advice; the default model, which needs no tuning.
//!
//! The best family of models differs from stream to stream, and on one stream from time to time; a combination that follows
//! the best is better than its best member wherever members err apart. See `model::combine` for the two levels.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::combine::Combiner;
use super::{Context, Model};
use crate::event::Layout;
use crate::params::About;
use crate::row::{Label, Prediction, Row, Task};
use crate::stats::Scratch;

mod experts;
mod recent;
mod rota;
mod views;

use experts::Expert;
use rota::Rota;
use views::{Seen, Views};

pub const ABOUT: About = About {
    summary: "linear models, trees, a forest, naive Bayes, neighbours and baselines, combined by how right they have been of late",
    source: "N. Cesa-Bianchi, G. Lugosi, Prediction, Learning, and Games, Cambridge 2006",
    example: "type = \"portfolio\"\nbudget = 50",
};

crate::params! {
    pub struct Params {
        /// What all experts may cost in an event, in units of about a microsecond; costly ones that carry little rest.
        pub budget: f64 = 100.0, in 0.0.. => ">= 0";
        /// Trees of each forest among the experts; 0 leaves forests out.
        pub trees: usize = 10, in 0..=1_000 => "in 0..=1000";
        /// Labelled rows that the neighbours are looked for in; 0 leaves them out.
        pub neighbours_window: usize = 1_000, in 0..=1_000_000 => "in 0..=1000000";
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Portfolio {
    views: Views,
    experts: Vec<Expert>,
    combiner: Combiner,
    rota: Rota,
    #[serde(skip)]
    seen: Scratch<Seen>,
    #[serde(skip)]
    gain: Scratch<Vec<f64>>,
}

/// Where things are in the advice: how many columns the table has, what was remembered of the labels, who was awake, the
/// table of answers (see [`Combiner::combine`]), then each expert's own advice behind its length.
struct Parts {
    remembered: std::ops::Range<usize>,
    awake: std::ops::Range<usize>,
    table: std::ops::Range<usize>,
}

impl Portfolio {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let views = Views::new(context);
        let experts = experts::all(&params, &views, context);
        let combiner = Combiner::new(context.task, experts.len());
        let rota = Rota::new(params.budget, experts.iter().map(|expert| expert.cost).collect());
        Self { views, experts, combiner, rota, seen: Scratch::default(), gain: Scratch::default() }
    }

    /// What the experts said, out of an advice: how many columns there are, who was awake (1), and a row of columns for each.
    pub fn answers<'a>(&self, advice: &'a [f64]) -> (usize, &'a [f64], &'a [f64]) {
        let columns = advice.first().map_or(0, |columns| *columns as usize);
        let parts = self.parts(columns);
        let table = advice.get(parts.table).unwrap_or_default();
        (columns, advice.get(parts.awake).unwrap_or_default(), table.get(..self.experts.len() * columns).unwrap_or_default())
    }

    fn parts(&self, columns: usize) -> Parts {
        let awake = 1 + self.views.remembered();
        let table = awake + self.experts.len();
        Parts { remembered: 1..awake, awake: awake..table, table: table..table + self.combiner.rows() * columns }
    }
}

impl Model for Portfolio {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary, Task::Multiclass, Task::Regression]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        self.predict_with_advice(row, prediction, &mut Vec::new());
    }

    fn predict_with_advice(&self, row: &Row, prediction: &mut Prediction, advice: &mut Vec<f64>) {
        let columns = columns(prediction);
        let parts = self.parts(columns);
        advice.clear();
        advice.push(columns as f64);
        self.views.remember(advice);
        advice.resize(parts.table.end, 0.0);
        if columns == 0 {
            return;
        }
        let mut seen = Seen::default();
        self.views.see(row, &advice[parts.remembered], &mut seen);
        let mut answer = prediction.clone();
        let mut own = Vec::new();
        for (k, expert) in self.experts.iter().enumerate() {
            own.clear();
            if self.rota.is_awake(k) {
                answer.reset(columns);
                expert.model.predict_with_advice(seen.by(expert.view, row), &mut answer, &mut own);
                advice[parts.awake.start + k] = 1.0;
                let said = &mut advice[parts.table.start + k * columns..][..columns];
                match &answer {
                    Prediction::Classes(probabilities) => said.copy_from_slice(probabilities),
                    Prediction::Value(value) => said.fill(*value),
                }
            }
            advice.push(own.len() as f64);
            advice.extend_from_slice(&own);
        }
        let (before, table) = advice[..parts.table.end].split_at_mut(parts.table.start);
        self.combiner.combine(&before[parts.awake], table, prediction);
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        let mut prediction = match self.combiner {
            Combiner::Classes(_) => Prediction::Classes(vec![0.0; label.class() + 1]),
            Combiner::Values(_) => Prediction::Value(0.0),
        };
        let mut advice = Vec::new();
        self.predict_with_advice(row, &mut prediction, &mut advice);
        self.learn_with_advice(row, label, weight, &advice);
    }

    fn learn_with_advice(&mut self, row: &Row, label: Label, weight: f64, advice: &[f64]) {
        let Some(columns) = advice.first() else { return self.learn(row, label, weight) };
        let columns = *columns as usize;
        let parts = self.parts(columns);
        let (said, mut own) = advice.split_at(parts.table.end);
        let (awake, remembered) = (&said[parts.awake], &said[parts.remembered]);
        if columns > 0 {
            self.combiner.learn(awake, &said[parts.table], columns, label, &mut self.gain);
        }
        self.views.learn(row, label, remembered, &mut self.seen);
        for (k, expert) in self.experts.iter_mut().enumerate() {
            let length = own.first().map_or(0, |length| *length as usize);
            let (said, rest) = own.get(1..).unwrap_or_default().split_at(length);
            own = rest;
            if self.rota.learns(k, awake[k] > 0.0) {
                expert.model.learn_with_advice(self.seen.by(expert.view, row), label, weight, said);
            }
        }
        let combiner = &self.combiner;
        self.rota.learn(|| combiner.shares());
    }

    fn scale_learning_rate(&mut self, factor: f64) {
        self.experts.iter_mut().for_each(|expert| expert.model.scale_learning_rate(factor));
    }

    fn describe(&self, _: &Layout) -> Vec<(String, String)> {
        let shares = self.experts.iter().zip(self.combiner.shares()).enumerate();
        let line = |(k, (expert, share)): (usize, (&Expert, f64))| {
            let rests = if self.rota.is_awake(k) { "" } else { ", rests" };
            (format!("weight of {}", expert.name), format!("{share:.4}{rests}"))
        };
        shares.map(line).collect()
    }

    fn weights(&self) -> Vec<(String, f64)> {
        let names = self.experts.iter().map(|expert| expert.name.clone());
        names.zip(self.combiner.shares()).collect()
    }
}

/// Columns of the table of answers: classes, or 1 for a value.
fn columns(prediction: &Prediction) -> usize {
    match prediction {
        Prediction::Classes(probabilities) => probabilities.len(),
        Prediction::Value(_) => 1,
    }
}
