//! A condition of a rule.

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use crate::event::Layout;
use crate::model::tree::arena::Test;
use crate::row::Row;

/// What a row must meet. A row that lacks the feature does not.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub enum Condition {
    AtMost { feature: u32, threshold: f64 },
    Above { feature: u32, threshold: f64 },
    Is { feature: u32, code: u32 },
    IsNot { feature: u32, code: u32 },
}

impl Condition {
    /// What rows on one side of a test with two sides meet; `None` where the test has no category.
    pub fn of(test: &Test, side: usize) -> Option<Self> {
        Some(match (test, side) {
            (&Test::Number { feature, threshold }, 0) => Self::AtMost { feature, threshold },
            (&Test::Number { feature, threshold }, _) => Self::Above { feature, threshold },
            (Test::Category { feature, codes }, 0) => Self::Is { feature: *feature, code: *codes.first()? },
            (Test::Category { feature, codes }, _) => Self::IsNot { feature: *feature, code: *codes.first()? },
        })
    }

    pub fn holds(&self, row: &Row) -> bool {
        match *self {
            Self::AtMost { feature, threshold } => row.numbers[feature as usize] <= threshold,
            Self::Above { feature, threshold } => row.numbers[feature as usize] > threshold,
            Self::Is { feature, code } => row.categories[feature as usize].code == code,
            Self::IsNot { feature, code } => {
                let category = row.categories[feature as usize];
                !category.is_missing() && category.code != code
            }
        }
    }

    /// As `state show` prints it; categories by their codes.
    pub fn in_words(&self, layout: &Layout) -> String {
        let number = |feature: u32| layout.numbers.get(feature as usize).map_or("?", String::as_str);
        let category = |feature: u32| layout.categories.get(feature as usize).map_or("?", String::as_str);
        match *self {
            Self::AtMost { feature, threshold } => format!("{} <= {threshold}", number(feature)),
            Self::Above { feature, threshold } => format!("{} > {threshold}", number(feature)),
            Self::Is { feature, code } => format!("{} is {code}", category(feature)),
            Self::IsNot { feature, code } => format!("{} is not {code}", category(feature)),
        }
    }

    /// Adds the condition to `all`, which must all hold, in the place of one that it makes idle.
    pub fn join(self, all: &mut Vec<Self>) {
        match all.iter_mut().find(|other| self.implies(other)) {
            Some(idle) => *idle = self,
            None => all.push(self),
        }
    }

    fn implies(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::AtMost { feature: a, threshold: s }, Self::AtMost { feature: b, threshold: t }) => a == b && s <= t,
            (Self::Above { feature: a, threshold: s }, Self::Above { feature: b, threshold: t }) => a == b && s >= t,
            (Self::Is { feature: a, .. }, Self::IsNot { feature: b, .. }) => a == b,
            _ => self == other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tighter_condition_takes_the_place_of_a_looser_one() {
        let mut all = Vec::new();
        Condition::AtMost { feature: 0, threshold: 5.0 }.join(&mut all);
        Condition::Above { feature: 0, threshold: 1.0 }.join(&mut all);
        Condition::AtMost { feature: 0, threshold: 3.0 }.join(&mut all);
        assert_eq!(
            all,
            [Condition::AtMost { feature: 0, threshold: 3.0 }, Condition::Above { feature: 0, threshold: 1.0 }]
        );
        let holds =
            |number| all.iter().all(|condition| condition.holds(&Row { numbers: vec![number], ..Row::default() }));
        assert_eq!([1.0, 1.5, 3.0, 3.5, f64::NAN].map(holds), [false, true, true, false, false]);
    }
}
