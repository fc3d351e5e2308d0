//! Numbers, rounded as `str::parse` does: correctly, to the nearest, ties to even.

use crate::codec::fill::Value;

const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// The number that `text` begins with and its length; or how far it looked like one.
#[inline(always)]
pub fn read(text: &str) -> Result<(Value<'_>, usize), usize> {
    let bytes = text.as_bytes();
    let negative = bytes.first() == Some(&b'-');
    let mut number = Digits { bytes, at: usize::from(negative), mantissa: 0 };
    if negative && text[1..].starts_with("Infinity") {
        return Ok((Value::Number(f64::NEG_INFINITY), "-Infinity".len()));
    }
    let whole = number.whole()?;
    let fraction = number.fraction()?;
    let exponent = number.exponent()?;
    let token = &text[..number.at];
    let exact = whole + fraction <= 18;
    if fraction == 0 && exponent.is_none() {
        return Ok((integer(token, negative, number.mantissa, exact), number.at));
    }
    let value = exact.then(|| quick(number.mantissa, exponent.unwrap_or(0) - fraction as i32)).flatten();
    let value = match value {
        Some(value) if negative => -value,
        Some(value) => value,
        None => token.parse().map_err(|_| number.at)?,
    };
    Ok((Value::Number(value), number.at))
}

fn integer(token: &str, negative: bool, mantissa: u64, exact: bool) -> Value<'_> {
    match mantissa as i64 {
        0 if negative && exact => Value::Digits("-0"),
        n if exact => Value::Integer(if negative { -n } else { n }),
        _ => token.parse().map_or(Value::Digits(token), Value::Integer),
    }
}

/// Both operands are exact, so that the one operation rounds once (Clinger 1990, the fast path).
fn quick(mantissa: u64, exponent: i32) -> Option<f64> {
    let power = *POWERS.get(exponent.unsigned_abs() as usize)?;
    let exact = mantissa as f64;
    (mantissa <= 1 << 53).then_some(if exponent < 0 { exact / power } else { exact * power })
}

struct Digits<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Wraps beyond 19 digits; then the token is parsed again.
    mantissa: u64,
}

impl Digits<'_> {
    #[inline(always)]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Takes digits, at least one; how many.
    #[inline(always)]
    fn run(&mut self) -> Result<usize, usize> {
        let start = self.at;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            self.mantissa = self.mantissa.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        if self.at == start { Err(self.at) } else { Ok(self.at - start) }
    }

    #[inline(always)]
    fn whole(&mut self) -> Result<usize, usize> {
        let zero = self.peek() == Some(b'0');
        let digits = self.run()?;
        if zero && digits > 1 { Err(self.at - digits + 1) } else { Ok(digits) }
    }

    /// Digits after the point, 0 where there is none.
    #[inline(always)]
    fn fraction(&mut self) -> Result<usize, usize> {
        if self.peek() != Some(b'.') {
            return Ok(0);
        }
        self.at += 1;
        self.run()
    }

    #[inline(always)]
    fn exponent(&mut self) -> Result<Option<i32>, usize> {
        if !matches!(self.peek(), Some(b'e' | b'E')) {
            return Ok(None);
        }
        self.at += 1;
        let negative = self.peek() == Some(b'-');
        if negative || self.peek() == Some(b'+') {
            self.at += 1;
        }
        let mut digits = Digits { bytes: self.bytes, at: self.at, mantissa: 0 };
        let count = digits.run()?;
        self.at = digits.at;
        // Beyond any power that is exact, whatever it is: the token is parsed again.
        let exponent = if count > 4 { 9_999 } else { digits.mantissa as i32 };
        Ok(Some(if negative { -exponent } else { exponent }))
    }
}
