//! Walks the document and the tree of wanted fields together.

use super::scanner::{Malformed, Scanner, Token};
use super::strings::unescape;
use crate::codec::error::CodecError;
use crate::codec::fill::{Fill, Value};
use crate::codec::paths::{Field, Node};
use crate::facts::{Reason, Rejection};

/// Decodes JSON documents; keeps the memory that escapes need.
#[derive(Debug, Default)]
pub struct JsonDecoder {
    scratch: String,
}

impl JsonDecoder {
    pub fn decode(&mut self, wanted: &Node, value: &[u8], fill: Fill<'_>) -> Result<(), CodecError> {
        let text = std::str::from_utf8(value).map_err(|why| not_json(format!("not UTF-8: {why}")))?;
        let mut walk = Walk { scan: Scanner::new(text), fill, scratch: &mut self.scratch };
        let object = walk.document(wanted).map_err(|malformed| not_json(malformed.to_string()))?;
        if !object {
            return Err(CodecError::rejected(
                Reason::WrongType,
                "the value is not a JSON object: send one object per record",
            ));
        }
        Ok(walk.fill.end()?)
    }
}

#[cold]
fn not_json(error: String) -> CodecError {
    CodecError::Rejected(Rejection::new(Reason::NotJson, format!("{error}; is input.format right?")))
}

struct Walk<'a, 'e, 's> {
    scan: Scanner<'a>,
    fill: Fill<'e>,
    scratch: &'s mut String,
}

impl Walk<'_, '_, '_> {
    /// Whether the document is an object.
    fn document(&mut self, wanted: &Node) -> Result<bool, Malformed> {
        let token = self.scan.token()?;
        let object = matches!(token, Token::Object);
        if object {
            self.object(wanted)?;
        } else {
            self.scan.skip(token)?;
        }
        self.scan.end()?;
        Ok(object)
    }

    fn object(&mut self, wanted: &Node) -> Result<(), Malformed> {
        let mut first = true;
        while let Some(key) = self.scan.key(first)? {
            first = false;
            let field = wanted.find(unescape(key, self.scan.at(), self.scratch)?);
            let value = self.scan.token()?;
            match field {
                Some(field) => self.field(field, value)?,
                None => self.scan.skip(value)?,
            }
        }
        Ok(())
    }

    fn field(&mut self, field: &Field, token: Token<'_>) -> Result<(), Malformed> {
        match token {
            Token::Scalar(value) => self.fill.set(field, value),
            Token::String(raw) => self.fill.set(field, Value::Text(unescape(raw, self.scan.at(), self.scratch)?)),
            Token::Object if !field.inside.is_empty() => {
                self.fill.clear(&field.inside);
                self.object(&field.inside)?;
            }
            Token::Object => {
                self.fill.set(field, Value::Other("an object"));
                self.scan.skip(Token::Object)?;
            }
            Token::Array => {
                self.fill.set(field, Value::Other("an array"));
                self.scan.skip(Token::Array)?;
            }
        }
        Ok(())
    }
}
