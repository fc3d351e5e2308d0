//! Reading a datum by plan: its bytes are walked once, in the writer's order.

use super::bytes::{Broken, Cursor};
use super::shape::{Records, Shape, blocks};
use crate::codec::fill::Fill;
use crate::codec::paths::Field;

/// How the data of one writer's schema are read.
#[derive(Clone, Debug)]
pub struct Plan {
    /// One for each field of the record, in the writer's order.
    pub root: Vec<Step>,
    pub records: Records,
}

/// What is done with a value.
#[derive(Clone, Debug)]
pub enum Step {
    Skip(Shape),
    Set(Shape, Box<Field>),
    Union(Vec<Step>),
    Record(Vec<Step>),
    /// Entries that are wanted, by key.
    Map {
        wanted: Vec<(Box<str>, Step)>,
        others: Shape,
    },
}

impl Plan {
    /// Fills from one datum, which must end where its schema does.
    pub fn read(&self, datum: &[u8], fill: &mut Fill<'_>) -> Result<(), Broken> {
        let mut cursor = Cursor::new(datum);
        for step in &self.root {
            step.read(&mut cursor, &self.records, fill)?;
        }
        if cursor.rest() > 0 { cursor.broken("the datum ends here, and more bytes follow") } else { Ok(()) }
    }
}

impl Step {
    /// Wanted fields are as deep as their paths, so that only shapes bound their depth.
    fn read<'v>(&'v self, cursor: &mut Cursor<'v>, records: &Records, fill: &mut Fill<'_>) -> Result<(), Broken> {
        match self {
            Self::Skip(shape) => shape.skip(cursor, records, 0),
            Self::Set(shape, field) => {
                fill.set(field, shape.read(cursor, records)?);
                Ok(())
            }
            Self::Union(branches) => {
                let branch = cursor.index(branches.len())?;
                branches[branch].read(cursor, records, fill)
            }
            Self::Record(fields) => fields.iter().try_for_each(|field| field.read(cursor, records, fill)),
            Self::Map { wanted, others } => blocks(cursor, false, |cursor| {
                let key = cursor.string()?;
                match wanted.iter().find(|(name, _)| **name == *key) {
                    Some((_, step)) => step.read(cursor, records, fill),
                    None => others.skip(cursor, records, 0),
                }
            }),
        }
    }
}
