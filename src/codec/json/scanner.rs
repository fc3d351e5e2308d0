//! The tokens of RFC 8259, and skipping over whole values.
//!
//! What is on the way of every byte is inlined: tokens are several words long, and passed through memory they cost more
//! than reading them (a record took 515 ns instead of 230).

use std::fmt;

use super::number;
use super::strings;
use crate::codec::fill::Value;

/// Objects and arrays inside each other; deeper documents are refused, since each level takes stack.
const MAX_DEPTH: usize = 128;

/// What is wrong with a document, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    pub at: usize,
    pub expected: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.at, self.expected)
    }
}

/// A string between its quotes.
#[derive(Clone, Copy, Debug)]
pub struct Raw<'a> {
    pub text: &'a str,
    pub escaped: bool,
}

/// What a value begins with.
pub enum Token<'a> {
    Object,
    Array,
    String(Raw<'a>),
    Scalar(Value<'a>),
}

pub struct Scanner<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// How many bytes are read.
    pub fn at(&self) -> usize {
        self.at
    }

    #[cold]
    fn malformed<T>(&self, expected: &'static str) -> Result<T, Malformed> {
        Err(Malformed { at: self.at, expected })
    }

    #[inline(always)]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is not white space, not taken.
    #[inline(always)]
    fn peek_token(&mut self) -> Option<u8> {
        while let Some(byte) = self.peek() {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    #[inline(always)]
    fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), Malformed> {
        if self.peek_token() != Some(byte) {
            return self.malformed(expected);
        }
        self.at += 1;
        Ok(())
    }

    /// Whether another entry follows in the container that `close` ends; takes the separator or the end.
    #[inline(always)]
    fn more(&mut self, first: bool, close: u8) -> Result<bool, Malformed> {
        match self.peek_token() {
            Some(byte) if byte == close => {
                self.at += 1;
                self.depth -= 1;
                Ok(false)
            }
            Some(_) if first => Ok(true),
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            _ => self.malformed("a comma or the end of the object or array is expected"),
        }
    }

    /// The next key of an object, its colon taken too.
    #[inline(always)]
    pub fn key(&mut self, first: bool) -> Result<Option<Raw<'a>>, Malformed> {
        if !self.more(first, b'}')? {
            return Ok(None);
        }
        self.expect(b'"', "a key in double quotes is expected")?;
        let key = self.string()?;
        self.expect(b':', "a colon is expected")?;
        Ok(Some(key))
    }

    /// The next value; of an object or an array only its beginning.
    #[inline(always)]
    pub fn token(&mut self) -> Result<Token<'a>, Malformed> {
        match self.peek_token() {
            Some(b'"') => {
                self.at += 1;
                Ok(Token::String(self.string()?))
            }
            Some(b'-' | b'0'..=b'9') => Ok(Token::Scalar(self.number()?)),
            Some(b'{') => self.open().map(|()| Token::Object),
            Some(b'[') => self.open().map(|()| Token::Array),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(b'N') => self.word("NaN", Value::Number(f64::NAN)),
            Some(b'I') => self.word("Infinity", Value::Number(f64::INFINITY)),
            _ => self.malformed("a value is expected"),
        }
    }

    fn open(&mut self) -> Result<(), Malformed> {
        if self.depth == MAX_DEPTH {
            return self.malformed("objects and arrays are nested more than 128 deep");
        }
        self.at += 1;
        self.depth += 1;
        Ok(())
    }

    fn word(&mut self, word: &'static str, value: Value<'a>) -> Result<Token<'a>, Malformed> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return self.malformed("true, false, null, a number, a string, an object or an array is expected");
        }
        self.at += word.len();
        Ok(Token::Scalar(value))
    }

    #[inline(always)]
    fn string(&mut self) -> Result<Raw<'a>, Malformed> {
        let (end, escaped) = strings::end(self.text.as_bytes(), self.at)?;
        let text = &self.text[self.at..end];
        self.at = end + 1;
        Ok(Raw { text, escaped })
    }

    #[inline(always)]
    fn number(&mut self) -> Result<Value<'a>, Malformed> {
        let rest = &self.text[self.at..];
        match number::read(rest) {
            Ok((value, length)) => {
                self.at += length;
                Ok(value)
            }
            Err(length) => {
                self.at += length;
                self.malformed("a digit is expected")
            }
        }
    }

    /// Checks what follows `token` up to the end of its value.
    pub fn skip(&mut self, token: Token<'a>) -> Result<(), Malformed> {
        let mut first = true;
        match token {
            Token::Scalar(_) => {}
            Token::String(raw) => strings::check(raw, self.at)?,
            Token::Array => {
                while self.more(first, b']')? {
                    let item = self.token()?;
                    self.skip(item)?;
                    first = false;
                }
            }
            Token::Object => {
                while let Some(key) = self.key(first)? {
                    strings::check(key, self.at)?;
                    let value = self.token()?;
                    self.skip(value)?;
                    first = false;
                }
            }
        }
        Ok(())
    }

    pub fn end(&mut self) -> Result<(), Malformed> {
        match self.peek_token() {
            None => Ok(()),
            Some(_) => self.malformed("the document ends here, and something follows"),
        }
    }
}
