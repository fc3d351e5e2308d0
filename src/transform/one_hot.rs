//! One-hot: a 0/1 number column for each category of each feature, bounded.
//!
//! D. B. Suits, "Use of dummy variables in regression equations", JASA 52 (1957). The first `max_categories` categories
//! of a feature, in order of arrival, have a column each; all later ones share one more. A missing category is 0 in
//! every column. The categories themselves leave the row.
//!
//! ```
//! use driftline::event::{Kind, Layout};
//! use driftline::row::{Category, Row};
//! use driftline::transform::{OneHot, Transformer, one_hot::Params};
//!
//! let layout = Layout::new([("country", Kind::Category)]);
//! let one_hot = OneHot::new(Params { max_categories: 2 }, &layout);
//! let mut row = Row { categories: vec![Category { code: 1, hash: 0 }], ..Row::default() };
//! one_hot.transform(&mut row);
//! assert_eq!(one_hot.layout(&layout).numbers, ["country #0", "country #1", "country other"]);
//! assert_eq!(row.numbers, [0.0, 1.0, 0.0]);
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::Transformer;
use crate::event::Layout;
use crate::params::About;
use crate::row::Row;

pub const ABOUT: About = About {
    summary: "a 0/1 column for each of the first categories of a feature, and one for all the others",
    source: "D. B. Suits, Use of dummy variables in regression equations, JASA 52 (1957)",
    example: "type = \"one_hot\"\nmax_categories = 16",
};

crate::params! {
    pub struct Params {
        /// Categories of a feature that have a column of their own.
        pub max_categories: usize = 32, in 1..=10_000 => "in [1, 10000]";
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct OneHot {
    max_categories: usize,
}

impl OneHot {
    pub fn new(params: Params, _: &Layout) -> Self {
        Self { max_categories: params.max_categories }
    }
}

impl Transformer for OneHot {
    fn transform(&self, row: &mut Row) {
        let before = row.numbers.len();
        let each = self.max_categories + 1;
        row.numbers.resize(before + row.categories.len() * each, 0.0);
        for (slot, category) in row.categories.iter().enumerate() {
            if !category.is_missing() {
                let column = (category.code as usize).min(self.max_categories);
                row.numbers[before + slot * each + column] = 1.0;
            }
        }
        row.categories.clear();
    }

    fn layout(&self, input: &Layout) -> Layout {
        let mut layout = input.clone();
        for name in &input.categories {
            layout.numbers.extend((0..self.max_categories).map(|code| format!("{name} #{code}")));
            layout.numbers.push(format!("{name} other"));
        }
        layout.categories.clear();
        layout
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Kind;
    use crate::row::Category;

    #[test]
    fn a_category_has_its_column_and_late_ones_share_the_last() {
        let input = Layout::new([("a", Kind::Category), ("b", Kind::Category), ("n", Kind::Number)]);
        let one_hot = OneHot::new(Params { max_categories: 2 }, &input);
        let encoded = |a: u32, b: u32| {
            let categories = [a, b].map(|code| Category { code, hash: 0 }).to_vec();
            let mut row = Row { numbers: vec![7.0], categories, ..Row::default() };
            one_hot.transform(&mut row);
            assert!(row.categories.is_empty());
            row.numbers
        };
        assert_eq!(one_hot.layout(&input).numbers, ["n", "a #0", "a #1", "a other", "b #0", "b #1", "b other"]);
        assert_eq!(encoded(0, 1), [7.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        assert_eq!(encoded(5, Category::OTHER), [7.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0]);
        assert_eq!(encoded(Category::MISSING.code, 0), [7.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    }
}
