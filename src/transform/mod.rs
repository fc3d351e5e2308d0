//! Transforms: each rewrites a row on its way to the model.
//!
//! To add one: a file beside the others, shaped like them, and its line in `family!` below.

use crate::event::Layout;
use crate::row::{Label, Row};

/// Rewrites rows. Transforming never mutates the transform: what a prediction sees was learned before it.
pub trait Transformer {
    /// Rewrites `row` in place, from the layout the transform was built for into [`Transformer::layout`]. Total: a missing
    /// value stays missing or takes the path that the transform's page states.
    fn transform(&self, row: &mut Row);

    /// Learns from a row as it reached this transform.
    fn learn(&mut self, _row: &Row, _label: Option<Label>) {}

    /// The layout of the rows this transform makes.
    fn layout(&self, input: &Layout) -> Layout {
        input.clone()
    }
}

crate::family!("transform", Transform, {
    standard_scaler => StandardScaler,
    min_max_scaler => MinMaxScaler,
    imputer => Imputer,
    one_hot => OneHot,
    hasher => Hasher,
});

impl Params {
    /// A transform that has learned nothing, for rows of `layout`.
    pub fn build(&self, layout: &Layout) -> Transform {
        build_each!(self, params => layout)
    }
}

impl Transformer for Transform {
    fn transform(&self, row: &mut Row) {
        each!(self, transform => transform.transform(row));
    }

    fn learn(&mut self, row: &Row, label: Option<Label>) {
        each!(self, transform => transform.learn(row, label));
    }

    fn layout(&self, input: &Layout) -> Layout {
        each!(self, transform => transform.layout(input))
    }
}

#[cfg(test)]
mod testing {
    use crate::event::{Kind, Layout};
    use crate::row::Row;

    /// `n` numbers and nothing else.
    pub fn numbers(n: usize) -> Layout {
        let names: Vec<String> = (0..n).map(|i| format!("x{i}")).collect();
        Layout::new(names.iter().map(|name| (name.as_str(), Kind::Number)))
    }

    pub fn row(numbers: &[f64]) -> Row {
        Row { numbers: numbers.to_vec(), ..Row::default() }
    }
}
