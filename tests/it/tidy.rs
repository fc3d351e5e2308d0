//! The house rules that a machine can hold the code to: floors, the pure world, sizes, documentation, nothing left undone.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The rooms by floor, as in `src/lib.rs`: a room imports only from lower floors.
const FLOORS: &[&[&str]] = &[
    &["event", "facts", "family", "linalg", "params", "rng", "row", "spread", "stats", "units"],
    &["transform", "model", "drift", "metric", "codec", "stream"],
    &["learner"],
    &["checkpoint", "evaluation"],
    &["config"],
    &["worker"],
    &["cli"],
];

/// Imports along a floor that are allowed, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("model", "drift", "adaptive models own detectors"),
    ("model", "transform", "the experts of a portfolio see rows in different shapes"),
];

/// Rooms in which a lane's result is computed, and what they may not know of.
const PURE: &[&str] = &["stats", "linalg", "transform", "model", "drift", "metric", "learner", "evaluation"];
const IMPURE: &[&str] = &[
    "tokio::",
    "rdkafka::",
    "tracing::",
    "std::time",
    "std::env",
    "std::thread",
    "HashMap",
    "HashSet",
    "thread_rng",
    "unsafe",
];

const FILE: usize = 400;
const MEDIAN: usize = 150;
const FUNCTION: usize = 50;
/// A table of cases may be longer.
const TEST: usize = 60;
const MAIN: usize = 60;

struct File {
    /// Relative to the crate, with `/`.
    path: String,
    text: String,
}

impl File {
    /// The first folder or file below `src`: `model` for `src/model/linear/mod.rs`.
    fn room(&self) -> Option<&str> {
        self.path.strip_prefix("src/")?.split('/').next()?.split('.').next()
    }

    /// The lines that are neither blank nor comment, with their numbers.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(at, line)| (at + 1, line));
        lines.filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with("//"))
    }

    fn has_word(line: &str, word: &str) -> bool {
        let inner = |c: char| c.is_alphanumeric() || c == '_';
        let goes_on = |at: usize| word.ends_with(inner) && line[at + word.len()..].starts_with(inner);
        line.match_indices(word).any(|(at, _)| !line[..at].ends_with(inner) && !goes_on(at))
    }
}

fn files(folder: &str) -> Vec<File> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    walk(&root.join(folder), &mut paths);
    paths.sort();
    let read = |path: PathBuf| File {
        text: std::fs::read_to_string(&path).expect("a source file"),
        path: path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/"),
    };
    paths.into_iter().map(read).collect()
}

/// Fails with every line that was found.
#[track_caller]
fn none(what: &str, found: &str) {
    assert!(found.is_empty(), "{what}:\n{found}");
}

/// The rooms that the code names after `crate::`, with the line: `crate::row`, `crate::{row::Row, event::Event}`.
fn imports(file: &File) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    let code: Vec<_> = file.code().collect();
    for (at, &(number, line)) in code.iter().enumerate() {
        for (start, _) in line.match_indices("crate::").filter(|&(start, _)| !line[..start].ends_with('$')) {
            let rest = &line[start + "crate::".len()..];
            if rest.starts_with('{') {
                let group: String = std::iter::once(rest).chain(code[at + 1..].iter().map(|(_, line)| *line)).collect();
                found.extend(grouped(&group).into_iter().map(|room| (room, number)));
            } else {
                found.entry(first_word(rest)).or_insert(number);
            }
        }
    }
    found
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The first words of `{a::b, c::{d, e}, f}`.
fn grouped(text: &str) -> Vec<String> {
    let (mut depth, mut found, mut fresh) = (0, Vec::new(), false);
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        match c {
            '{' | ',' if depth == 1 => fresh = true,
            '}' if depth == 0 => break,
            c if c.is_whitespace() => {}
            _ if fresh && depth == 1 => {
                found.push(first_word(&text[at..]));
                fresh = false;
            }
            _ => {}
        }
    }
    found
}

#[test]
fn rooms_import_only_from_lower_floors() {
    let floor = |room: &str| FLOORS.iter().position(|rooms| rooms.contains(&room));
    let mut wrong = String::new();
    for file in files("src") {
        let Some(room) = file.room().filter(|room| !["lib", "main"].contains(room)) else { continue };
        let Some(own) = floor(room) else {
            let _ = writeln!(wrong, "{}: {room} is on no floor", file.path);
            continue;
        };
        for (other, line) in imports(&file) {
            // Macros are exported from the crate's root.
            let Some(theirs) = floor(&other).filter(|_| other != room) else { continue };
            let named = EXCEPTIONS.iter().any(|&(from, to, _)| from == room && to == other);
            if theirs >= own && own > 0 && !named {
                let _ = writeln!(wrong, "{}:{line}: {room} (floor {own}) imports {other} (floor {theirs})", file.path);
            }
            if own == 0 && theirs > 0 {
                let _ = writeln!(wrong, "{}:{line}: {room} (floor 0) imports {other} (floor {theirs})", file.path);
            }
        }
    }
    none("rooms import only from lower floors", &wrong);
}

#[test]
fn imports_are_found_in_every_shape() {
    let text = "use crate::row::Row;\nuse crate::{\n    event::{Event, Label},\n    rng,\n};\nlet x = crate::drift::Params;\n// crate::cli\n$crate::stats";
    let file = File { path: "src/x.rs".to_owned(), text: text.to_owned() };
    let found: Vec<_> = imports(&file).into_keys().collect();
    assert_eq!(found, ["drift", "event", "rng", "row"]);
}

#[test]
fn the_pure_world_knows_no_clock_thread_network_or_random_order() {
    let mut wrong = String::new();
    for file in files("src").iter().filter(|file| file.room().is_some_and(|room| PURE.contains(&room))) {
        for (line, code) in file.code() {
            for word in IMPURE.iter().filter(|word| File::has_word(code, word)) {
                let _ = writeln!(wrong, "{}:{line}: {word}", file.path);
            }
        }
    }
    none("the pure rooms are functions of the log", &wrong);
}

#[test]
fn files_and_functions_are_short() {
    let mut wrong = String::new();
    let mut sizes = Vec::new();
    for file in files("src").iter().chain(&files("tests")).chain(&files("benches")) {
        let size = file.code().count();
        if size > FILE {
            let _ = writeln!(wrong, "{}: {size} lines of code, at most {FILE}", file.path);
        }
        if file.path.starts_with("src/") {
            sizes.push(size);
        }
        if file.path == "src/main.rs" && file.text.lines().count() > MAIN {
            let _ = writeln!(wrong, "src/main.rs: a table of contents, at most {MAIN} lines");
        }
        let most = if file.path.starts_with("tests/") { TEST } else { FUNCTION };
        for (name, line, size) in functions(file).into_iter().filter(|&(.., size)| size > most) {
            let _ = writeln!(wrong, "{}:{line}: fn {name}: {size} lines, at most {most}", file.path);
        }
    }
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    if median > MEDIAN {
        let _ = writeln!(wrong, "the median file of src has {median} lines of code, at most {MEDIAN}");
    }
    none("short files and functions", &wrong);
}

/// Name, line and lines of code of each function; formatted code closes one at the indentation it was opened at.
fn functions(file: &File) -> Vec<(String, usize, usize)> {
    let code: Vec<_> = file.code().collect();
    let mut found = Vec::new();
    for (at, &(number, line)) in code.iter().enumerate() {
        let indent = &line[..line.len() - line.trim_start().len()];
        let head = line.trim_start().split('(').next().unwrap_or_default();
        let is_fn = head.split_whitespace().rev().nth(1) == Some("fn") && !line.trim_end().ends_with(['}', ';']);
        if !is_fn {
            continue;
        }
        let name = first_word(head.split_whitespace().next_back().unwrap_or_default());
        let end = code[at..].iter().position(|(_, line)| line.strip_prefix(indent) == Some("}"));
        let declared =
            code[at..].iter().position(|(_, line)| line.trim_end().ends_with(");") || line.trim_end().ends_with('{'));
        if let (Some(end), Some(declared)) = (end, declared)
            && code[at + declared].1.trim_end().ends_with('{')
        {
            found.push((name, number, end + 1));
        }
    }
    found
}

#[test]
fn every_file_says_what_it_is() {
    let mut wrong = String::new();
    for file in files("src").iter().chain(&files("tests")).chain(&files("benches")) {
        let first = file.text.lines().next().unwrap_or_default();
        if !first.starts_with("//! ") || first.contains("being built") {
            let _ = writeln!(wrong, "{}", file.path);
        }
    }
    none("files without a module documentation", &wrong);
}

#[test]
fn nothing_is_left_undone() {
    // In pieces, so that this list is not what it looks for.
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
        concat!("todo", "!"),
        concat!("unimplemented", "!"),
    ];
    let ignored = concat!("#[igno", "re");
    let mut wrong = String::new();
    for file in files("src").iter().chain(&files("tests")).chain(&files("benches")) {
        for (at, line) in file.text.lines().enumerate() {
            if line.contains(ignored)
                || marks.iter().any(|mark| File::has_word(line, mark.trim_end_matches('!')) && line.contains(mark))
            {
                let _ = writeln!(wrong, "{}:{}: {}", file.path, at + 1, line.trim());
            }
        }
    }
    none("marks of unfinished work", &wrong);
}

#[test]
fn nothing_mentions_where_it_was_made() {
    let marks = [concat!("/wor", "k/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
    let mut wrong = String::new();
    for file in files("src").iter().chain(&files("tests")).chain(&files("benches")) {
        for (at, line) in file.text.lines().enumerate().filter(|(_, line)| marks.iter().any(|mark| line.contains(mark)))
        {
            let _ = writeln!(wrong, "{}:{}: {}", file.path, at + 1, line.trim());
        }
    }
    none("paths of somebody's machine", &wrong);
}
