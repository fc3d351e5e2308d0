//! Writes input records, as producers do: for `driftline send`, demonstrations and tests.

mod convert;
mod derive;

use apache_avro::Schema;
use serde_json::{Map, Value};

use super::avro::{full, parse};
use super::error::CodecError;
use super::input::{Format, Input};
use super::registry::Registry;
use crate::facts::Reason;
use convert::Converter;

/// Turns JSON documents into values in the format of an [`Input`].
#[derive(Debug)]
pub struct Writer(Kind);

#[derive(Debug)]
enum Kind {
    Json,
    Avro { schema: Box<Schema>, converter: Converter, prefix: Vec<u8> },
}

impl Writer {
    /// For Avro the schema is `input.schema`, else one made of the configured fields, each of them nullable, which is
    /// registered as `TOPIC-value`: that waits for the registry.
    pub fn new(input: &Input, registry: Option<&Registry>) -> Result<Self, CodecError> {
        if input.format == Format::Json {
            return Ok(Self(Kind::Json));
        }
        let (text, from) = match &input.schema {
            Some(path) => {
                let from = format!("reading input.schema = \"{}\"", path.display());
                let text = std::fs::read_to_string(path);
                (text.map_err(|why| invalid(&from, why.to_string(), "name a schema file"))?, from)
            }
            None => (derive::schema(input), "making a schema of the configured fields".to_owned()),
        };
        let remedy = "Avro names are letters, digits and _; name a schema file of a record, or use format = \"json\"";
        let (schema, _) = parse(&text, &[]).map_err(|why| invalid(&from, why, remedy))?;
        let prefix = match (&input.schema, registry) {
            (Some(_), _) => Vec::new(),
            (None, Some(registry)) => {
                let id = registry.id(&format!("{}-value", input.topic), &text, true)?;
                [&[0], &id.to_be_bytes()[..]].concat()
            }
            (None, None) => {
                return Err(invalid("writing Avro", "no schema is known", "set kafka.registry or input.schema"));
            }
        };
        let converter = Converter::new(&schema);
        Ok(Self(Kind::Avro { schema: Box::new(schema), converter, prefix }))
    }

    /// Appends one value to `out`: JSON as it is; for Avro the document's fields by name, a field `a.b` being `b` inside
    /// `a`. A document that the schema cannot hold is rejected, naming the field.
    pub fn write(&self, document: &[u8], out: &mut Vec<u8>) -> Result<(), CodecError> {
        let Kind::Avro { schema, converter, prefix } = &self.0 else {
            out.extend_from_slice(document);
            return Ok(());
        };
        let not_json = |why: serde_json::Error| CodecError::rejected(Reason::NotJson, why.to_string());
        let document: Value = serde_json::from_slice(document).map_err(not_json)?;
        let wrong = |why: String| CodecError::rejected(Reason::WrongType, why);
        let value = converter.convert(&nested(document), schema, &mut Vec::new()).map_err(wrong)?;
        let datum = apache_avro::to_avro_datum(schema, value).map_err(|why| wrong(why.to_string()))?;
        out.extend_from_slice(prefix);
        out.extend_from_slice(&datum);
        Ok(())
    }
}

fn invalid(doing: &str, cause: impl Into<String>, remedy: &str) -> CodecError {
    CodecError::Invalid { doing: doing.to_owned(), cause: cause.into(), remedy: remedy.to_owned() }
}

/// Moves `a.b` at the top to `b` inside `a`: columns of CSV are flat.
fn nested(document: Value) -> Value {
    let Value::Object(fields) = document else { return document };
    let mut root = Map::new();
    fields.into_iter().for_each(|(path, value)| put(&mut root, &path, value));
    Value::Object(root)
}

fn put(fields: &mut Map<String, Value>, path: &str, value: Value) {
    let Some((name, inside)) = path.split_once('.') else {
        fields.insert(path.to_owned(), value);
        return;
    };
    let record = fields.entry(name).or_insert(Value::Null);
    if !record.is_object() {
        *record = Value::Object(Map::new());
    }
    if let Value::Object(record) = record {
        put(record, inside, value);
    }
}

impl Converter {
    fn new(schema: &Schema) -> Self {
        let mut found = super::avro::Names::new();
        super::avro::names(schema, &mut found);
        Self { names: found.into_iter().map(|(name, schema)| (name, schema.clone())).collect() }
    }

    fn resolve<'s>(&'s self, schema: &'s Schema) -> &'s Schema {
        let Schema::Ref { name } = schema else { return schema };
        self.names.get(&full(name)).unwrap_or(schema)
    }
}
