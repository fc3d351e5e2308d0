//! From JSON to the Avro value that a schema asks for.

use std::collections::BTreeMap;

use apache_avro::Schema;
use apache_avro::schema::{RecordField, UnionSchema};
use apache_avro::types::Value as Avro;
use serde_json::Value;

use crate::codec::error::shorten;
use crate::codec::time::parse_iso;

/// Knows the schema's named types.
#[derive(Debug)]
pub struct Converter {
    pub names: BTreeMap<String, Schema>,
}

impl Converter {
    /// `path` leads to `json`, for messages.
    pub fn convert(&self, json: &Value, schema: &Schema, path: &mut Vec<String>) -> Result<Avro, String> {
        let schema = self.resolve(schema);
        let converted = match schema {
            Schema::Union(union) => return self.union(json, union, path),
            Schema::Record(record) if json.is_object() => {
                let fields = record.fields.iter().map(|field| self.field(json, field, path));
                return fields.collect::<Result<_, _>>().map(Avro::Record);
            }
            Schema::Array(array) => match json.as_array() {
                Some(items) => {
                    let items = items.iter().map(|item| self.convert(item, &array.items, path));
                    return items.collect::<Result<_, _>>().map(Avro::Array);
                }
                None => None,
            },
            Schema::Map(map) => match json.as_object() {
                Some(entries) => {
                    let entry =
                        |(key, value): (&String, &Value)| Ok((key.clone(), self.convert(value, &map.types, path)?));
                    return entries.iter().map(entry).collect::<Result<_, _>>().map(Avro::Map);
                }
                None => None,
            },
            scalar => scalar_of(json, scalar),
        };
        let wrong =
            || format!("field `{}` is {}, which its schema cannot hold", path.join("."), shorten(&json.to_string()));
        converted.ok_or_else(wrong)
    }

    fn field(&self, record: &Value, field: &RecordField, path: &mut Vec<String>) -> Result<(String, Avro), String> {
        let absent = || field.default.clone().unwrap_or_default();
        let json = record.get(&field.name).cloned().unwrap_or_else(absent);
        path.push(field.name.clone());
        let value = self.convert(&json, &field.schema, path)?;
        path.pop();
        Ok((field.name.clone(), value))
    }

    /// The first branch that fits.
    fn union(&self, json: &Value, union: &UnionSchema, path: &mut Vec<String>) -> Result<Avro, String> {
        let depth = path.len();
        let mut last = None;
        for (at, branch) in union.variants().iter().enumerate() {
            match self.convert(json, branch, path) {
                Ok(value) => return Ok(Avro::Union(at as u32, Box::new(value))),
                Err(why) => last = Some(why),
            }
            path.truncate(depth);
        }
        Err(last.unwrap_or_default())
    }
}

fn scalar_of(json: &Value, schema: &Schema) -> Option<Avro> {
    let millis = || json.as_i64().or_else(|| json.as_str().and_then(parse_iso));
    let scaled = |factor: i64| json.as_i64().or_else(|| json.as_str().and_then(parse_iso)?.checked_mul(factor));
    match schema {
        Schema::Null => json.is_null().then_some(Avro::Null),
        Schema::Boolean => json.as_bool().map(Avro::Boolean),
        Schema::Int => json.as_i64().and_then(|n| n.try_into().ok()).map(Avro::Int),
        Schema::Long => json.as_i64().map(Avro::Long),
        Schema::Float => json.as_f64().map(|x| Avro::Float(x as f32)),
        Schema::Double => json.as_f64().map(Avro::Double),
        // Integers past 64 bits keep their digits as text.
        Schema::String => {
            json.as_str().map(str::to_owned).or_else(|| json.as_u64().map(|n| n.to_string())).map(Avro::String)
        }
        Schema::Enum(symbols) => {
            let symbol = json.as_str()?;
            let at = symbols.symbols.iter().position(|known| known == symbol)?;
            Some(Avro::Enum(at as u32, symbol.to_owned()))
        }
        Schema::TimestampMillis => millis().map(Avro::TimestampMillis),
        Schema::TimestampMicros => scaled(1_000).map(Avro::TimestampMicros),
        Schema::TimestampNanos => scaled(1_000_000).map(Avro::TimestampNanos),
        Schema::LocalTimestampMillis => millis().map(Avro::LocalTimestampMillis),
        Schema::LocalTimestampMicros => scaled(1_000).map(Avro::LocalTimestampMicros),
        Schema::LocalTimestampNanos => scaled(1_000_000).map(Avro::LocalTimestampNanos),
        Schema::Date => {
            let days = || json.as_str().and_then(parse_iso).map(|millis| millis.div_euclid(86_400_000));
            json.as_i64().or_else(days).and_then(|days| days.try_into().ok()).map(Avro::Date)
        }
        _ => None,
    }
}
