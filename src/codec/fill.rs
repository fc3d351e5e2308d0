//! From a field's value to its place in the event, the same for every format.

use std::fmt::Write as _;

use compact_str::CompactString;

use super::error::shorten;
use super::paths::{Field, Node, Target};
use super::time::{self, TimeUnit};
use crate::event::{Event, Millis, RawLabel};
use crate::facts::{Reason, Rejection};

/// A value as a format has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    Integer(i64),
    /// An integer beyond 64 bits, or minus zero, as it is written.
    Digits(&'a str),
    Number(f64),
    Text(&'a str),
    /// A number that knows to be a time, and that time.
    Instant(i64, Millis),
    /// What no target can take, in words: `an array`.
    Other(&'static str),
}

/// Fills one event. The first field that cannot be read is kept, and reading goes on: a value that turns out not to be of
/// its format at all is told as that.
pub(super) struct Fill<'e> {
    event: &'e mut Event,
    unit: TimeUnit,
    timestamp: Millis,
    problem: Option<Rejection>,
}

impl<'e> Fill<'e> {
    /// Forgets what `event` held. The event time is `timestamp` until a field says otherwise.
    pub fn begin(event: &'e mut Event, unit: TimeUnit, timestamp: Millis) -> Self {
        event.features.clear();
        event.id.clear();
        event.event_time = timestamp;
        event.label = None;
        event.weight = 1.0;
        Self { event, unit, timestamp, problem: None }
    }

    pub fn end(self) -> Result<(), Rejection> {
        self.problem.map_or(Ok(()), Err)
    }

    /// Puts `value` where `field` belongs.
    #[inline]
    pub fn set(&mut self, field: &Field, value: Value<'_>) {
        for &target in &field.targets {
            if let Err(reason) = self.put(target, value) {
                self.note(reason, &field.path, value, target);
            }
        }
        if !field.inside.is_empty() {
            self.not_a_record(field, value);
        }
    }

    /// Makes everything inside `node` missing again: of a key that comes twice, the last counts.
    pub fn clear(&mut self, node: &Node) {
        for field in node.fields() {
            for &target in &field.targets {
                // Nothing refuses to be missing.
                let _ = self.put(target, Value::Null);
            }
            self.clear(&field.inside);
        }
    }

    #[inline]
    fn put(&mut self, target: Target, value: Value<'_>) -> Result<(), Reason> {
        let features = &mut self.event.features;
        match target {
            Target::Number(slot) => features.numbers[slot] = number(value)?.unwrap_or(f64::NAN),
            Target::Bool(slot) => features.numbers[slot] = truth(value)?.unwrap_or(f64::NAN),
            Target::Category(slot) => features.categories[slot] = category(value)?,
            Target::Text(slot) => features.texts[slot] = text(value)?,
            Target::Id => identify(value, &mut self.event.id)?,
            Target::Time => self.event.event_time = instant(value, self.unit)?.unwrap_or(self.timestamp),
            Target::Label => self.event.label = label(value)?,
            Target::Weight => self.event.weight = weight(value)?,
        }
        Ok(())
    }

    #[cold]
    fn note(&mut self, reason: Reason, path: &str, value: Value<'_>, target: Target) {
        let expected = match target {
            Target::Number(_) => "a number is expected; send a number, or configure the feature as a category",
            Target::Bool(_) => "true, false, 0 or 1 is expected; configure the feature as a number or a category",
            Target::Category(_) => {
                "text, a whole number, true or false is expected; configure the feature as a number, or name a field inside it"
            }
            Target::Text(_) => "text is expected; configure the feature as a number or a category",
            Target::Id => "text or a number is expected; set input.id to a field that has one",
            Target::Time => "ISO 8601 text or a number since 1970 is expected; see input.time and input.time_unit",
            Target::Label => "text, a number, true or false is expected; set input.label to a field that has one",
            Target::Weight => "a number above 0 is expected; leave it out for 1",
        };
        let problem = || Rejection::new(reason, format!("field `{path}` is {}: {expected}", show(value)));
        self.problem.get_or_insert_with(problem);
    }

    #[cold]
    fn not_a_record(&mut self, field: &Field, value: Value<'_>) {
        self.clear(&field.inside);
        if value != Value::Null {
            let path = &field.path;
            let inside = field.inside.fields().first().map_or("", |inside| &inside.path);
            let error = format!("field `{path}` is {}: a record is expected, with `{inside}` inside", show(value));
            self.problem.get_or_insert_with(|| Rejection::new(Reason::WrongType, error));
        }
    }
}

fn show(value: Value<'_>) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Integer(value) | Value::Instant(value, _) => value.to_string(),
        Value::Number(value) => format!("{value:?}"),
        Value::Digits(digits) => shorten(digits),
        Value::Text(text) => format!("the text \"{}\"", shorten(text)),
        Value::Other(what) => what.to_owned(),
    }
}

#[inline]
fn number(value: Value<'_>) -> Result<Option<f64>, Reason> {
    let number = match value {
        Value::Null => return Ok(None),
        Value::Integer(n) | Value::Instant(n, _) => n as f64,
        Value::Number(x) => x,
        Value::Digits(digits) => digits.parse().map_err(|_| Reason::WrongType)?,
        _ => return Err(Reason::WrongType),
    };
    if number.is_finite() { Ok(Some(number)) } else { Err(Reason::NonFinite) }
}

fn truth(value: Value<'_>) -> Result<Option<f64>, Reason> {
    match value {
        Value::Bool(truth) => Ok(Some(f64::from(u8::from(truth)))),
        // Adding 0 turns -0 into 0.
        _ => {
            number(value)?.map(|x| if x == 0.0 || x == 1.0 { Ok(x + 0.0) } else { Err(Reason::WrongType) }).transpose()
        }
    }
}

fn category(value: Value<'_>) -> Result<Option<CompactString>, Reason> {
    let mut text = CompactString::default();
    match value {
        Value::Null => return Ok(None),
        Value::Number(_) | Value::Other(_) => return Err(Reason::WrongType),
        _ => write_plain(value, &mut text),
    }
    Ok(Some(text))
}

fn text(value: Value<'_>) -> Result<Option<CompactString>, Reason> {
    match value {
        Value::Null => Ok(None),
        Value::Text(text) => Ok(Some(text.into())),
        _ => Err(Reason::WrongType),
    }
}

fn identify(value: Value<'_>, id: &mut CompactString) -> Result<(), Reason> {
    id.clear();
    match value {
        Value::Null => {}
        Value::Other(_) => return Err(Reason::WrongType),
        Value::Number(x) if !x.is_finite() => return Err(Reason::NonFinite),
        _ => write_plain(value, id),
    }
    Ok(())
}

/// The one text of a scalar: integers without a sign where they are 0, numbers as short as they can be read back.
fn write_plain(value: Value<'_>, out: &mut CompactString) {
    let written = match value {
        Value::Text(text) => {
            out.push_str(text);
            Ok(())
        }
        Value::Bool(truth) => write!(out, "{truth}"),
        Value::Integer(n) | Value::Instant(n, _) => write!(out, "{n}"),
        Value::Digits("-0") => write!(out, "0"),
        Value::Digits(digits) => write!(out, "{digits}"),
        Value::Number(x) => write!(out, "{x:?}"),
        Value::Null | Value::Other(_) => Ok(()),
    };
    debug_assert!(written.is_ok(), "writing to memory cannot fail");
}

fn instant(value: Value<'_>, unit: TimeUnit) -> Result<Option<Millis>, Reason> {
    let millis = match value {
        Value::Null => return Ok(None),
        Value::Integer(n) => time::from_integer(n, unit),
        Value::Instant(_, millis) => Some(millis),
        Value::Number(x) if !x.is_finite() => return Err(Reason::NonFinite),
        Value::Number(x) => time::from_float(x, unit),
        Value::Digits("-0") => Some(0),
        Value::Text(text) => time::parse_iso(text),
        Value::Bool(_) | Value::Digits(_) | Value::Other(_) => None,
    };
    millis.map(Some).ok_or(Reason::WrongType)
}

fn label(value: Value<'_>) -> Result<Option<RawLabel>, Reason> {
    match value {
        Value::Bool(truth) => Ok(Some(RawLabel::Bool(truth))),
        Value::Text(text) => Ok(Some(RawLabel::Text(text.into()))),
        _ => Ok(number(value)?.map(RawLabel::Number)),
    }
}

fn weight(value: Value<'_>) -> Result<f64, Reason> {
    let weight = number(value)?.unwrap_or(1.0);
    if weight > 0.0 { Ok(weight) } else { Err(Reason::WrongType) }
}
