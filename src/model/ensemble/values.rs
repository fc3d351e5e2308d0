//! A forest of value trees on Poisson-weighted rows, each watched by a detector of its error.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::value_member::ValueMember;
use super::{A_THREADS_WORTH, described};
use crate::model::tree::subspace::Subspace;
use crate::model::tree::value_tree::ValueGrowth;
use crate::rng::Rng;
use crate::row::{Prediction, Row};
use crate::spread;

/// How the answers of the trees become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, GetSize)]
#[serde(rename_all = "snake_case")]
pub enum Combination {
    Mean,
    #[default]
    Median,
    /// The mean, each tree weighted by the inverse of its squared error of late.
    Weighted,
}

/// How a forest is made and kept up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct ValuePlan {
    pub growth: ValueGrowth,
    /// How many numbers rows have.
    pub numbers: usize,
    pub features: Subspace,
    /// How many of the features each tree looks at.
    pub per_tree: usize,
    /// Mean of the Poisson weights of rows.
    pub lambda: f64,
    /// ADWIN's delta for starting a tree in the background.
    pub warning_delta: f64,
    /// ADWIN's delta for putting it in the place of the old one.
    pub drift_delta: f64,
    /// Whether only a rise of the error counts.
    pub one_sided: bool,
    pub combination: Combination,
}

/// Trees whose answers are combined.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct ValueEnsemble {
    plan: ValuePlan,
    members: Vec<ValueMember>,
}

impl ValueEnsemble {
    pub fn new(plan: ValuePlan, trees: usize, rng: Rng) -> Self {
        let members = (0..trees as u64).map(|i| ValueMember::new(&plan, rng.child(i))).collect();
        Self { plan, members }
    }

    /// Writes the value, and into `advice` what each member said.
    pub fn predict(&self, row: &Row, prediction: &mut Prediction, advice: &mut Vec<f64>) {
        advice.clear();
        advice.resize(self.members.len(), 0.0);
        spread::each(advice, A_THREADS_WORTH, |i, said| *said = self.members[i].predict(&self.plan, row));
        if let Prediction::Value(value) = prediction {
            *value = self.combine(advice);
        }
    }

    fn combine(&self, said: &mut Vec<f64>) -> f64 {
        match self.plan.combination {
            Combination::Mean => said.iter().sum::<f64>() / said.len().max(1) as f64,
            Combination::Median => {
                let members = said.len();
                said.extend_from_within(..);
                let value = median(&mut said[members..]);
                said.truncate(members);
                value
            }
            Combination::Weighted => {
                let (mut sum, mut weights) = (0.0, 0.0);
                for (member, value) in self.members.iter().zip(said) {
                    sum += member.vote() * *value;
                    weights += member.vote();
                }
                sum / weights
            }
        }
    }

    /// Every member learns the row, and answers for what it said of it: by `advice`, or now where that does not fit.
    pub fn learn(&mut self, row: &Row, value: f64, weight: f64, advice: &[f64]) {
        let fits = advice.len() == self.members.len();
        let plan = &self.plan;
        spread::each(&mut self.members, A_THREADS_WORTH, |i, member| {
            member.learn(plan, row, value, weight, fits.then(|| advice[i]));
        });
    }

    /// For `state show`.
    pub fn describe(&self) -> Vec<(String, String)> {
        described(self.members.iter().map(|member| (member.nodes(), member.trees_grown())))
    }
}

/// The middle one, or the mean of the middle two.
fn median(values: &mut [f64]) -> f64 {
    let even = values.len().is_multiple_of(2);
    let (below, middle, _) = values.select_nth_unstable_by(values.len() / 2, f64::total_cmp);
    match below.iter().copied().max_by(f64::total_cmp) {
        Some(lower) if even => 0.5 * (lower + *middle),
        _ => *middle,
    }
}
