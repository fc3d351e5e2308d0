//! Imputer: fills what is missing, and can say that it did.
//!
//! R. J. A. Little, D. B. Rubin, "Statistical Analysis with Missing Data", 3rd ed. (2019), ch. 4. A number takes the
//! running mean, a constant or the last value seen; it stays missing while none has been seen. A category takes the last
//! seen under `previous` and stays missing otherwise (`one_hot` and `hasher` have their path for it).
//!
//! ```
//! use driftline::event::{Kind, Layout};
//! use driftline::row::Row;
//! use driftline::transform::{Imputer, Transformer, imputer::Params};
//!
//! let params = Params { indicator: true, ..Params::default() };
//! let mut imputer = Imputer::new(params, &Layout::new([("x", Kind::Number)]));
//! let row = |x| Row { numbers: vec![x], ..Row::default() };
//! [2.0, f64::NAN, 4.0].iter().for_each(|x| imputer.learn(&row(*x), None));
//! let mut missing = row(f64::NAN);
//! imputer.transform(&mut missing);
//! assert_eq!(missing.numbers, [3.0, 1.0]);
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::Transformer;
use crate::event::Layout;
use crate::params::About;
use crate::row::{Category, Label, Row};

pub const ABOUT: About = About {
    summary: "fills missing numbers by mean, constant or the last value; can add 0/1 columns that say so",
    source: "R. J. A. Little, D. B. Rubin, Statistical Analysis with Missing Data, 3rd ed. (2019), chapter 4",
    example: "type = \"imputer\"\nstrategy = \"previous\"\nindicator = true",
};

/// What a missing value becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, GetSize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    #[default]
    Mean,
    Constant,
    Previous,
}

crate::params! {
    pub struct Params {
        /// What a missing number becomes: mean, constant or previous.
        pub strategy: Strategy = Strategy::Mean;
        /// The constant.
        pub value: f64 = 0.0, in f64::MIN..=f64::MAX => "a finite number";
        /// Whether to add, behind all numbers, a column for each: 1 where it was missing, 0 elsewhere.
        pub indicator: bool = false;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Imputer {
    params: Params,
    counts: Vec<f64>,
    /// The mean, the constant or the last value; NaN while there is none.
    fills: Vec<f64>,
    last_categories: Vec<Category>,
}

impl Imputer {
    pub fn new(params: Params, layout: &Layout) -> Self {
        let n = layout.numbers.len();
        let fill = if params.strategy == Strategy::Constant { params.value } else { f64::NAN };
        let last_categories = vec![Category::MISSING; layout.categories.len()];
        Self { params, counts: vec![0.0; n], fills: vec![fill; n], last_categories }
    }

    fn learn_number(&mut self, slot: usize, value: f64) {
        match self.params.strategy {
            Strategy::Constant => {}
            Strategy::Previous => self.fills[slot] = value,
            Strategy::Mean => {
                self.counts[slot] += 1.0;
                let before = if self.counts[slot] == 1.0 { 0.0 } else { self.fills[slot] };
                self.fills[slot] = before + (value - before) / self.counts[slot];
            }
        }
    }
}

impl Transformer for Imputer {
    fn transform(&self, row: &mut Row) {
        let columns = row.numbers.len();
        for slot in 0..columns {
            let missing = row.numbers[slot].is_nan();
            if missing {
                row.numbers[slot] = self.fills[slot];
            }
            if self.params.indicator {
                row.numbers.push(if missing { 1.0 } else { 0.0 });
            }
        }
        for (category, &last) in row.categories.iter_mut().zip(&self.last_categories) {
            if category.is_missing() {
                *category = last;
            }
        }
    }

    fn learn(&mut self, row: &Row, _label: Option<Label>) {
        for (slot, &value) in row.numbers.iter().enumerate() {
            if !value.is_nan() {
                self.learn_number(slot, value);
            }
        }
        if self.params.strategy == Strategy::Previous {
            for (last, category) in self.last_categories.iter_mut().zip(&row.categories) {
                if !category.is_missing() {
                    *last = *category;
                }
            }
        }
    }

    fn layout(&self, input: &Layout) -> Layout {
        let mut layout = input.clone();
        if self.params.indicator {
            layout.numbers.extend(input.numbers.iter().map(|name| format!("{name} missing")));
        }
        layout
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transform::testing::{numbers, row};

    fn fills(params: &str) -> Vec<f64> {
        let mut imputer = Imputer::new(toml::from_str(params).unwrap(), &numbers(2));
        for value in [2.0, 6.0, f64::NAN, 1.0] {
            imputer.learn(&row(&[value, f64::NAN]), None);
        }
        let mut row = row(&[f64::NAN, f64::NAN]);
        imputer.transform(&mut row);
        assert_eq!(row.numbers.len(), imputer.layout(&numbers(2)).numbers.len());
        row.numbers
    }

    #[test]
    fn each_strategy_fills_with_what_it_says() {
        assert_eq!(fills("strategy = 'mean'")[0], 3.0);
        assert_eq!(fills("strategy = 'previous'")[0], 1.0);
        assert_eq!(fills("strategy = 'constant'\nvalue = -1"), [-1.0, -1.0]);
        assert!(fills("strategy = 'mean'")[1].is_nan(), "nothing seen: nothing to fill with");
        assert_eq!(fills("strategy = 'constant'\nindicator = true"), [0.0, 0.0, 1.0, 1.0]);
    }

    #[test]
    fn previous_fills_categories_too() {
        let layout = Layout::new([("c", crate::event::Kind::Category)]);
        let mut imputer = Imputer::new(Params { strategy: Strategy::Previous, ..Params::default() }, &layout);
        let with = |category| Row { categories: vec![category], ..Row::default() };
        let seen = Category { code: 3, hash: 9 };
        imputer.learn(&with(seen), None);
        imputer.learn(&with(Category::MISSING), None);
        let mut row = with(Category::MISSING);
        imputer.transform(&mut row);
        assert_eq!(row.categories, [seen]);
    }
}
