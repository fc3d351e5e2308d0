//! The reader's messages in the words of a user, with the nearest name where one is near.

use super::drift::WATCH_KEYS;

/// What a message of the reader is about.
#[derive(Debug, PartialEq)]
pub enum Mistake<'a> {
    UnknownKey(&'a str),
    UnknownName(&'a str),
    Missing(&'a str),
    Other,
}

impl<'a> Mistake<'a> {
    pub fn of(message: &'a str) -> Self {
        let quoted = |start: &str| message.strip_prefix(start)?.split('`').nth(1);
        if let Some(name) = quoted("unknown field ") {
            Self::UnknownKey(name)
        } else if let Some(name) = quoted("unknown variant ") {
            Self::UnknownName(name)
        } else if let Some(name) = quoted("missing field ") {
            Self::Missing(name)
        } else {
            Self::Other
        }
    }
}

/// What is wrong at `path` and what would be right.
pub fn explain(message: &str, path: &str) -> String {
    // In backquotes: what was found, then what may stand there.
    let mut allowed: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
    match Mistake::of(message) {
        Mistake::UnknownKey(key) => {
            if path.starts_with("drift[") {
                allowed.extend(WATCH_KEYS);
            }
            format!("unknown key{}", hint(key, &allowed, "the keys here are"))
        }
        Mistake::UnknownName(name) => format!("\"{name}\" is unknown{}", hint(name, &allowed, "it may be")),
        Mistake::Missing(key) => format!("lacks {key}"),
        Mistake::Other => typed(message),
    }
}

fn hint(name: &str, allowed: &[&str], otherwise: &str) -> String {
    match nearest(name, allowed) {
        Some(near) => format!("; did you mean \"{near}\"?"),
        None if allowed.is_empty() => String::new(),
        None => format!("; {otherwise} {}", allowed.join(", ")),
    }
}

/// The name that `name` is probably a slip of.
pub fn nearest<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
    let likeness = |other: &str| strsim::jaro_winkler(&name.to_lowercase(), &other.to_lowercase());
    let best = names.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(best) > 0.82).then_some(best)
}

/// `invalid type: string "x", expected f64` as `must be a number, not string "x"`.
fn typed(message: &str) -> String {
    let found = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    match found.and_then(|rest| rest.split_once(", expected ")) {
        Some((found, expected)) => format!("must be {}, not {}", wanted(expected), found.replace('`', "")),
        None => message.to_owned(),
    }
}

fn wanted(expected: &str) -> &str {
    match expected {
        "usize" | "u64" | "u32" | "u16" | "u8" => "a whole number >= 0",
        "isize" | "i64" | "i32" => "a whole number",
        "f64" | "f32" => "a number",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "a table",
        _ if expected.starts_with("struct ") || expected.starts_with("internally tagged enum ") => "a table",
        _ if expected.starts_with("string or map") || expected.starts_with("enum ") => "a name",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_in_the_words_of_a_user() {
        for (message, words) in [
            ("unknown field `topik`, expected one of `topic`, `format`", "unknown key; did you mean \"topic\"?"),
            ("unknown field `zzz`, expected `topic` or `format`", "unknown key; the keys here are topic, format"),
            (
                "unknown variant `adwim`, expected one of `ddm`, `adwin`",
                "\"adwim\" is unknown; did you mean \"adwin\"?",
            ),
            ("invalid type: string \"x\", expected f64", "must be a number, not string \"x\""),
            ("\"5 x\" must be a duration", "\"5 x\" must be a duration"),
        ] {
            assert_eq!(explain(message, "input.topik"), words);
        }
    }
}
