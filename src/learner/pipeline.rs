//! Transforms and model: what predicts and what learns.

use serde::{Deserialize, Serialize};

use super::boost::Boost;
use super::spec::Spec;
use crate::event::Layout;
use crate::model::{AnyModel, Context, Model};
use crate::row::{Example, Label, Prediction, Row};
use crate::stats::Scratch;
use crate::transform::{Transform, Transformer};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Pipeline {
    pub(super) transforms: Vec<Transform>,
    pub(super) model: AnyModel,
    /// Labels that the model has seen since it was fresh.
    pub(super) learned: u64,
    /// Labelled rows that wait for their mini-batch to be full.
    batch: Vec<Example>,
    pub(super) boost: Option<Boost>,
    /// Grows between a warning and the drift.
    #[serde(default)]
    pub(super) background: Option<Box<Background>>,
    /// The row on its way through the transforms.
    #[serde(skip)]
    work: Scratch<Row>,
}

/// A model that began afresh at a warning and learns what the model learns, behind the same transforms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Background {
    model: AnyModel,
    pub(super) learned: u64,
    batch: Vec<Example>,
    /// Labelled events left for the drift to come.
    left: u64,
}

impl Pipeline {
    pub(super) fn new(spec: &Spec) -> Self {
        let mut layout = spec.layout.clone();
        let mut transforms = Vec::with_capacity(spec.transforms.len());
        for params in &spec.transforms {
            let transform = params.build(&layout);
            layout = transform.layout(&layout);
            transforms.push(transform);
        }
        let model = build_model(spec, &layout);
        Self {
            transforms,
            model,
            learned: 0,
            batch: Vec::new(),
            boost: None,
            background: None,
            work: Scratch::default(),
        }
    }

    /// A model that has learned nothing; transforms and a boost stay.
    pub(super) fn reset_model(&mut self, spec: &Spec) {
        self.model = build_model(spec, &self.layout(spec));
        self.learned = 0;
        self.batch.clear();
        self.background = None;
        if let Some(boost) = &self.boost {
            self.model.scale_learning_rate(boost.factor());
        }
    }

    /// A model that has learned nothing starts to learn beside the model; the drift must come within so many labelled events.
    pub(super) fn grow_background(&mut self, spec: &Spec, within: u64) {
        let model = build_model(spec, &self.layout(spec));
        self.background = Some(Box::new(Background { model, learned: 0, batch: Vec::new(), left: within }));
    }

    /// The background model, where there is one, takes the model's place.
    pub(super) fn swap(&mut self) {
        let Some(background) = self.background.take() else { return };
        let Background { model, learned, batch, .. } = *background;
        (self.model, self.learned, self.batch) = (model, learned, batch);
        if let Some(boost) = &self.boost {
            self.model.scale_learning_rate(boost.factor());
        }
    }

    /// The layout of the rows that the model sees.
    fn layout(&self, spec: &Spec) -> Layout {
        self.transforms.iter().fold(spec.layout.clone(), |layout, transform| transform.layout(&layout))
    }

    /// What the model has learned: names and values.
    pub(super) fn describe_model(&self, spec: &Spec) -> Vec<(String, String)> {
        self.model.describe(&self.layout(spec))
    }

    /// The share of each of the model's members in its answers.
    pub(super) fn weights(&self) -> Vec<(String, f64)> {
        self.model.weights()
    }

    /// Transforms and a model that have learned nothing; a boost and a background model stay.
    pub(super) fn start_afresh(&mut self, spec: &Spec) {
        let (boost, background) = (self.boost.take(), self.background.take());
        *self = Self { background, ..Self::new(spec) };
        if let Some(boost) = boost {
            self.boost(boost);
        }
    }

    /// Predicts with everything as it is.
    pub(super) fn predict(&mut self, row: &Row, prediction: &mut Prediction, advice: &mut Vec<f64>) {
        self.work.copy_from(row);
        for transform in &self.transforms {
            transform.transform(&mut self.work);
        }
        self.model.predict_with_advice(&self.work, prediction, advice);
    }

    /// Each transform learns and transforms in its turn, then the model learns.
    pub(super) fn learn(&mut self, row: &Row, label: Label, weight: f64, mini_batch: usize, advice: &[f64]) {
        self.learn_transforms(row, label);
        self.decay_boost();
        self.learn_transformed(label, weight, mini_batch, advice);
        self.learn_in_background(label, weight, mini_batch);
    }

    /// The background model learns too; a warning that no drift has followed for too long was a false one.
    fn learn_in_background(&mut self, label: Label, weight: f64, mini_batch: usize) {
        let Some(background) = &mut self.background else { return };
        if background.left == 0 {
            self.background = None;
            return;
        }
        background.left -= 1;
        background.learned += 1;
        if mini_batch <= 1 {
            background.model.learn(&self.work, label, weight);
        } else {
            learn_batched(&mut background.model, &mut background.batch, (&self.work, label, weight), mini_batch);
        }
    }

    /// Takes back a row as the model saw it; from the background model too, where that has learned it.
    pub(super) fn unlearn(&mut self, row: &Row, label: Label, weight: f64, in_background: bool) {
        self.model.unlearn(row, label, weight);
        if let Some(background) = self.background.as_mut().filter(|_| in_background) {
            background.model.unlearn(row, label, weight);
        }
    }

    /// The row as the model saw it last.
    pub(super) fn seen(&self) -> &Row {
        &self.work
    }

    /// The model alone learns a row once more, through the transforms as they are.
    pub(super) fn rehearse(&mut self, row: &Row, label: Label, weight: f64, mini_batch: usize) {
        self.work.copy_from(row);
        for transform in &self.transforms {
            transform.transform(&mut self.work);
        }
        self.learn_transformed(label, weight, mini_batch, &[]);
    }

    /// The transforms alone learn a row.
    pub(super) fn learn_transforms(&mut self, row: &Row, label: Label) {
        self.work.copy_from(row);
        for transform in &mut self.transforms {
            transform.learn(&self.work, Some(label));
            transform.transform(&mut self.work);
        }
    }

    fn learn_transformed(&mut self, label: Label, weight: f64, mini_batch: usize, advice: &[f64]) {
        self.learned += 1;
        if mini_batch <= 1 {
            self.model.learn_with_advice(&self.work, label, weight, advice);
            return;
        }
        learn_batched(&mut self.model, &mut self.batch, (&self.work, label, weight), mini_batch);
    }

    /// Raises the learning rate until the boost has decayed.
    pub(super) fn boost(&mut self, boost: Boost) {
        self.model.scale_learning_rate(boost.factor());
        self.boost = Some(boost);
    }

    fn decay_boost(&mut self) {
        if let Some(boost) = &mut self.boost {
            boost.decay();
            self.model.scale_learning_rate(boost.factor());
            if boost.is_over() {
                self.boost = None;
            }
        }
    }

    pub(super) fn batched(&self) -> usize {
        self.batch.len()
    }
}

/// The example joins the mini-batch, which is learned once it is full.
fn learn_batched(model: &mut AnyModel, batch: &mut Vec<Example>, example: (&Row, Label, f64), mini_batch: usize) {
    let (row, label, weight) = example;
    batch.push(Example { row: row.clone(), label, weight });
    if batch.len() >= mini_batch {
        model.learn_batch(batch);
        batch.clear();
    }
}

fn build_model(spec: &Spec, layout: &Layout) -> AnyModel {
    let classes = spec.task.most_classes();
    spec.model.build(Context { task: spec.task.kind, layout, classes, seed: spec.seed })
}
