//! Min-max scaler: each number by the running smallest and largest, so that what has been seen lies in [0, 1].
//!
//! I. H. Witten, E. Frank, M. A. Hall, "Data Mining", 3rd ed. (2011), §2.4. A number outside all that was learned comes
//! out below 0 or above 1; 0 where nothing has varied yet; missing stays missing.
//!
//! ```
//! use driftline::event::{Kind, Layout};
//! use driftline::row::Row;
//! use driftline::transform::{MinMaxScaler, Transformer, min_max_scaler::Params};
//!
//! let mut scaler = MinMaxScaler::new(Params {}, &Layout::new([("x", Kind::Number)]));
//! let row = |x| Row { numbers: vec![x], ..Row::default() };
//! [2.0, 6.0].iter().for_each(|x| scaler.learn(&row(*x), None));
//! let mut three = row(3.0);
//! scaler.transform(&mut three);
//! assert_eq!(three.numbers, [0.25]);
//! ```

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::Transformer;
use crate::event::Layout;
use crate::linalg::bounded;
use crate::params::About;
use crate::row::{Label, Row};

pub const ABOUT: About = About {
    summary: "maps each number's running range to [0, 1]; missing stays missing",
    source: "I. H. Witten, E. Frank, M. A. Hall, Data Mining, 3rd ed. (2011), section 2.4",
    example: "type = \"min_max_scaler\"",
};

crate::params! {
    pub struct Params {}
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct MinMaxScaler {
    smallest: Vec<f64>,
    largest: Vec<f64>,
}

impl MinMaxScaler {
    pub fn new(_: Params, layout: &Layout) -> Self {
        let n = layout.numbers.len();
        Self { smallest: vec![f64::INFINITY; n], largest: vec![f64::NEG_INFINITY; n] }
    }
}

impl Transformer for MinMaxScaler {
    fn transform(&self, row: &mut Row) {
        let bounds = self.smallest.iter().zip(&self.largest);
        for (value, (smallest, largest)) in row.numbers.iter_mut().zip(bounds) {
            let range = largest - smallest;
            let scaled = (*value - smallest) / range;
            *value = if range > 0.0 || value.is_nan() { bounded(scaled) } else { 0.0 };
        }
    }

    fn learn(&mut self, row: &Row, _label: Option<Label>) {
        let bounds = self.smallest.iter_mut().zip(&mut self.largest);
        for (&value, (smallest, largest)) in row.numbers.iter().zip(bounds) {
            // min and max pass over a NaN.
            *smallest = smallest.min(value);
            *largest = largest.max(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transform::testing::{numbers, row};

    #[test]
    fn the_range_seen_becomes_0_to_1() {
        let mut scaler = MinMaxScaler::new(Params {}, &numbers(3));
        assert_eq!(transformed(&scaler, &[5.0, 1.0, 2.0])[..2], [0.0, 0.0]);
        for value in [2.0, f64::NAN, 6.0] {
            scaler.learn(&row(&[value, 7.0, f64::NAN]), None);
        }
        let values = transformed(&scaler, &[3.0, 7.0, f64::NAN]);
        assert_eq!(values[..2], [0.25, 0.0]);
        assert!(values[2].is_nan());
        assert_eq!(transformed(&scaler, &[10.0, 8.0, 4.0]), [2.0, 0.0, 0.0]);
    }

    fn transformed(scaler: &MinMaxScaler, values: &[f64]) -> Vec<f64> {
        let mut row = row(values);
        scaler.transform(&mut row);
        row.numbers
    }
}
