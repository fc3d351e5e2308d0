//! Text as HTML, and numbers as people read them.

use sha2::{Digest, Sha256};

/// `text` as HTML shows it, in an element or in a quoted attribute.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Other controls have no place in HTML.
            c if c.is_control() && !c.is_whitespace() => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

/// The source expression of a content security policy that allows exactly this script.
pub fn integrity(script: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::from("sha256-");
    for chunk in Sha256::digest(script).chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let index = (bits >> (18 - 6 * digit)) as usize & 63;
            out.push(if digit <= chunk.len() { char::from(DIGITS[index]) } else { '=' });
        }
    }
    out
}

/// 45312 as 45,312.
pub fn whole(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Four significant digits or so.
pub fn number(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if !value.is_finite() => "–".to_owned(),
        _ if size != 0.0 && !(1e-4..1e9).contains(&size) => format!("{value:.3e}"),
        1_000.0.. if value < 0.0 => format!("−{}", whole(size.round() as u64)),
        1_000.0.. => whole(size.round() as u64),
        100.0.. => format!("{value:.1}"),
        10.0.. => format!("{value:.2}"),
        1.0.. => format!("{value:.3}"),
        _ => format!("{value:.4}"),
    }
}

/// 0.8533 as 85.3 %.
pub fn percent(share: f64) -> String {
    if share.is_finite() { format!("{:.1} %", 100.0 * share) } else { "–".to_owned() }
}

/// 45312 as 45k: for axes.
pub fn short(value: f64) -> String {
    let size = value.abs();
    let trimmed = |value: f64, unit: &str| {
        let digits = format!("{value:.2}");
        format!("{}{unit}", digits.trim_end_matches('0').trim_end_matches('.'))
    };
    match size {
        1e9.. => trimmed(value / 1e9, "G"),
        1e6.. => trimmed(value / 1e6, "M"),
        1e3.. => trimmed(value / 1e3, "k"),
        0.0 => "0".to_owned(),
        0.01.. => trimmed(value, ""),
        _ => format!("{value:.1e}"),
    }
}

/// 1234567 as 1.2 MB.
pub fn bytes(n: u64) -> String {
    match n {
        0..1_000 => format!("{n} B"),
        1_000..1_000_000 => format!("{:.1} kB", n as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", n as f64 / 1e6),
        _ => format!("{:.2} GB", n as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_markup_is_text() {
        assert_eq!(escape("<b a='1' c=\"2\">&\u{0}\n"), "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;\u{FFFD}\n");
    }

    /// From the W3C's Content Security Policy Level 3, section 8.4 and the command that it shows.
    #[test]
    fn a_script_is_named_by_its_hash() {
        let expected = "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=";
        assert_eq!(integrity("alert('Hello, world.');"), expected);
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            [0.853_27, 12.345, -1_234.5, 0.0, 1e12].map(number),
            ["0.8533", "12.35", "−1,235", "0.0000", "1.000e12"]
        );
        assert_eq!([0.0, 0.25, 1_500.0, 45_000.0, 2e6].map(short), ["0", "0.25", "1.5k", "45k", "2M"]);
        assert_eq!(
            (percent(0.85327), whole(1_234_567), bytes(1_234_567)),
            ("85.3 %".into(), "1,234,567".into(), "1.2 MB".into())
        );
    }
}
