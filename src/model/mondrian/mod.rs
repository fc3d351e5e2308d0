//! What Mondrian forests are made of: rows as points in a frame, boxes around points, trees that cut where points fall outside
//! of the boxes, and for each tree the average over all its prunings.

pub mod belief;
pub mod boxes;
pub mod frame;
mod node;
pub mod slopes;
pub mod tree;
