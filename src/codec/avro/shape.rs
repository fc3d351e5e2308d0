//! The shape of values that are passed over or read as one scalar.

use super::bytes::{Broken, Cursor};
use crate::codec::fill::Value;
use crate::codec::time::{self, TimeUnit};

/// Records, arrays and maps inside each other; deeper data are refused, since each level takes stack.
pub const MAX_DEPTH: usize = 128;

/// A writer's type, its names resolved.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
    Fixed(usize),
    Enum(Vec<String>),
    Array(Box<Shape>),
    Map(Box<Shape>),
    Union(Vec<Shape>),
    /// Index into the records of the schema, which may contain themselves.
    Record(usize),
    /// A long that is a time.
    Timestamp(TimeUnit),
    /// An int of days.
    Date,
    /// A big-endian two's complement integer, of `size` bytes or with its length before it, to be divided by 10^scale.
    Decimal {
        size: Option<usize>,
        scale: usize,
    },
}

/// The records of a schema by index: the shapes of their fields.
pub type Records = Vec<Vec<Shape>>;

impl Shape {
    /// Passes over one value.
    pub fn skip(&self, cursor: &mut Cursor<'_>, records: &Records, depth: usize) -> Result<(), Broken> {
        if depth == MAX_DEPTH {
            return cursor.broken("values are nested more than 128 deep");
        }
        match self {
            Self::Null => {}
            Self::Boolean => drop(cursor.boolean()?),
            Self::Int | Self::Date => drop(cursor.int()?),
            Self::Long | Self::Timestamp(_) => drop(cursor.long()?),
            Self::Float => drop(cursor.float()?),
            Self::Double => drop(cursor.double()?),
            Self::Bytes | Self::String | Self::Decimal { size: None, .. } => drop(cursor.bytes()?),
            Self::Fixed(size) | Self::Decimal { size: Some(size), .. } => drop(cursor.take(*size)?),
            Self::Enum(symbols) => drop(cursor.index(symbols.len())?),
            Self::Array(item) => blocks(cursor, true, |cursor| item.skip(cursor, records, depth + 1))?,
            Self::Map(value) => blocks(cursor, true, |cursor| {
                cursor.bytes()?;
                value.skip(cursor, records, depth + 1)
            })?,
            Self::Union(branches) => {
                let branch = cursor.index(branches.len())?;
                branches[branch].skip(cursor, records, depth + 1)?;
            }
            Self::Record(index) => {
                for field in &records[*index] {
                    field.skip(cursor, records, depth + 1)?;
                }
            }
        }
        Ok(())
    }

    /// Reads one value; what is no scalar is passed over and told in words. Unions have been resolved by the caller.
    pub fn read<'a>(&'a self, cursor: &mut Cursor<'a>, records: &Records) -> Result<Value<'a>, Broken> {
        Ok(match self {
            Self::Null => Value::Null,
            Self::Boolean => Value::Bool(cursor.boolean()?),
            Self::Int => Value::Integer(cursor.int()?.into()),
            Self::Long => Value::Integer(cursor.long()?),
            Self::Float => Value::Number(cursor.float()?.into()),
            Self::Double => Value::Number(cursor.double()?),
            Self::String => Value::Text(cursor.string()?),
            Self::Enum(symbols) => Value::Text(&symbols[cursor.index(symbols.len())?]),
            Self::Timestamp(unit) => {
                let raw = cursor.long()?;
                Value::Instant(raw, time::from_integer(raw, *unit).unwrap_or(raw))
            }
            Self::Date => {
                let days = i64::from(cursor.int()?);
                Value::Instant(days, days * 86_400_000)
            }
            Self::Decimal { size, scale } => {
                let bytes = if let Some(size) = size { cursor.take(*size)? } else { cursor.bytes()? };
                decimal(bytes, *scale)
            }
            other => {
                other.skip(cursor, records, 0)?;
                Value::Other(other.words())
            }
        })
    }

    fn words(&self) -> &'static str {
        match self {
            Self::Array(_) => "an array",
            Self::Map(_) => "a map",
            Self::Record(_) => "a record",
            _ => "bytes",
        }
    }
}

/// Goes through the items of an array or a map. Where they are only skipped, a block that tells its size is jumped over.
pub fn blocks<'a>(
    cursor: &mut Cursor<'a>,
    skip: bool,
    mut item: impl FnMut(&mut Cursor<'a>) -> Result<(), Broken>,
) -> Result<(), Broken> {
    loop {
        let count = cursor.long()?;
        if count == 0 {
            return Ok(());
        }
        let size = if count < 0 { Some(cursor.length()?) } else { None };
        if let Some(size) = size.filter(|_| skip) {
            cursor.take(size)?;
            continue;
        }
        for _ in 0..count.unsigned_abs() {
            let before = cursor.at();
            item(cursor)?;
            // Items of no bytes are all alike, however many a short datum claims.
            if cursor.at() == before {
                break;
            }
        }
    }
}

/// Correctly rounded, as the decimal's text would be; beyond 128 bits it is not read as a number.
fn decimal(bytes: &[u8], scale: usize) -> Value<'static> {
    let Some(padding) = 16_usize.checked_sub(bytes.len()) else {
        return Value::Other("a decimal of more than 128 bits");
    };
    let negative = bytes.first().is_some_and(|first| *first >= 0x80);
    let mut wide = [if negative { 0xFF } else { 0 }; 16];
    wide[padding..].copy_from_slice(bytes);
    let text = format!("{}e-{scale}", i128::from_be_bytes(wide));
    text.parse().map_or(Value::Other("a decimal"), Value::Number)
}
