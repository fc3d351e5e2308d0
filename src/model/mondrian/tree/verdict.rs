//! What a label says of the nodes on its path.

use super::{Answer, Lesson, Tree};
use crate::model::mondrian::belief::Target;
use crate::model::mondrian::slopes::Note;

impl Tree {
    /// From the end of the path up: how likely the label was to a node and to all below it together, and with that the
    /// probability that either is better; then the node absorbs the label. A leaf that was made for the row has had no say,
    /// and its side is not charged for what it did not know.
    pub(super) fn ascend(&mut self, lesson: &Lesson<'_>, path: &[u32]) -> Answer {
        let mut answer: Option<Answer> = None;
        for at in path.iter().rev().map(|at| *at as usize) {
            let (beliefs, weight) = self.beliefs_of(lesson.rules, at);
            let own = Answer { likelihood: lesson.target.likelihood(beliefs, weight), value: beliefs[0] };
            let node = &mut self.nodes[at];
            let share = f64::from(node.own);
            let mixed = |own: f64, below: f64| share * own + (1.0 - share) * below;
            answer = Some(match answer {
                None => {
                    if !node.is_leaf() {
                        node.weigh(own.likelihood, 1.0);
                    }
                    own
                }
                Some(below) => {
                    node.weigh(own.likelihood, below.likelihood);
                    Answer { likelihood: mixed(own.likelihood, below.likelihood), value: mixed(own.value, below.value) }
                }
            });
            self.absorb(lesson, at);
        }
        answer.unwrap_or_default()
    }

    /// The node lets go of what is long ago, and takes up the label.
    pub(super) fn absorb(&mut self, lesson: &Lesson<'_>, at: usize) {
        let (keep, left) = self.nodes[at].forget(lesson.age, lesson.rules.memory);
        let beliefs = &mut self.beliefs[at * lesson.rules.width..][..lesson.rules.width];
        if let Target::Class { .. } = lesson.target {
            beliefs.iter_mut().for_each(|weight| *weight *= keep);
        }
        let weight = left + lesson.weight;
        self.nodes[at].weight = weight;
        lesson.target.absorb(beliefs, weight, lesson.weight);
    }

    /// Compares the sides of the splits on the path.
    pub(super) fn tell_slopes(&self, lesson: &Lesson<'_>, path: &[u32], notes: &mut Vec<Note>) {
        for at in path.iter().map(|at| *at as usize).filter(|at| !self.nodes[*at].is_leaf()) {
            let feature = self.nodes[at].feature as usize;
            let [low, high] = self.nodes[at].children.map(|child| child as usize);
            let sides = [low, high].map(|side| self.beliefs_of(lesson.rules, side));
            let middles = (self.boxes.middle(low, feature), self.boxes.middle(high, feature));
            if let (Some(below), Some(above)) = middles
                && sides.iter().all(|(_, weight)| *weight > 0.0)
            {
                let squared_difference = lesson.target.difference(sides[0], sides[1]);
                notes.push(Note { feature, squared_difference, distance: above - below });
            }
        }
    }
}
