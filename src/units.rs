//! Durations (`"100ms" "30s" "7d"`) and sizes (`"16MiB"`) as configurations write them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A stretch of time in whole milliseconds, >= 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub i64);

/// A number of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

const SPANS: [(&str, i64); 6] =
    [("ms", 1), ("s", 1_000), ("min", 60_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
const SIZES: [(&str, i64); 7] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("B", 1),
];

impl Span {
    pub fn std(self) -> std::time::Duration {
        std::time::Duration::from_millis(self.0.unsigned_abs())
    }
}

fn parse(text: &str, units: &[(&str, i64)], expected: &str) -> Result<i64, String> {
    let wrong = || format!("\"{text}\" must be {expected}");
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).trim();
    let unit = text[text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len()..].trim();
    let number: i64 = digits.replace('_', "").parse().map_err(|_| wrong())?;
    let (_, factor) = units.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
    number.checked_mul(*factor).filter(|n| *n >= 0).ok_or_else(wrong)
}

impl FromStr for Span {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        parse(text, &SPANS, "a duration such as \"100ms\", \"30s\" or \"7d\"").map(Self)
    }
}

impl FromStr for Bytes {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        parse(text, &SIZES, "a size such as \"900kB\" or \"16MiB\"").map(|n| Self(n.unsigned_abs()))
    }
}

fn show(f: &mut fmt::Formatter<'_>, n: i64, units: &[(&str, i64)], smallest: &str) -> fmt::Result {
    let exact = units
        .iter()
        .filter(|(name, factor)| *name != "m" && n != 0 && n % factor == 0)
        .max_by_key(|(_, factor)| *factor);
    match exact {
        Some((name, factor)) => write!(f, "{}{name}", n / factor),
        None => write!(f, "{n}{smallest}"),
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, self.0, &SPANS, "ms")
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, i64::try_from(self.0).unwrap_or(i64::MAX), &SIZES, "B")
    }
}

macro_rules! serde_as_text {
    ($Unit:ident) => {
        impl Serialize for $Unit {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $Unit {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
serde_as_text!(Span);
serde_as_text!(Bytes);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        for text in ["100ms", "30s", "7d", "90min", "1h"] {
            assert_eq!(text.parse::<Span>().map(|s| s.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("16MiB".parse(), Ok(Bytes(16 << 20)));
        assert_eq!(
            "5 parsecs".parse::<Span>(),
            Err("\"5 parsecs\" must be a duration such as \"100ms\", \"30s\" or \"7d\"".into())
        );
    }
}
