//! The primitives, written into memory that is used again.

pub fn long(out: &mut Vec<u8>, n: i64) {
    let mut bits = ((n << 1) ^ (n >> 63)) as u64;
    while bits >= 0x80 {
        out.push(bits as u8 | 0x80);
        bits >>= 7;
    }
    out.push(bits as u8);
}

/// Counts, which in practice stay below 2^63.
pub fn count(out: &mut Vec<u8>, n: u64) {
    long(out, i64::try_from(n).unwrap_or(i64::MAX));
}

pub fn boolean(out: &mut Vec<u8>, truth: bool) {
    out.push(truth.into());
}

pub fn double(out: &mut Vec<u8>, x: f64) {
    out.extend_from_slice(&x.to_le_bytes());
}

pub fn string(out: &mut Vec<u8>, text: &str) {
    count(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// An array, or a map whose items begin with their key: one block, then the end.
pub fn block<T>(out: &mut Vec<u8>, items: impl ExactSizeIterator<Item = T>, write: impl Fn(&mut Vec<u8>, T)) {
    if items.len() > 0 {
        count(out, items.len() as u64);
    }
    for item in items {
        write(out, item);
    }
    count(out, 0);
}
