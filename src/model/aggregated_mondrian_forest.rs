//! Aggregated Mondrian forest: trees cut at random where rows fall outside of what was seen, each the average of all its
//! prunings, weighed by how likely they found the labels.
//!
//! J. Mourtada, S. Gaïffas, E. Scornet, "AMF: Aggregated Mondrian forests for online learning", JRSS B 83 (2021). What is
//! added: features count per standard deviation and by how steeply the label changes along them; a full tree takes back
//! its least useful splits; what was seen long ago counts less, and a tree whose error has risen starts anew. Values are
//! judged by Student's t on the scale of the forest's own error. A missing value reaches out of no box, and takes the
//! heavier side of a split; a category lies at a random place of its own in each tree.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::mondrian::belief::{Target, share};
use super::mondrian::frame::Frame;
use super::mondrian::slopes::{Note, Slopes};
use super::mondrian::tree::{Lesson, Rules, Tree};
use super::{Context, Model};
use crate::drift::adaptive_window::AdaptiveWindow;
use crate::drift::adwin;
use crate::event::Layout;
use crate::params::About;
use crate::rng::Rng;
use crate::row::{Label, Prediction, Row, Task};
use crate::spread;
use crate::stats::Scratch;

pub const ABOUT: About = About {
    summary: "trees cut at random where rows fall outside of what was seen, each the average of all its prunings; bounded, forgets",
    source: "J. Mourtada, S. Gaïffas, E. Scornet, AMF: Aggregated Mondrian forests for online learning, JRSS B 83 (2021)",
    example: "type = \"aggregated_mondrian_forest\"\ntrees = 10",
};

crate::params! {
    pub struct Params {
        /// How many trees answer.
        pub trees: usize = 10, in 1..=1_000 => "in 1..=1000";
        /// Rows that a node counts as more than it has seen, spread over the classes.
        pub prior: f64 = 1.0, in f64::MIN_POSITIVE..=1_000.0 => "in (0, 1000]";
        /// Rows after which what was seen counts a factor e less.
        pub memory: f64 = 5_000.0, in 1.0.. => ">= 1";
        /// ADWIN's delta for a tree to start anew once its error has risen.
        pub drift_delta: f64 = 0.01, in f64::MIN_POSITIVE..=1.0 => "in (0, 1]";
        /// The most memory that all nodes take; a full tree takes back splits.
        pub max_bytes: usize = 8 << 20, in 1 << 16.. => ">= 65536";
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct AggregatedMondrianForest {
    prior: f64,
    rules: Rules,
    frame: Frame,
    slopes: Slopes,
    members: Vec<Member>,
    /// Rows learned.
    age: u32,
    /// Classes that have come.
    known: usize,
    error: Error,
    restarts: u64,
}

/// A tree and how wrong it has been.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
struct Member {
    tree: Tree,
    window: AdaptiveWindow,
    #[serde(skip)]
    work: Scratch<Work>,
}

#[derive(Default, GetSize)]
struct Work {
    point: Vec<f32>,
    path: Vec<u32>,
    /// What the row has told of the slopes.
    notes: Vec<Note>,
    /// What the tree would have said.
    said: f64,
    /// Whether it starts anew.
    risen: bool,
}

/// What all trees are shown.
struct Shown<'a> {
    row: &'a Row,
    target: Target,
    weight: f64,
    age: u32,
}

impl Member {
    /// Learns a row; starts anew with it where the error has risen. What others are to know is left in `work`.
    fn learn(&mut self, rules: &Rules, frame: &Frame, shown: &Shown<'_>, tells: bool) {
        let Work { point, path, notes, said, risen } = &mut *self.work;
        notes.clear();
        frame.place(shown.row, self.tree.salt(), point);
        let Shown { target, weight, age, .. } = *shown;
        let lesson = Lesson { rules, rates: frame.rates(), gaps: frame.has_gaps(), point, target, weight, age };
        let answer = self.tree.learn(&lesson, tells.then_some(notes), path);
        *said = answer.value;
        *risen = self.window.has_changed(1.0 - answer.likelihood);
        if *risen {
            self.window.clear();
            self.tree.clear();
            self.tree.learn(&lesson, None, path);
        }
    }
}

/// The forest's error of late, squared, for values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, GetSize)]
struct Error {
    squared: f64,
    seen: f64,
}

/// Rows that the error is taken of.
const ERRORS: f64 = 200.0;
/// The deviation from what the best prunings say, as a share of the forest's error, which holds what it has yet to learn.
const SHARPNESS: f64 = 0.5;

impl Error {
    fn add(&mut self, off: f64) {
        self.seen = (self.seen + 1.0).min(ERRORS);
        self.squared += (off * off - self.squared) / self.seen;
    }

    /// Infinite, so that all answers are as good, while no error is known.
    fn scale(self) -> f64 {
        if self.squared > 0.0 { (SHARPNESS * self.squared.sqrt()).max(1e-100) } else { f64::INFINITY }
    }
}

impl AggregatedMondrianForest {
    pub fn new(params: Params, context: Context<'_>) -> Self {
        let Params { trees, prior, memory, drift_delta, max_bytes } = params;
        let frame = Frame::new(context.layout);
        let width = context.classes.max(1);
        let nodes = (max_bytes / trees / Tree::node_bytes(frame.features(), width)).max(3);
        let rng = Rng::new(context.seed, "aggregated_mondrian_forest");
        let window = adwin::Params { delta: drift_delta, one_sided: true, ..Default::default() };
        let member = |i| Member {
            tree: Tree::new(frame.features(), rng.child(i)),
            window: AdaptiveWindow::new(window.clone()),
            work: Scratch::default(),
        };
        let members = (0..trees as u64).map(member).collect();
        let rules = Rules { nodes, width, memory };
        let slopes = Slopes::new(frame.features());
        Self { prior, rules, frame, slopes, members, age: 0, known: 0, error: Error::default(), restarts: 0 }
    }

    fn target(&mut self, label: Label) -> Target {
        match label {
            Label::Class(class) => {
                let class = (class as usize).min(self.rules.width - 1);
                self.known = self.known.max(class + 1);
                Target::Class { class, known: self.known, prior: self.prior / self.known as f64 }
            }
            Label::Value(value) => Target::Value { value, scale: self.error.scale() },
        }
    }

    /// Learns in every tree; the mean of the values that they would have said.
    fn teach(&mut self, row: &Row, target: Target, weight: f64) -> f64 {
        let (age, shown) = (self.age, Shown { row, target, weight, age: self.age });
        let (rules, frame) = (&self.rules, &self.frame);
        spread::each(&mut self.members, A_THREADS_WORTH, |i, member| {
            member.learn(rules, frame, &shown, age.wrapping_add(i as u32).is_multiple_of(BETWEEN_SLOPES));
        });
        for work in self.members.iter().map(|member| &member.work) {
            work.notes.iter().for_each(|note| self.slopes.note(*note));
            if work.risen {
                self.restarts += 1;
                self.slopes.doubt();
            }
        }
        self.members.iter().map(|member| member.work.said).sum::<f64>() / self.members.len() as f64
    }

    /// Adds the share that a tree gives each class.
    fn ask_shares(&self, tree: &Tree, row: &Row, shares: &mut [f64]) {
        let known = self.known.min(shares.len());
        let prior = self.prior / self.known.max(1) as f64;
        tree.answer(&self.rules, &self.frame, row, |weights, weight, part| {
            for (p, of_class) in shares[..known].iter_mut().zip(weights) {
                *p += part * share(*of_class, weight, self.known, prior);
            }
        });
    }
}

/// One row in so many tells a tree's slopes.
const BETWEEN_SLOPES: u32 = 4;

/// A thread of its own pays from so many trees on.
const A_THREADS_WORTH: usize = 8;

impl Model for AggregatedMondrianForest {
    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary, Task::Multiclass, Task::Regression]
    }

    fn predict(&self, row: &Row, prediction: &mut Prediction) {
        self.predict_with_advice(row, prediction, &mut Vec::new());
    }

    /// Gives no advice: its memory serves what each tree says.
    fn predict_with_advice(&self, row: &Row, prediction: &mut Prediction, advice: &mut Vec<f64>) {
        let n = self.members.len() as f64;
        let width = if let Prediction::Classes(probabilities) = &*prediction { probabilities.len() } else { 1 };
        let values = matches!(prediction, Prediction::Value(_));
        advice.clear();
        advice.resize(self.members.len() * width, 0.0);
        spread::each_row(advice, width, A_THREADS_WORTH, |i, said| match &self.members[i].tree {
            tree if values => tree.answer(&self.rules, &self.frame, row, |mean, _, part| said[0] += part * mean[0]),
            tree => self.ask_shares(tree, row, said),
        });
        for said in advice.chunks_exact(width.max(1)) {
            match prediction {
                Prediction::Classes(probabilities) => {
                    probabilities.iter_mut().zip(said).for_each(|(p, share)| *p = (*p + share / n).min(1.0));
                }
                Prediction::Value(value) => *value += said[0] / n,
            }
        }
        advice.clear();
    }

    fn learn(&mut self, row: &Row, label: Label, weight: f64) {
        self.age = self.age.wrapping_add(1);
        self.frame.learn(row, &self.slopes);
        self.slopes.age();
        let target = self.target(label);
        let first = self.age == 1;
        let said = self.teach(row, target, weight);
        if let Target::Value { value, .. } = target
            && !first
        {
            self.error.add(value - said);
        }
    }

    fn describe(&self, layout: &Layout) -> Vec<(String, String)> {
        let nodes: usize = self.members.iter().map(|member| member.tree.nodes()).sum();
        let counts = [("nodes", nodes as u64), ("trees started anew", self.restarts)];
        let counts = counts.map(|(name, count)| (name.to_owned(), count.to_string()));
        let features = layout.numbers.iter().chain(&layout.categories);
        let relevances = features.zip(self.frame.relevances(&self.slopes));
        counts.into_iter().chain(relevances.map(|(name, r)| (format!("relevance of {name}"), format!("{r:.4}")))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Kind;

    const FEATURES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

    fn forest(task: Task) -> AggregatedMondrianForest {
        let layout = Layout::new(FEATURES.map(|name| (name, Kind::Number)));
        let classes = if task == Task::Regression { 0 } else { 2 };
        AggregatedMondrianForest::new(Params::default(), Context { task, layout: &layout, classes, seed: 1 })
    }

    fn row(rng: &mut Rng) -> Row {
        Row { numbers: FEATURES.iter().map(|_| rng.uniform()).collect(), ..Row::default() }
    }

    #[test]
    fn a_concept_turned_round_is_learned_anew() {
        let (mut forest, mut rng) = (forest(Task::Binary), Rng::new(5, "turned"));
        let mut wrong = 0;
        for i in 0..4_000 {
            let row = row(&mut rng);
            let class = u32::from((row.numbers[0] > 0.5) != (i >= 2_000));
            let mut prediction = Prediction::Classes(vec![0.0; 2]);
            forest.predict(&row, &mut prediction);
            wrong += u32::from(i >= 3_500 && prediction.class() != Some(class as usize));
            forest.learn(&row, Label::Class(class), 1.0);
        }
        assert!(wrong < 50 && forest.restarts >= 5, "{wrong} of 500 wrong, {} restarts", forest.restarts);
    }

    #[test]
    fn features_that_say_nothing_come_to_count_little() {
        let (mut forest, mut rng) = (forest(Task::Regression), Rng::new(6, "relevance"));
        for _ in 0..1_500 {
            let row = row(&mut rng);
            let value = 10.0 * row.numbers[2] + 0.1 * rng.normal();
            forest.learn(&row, Label::Value(value), 1.0);
        }
        let relevances = forest.frame.relevances(&forest.slopes);
        let others = relevances.iter().enumerate().filter(|(j, _)| *j != 2);
        assert!(relevances[2] == 1.0 && others.into_iter().all(|(_, r)| *r < 0.1), "{relevances:?}");
    }
}
