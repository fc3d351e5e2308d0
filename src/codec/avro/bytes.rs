//! The primitives: a cursor over one datum that never reads past it.

use std::fmt;

/// Why a datum does not fit its schema, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    pub at: usize,
    pub what: &'static str,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.at, self.what)
    }
}

#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub fn at(&self) -> usize {
        self.at
    }

    pub fn rest(&self) -> usize {
        self.bytes.len() - self.at
    }

    #[cold]
    pub fn broken<T>(&self, what: &'static str) -> Result<T, Broken> {
        Err(Broken { at: self.at, what })
    }

    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Broken> {
        let Some(taken) = self.bytes.get(self.at..).and_then(|rest| rest.get(..count)) else {
            return self.broken("the datum ends in the middle of a value");
        };
        self.at += count;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        let Some(taken) = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk()) else {
            return self.broken("the datum ends in the middle of a value");
        };
        self.at += N;
        Ok(*taken)
    }

    fn byte(&mut self) -> Result<u8, Broken> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub fn boolean(&mut self) -> Result<bool, Broken> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => self.broken("a boolean is neither 0 nor 1"),
        }
    }

    /// A variable-length zigzag integer of at most ten bytes.
    pub fn long(&mut self) -> Result<i64, Broken> {
        let mut bits = u64::from(self.byte()?);
        if bits >= 0x80 {
            bits = self.long_rest(bits & 0x7F)?;
        }
        Ok((bits >> 1) as i64 ^ -((bits & 1) as i64))
    }

    fn long_rest(&mut self, mut bits: u64) -> Result<u64, Broken> {
        for shift in (7..70).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte > 1 {
                break;
            }
            bits |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Ok(bits);
            }
        }
        self.broken("an integer has more than 64 bits")
    }

    pub fn int(&mut self) -> Result<i32, Broken> {
        let long = self.long()?;
        i32::try_from(long).or_else(|_| self.broken("an int has more than 32 bits"))
    }

    pub fn float(&mut self) -> Result<f32, Broken> {
        self.array().map(f32::from_le_bytes)
    }

    pub fn double(&mut self) -> Result<f64, Broken> {
        self.array().map(f64::from_le_bytes)
    }

    pub fn length(&mut self) -> Result<usize, Broken> {
        let length = self.long()?;
        usize::try_from(length).or_else(|_| self.broken("a length is negative"))
    }

    pub fn bytes(&mut self) -> Result<&'a [u8], Broken> {
        let length = self.length()?;
        self.take(length)
    }

    pub fn string(&mut self) -> Result<&'a str, Broken> {
        let bytes = self.bytes()?;
        std::str::from_utf8(bytes).or_else(|_| self.broken("a string before this is not UTF-8"))
    }

    /// An index below `count`.
    pub fn index(&mut self, count: usize) -> Result<usize, Broken> {
        let index = self.long()?;
        match usize::try_from(index) {
            Ok(index) if index < count => Ok(index),
            _ => self.broken("the index of a union or an enum is out of range"),
        }
    }
}
