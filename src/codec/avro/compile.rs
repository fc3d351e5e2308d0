//! From a writer's schema and the wanted fields to a plan.

use std::collections::BTreeMap;

use apache_avro::Schema;
use apache_avro::schema::{DecimalSchema, RecordSchema, UnionSchema};

use super::plan::{Plan, Step};
use super::schema::{Names, full, names, parse};
use super::shape::{Records, Shape};
use crate::codec::paths::{Field, Node};
use crate::codec::time::TimeUnit;

impl Plan {
    /// A plan to read what `wanted` names from the data of the schema `text`, which may refer to types of `others`.
    pub fn compile(text: &str, others: &[String], wanted: &Node) -> Result<Self, String> {
        let (schema, others) = parse(text, others)?;
        let mut compiler = Compiler::default();
        others.iter().for_each(|other| names(other, &mut compiler.names));
        names(&schema, &mut compiler.names);
        let Schema::Record(record) = compiler.resolve(&schema)? else {
            return Err("not a schema of a record".to_owned());
        };
        let root = compiler.fields(record, wanted)?;
        Ok(Self { root, records: compiler.records })
    }
}

#[derive(Default)]
struct Compiler<'s> {
    names: Names<'s>,
    records: Records,
    known: BTreeMap<String, usize>,
}

impl<'s> Compiler<'s> {
    fn resolve(&self, schema: &'s Schema) -> Result<&'s Schema, String> {
        match schema {
            Schema::Ref { name } => {
                let name = full(name);
                self.names.get(&name).copied().ok_or_else(|| format!("the type {name} is not defined"))
            }
            _ => Ok(schema),
        }
    }

    fn fields(&mut self, record: &'s RecordSchema, wanted: &Node) -> Result<Vec<Step>, String> {
        let mut steps = Vec::new();
        for written in &record.fields {
            steps.push(match wanted.find(&written.name) {
                Some(field) => self.step(&written.schema, field)?,
                None => Step::Skip(self.shape(&written.schema)?),
            });
        }
        Ok(steps)
    }

    fn step(&mut self, schema: &'s Schema, field: &Field) -> Result<Step, String> {
        Ok(match self.resolve(schema)? {
            Schema::Union(union) => {
                let branches: Result<_, String> =
                    union.variants().iter().map(|branch| self.step(branch, field)).collect();
                Step::Union(branches?)
            }
            Schema::Record(record) if !field.inside.is_empty() => Step::Record(self.fields(record, &field.inside)?),
            Schema::Map(map) if !field.inside.is_empty() => {
                let inside = field.inside.fields().iter();
                let steps: Result<_, String> =
                    inside.map(|inside| Ok((inside.name.clone(), self.step(&map.types, inside)?))).collect();
                Step::Map { wanted: steps?, others: self.shape(&map.types)? }
            }
            scalar => Step::Set(self.shape(scalar)?, Box::new(field.clone())),
        })
    }

    fn shape(&mut self, schema: &'s Schema) -> Result<Shape, String> {
        Ok(match self.resolve(schema)? {
            Schema::Null => Shape::Null,
            Schema::Boolean => Shape::Boolean,
            Schema::Int | Schema::TimeMillis => Shape::Int,
            Schema::Long | Schema::TimeMicros => Shape::Long,
            Schema::Float => Shape::Float,
            Schema::Double => Shape::Double,
            Schema::Bytes | Schema::BigDecimal => Shape::Bytes,
            Schema::String | Schema::Uuid => Shape::String,
            Schema::Fixed(fixed) => Shape::Fixed(fixed.size),
            Schema::Duration => Shape::Fixed(12),
            Schema::Enum(enumeration) => Shape::Enum(enumeration.symbols.clone()),
            Schema::Array(array) => Shape::Array(Box::new(self.shape(&array.items)?)),
            Schema::Map(map) => Shape::Map(Box::new(self.shape(&map.types)?)),
            Schema::Union(union) => self.union(union)?,
            Schema::Record(record) => self.record(record)?,
            Schema::Decimal(decimal) => decimal_shape(decimal),
            Schema::Date => Shape::Date,
            Schema::TimestampMillis | Schema::LocalTimestampMillis => Shape::Timestamp(TimeUnit::Millis),
            Schema::TimestampMicros | Schema::LocalTimestampMicros => Shape::Timestamp(TimeUnit::Micros),
            Schema::TimestampNanos | Schema::LocalTimestampNanos => Shape::Timestamp(TimeUnit::Nanos),
            Schema::Ref { name } => return Err(format!("the type {name} is not defined")),
        })
    }

    fn union(&mut self, union: &'s UnionSchema) -> Result<Shape, String> {
        let branches: Result<_, String> = union.variants().iter().map(|branch| self.shape(branch)).collect();
        Ok(Shape::Union(branches?))
    }

    /// A record gets its index before its fields are known: they may lead back to it.
    fn record(&mut self, record: &'s RecordSchema) -> Result<Shape, String> {
        let name = full(&record.name);
        if let Some(&index) = self.known.get(&name) {
            return Ok(Shape::Record(index));
        }
        let index = self.records.len();
        self.known.insert(name, index);
        self.records.push(Vec::new());
        let fields: Result<_, String> = record.fields.iter().map(|field| self.shape(&field.schema)).collect();
        self.records[index] = fields?;
        Ok(Shape::Record(index))
    }
}

fn decimal_shape(decimal: &DecimalSchema) -> Shape {
    let size = if let Schema::Fixed(fixed) = &*decimal.inner { Some(fixed.size) } else { None };
    Shape::Decimal { size, scale: decimal.scale }
}
