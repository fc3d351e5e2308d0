//! Event time from a field: ISO 8601 (RFC 3339, and its date-only and zone-less forms), or a number since 1970.

use serde::{Deserialize, Serialize};

use crate::event::Millis;

/// The unit of a number that is a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    /// By magnitude: below 10^11 seconds, below 10^14 milliseconds, below 10^17 microseconds, else nanoseconds. Right
    /// for seconds until the year 5138, and for the finer units since March 1973.
    #[default]
    Auto,
    #[serde(rename = "s")]
    Seconds,
    #[serde(rename = "ms")]
    Millis,
    #[serde(rename = "us")]
    Micros,
    #[serde(rename = "ns")]
    Nanos,
}

/// `n` in `unit` as milliseconds, rounded down; `None` past the range of milliseconds.
pub(super) fn from_integer(n: i64, unit: TimeUnit) -> Option<Millis> {
    match unit {
        TimeUnit::Auto => from_integer(n, by_magnitude(n.unsigned_abs())),
        TimeUnit::Seconds => n.checked_mul(1_000),
        TimeUnit::Millis => Some(n),
        TimeUnit::Micros => Some(n.div_euclid(1_000)),
        TimeUnit::Nanos => Some(n.div_euclid(1_000_000)),
    }
}

/// `x` in `unit` as milliseconds, rounded down; `None` past the range of milliseconds.
pub(super) fn from_float(x: f64, unit: TimeUnit) -> Option<Millis> {
    let millis = match unit {
        TimeUnit::Auto => return from_float(x, by_magnitude(x.abs() as u64)),
        TimeUnit::Seconds => x * 1e3,
        TimeUnit::Millis => x,
        TimeUnit::Micros => x / 1e3,
        TimeUnit::Nanos => x / 1e6,
    };
    (millis.abs() < 9.2e18).then(|| millis.floor() as Millis)
}

fn by_magnitude(n: u64) -> TimeUnit {
    match n {
        0..100_000_000_000 => TimeUnit::Seconds,
        100_000_000_000..100_000_000_000_000 => TimeUnit::Millis,
        100_000_000_000_000..100_000_000_000_000_000 => TimeUnit::Micros,
        _ => TimeUnit::Nanos,
    }
}

/// `2026-01-31`, `2026-01-31T23:59[:59[.123…]]` with `T` or a space, and `Z`, `+01:00`, `+0100`, `+01` or nothing, which is
/// UTC. Milliseconds since 1970, rounded down; `None` for anything else.
pub fn parse_iso(text: &str) -> Option<Millis> {
    let mut rest = text.as_bytes();
    let year = digits(&mut rest, 4)?;
    let month = after(&mut rest, b'-').and_then(|()| digits(&mut rest, 2))?;
    let day = after(&mut rest, b'-').and_then(|()| digits(&mut rest, 2))?;
    let midnight = days_from_civil(year, month, day)? * 86_400_000;
    if rest.is_empty() {
        return Some(midnight);
    }
    after(&mut rest, b'T').or_else(|| after(&mut rest, b't')).or_else(|| after(&mut rest, b' '))?;
    let of_day = time_of_day(&mut rest)?;
    let offset = zone(&mut rest)?;
    rest.is_empty().then_some(midnight + of_day - offset)
}

fn time_of_day(rest: &mut &[u8]) -> Option<Millis> {
    let hour = digits(rest, 2).filter(|h| *h < 24)?;
    after(rest, b':')?;
    let minute = digits(rest, 2).filter(|m| *m < 60)?;
    let mut millis = (hour * 60 + minute) * 60_000;
    if after(rest, b':').is_some() {
        // 60 is a leap second; it falls on the next minute, as in Unix time.
        millis += digits(rest, 2).filter(|s| *s <= 60)? * 1_000;
        if after(rest, b'.').or_else(|| after(rest, b',')).is_some() {
            millis += fraction(rest)?;
        }
    }
    Some(millis)
}

fn fraction(rest: &mut &[u8]) -> Option<Millis> {
    let length = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let (read, after) = rest.split_at_checked(length).filter(|(read, _)| !read.is_empty())?;
    *rest = after;
    let millis = read.iter().chain(b"000").take(3);
    Some(millis.fold(0, |millis, digit| millis * 10 + Millis::from(digit - b'0')))
}

fn zone(rest: &mut &[u8]) -> Option<Millis> {
    if rest.is_empty() || after(rest, b'Z').is_some() || after(rest, b'z').is_some() {
        return Some(0);
    }
    let sign = if after(rest, b'-').is_some() { -1 } else { after(rest, b'+').map(|()| 1)? };
    let hours = digits(rest, 2).filter(|h| *h < 24)?;
    let colon = after(rest, b':').is_some();
    let minutes = if rest.is_empty() && !colon { 0 } else { digits(rest, 2).filter(|m| *m < 60)? };
    Some(sign * (hours * 60 + minutes) * 60_000)
}

fn digits(rest: &mut &[u8], count: usize) -> Option<i64> {
    let (read, after) = rest.split_at_checked(count)?;
    *rest = after;
    read.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
}

fn after(rest: &mut &[u8], byte: u8) -> Option<()> {
    *rest = rest.strip_prefix(&[byte])?;
    Some(())
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar, years counted from March so that the leap day is last.
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    if day < 1 || day > length {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(year * 365 + leap_days + day_of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_8601() {
        let table = [
            ("1970-01-01", Some(0)),
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1969-12-31 23:59:59.999", Some(-1)),
            ("2026-11-23T22:25:00.1239+01:00", Some(1_795_469_100_123)),
            ("2026-11-23T21:25:00,1Z", Some(1_795_469_100_100)),
            ("2026-11-23T21:25Z", Some(1_795_469_100_000)),
            ("2024-02-29T00:00:00-0130", Some(1_709_170_200_000)),
            ("2000-03-01T00:00:00+01", Some(951_865_200_000)),
            ("2023-02-29", None),
            ("2026-13-01", None),
            ("2026-11-23T24:00:00Z", None),
            ("2026-11-23T21:25:00Zx", None),
            ("2026-11-23T21:25:00.Z", None),
            ("1795469100", None),
            ("", None),
        ];
        for (text, millis) in table {
            assert_eq!(parse_iso(text), millis, "{text}");
        }
    }

    #[test]
    fn numbers_by_unit_and_by_magnitude() {
        for (n, unit) in [
            (1_795_469_100, TimeUnit::Seconds),
            (1_795_469_100_000, TimeUnit::Millis),
            (1_795_469_100_000_000, TimeUnit::Micros),
            (1_795_469_100_000_000_000, TimeUnit::Nanos),
        ] {
            assert_eq!(from_integer(n, unit), Some(1_795_469_100_000));
            assert_eq!(from_integer(n, TimeUnit::Auto), Some(1_795_469_100_000));
        }
        assert_eq!(from_integer(-1, TimeUnit::Micros), Some(-1), "rounded down");
        assert_eq!(from_integer(i64::MAX, TimeUnit::Seconds), None);
        assert_eq!(from_float(1_795_469_100.25, TimeUnit::Auto), Some(1_795_469_100_250));
        assert_eq!(from_float(1e300, TimeUnit::Millis), None);
    }
}
