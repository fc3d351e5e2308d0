//! Avro object container files (specification 1.12) as JSON records: the schema that a file carries says what its bytes are.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::sync::Arc;

use apache_avro::schema::{DecimalSchema, Schema};
use apache_avro::types::Value;
use apache_avro::{Decimal, Error, Reader};

use super::cells::text;

/// The records of one file, block by block.
pub struct Container {
    reader: Reader<'static, Box<dyn BufRead + Send>>,
    types: Arc<Types>,
}

/// One record of a file, and what its values mean.
#[derive(Clone, Debug)]
pub struct Datum {
    value: Value,
    types: Arc<Types>,
}

/// A file's schema, and the named types in it.
#[derive(Debug)]
struct Types {
    root: Schema,
    named: BTreeMap<String, Schema>,
}

impl Container {
    pub fn open(contents: Box<dyn BufRead + Send>) -> Result<Self, Box<Error>> {
        let reader = Reader::new(contents)?;
        let mut named = BTreeMap::new();
        name_types(reader.writer_schema(), &mut named);
        let types = Arc::new(Types { root: reader.writer_schema().clone(), named });
        Ok(Self { reader, types })
    }

    pub fn next(&mut self) -> Result<Option<Datum>, Box<Error>> {
        let value = self.reader.next().transpose()?;
        Ok(value.map(|value| Datum { value, types: self.types.clone() }))
    }
}

fn name_types(schema: &Schema, named: &mut BTreeMap<String, Schema>) {
    if let Some(name) = schema.name().filter(|_| !matches!(schema, Schema::Ref { .. })) {
        named.insert(name.fullname(None), schema.clone());
    }
    match schema {
        Schema::Record(record) => record.fields.iter().for_each(|field| name_types(&field.schema, named)),
        Schema::Array(array) => name_types(&array.items, named),
        Schema::Map(map) => name_types(&map.types, named),
        Schema::Union(union) => union.variants().iter().for_each(|variant| name_types(variant, named)),
        _ => {}
    }
}

impl Datum {
    /// Appends the record as JSON. A number that knows to be a time is written as such a number, as `run` reads it, and in
    /// ISO 8601 where it is the field `time` (a dotted path). NaN is null, as in CSV; bytes are an array, which no field takes.
    pub fn write(&self, time: Option<&str>, out: &mut Vec<u8>) {
        self.types.write(&self.value, &self.types.root, time, out);
    }
}

impl Types {
    /// `time`: the path of the event time below this value; empty where this is it.
    fn write(&self, value: &Value, schema: &Schema, time: Option<&str>, out: &mut Vec<u8>) {
        match (value, schema) {
            (_, Schema::Ref { name }) => match self.named.get(&name.fullname(None)) {
                Some(schema) => self.write(value, schema, time, out),
                None => out.extend_from_slice(b"null"),
            },
            (Value::Union(branch, value), Schema::Union(union)) => match union.variants().get(*branch as usize) {
                Some(schema) => self.write(value, schema, time, out),
                None => out.extend_from_slice(b"null"),
            },
            (Value::Record(values), Schema::Record(record)) => {
                let fields = values.iter().zip(&record.fields);
                self.object(fields.map(|((name, value), field)| (name.as_str(), value, &field.schema)), time, out);
            }
            (Value::Map(entries), Schema::Map(map)) => {
                let mut entries: Vec<_> =
                    entries.iter().map(|(key, value)| (key.as_str(), value, &*map.types)).collect();
                // Their own order is another one each time.
                entries.sort_by_key(|(key, ..)| *key);
                self.object(entries.into_iter(), time, out);
            }
            (Value::Decimal(decimal), Schema::Decimal(schema)) => write_decimal(decimal, schema, out),
            (value, _) => write_scalar(value, time == Some(""), out),
        }
    }

    fn object<'a>(
        &self,
        fields: impl Iterator<Item = (&'a str, &'a Value, &'a Schema)>,
        time: Option<&str>,
        out: &mut Vec<u8>,
    ) {
        out.push(b'{');
        for (at, (name, value, schema)) in fields.enumerate() {
            if at > 0 {
                out.push(b',');
            }
            text(name.as_bytes(), out);
            out.push(b':');
            let below = time.and_then(|path| path.strip_prefix(name));
            let below = below.and_then(|rest| if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') });
            self.write(value, schema, below, out);
        }
        out.push(b'}');
    }
}

fn write_scalar(value: &Value, is_time: bool, out: &mut Vec<u8>) {
    // Writing to memory cannot fail.
    let _ = match value {
        Value::Null => out.write_all(b"null"),
        Value::Boolean(value) => write!(out, "{value}"),
        Value::Int(n) | Value::TimeMillis(n) => write!(out, "{n}"),
        Value::Long(n) | Value::TimeMicros(n) => write!(out, "{n}"),
        Value::Float(x) => return write_float(f64::from(*x), out),
        Value::Double(x) => return write_float(*x, out),
        Value::String(string) | Value::Enum(_, string) => return text(string.as_bytes(), out),
        Value::Uuid(uuid) => write!(out, "\"{uuid}\""),
        Value::Date(days) => return write_instant((*days).into(), i64::from(*days) * 86_400_000, is_time, out),
        Value::TimestampMillis(n) | Value::LocalTimestampMillis(n) => return write_instant(*n, *n, is_time, out),
        Value::TimestampMicros(n) | Value::LocalTimestampMicros(n) => {
            return write_instant(*n, n.div_euclid(1_000), is_time, out);
        }
        Value::TimestampNanos(n) | Value::LocalTimestampNanos(n) => {
            return write_instant(*n, n.div_euclid(1_000_000), is_time, out);
        }
        _ => out.write_all(b"[]"),
    };
}

fn write_float(x: f64, out: &mut Vec<u8>) {
    let _ = match x {
        _ if x.is_nan() => out.write_all(b"null"),
        _ if x.is_infinite() => write!(out, "\"{x}\""),
        _ => write!(out, "{x:?}"),
    };
}

/// The integer as it is stored, or its time in ISO 8601, which leaves no doubt about the unit.
fn write_instant(stored: i64, millis: i64, is_time: bool, out: &mut Vec<u8>) {
    let (days, of_day) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
    let (year, month, day) = civil(days);
    let _ = if is_time && (0..=9_999).contains(&year) {
        let (hour, minute, second) = (of_day / 3_600_000, of_day / 60_000 % 60, of_day / 1_000 % 60);
        let fraction = of_day % 1_000;
        write!(out, "\"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:03}Z\"")
    } else {
        write!(out, "{stored}")
    };
}

/// Year, month and day of a day since 1970-01-01 in the proleptic Gregorian calendar, years counted from March.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The unscaled integer with its exponent, so that the decoder rounds once; beyond 128 bits it is no number.
fn write_decimal(decimal: &Decimal, schema: &DecimalSchema, out: &mut Vec<u8>) {
    let bytes = <Vec<u8>>::try_from(decimal).unwrap_or_default();
    let Some(padding) = 16_usize.checked_sub(bytes.len()) else {
        out.extend_from_slice(b"[]");
        return;
    };
    let negative = bytes.first().is_some_and(|first| *first >= 0x80);
    let mut wide = [if negative { 0xFF } else { 0 }; 16];
    wide[padding..].copy_from_slice(&bytes);
    let _ = write!(out, "{}e-{}", i128::from_be_bytes(wide), schema.scale);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::time::parse_iso;
    use proptest::prelude::*;

    fn written(schema: &str, value: impl FnOnce(&Schema) -> Value, time: Option<&str>) -> String {
        let schema = Schema::parse_str(schema).unwrap();
        let mut writer = apache_avro::Writer::new(&schema, Vec::new());
        writer.append(value(&schema)).unwrap();
        let bytes: Box<dyn BufRead + Send> = Box::new(std::io::Cursor::new(writer.into_inner().unwrap()));
        let mut container = Container::open(bytes).unwrap();
        let (mut out, datum) = (Vec::new(), container.next().unwrap().unwrap());
        assert!(container.next().unwrap().is_none());
        datum.write(time, &mut out);
        String::from_utf8(out).unwrap()
    }

    fn record(fields: Vec<(&str, Value)>) -> Value {
        Value::Record(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    #[test]
    fn every_type_is_written_as_what_it_means() {
        let schema = r#"{"type":"record","name":"r","fields":[
            {"name":"a","type":["null","double"]},{"name":"b","type":"float"},{"name":"c","type":"string"},
            {"name":"d","type":{"type":"enum","name":"e","symbols":["up","down"]}},
            {"name":"f","type":{"type":"record","name":"in","fields":[{"name":"t","type":{"type":"long","logicalType":"timestamp-micros"}}]}},
            {"name":"g","type":"in"},
            {"name":"h","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}},
            {"name":"i","type":{"type":"map","values":"long"}},{"name":"j","type":"bytes"},{"name":"k","type":"double"}]}"#;
        let instant = || record(vec![("t", Value::TimestampMicros(-1))]);
        let value = |_: &Schema| {
            record(vec![
                ("a", Value::Union(1, Box::new(Value::Double(1.5)))),
                ("b", Value::Float(0.1)),
                ("c", Value::String("\"<b>\n".to_owned())),
                ("d", Value::Enum(1, "down".to_owned())),
                ("f", instant()),
                ("g", instant()),
                ("h", Value::Decimal(Decimal::from((-12_345_i32).to_be_bytes().to_vec()))),
                ("i", Value::Map([("z".to_owned(), Value::Long(1)), ("y".to_owned(), Value::Long(2))].into())),
                ("j", Value::Bytes(vec![1])),
                ("k", Value::Double(f64::NAN)),
            ])
        };
        let expected = r#"{"a":1.5,"b":0.10000000149011612,"c":"\"<b>\u000a","d":"down","f":{"t":"1969-12-31T23:59:59.999Z"},"g":{"t":-1},"h":-12345e-2,"i":{"y":2,"z":1},"j":[],"k":null}"#;
        assert_eq!(written(schema, value, Some("f.t")), expected);
    }

    proptest! {
        #[test]
        fn times_are_read_back(millis in -62_000_000_000_000_i64..253_000_000_000_000) {
            let mut out = Vec::new();
            write_instant(0, millis, true, &mut out);
            let text = String::from_utf8(out).unwrap();
            prop_assert_eq!(parse_iso(text.trim_matches('"')), Some(millis));
        }
    }
}
