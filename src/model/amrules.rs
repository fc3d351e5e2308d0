//! Adaptive model rules: a list or set of rules, each with a linear model of the rows that meet its conditions; a rule is
//! given up once its error has risen, and rows that are anomalies to it are not learned.
//!
//! E. Almeida, C. Ferreira, J. Gama, "Adaptive model rules from data streams", ECML PKDD 2013. A row that lacks a feature
//! does not meet conditions on it.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::rules::{Outcome, Plan, Rule};
use super::tree::subspace::Subspace;
use super::tree::value_leaf::ValuePrediction;
use super::tree::value_observers::ValueRule;
use super::tree::value_tree::ValueGrowth;
use super::{Context, Model};
use crate::event::Layout;
use crate::params::About;
use crate::row::{Label, Prediction, Row, Task};

pub const ABOUT: About = About {
    summary: "rules with linear models of the rows they cover; those whose error rises are given up; regression",
    source: "E. Almeida, C. Ferreira, J. Gama, Adaptive model rules from data streams, ECML PKDD 2013",
    example: "type = \"amrules\"\nordered = false\nleaf_prediction = \"adaptive\"",
};

crate::params! {
    pub struct Params {
        /// Weight that a rule sees between two attempts to grow.
        pub grace_period: f64 = 200.0, in 1.0.. => ">= 1";
        /// Probability of choosing the wrong condition.
        pub delta: f64 = 1e-7, in f64::MIN_POSITIVE..1.0 => "in (0, 1)";
        /// Below this bound the best two conditions are taken as tied, and one is chosen.
        pub tie: f64 = 0.05, in 0.0..=1.0 => "in [0, 1]";
        /// Weight that each side of a condition must have.
        pub min_branch: f64 = 5.0, in 1.0.. => ">= 1";
        /// The most rules, the default rule left out.
        pub max_rules: usize = 200, in 1..=10_000 => "in 1..=10000";
        /// The most conditions of a rule.
        pub max_conditions: usize = 30, in 1..=1_000 => "in 1..=1000";
        /// Whether only the first rule that covers a row learns and predicts it; all that cover it otherwise, weighted by the
        /// inverse of their errors of late.
        pub ordered: bool = true;
        /// How rules predict: mean, linear or adaptive.
        pub leaf_prediction: ValuePrediction = ValuePrediction::Adaptive;
        /// Step of the rules' linear models, relative to the row's length.
        pub leaf_rate: f64 = 0.2, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// Cumulative rise of the error, in thirds of the target's standard deviation, that ends a rule (Page-Hinkley).
        pub drift_threshold: f64 = 12.0, in f64::MIN_POSITIVE.. => "> 0";
        /// Rise of the error that is tolerated, in the same unit.
        pub drift_delta: f64 = 0.005, in 0.0.. => ">= 0";
        /// A row is an anomaly to a rule where this share of its improbability lies in improbable numbers; above 1: none is.
        pub anomaly_share: f64 = 0.99, in 0.0.. => ">= 0";
        /// Below this probability a number is improbable.
        pub improbable: f64 = 0.1, in f64::MIN_POSITIVE..1.0 => "in (0, 1)";
        /// Rows that a rule must have learned before it knows anomalies.
        pub min_rows: f64 = 30.0, in 1.0.. => ">= 1";
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Amrules {
    plan: Plan,
    prediction: ValuePrediction,
    ordered: bool,
    max_rules: usize,
    rules: Vec<Rule>,
    /// Covers what no rule does.
    default: Rule,
    numbers: usize,
    given_up: u64,
}

/// A rule that errs less is weighted as if it erred so much: the weight of a huge value must stay finite.
const LEAST_ERROR: f64 = 1e-200;

impl Amrules {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let Params { grace_period, delta, tie, min_branch, .. } = params;
        let rule = ValueRule { grace_period, delta, tie, min_branch };
        let Params { leaf_rate, leaf_prediction, ordered, max_rules, .. } = params;
        let growth = ValueGrowth {
            rule,
            prediction: ValuePrediction::Adaptive,
            leaf_rate,
            max_depth: params.max_conditions,
            max_nodes: usize::MAX,
            per_leaf: usize::MAX,
        };
        let numbers = context.layout.numbers.len();
        let features = Subspace::of(context.layout);
        let drift = Plan::detector(params.drift_threshold, params.drift_delta);
        let Params { anomaly_share, improbable, min_rows, .. } = params;
        let plan = Plan { growth, features, drift, anomaly_share, improbable, min_rows };
        let default = Rule::new(&plan, plan.growth.leaf(numbers, plan.features.clone()), Vec::new());
        let (rules, given_up) = (Vec::new(), 0);
        Self { plan, prediction: leaf_prediction, ordered, max_rules, rules, default, numbers, given_up }
    }

    fn answer(&self, row: &Row) -> f64 {
        let (mut sum, mut weights) = (0.0, 0.0);
        for rule in self.rules.iter().filter(|rule| self.covers(rule, row)) {
            let said = rule.predict(self.prediction, row);
            if self.ordered {
                return said;
            }
            let weight = 1.0 / rule.error().max(LEAST_ERROR);
            sum += weight * said;
            weights += weight;
        }
        if weights > 0.0 { sum / weights } else { self.default.predict(self.prediction, row) }
    }

    fn covers(&self, rule: &Rule, row: &Row) -> bool {
        rule.covers(row) && !rule.is_anomaly(&self.plan, row)
    }

    /// Has rule `at` learn a row that it covers; says whether the rule is still there.
    fn learn_by(&mut self, at: usize, row: &Row, target: (f64, f64)) -> bool {
        let rule = &mut self.rules[at];
        let said = rule.predict(self.prediction, row);
        let kept = rule.learn(&self.plan, row, target, said, true) != Outcome::Drifted;
        if !kept {
            self.rules.remove(at);
            self.given_up += 1;
        }
        kept
    }

    /// The default rule, grown, joins the others, and what it left makes the new default rule.
    fn learn_by_default(&mut self, row: &Row, target: (f64, f64)) {
        let said = self.default.predict(self.prediction, row);
        let room = self.rules.len() < self.max_rules;
        match self.default.learn(&self.plan, row, target, said, room) {
            Outcome::Learned => {}
            Outcome::Grown(rest) => self.rules.push(std::mem::replace(&mut self.default, *rest)),
            Outcome::Drifted => {
                let leaf = self.plan.growth.leaf(self.numbers, self.plan.features.clone());
                self.default = Rule::new(&self.plan, leaf, Vec::new());
                self.given_up += 1;
            }
        }
    }
}

impl Model for Amrules {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Regression]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        if let Prediction::Value(value) = prediction {
            *value = self.answer(row);
        }
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        let target = (label.value(), weight);
        let (mut at, mut learned) = (0, false);
        while at < self.rules.len() && !(learned && self.ordered) {
            let covers = self.covers(&self.rules[at], row);
            learned |= covers;
            at += usize::from(!covers || self.learn_by(at, row, target));
        }
        if !learned {
            self.learn_by_default(row, target);
        }
    }

    /// The rules in words.
    fn describe(&self, layout: &Layout) -> Vec<(String, String)> {
        let rule = |(at, rule): (usize, &Rule)| (format!("rule {}", at + 1), rule.in_words(layout));
        let counts = [("rules", self.rules.len() as u64), ("rules given up", self.given_up)];
        let counts = counts.map(|(name, count)| (name.to_owned(), count.to_string()));
        counts.into_iter().chain(self.rules.iter().enumerate().map(rule)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Kind;
    use crate::rng::Rng;

    fn layout() -> Layout {
        Layout::new([("a", Kind::Number), ("b", Kind::Number)])
    }

    fn model(params: Params) -> Amrules {
        let layout = layout();
        Amrules::new(params, Context { task: Task::Regression, layout: &layout, classes: 0, seed: 1 })
    }

    fn row(rng: &mut Rng) -> Row {
        Row { numbers: vec![rng.uniform(), rng.uniform()], ..Row::default() }
    }

    fn predict(model: &Amrules, row: &Row) -> f64 {
        let mut prediction = Prediction::Value(0.0);
        model.predict(row, &mut prediction);
        prediction.value()
    }

    /// High where `a` is above a half, turned around from row `turn` on.
    fn run(params: Params, rows: usize, turn: usize) -> (Amrules, f64) {
        let (mut model, mut rng, mut late) = (model(params), Rng::new(2, "test"), 0.0);
        for i in 0..rows {
            let row = row(&mut rng);
            let value = if (row.numbers[0] > 0.5) == (i < turn) { 10.0 } else { -10.0 } + 0.1 * rng.normal();
            late += if i + 500 >= rows { (predict(&model, &row) - value).abs() / 500.0 } else { 0.0 };
            model.learn(&row, Label::Value(value), 1.0);
        }
        (model, late)
    }

    #[test]
    fn a_rule_answers_for_the_rows_that_it_covers() {
        for ordered in [true, false] {
            let (model, late) = run(Params { ordered, ..Params::default() }, 3_000, usize::MAX);
            assert!(!model.rules.is_empty() && late < 2.0, "{late}");
            let at = |a| predict(&model, &Row { numbers: vec![a, 0.5], ..Row::default() });
            assert!(at(0.8) > 7.0 && at(0.2) < -7.0, "{} {}", at(0.8), at(0.2));
            assert!(predict(&model, &Row { numbers: vec![f64::NAN, 0.5], ..Row::default() }).abs() <= 11.0);
        }
    }

    #[test]
    fn a_rule_whose_error_rises_is_given_up() {
        let (model, late) = run(Params { drift_threshold: 5.0, ..Params::default() }, 6_000, 3_000);
        assert!(model.given_up >= 1 && late < 3.0, "{} given up, error {late}", model.given_up);
        let deaf = Params { drift_threshold: 1e9, ..Params::default() };
        assert_eq!(run(deaf, 6_000, 3_000).0.given_up, 0);
    }

    #[test]
    fn an_anomaly_is_not_learned_by_the_rule_that_covers_it() {
        let (mut model, _) = run(Params { anomaly_share: 0.9, ..Params::default() }, 3_000, usize::MAX);
        let far = Row { numbers: vec![0.9, 1e6], ..Row::default() };
        let rules = model.rules.clone();
        assert!(rules.iter().any(|rule| rule.covers(&far)));
        model.learn(&far, Label::Value(-1e6), 1.0);
        assert_eq!(model.rules, rules);
        model.learn(&Row { numbers: vec![0.9, 0.5], ..Row::default() }, Label::Value(10.0), 1.0);
        assert_ne!(model.rules, rules);
    }
}
