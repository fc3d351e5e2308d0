//! Values that are one Avro datum: bare, of the schema in a file; or after the id of a schema in the registry.

use std::path::Path;
use std::sync::Arc;

use super::plan::Plan;
use crate::codec::error::CodecError;
use crate::codec::fill::Fill;
use crate::codec::input::Input;
use crate::codec::paths::Node;
use crate::codec::registry::Registry;
use crate::facts::Reason;

/// Decodes Avro data by the schemas they were written with.
#[derive(Debug)]
pub enum AvroDecoder {
    File(Plan),
    Registry(Plans),
}

impl AvroDecoder {
    pub fn new(input: &Input, wanted: &Node, registry: Option<&Arc<Registry>>) -> Result<Self, CodecError> {
        if let Some(path) = &input.schema {
            return from_file(path, wanted).map(Self::File);
        }
        let Some(registry) = registry else {
            return Err(CodecError::Invalid {
                doing: "reading Avro".to_owned(),
                cause: "no schema is known".to_owned(),
                remedy: "set kafka.registry, or input.schema to a schema file".to_owned(),
            });
        };
        Ok(Self::Registry(Plans { registry: Arc::clone(registry), known: Vec::new() }))
    }

    pub fn decode(&mut self, wanted: &Node, value: &[u8], mut fill: Fill<'_>) -> Result<(), CodecError> {
        let (plan, datum) = match self {
            Self::File(plan) => (&*plan, value),
            Self::Registry(plans) => {
                let (id, datum) = framed(value)?;
                (plans.find(id, wanted)?, datum)
            }
        };
        let read = plan.read(datum, &mut fill);
        read.map_err(|broken| {
            CodecError::rejected(Reason::NotAvro, format!("{broken}; was it written with another schema?"))
        })?;
        Ok(fill.end()?)
    }
}

fn from_file(path: &Path, wanted: &Node) -> Result<Plan, CodecError> {
    let invalid = |cause: String| CodecError::Invalid {
        doing: format!("reading input.schema = \"{}\"", path.display()),
        cause,
        remedy: "name a file that holds an Avro schema of a record".to_owned(),
    };
    let text = std::fs::read_to_string(path).map_err(|why| invalid(why.to_string()))?;
    Plan::compile(&text, &[], wanted).map_err(invalid)
}

/// The id and the datum of Confluent's framing: a zero, the id in four bytes, big end first.
fn framed(value: &[u8]) -> Result<(u32, &[u8]), CodecError> {
    match value {
        [0, a, b, c, d, datum @ ..] => Ok((u32::from_be_bytes([*a, *b, *c, *d]), datum)),
        _ => Err(CodecError::rejected(
            Reason::NotAvro,
            "the value does not begin with a zero and the id of a schema: for bare data set input.schema",
        )),
    }
}

/// Plans by schema id, the ones met lately in front; an id means the same schema for ever.
#[derive(Debug)]
pub struct Plans {
    registry: Arc<Registry>,
    known: Vec<(u32, Plan)>,
}

impl Plans {
    fn find(&mut self, id: u32, wanted: &Node) -> Result<&Plan, CodecError> {
        let at = match self.known.iter().position(|(known, _)| *known == id) {
            Some(at) => at,
            None => {
                self.known.push((id, self.compile(id, wanted)?));
                self.known.len() - 1
            }
        };
        self.known.swap(0, at);
        Ok(&self.known[0].1)
    }

    fn compile(&self, id: u32, wanted: &Node) -> Result<Plan, CodecError> {
        let schema = self.registry.schema(id)?;
        Plan::compile(&schema.text, &schema.references, wanted).map_err(|why| {
            CodecError::rejected(Reason::UnknownSchema, format!("schema {id} of the registry cannot be used: {why}"))
        })
    }
}
