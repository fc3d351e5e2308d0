//! Strings: where they end, and what their escapes stand for.

use super::scanner::{Malformed, Raw};

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The high bit of each byte that ends a plain stretch (a quote, a backslash, a control character). Only the lowest set bit
/// is exact: borrows run upwards.
fn stops(eight: u64) -> u64 {
    let zero = |x: u64| x.wrapping_sub(ONES) & !x;
    let control = eight.wrapping_sub(ONES * 0x20) & !eight;
    (zero(eight ^ (ONES * 0x22)) | zero(eight ^ (ONES * 0x5C)) | control) & HIGH
}

/// Where the string that starts at `at`, after its quote, ends, and whether it has escapes. Escapes are not checked.
#[inline(always)]
pub fn end(bytes: &[u8], mut at: usize) -> Result<(usize, bool), Malformed> {
    let mut escaped = false;
    loop {
        while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
            let found = stops(u64::from_le_bytes(*eight));
            if found != 0 {
                at += (found.trailing_zeros() / 8) as usize;
                break;
            }
            at += 8;
        }
        match bytes.get(at) {
            Some(b'"') => return Ok((at, escaped)),
            Some(b'\\') => {
                escaped = true;
                at += 2;
            }
            Some(0..0x20) => return Err(Malformed { at, expected: "a control character in a string must be escaped" }),
            Some(_) => at += 1,
            None => return Err(Malformed { at: bytes.len(), expected: "the closing quote of a string is expected" }),
        }
    }
}

/// Checks the escapes of a string that is not wanted; `at` is for the message.
pub fn check(raw: Raw<'_>, at: usize) -> Result<(), Malformed> {
    if raw.escaped { each(raw.text, at, |_| {}) } else { Ok(()) }
}

/// The text that `raw` stands for, made in `scratch` where there are escapes.
#[inline(always)]
pub fn unescape<'s, 'a: 's>(raw: Raw<'a>, at: usize, scratch: &'s mut String) -> Result<&'s str, Malformed> {
    if !raw.escaped {
        return Ok(raw.text);
    }
    made(raw.text, at, scratch)
}

#[cold]
fn made<'s>(text: &str, at: usize, scratch: &'s mut String) -> Result<&'s str, Malformed> {
    scratch.clear();
    each(text, at, |piece| match piece {
        Piece::Plain(text) => scratch.push_str(text),
        Piece::Char(c) => scratch.push(c),
    })?;
    Ok(scratch)
}

enum Piece<'a> {
    Plain(&'a str),
    Char(char),
}

fn each<'a>(text: &'a str, at: usize, mut piece: impl FnMut(Piece<'a>)) -> Result<(), Malformed> {
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        piece(Piece::Plain(plain));
        let (c, after) = escaped(escape)
            .ok_or(Malformed { at, expected: "a string before this has an escape that JSON has not" })?;
        piece(Piece::Char(c));
        rest = after;
    }
    piece(Piece::Plain(rest));
    Ok(())
}

fn escaped(escape: &str) -> Option<(char, &str)> {
    let mut chars = escape.chars();
    let c = match chars.next()? {
        c @ ('"' | '\\' | '/') => c,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return unicode(chars.as_str()),
        _ => return None,
    };
    Some((c, chars.as_str()))
}

fn unicode(digits: &str) -> Option<(char, &str)> {
    let (first, rest) = hex(digits)?;
    if !(0xD800..0xDC00).contains(&first) {
        return Some((char::from_u32(first)?, rest));
    }
    let (second, rest) = hex(rest.strip_prefix("\\u")?)?;
    let low = second.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
    Some((char::from_u32(0x10000 + ((first - 0xD800) << 10) + low)?, rest))
}

fn hex(digits: &str) -> Option<(u32, &str)> {
    let (four, rest) = digits.split_at_checked(4)?;
    let code = four.chars().try_fold(0, |code, c| Some(code * 16 + c.to_digit(16)?))?;
    Some((code, rest))
}
