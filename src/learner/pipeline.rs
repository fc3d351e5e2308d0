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
    /// The row on its way through the transforms.
    #[serde(skip)]
    work: Scratch<Row>,
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
        Self { transforms, model, learned: 0, batch: Vec::new(), boost: None, work: Scratch::default() }
    }

    /// A model that has learned nothing; transforms and a boost stay.
    pub(super) fn reset_model(&mut self, spec: &Spec) {
        self.model = build_model(spec, &self.layout(spec));
        self.learned = 0;
        self.batch.clear();
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

    /// Transforms and a model that have learned nothing; a boost stays.
    pub(super) fn start_afresh(&mut self, spec: &Spec) {
        let boost = self.boost.take();
        *self = Self::new(spec);
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
        self.batch.push(Example { row: (*self.work).clone(), label, weight });
        if self.batch.len() >= mini_batch {
            self.model.learn_batch(&self.batch);
            self.batch.clear();
        }
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

fn build_model(spec: &Spec, layout: &Layout) -> AnyModel {
    let classes = spec.task.most_classes();
    spec.model.build(Context { task: spec.task.kind, layout, classes, seed: spec.seed })
}
