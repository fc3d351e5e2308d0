//! What a tree said of a row when it was asked, kept until the label comes.

use super::class_leaf::Said;
use crate::rng::mix;

/// What a tree said of a row when it was asked, in three numbers that fit into a model's advice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Statement {
    /// Names the leaf that said it.
    key: f64,
    /// Its index.
    leaf: f64,
    /// Three classes in one number, each plus 1, 0 for none: the one that was named, the majority, naive Bayes' choice.
    classes: f64,
}

/// Names the leaf at `index` of a tree of this [shape](super::arena::Arena::shape) among all leaves that there have been:
/// `stream` names the tree.
pub fn key(stream: u64, shape: u64, index: usize) -> f64 {
    (mix(stream ^ shape ^ index as u64) >> 12) as f64
}

/// Three of these fit into the digits of a number.
const MOST_CLASSES: u64 = 1 << 17;

impl Statement {
    /// How many numbers a statement is in an advice.
    pub const LEN: usize = 3;

    pub fn new(key: f64, index: usize, said: Said) -> Self {
        let digit = |class: Option<usize>| class.map_or(0, |class| class as u64 + 1).min(MOST_CLASSES - 1);
        let digits = [said.class(), said.majority, said.bayes].map(digit);
        Self {
            key,
            leaf: index as f64,
            classes: ((digits[0] * MOST_CLASSES + digits[1]) * MOST_CLASSES + digits[2]) as f64,
        }
    }

    pub fn write(self) -> [f64; Self::LEN] {
        [self.key, self.leaf, self.classes]
    }

    pub fn read(numbers: &[f64]) -> Option<Self> {
        let &[key, leaf, classes] = numbers else { return None };
        Some(Self { key, leaf, classes })
    }

    /// The index of the leaf that said it.
    pub fn leaf(self) -> usize {
        self.leaf as usize
    }

    /// The class that the tree named.
    pub fn class(self) -> Option<usize> {
        self.digits()[0]
    }

    fn digits(self) -> [Option<usize>; 3] {
        let classes = self.classes as u64;
        let digits =
            [classes / MOST_CLASSES / MOST_CLASSES, classes / MOST_CLASSES % MOST_CLASSES, classes % MOST_CLASSES];
        digits.map(|digit| (digit as usize).checked_sub(1))
    }

    /// What was said, if it was said by the leaf that `key` names.
    pub fn of(self, key: f64) -> Option<Said> {
        let [named, majority, bayes] = self.digits();
        (self.key == key).then_some(Said { majority, bayes, by_bayes: named == bayes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_comes_back_to_the_leaf_that_made_it() {
        let (own, other) = (key(1, 7, 3), key(1, 9, 3));
        for (majority, bayes, by_bayes) in [(None, None, true), (Some(0), Some(4), true), (Some(99_999), None, false)] {
            let said = Said { majority, bayes, by_bayes };
            let back = Statement::read(&Statement::new(own, 3, said).write()).unwrap();
            let told = back.of(own).unwrap();
            assert_eq!(
                (back.leaf(), back.class(), told.class(), told.majority, told.bayes),
                (3, said.class(), said.class(), majority, bayes)
            );
            assert_eq!(back.of(other), None);
        }
    }
}
