//! The configuration: a TOML file, variables of the environment and `--set`, one above the other; everything that is wrong
//! with them at once.

use serde::{Deserialize, Serialize};

mod check;
mod cluster;
mod diagnose;
mod drift;
mod errors;
mod explain;
mod layers;
mod load;
mod properties;
mod secret;
mod sections;
mod tree;

pub use drift::Drift;
pub use errors::{ConfigErrors, ConfigProblem};
pub use explain::nearest;
pub use load::{Sources, environment};
pub use properties::Properties;
pub use secret::{Secret, Url, mask_userinfo};
pub use sections::{Checkpoint, Kafka, MaxBad, Outputs, Worker};

pub use crate::checkpoint::OnChange;
pub use crate::stream::Delivery;

use crate::codec::Input;
use crate::learner::{Epoch, Labels, Learn, Metrics, Spec, TaskSpec, Window};
use crate::{model, transform};

/// A whole configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Names the consumer group, the transactional ids and the default topics.
    pub name: String,
    #[serde(default = "default_seed")]
    pub seed: u64,
    pub kafka: Kafka,
    pub input: Input,
    pub task: TaskSpec,
    #[serde(default)]
    pub labels: Labels,
    #[serde(default, rename = "transform")]
    pub transforms: Vec<transform::Params>,
    #[serde(default)]
    pub model: Option<model::Params>,
    #[serde(default)]
    pub learn: Learn,
    #[serde(default)]
    pub window: Option<Window>,
    #[serde(default)]
    pub drift: Vec<Drift>,
    #[serde(default)]
    pub epoch: Epoch,
    #[serde(default)]
    pub metrics: Metrics,
    /// The most categories that a feature's vocabulary holds.
    #[serde(default = "default_max_categories")]
    pub max_categories: usize,
    #[serde(default)]
    pub outputs: Outputs,
    #[serde(default)]
    pub checkpoint: Checkpoint,
    #[serde(default)]
    pub worker: Worker,
}

fn default_seed() -> u64 {
    1
}

fn default_max_categories() -> usize {
    1_000
}

/// The topics of a configuration, defaults filled in; `None` is turned off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Topics {
    pub input: String,
    pub predictions: String,
    pub alerts: Option<String>,
    pub evaluations: Option<String>,
    pub dead_letters: Option<String>,
    pub state: String,
}

impl Config {
    /// The part that decides every bit of the result.
    pub fn spec(&self) -> Spec {
        let (transforms, model) = self.pipeline();
        Spec {
            name: self.name.clone(),
            seed: self.seed,
            layout: self.input.layout(),
            task: self.task.clone(),
            labels: self.labels.clone(),
            transforms,
            model,
            learn: self.learn.clone(),
            window: self.window.clone(),
            drift: self.drift.iter().map(|drift| drift.0.clone()).collect(),
            epoch: self.epoch.clone(),
            metrics: self.metrics.clone(),
            max_categories: self.max_categories,
        }
    }

    /// The consumer group.
    pub fn group(&self) -> &str {
        &self.name
    }

    pub fn topics(&self) -> Topics {
        let outputs = &self.outputs;
        let named = |given: &Option<String>, suffix: &str| {
            let topic = given.clone().unwrap_or_else(|| format!("{}.{suffix}", self.name));
            Some(topic).filter(|topic| !topic.is_empty())
        };
        Topics {
            input: self.input.topic.clone(),
            predictions: named(&outputs.predictions, "predictions").unwrap_or_default(),
            alerts: named(&outputs.alerts, "alerts"),
            evaluations: named(&outputs.evaluations, "evaluations"),
            dead_letters: named(&outputs.dead_letters, "dead-letters"),
            state: named(&self.checkpoint.topic, "state").unwrap_or_default(),
        }
    }

    /// The configured transforms and model. Where no model is configured it is a portfolio, which encodes each kind of column
    /// for its experts by itself.
    fn pipeline(&self) -> (Vec<transform::Params>, model::Params) {
        let portfolio = || model::Params::Portfolio(model::portfolio::Params::default());
        (self.transforms.clone(), self.model.clone().unwrap_or_else(portfolio))
    }
}
