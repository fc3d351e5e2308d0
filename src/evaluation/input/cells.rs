//! From a CSV row to the JSON record it stands for, by what the configuration says of each column.
//!
//! An empty cell is null. Cells of numbers are written as they stand where JSON has such numbers, so that the record holds
//! every digit of the file; `NA`, `NaN`, `null` and `?` are null too. Columns that nothing refers to are left out.

use std::io::Write;

use csv::ByteRecord;

use crate::codec::Input;
use crate::event::Kind;

/// What is written for the cells of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Number,
    Bool,
    Text,
    /// A number where the cell is one, else text: times, labels, weights.
    Either,
}

/// The columns of a CSV file that an [`Input`] refers to.
#[derive(Clone, Debug)]
pub struct Cells {
    /// The column, its name as JSON with the colon, and its role.
    columns: Vec<(usize, Vec<u8>, Role)>,
}

impl Cells {
    /// For rows under `header`. Columns that `input` names and the header lacks are missing in every row.
    pub fn new(header: &[String], input: &Input) -> Self {
        let fields = [&input.time, &input.label, &input.weight];
        let role = |name: &String| match input.features.get(name) {
            Some(Kind::Number) => Some(Role::Number),
            Some(Kind::Bool) => Some(Role::Bool),
            Some(Kind::Category | Kind::Text) => Some(Role::Text),
            None if fields.contains(&&Some(name.clone())) => Some(Role::Either),
            None if input.id.as_ref() == Some(name) => Some(Role::Text),
            None => None,
        };
        let column = |(index, name): (usize, &String)| {
            let mut key = Vec::new();
            text(name.as_bytes(), &mut key);
            key.push(b':');
            role(name).map(|role| (index, key, role))
        };
        Self { columns: header.iter().enumerate().filter_map(column).collect() }
    }

    /// Appends the row as one JSON object.
    pub fn write(&self, row: &ByteRecord, out: &mut Vec<u8>) {
        out.push(b'{');
        for (at, (index, key, role)) in self.columns.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            out.extend_from_slice(key);
            cell(row.get(*index).unwrap_or_default(), *role, out);
        }
        out.push(b'}');
    }
}

fn cell(cell: &[u8], role: Role, out: &mut Vec<u8>) {
    let trimmed = cell.trim_ascii();
    match role {
        _ if trimmed.is_empty() => out.extend_from_slice(b"null"),
        Role::Text => text(cell, out),
        Role::Number if is_missing(trimmed) => out.extend_from_slice(b"null"),
        Role::Bool if trimmed.eq_ignore_ascii_case(b"true") => out.extend_from_slice(b"true"),
        Role::Bool if trimmed.eq_ignore_ascii_case(b"false") => out.extend_from_slice(b"false"),
        _ if is_json_number(trimmed) => out.extend_from_slice(trimmed),
        _ => match number(trimmed) {
            // JSON lacks this spelling (`+1`, `.5`, `1.`), not the number.
            Some(number) if role != Role::Either => {
                let _ = write!(out, "{number:?}");
            }
            _ => text(cell, out),
        },
    }
}

/// Whether a cell of a number says that there is none.
pub(super) fn is_missing(cell: &[u8]) -> bool {
    matches!(cell, b"" | b"?" | b"NA" | b"NaN" | b"nan" | b"null" | b"NULL")
}

/// The finite number that a cell holds.
pub(super) fn number(cell: &[u8]) -> Option<f64> {
    std::str::from_utf8(cell).ok()?.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Whether JSON writes a number like this: RFC 8259, section 6.
fn is_json_number(cell: &[u8]) -> bool {
    let digits = |rest: &[u8]| rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = cell.strip_prefix(b"-").unwrap_or(cell);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest[0] == b'0') {
        return false;
    }
    let mut rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let length = digits(fraction);
        if length == 0 {
            return false;
        }
        rest = &fraction[length..];
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = exponent.strip_prefix(b"-").or(exponent.strip_prefix(b"+")).unwrap_or(exponent);
        return digits(exponent) > 0 && digits(exponent) == exponent.len();
    }
    rest.is_empty()
}

/// A JSON string. Bytes that are not UTF-8 stay as they are, for the decoder to refuse.
pub(super) fn text(cell: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for &byte in cell {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0..0x20 => {
                let _ = write!(out, "\\u{byte:04x}");
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(value: &str, role: Role) -> String {
        let mut out = Vec::new();
        cell(value.as_bytes(), role, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn cells_become_what_their_column_is() {
        let numbers = ["1.50", " 2 ", "+1", ".5", "-0", "NA", "", "1e400", "x\"y"];
        let expected = ["1.50", "2", "1.0", "0.5", "-0", "null", "null", "1e400", "\"x\\\"y\""];
        assert_eq!(numbers.map(|cell| written(cell, Role::Number)), expected);
        assert_eq!(["True", "0", "maybe"].map(|cell| written(cell, Role::Bool)), ["true", "0", "\"maybe\""]);
        assert_eq!(["7", "NA", " a"].map(|cell| written(cell, Role::Text)), ["\"7\"", "\"NA\"", "\" a\""]);
        assert_eq!(["7", "007", "up"].map(|cell| written(cell, Role::Either)), ["7", "\"007\"", "\"up\""]);
    }

    proptest! {
        #[test]
        fn every_row_is_json(cells in prop::collection::vec(".*", 4)) {
            let input: Input = toml::from_str(
                "topic = \"t\"\nid = \"c\"\nlabel = \"d\"\nfeatures = { a = \"number\", b = \"category\" }",
            ).unwrap();
            let cells_of = Cells::new(&["a", "b", "c", "d"].map(str::to_owned), &input);
            let mut out = Vec::new();
            cells_of.write(&ByteRecord::from(cells.clone()), &mut out);
            let record: serde_json::Value = serde_json::from_slice(&out).unwrap();
            if !cells[1].trim_ascii().is_empty() {
                prop_assert_eq!(record["b"].as_str(), Some(cells[1].as_str()));
            }
        }

        #[test]
        fn numbers_keep_every_digit(number in prop::num::f64::NORMAL) {
            let shown = format!("{number:?}");
            prop_assert_eq!(written(&shown, Role::Number), shown);
        }
    }
}
