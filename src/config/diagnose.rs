//! Reads the merged tree; on each mistake notes it, takes it out and goes on, until nothing is left to note.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use serde_path_to_error::Segment;

use super::Config;
use super::explain::{Mistake, explain};
use super::properties::is_secret;
use super::tree::{Node, Step};

/// A mistake as found: the path of its key and the message.
pub type Finding = (String, String);

/// More mistakes than this in one configuration end the search.
const MOST: usize = 1_000;

/// What could be read, and every mistake on the way. `None` where too little was left.
pub fn diagnose(tree: &mut Node) -> (Option<Config>, Vec<Finding>) {
    let mut notes = Notes::default();
    for _ in 0..MOST {
        let (steps, message) = match read(tree) {
            Ok(config) => return (Some(config), notes.found),
            Err(error) => error,
        };
        let mended = match Mistake::of(&message) {
            Mistake::Missing(field) => supply(tree, &steps, field, &mut notes),
            mistake => reject(tree, &locate(tree, steps, &message, &mistake), &message, &mut notes),
        };
        if !mended {
            break;
        }
    }
    (None, notes.found)
}

#[derive(Default)]
struct Notes {
    found: Vec<Finding>,
    paths: BTreeSet<String>,
}

impl Notes {
    fn add(&mut self, path: String, message: String) {
        if self.paths.insert(path.clone()) {
            self.found.push((path, message));
        }
    }
}

fn read(tree: &Node) -> Result<Config, (Vec<Step>, String)> {
    let json = tree.to_json();
    serde_path_to_error::deserialize(json).map_err(|error: serde_path_to_error::Error<serde_json::Error>| {
        let steps = error.path().iter().filter_map(|segment| match segment {
            Segment::Seq { index } => Some(Step::Index(*index)),
            Segment::Map { key } => Some(Step::Key(key.clone())),
            Segment::Enum { .. } | Segment::Unknown => None,
        });
        (steps.collect(), error.inner().to_string())
    })
}

/// A required key is missing: puts something in its place, or takes out what lacks it. Whether it could.
fn supply(tree: &mut Node, steps: &[Step], field: &str, notes: &mut Notes) -> bool {
    let steps: Vec<Step> =
        (0..=steps.len()).rev().map(|n| &steps[..n]).find_map(|s| exists(tree, s)).unwrap_or_default();
    let parent = tree.get(&steps).map(|node| node.path.clone()).unwrap_or_default();
    let path = if parent.is_empty() { field.to_owned() } else { format!("{parent}.{field}") };
    let example = REQUIRED.iter().find(|(required, ..)| *required == path);
    if example.is_none_or(|(_, example, _)| !example.is_empty()) {
        let hint = example.map_or(String::new(), |(_, example, _)| format!(", such as {example}"));
        notes.add(path.clone(), format!("is missing{hint}"));
    }
    match example {
        Some((_, _, stand_in)) => tree.insert(&steps, field, stand_in()),
        None => tree.remove(&steps),
    }
    example.is_some() || !steps.is_empty()
}

fn exists(tree: &Node, steps: &[Step]) -> Option<Vec<Step>> {
    tree.get(steps).map(|_| steps.to_vec())
}

type Required = (&'static str, &'static str, fn() -> Json);

/// What a configuration cannot do without, an example (none: its keys say it), and what stands in for it while the rest
/// is read.
const REQUIRED: [Required; 7] = [
    ("name", "name = \"fraud\"", || json!("unnamed")),
    ("kafka", "", || json!({})),
    ("kafka.bootstrap", "bootstrap = \"localhost:9092\"", || json!("localhost:9092")),
    ("input", "", || json!({})),
    ("input.topic", "topic = \"transactions\"", || json!("input")),
    ("task", "", || json!({})),
    ("task.kind", "kind = \"binary\"", || json!("binary")),
];

/// Reads the value at `steps` in another way, or notes it and takes it out. Whether it could.
fn reject(tree: &mut Node, steps: &[Step], message: &str, notes: &mut Notes) -> bool {
    let Some(node) = tree.get_mut(steps) else { return false };
    let Err(complaint) = node.read_otherwise(message) else { return true };
    let path = node.path.clone();
    let words = if is_secret(&path) && !complaint.starts_with("cannot read") {
        "must be a string or { file = \"/run/secrets/x\" }".to_owned()
    } else {
        explain(&complaint, &path)
    };
    notes.add(path, words);
    tree.remove(steps);
    !steps.is_empty()
}

/// The steps to what the message is about, at or below where the reader said it was: enums lose the path within them.
fn locate(tree: &Node, mut steps: Vec<Step>, message: &str, mistake: &Mistake<'_>) -> Vec<Step> {
    while tree.get(&steps).is_none() {
        steps.pop();
    }
    loop {
        let Some(node) = tree.get(&steps) else { return steps };
        let below = node.steps();
        let named = below.iter().find(|step| match (mistake, step) {
            (Mistake::UnknownKey(key), Step::Key(name)) => key == name,
            (Mistake::UnknownName(name), _) => {
                tree.get(&[&steps[..], std::slice::from_ref(step)].concat()).and_then(Node::text) == Some(name)
            }
            _ => false,
        });
        if let Some(step) = named {
            steps.push(step.clone());
            return steps;
        }
        match below.into_iter().find(|step| is_to_blame(tree, &steps, step, message)) {
            Some(step) => steps.push(step),
            None => return steps,
        }
    }
}

/// Whether the mistake is gone without the node: then it is in there.
fn is_to_blame(tree: &Node, steps: &[Step], step: &Step, message: &str) -> bool {
    let mut without = tree.clone();
    without.remove(&[steps, std::slice::from_ref(step)].concat());
    match read(&without) {
        Ok(_) => true,
        Err((_, other)) => other != message && !matches!(Mistake::of(&other), Mistake::Missing(_)),
    }
}
