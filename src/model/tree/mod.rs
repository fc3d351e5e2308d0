//! What the trees share: nodes in one flat arena, leaves with statistics of classes or values, split criteria, candidate tests.

pub mod adaptive;
pub mod arena;
pub mod budget;
pub mod class_leaf;
pub mod class_tree;
pub mod criterion;
pub mod gaussian;
pub mod histogram;
pub mod linear;
pub mod nominal;
pub mod revising;
pub mod split;
pub mod statement;
pub mod subspace;
pub mod value_leaf;
pub mod value_observers;
pub mod value_tree;
