//! Passive-aggressive: after each event the nearest weights that would have served it; none move where they do already.
//!
//! K. Crammer, O. Dekel, J. Keshet, S. Shalev-Shwartz and Y. Singer, "Online passive-aggressive algorithms", JMLR 7 (2006).
//! Classes by the hinge loss, many of them by one-vs-rest; values by the epsilon-insensitive loss. As in River, the
//! intercept moves by the step itself and is not in the norm, and a probability is the sigmoid of a score.
//!
//! ```
//! use driftline::event::{Kind, Layout};
//! use driftline::model::{Context, Model, PassiveAggressive, passive_aggressive::Params};
//! use driftline::row::{Label, Prediction, Row, Task};
//!
//! let layout = Layout::new([("x", Kind::Number)]);
//! let context = Context { task: Task::Binary, layout: &layout, classes: 2, seed: 1 };
//! let mut model = PassiveAggressive::new(Params::default(), context);
//! let row = |x| Row { numbers: vec![x], ..Row::default() };
//! for _ in 0..10 {
//!     model.learn(&row(1.5), Label::Class(1), 1.0);
//!     model.learn(&row(-0.5), Label::Class(0), 1.0);
//! }
//! let mut prediction = Prediction::Classes(vec![0.0; 2]);
//! model.predict(&row(1.5), &mut prediction);
//! assert_eq!(prediction.class(), Some(1));
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::linear::{OneVsRest, Scores, Settings};
use super::optimize::{self, Penalty};
use super::{Context, Model};
use crate::event::Layout;
use crate::linalg::{LARGEST, dot};
use crate::params::About;
use crate::row::{Label, Prediction, Row, Task};

pub const ABOUT: About = About {
    summary: "moves its weights only where an event was not served, and then just far enough",
    source: "K. Crammer et al., Online passive-aggressive algorithms, JMLR 7 (2006)",
    example: "type = \"passive_aggressive\"\nmode = 2\nc = 0.1",
};

crate::params! {
    pub struct Params {
        /// The most aggressive step (PA-I), or how much a step counts against the loss (PA-II); times the event's weight.
        pub c: f64 = 1.0, in 1e-9..=1e9 => "in [1e-9, 1e9]";
        /// 0: PA, serves every event whatever it takes; 1: PA-I, steps are bounded; 2: PA-II, steps are damped.
        pub mode: u8 = 1, in 0..=2 => "in 0..=2";
        /// Regression: errors up to this count as none, in units of the label.
        pub eps: f64 = 0.1, in 0.0.. => ">= 0";
        /// Whether there is an intercept.
        pub learn_intercept: bool = true;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct PassiveAggressive {
    params: Params,
    scores: Scores,
    /// `None`: values, by the first score.
    classes: Option<OneVsRest>,
}

impl PassiveAggressive {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let settings = Settings {
            penalty: Penalty::default(),
            intercept_learning_rate: f64::from(u8::from(params.learn_intercept)),
            clip_gradient: LARGEST,
        };
        // A step of length 1 along `-slope · x` is the algorithm's own step.
        let whole = optimize::Params::Sgd(optimize::sgd::Params { learning_rate: 1.0, ..Default::default() });
        let classes = context.task.is_classification().then(|| OneVsRest::new(&context));
        let scores = match classes {
            Some(classes) => classes.scores(&whole, settings, context.layout),
            None => Scores::new(1, context.layout.numbers.len(), &whole, settings),
        };
        Self { params, scores, classes }
    }

    /// How far a `loss` moves the weights along the row, whose squared norm is `square`.
    fn step(params: &Params, loss: f64, square: f64, weight: f64) -> f64 {
        let c = params.c * weight;
        match params.mode {
            2 => loss / (square + 0.5 / c),
            _ if square == 0.0 => 0.0,
            1 => (loss / square).min(c),
            _ => loss / square,
        }
    }
}

impl Model for PassiveAggressive {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary, Task::Multiclass, Task::Regression]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        match (self.classes, prediction) {
            (Some(classes), prediction) => classes.predict(&self.scores, row, prediction),
            (None, Prediction::Value(value)) => *value = self.scores.score(0, row),
            (None, Prediction::Classes(_)) => {}
        }
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        let square = dot(&row.numbers, &row.numbers);
        let Self { params, scores, classes } = self;
        let slope = |score: f64, is_class| {
            let sign = if is_class { 1.0 } else { -1.0 };
            -sign * Self::step(params, (1.0 - sign * score).max(0.0), square, weight)
        };
        match classes {
            Some(classes) => classes.add_gradient(scores, row, label, slope),
            None => {
                let error = scores.score(0, row) - label.value();
                let loss = (error.abs() - params.eps).max(0.0);
                scores.add_gradient(0, row, Self::step(params, loss, square, weight).copysign(error));
            }
        }
        scores.step(1);
    }

    fn describe(&self, layout: &Layout) -> Vec<(String, String)> {
        match self.classes {
            Some(classes) => classes.describe(&self.scores, layout),
            None => self.scores.describe(0, layout),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Kind;

    fn model(params: &str, task: Task) -> PassiveAggressive {
        let layout = Layout::new([("a", Kind::Number), ("b", Kind::Number)]);
        let context = Context { task, layout: &layout, classes: 3, seed: 1 };
        PassiveAggressive::new(toml::from_str(params).unwrap(), context)
    }

    fn value(model: &PassiveAggressive, row: &Row) -> f64 {
        let mut prediction = Prediction::Value(0.0);
        model.predict(row, &mut prediction);
        prediction.value()
    }

    /// What the paper says of each: PA reaches the edge of the tube, PA-I not beyond c, PA-II damps by 1 / 2c.
    #[test]
    fn steps_are_as_long_as_the_paper_says() {
        let row = Row { numbers: vec![3.0, f64::NAN], ..Row::default() };
        let learned = |params: &str| {
            let mut model = model(&format!("learn_intercept = false\neps = 0.5\n{params}"), Task::Regression);
            model.learn(&row, Label::Value(2.0), 1.0);
            value(&model, &row)
        };
        assert!((learned("mode = 0") - 1.5).abs() < 1e-12);
        assert!((learned("mode = 1\nc = 0.1") - 0.1 * 9.0).abs() < 1e-12);
        assert!((learned("mode = 1\nc = 10") - 1.5).abs() < 1e-12);
        assert!((learned("mode = 2\nc = 0.25") - 1.5 / (9.0 + 2.0) * 9.0).abs() < 1e-12);
    }

    #[test]
    fn an_event_that_is_served_moves_nothing() {
        let row = Row { numbers: vec![1.0, 2.0], ..Row::default() };
        for (task, label) in [(Task::Binary, Label::Class(1)), (Task::Multiclass, Label::Class(2)), (Task::Regression, Label::Value(7.0))] {
            let mut model = model("mode = 0\nlearn_intercept = false", task);
            model.learn(&row, label, 1.0);
            let served = model.scores.score(0, &row);
            model.learn(&row, label, 1.0);
            assert!((model.scores.score(0, &row) - served).abs() < 1e-12, "{task:?}");
        }
    }
}
