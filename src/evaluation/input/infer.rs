//! What the columns of a file are, where no configuration says it: from a bounded look at its first records.

use std::collections::BTreeSet;

use serde_json::Value;

use super::cells::{is_missing, number};
use super::records::{Raw, Records};
use crate::evaluation::EvaluationError;
use crate::event::Kind;
use crate::row::Task;

/// The most records that are looked at.
pub const LOOK: usize = 2_000;
/// Whole numbers with more different values than this are a quantity, not classes.
const MOST_CLASSES: usize = 20;
/// Text that is different in each of more records than this names them and teaches nothing.
const NAMES: usize = 50;

/// Task and label as the user wants them; `None` is inferred.
#[derive(Clone, Debug, Default)]
pub struct TaskChoice {
    pub task: Option<Task>,
    pub label: Option<String>,
}

/// What a look at the data has found.
#[derive(Clone, Debug, PartialEq)]
pub struct Inferred {
    pub features: Vec<(String, Kind)>,
    pub label: String,
    pub task: Task,
    /// The classes seen, in order, for a binary task; else empty: learned in order of arrival.
    pub classes: Vec<String>,
    /// The most classes to expect, for a multiclass task.
    pub max_classes: Option<usize>,
}

/// Looks at the first 2,000 records. The label is the last column unless `choice` names one.
pub fn infer(records: &mut Records, choice: &TaskChoice) -> Result<Inferred, EvaluationError> {
    let header = records.header().to_vec();
    let looked = records.look(LOOK)?;
    let mut columns: Vec<Column> = header.iter().map(|name| Column::new(name)).collect();
    for (record, raw) in looked.iter().enumerate() {
        match raw {
            Raw::Row(row) => columns.iter_mut().zip(row).for_each(|(column, cell)| column.cell(cell)),
            Raw::Line(line) => document(line, record, &mut columns)?,
            Raw::Datum(datum) => {
                let mut json = Vec::new();
                datum.write(None, &mut json);
                document(&json, record, &mut columns)?;
            }
        }
    }
    decide(columns, choice, looked.len())
}

fn decide(columns: Vec<Column>, choice: &TaskChoice, looked: usize) -> Result<Inferred, EvaluationError> {
    let last = columns.last().map_or(String::new(), |column| column.name.clone());
    let name = choice.label.clone().unwrap_or(last);
    let Some(label) = columns.iter().find(|column| column.name == name) else {
        let columns: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
        return Err(EvaluationError::NoLabel { label: name, columns: columns.join(", ") });
    };
    let of_use = |column: &&Column| column.name != name && !column.names_records(looked);
    let features: Vec<_> = columns.iter().filter(of_use).map(|column| (column.name.clone(), column.kind())).collect();
    if features.is_empty() {
        return Err(EvaluationError::NoFeature { label: name });
    }
    let task = choice.task.unwrap_or_else(|| label.task());
    let classes = label.classes();
    let max_classes = (task == Task::Multiclass).then(|| MOST_CLASSES.max(2 * classes.len()));
    let classes = if task == Task::Binary && classes.len() == 2 { classes } else { Vec::new() };
    Ok(Inferred { features, label: name, task, classes, max_classes })
}

/// Takes in the fields of a JSON record.
fn document(json: &[u8], record: usize, columns: &mut Vec<Column>) -> Result<(), EvaluationError> {
    let not_json = |cause: String| EvaluationError::NotJson { record, cause };
    match serde_json::from_slice(json).map_err(|error| not_json(error.to_string()))? {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| field(columns, key, value)),
        other => return Err(not_json(format!("it is {other}"))),
    }
    Ok(())
}

/// A field of a JSON record; those of nested records go by their path.
fn field(columns: &mut Vec<Column>, path: &str, value: &Value) {
    if let Value::Object(fields) = value {
        fields.iter().for_each(|(key, value)| field(columns, &format!("{path}.{key}"), value));
        return;
    }
    let at = columns.iter().position(|column| column.name == path).unwrap_or_else(|| {
        columns.push(Column::new(path));
        columns.len() - 1
    });
    columns[at].value(value);
}

/// What was seen in one column.
#[derive(Debug)]
struct Column {
    name: String,
    numbers: usize,
    whole: bool,
    bools: usize,
    texts: usize,
    distinct: BTreeSet<String>,
}

impl Column {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), numbers: 0, whole: true, bools: 0, texts: 0, distinct: BTreeSet::new() }
    }

    fn cell(&mut self, cell: &[u8]) {
        let trimmed = cell.trim_ascii();
        if is_missing(trimmed) {
            return;
        }
        match number(trimmed) {
            Some(number) => self.number(number),
            None if trimmed.eq_ignore_ascii_case(b"true") || trimmed.eq_ignore_ascii_case(b"false") => {
                self.bools += 1;
                self.distinct.insert(String::from_utf8_lossy(trimmed).into_owned());
            }
            None => self.text(&String::from_utf8_lossy(cell)),
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Number(number) => self.number(number.as_f64().unwrap_or_default()),
            Value::Bool(value) => {
                self.bools += 1;
                self.distinct.insert(value.to_string());
            }
            Value::String(text) => self.text(text),
            Value::Null | Value::Array(_) | Value::Object(_) => {}
        }
    }

    fn number(&mut self, number: f64) {
        self.numbers += 1;
        self.whole &= number.fract() == 0.0;
        // Zero without a sign, whole numbers without a fraction: as classes are named.
        self.distinct.insert((number + 0.0).to_string());
    }

    fn text(&mut self, text: &str) {
        self.texts += 1;
        self.distinct.insert(text.to_owned());
    }

    fn kind(&self) -> Kind {
        match (self.numbers, self.bools, self.texts) {
            (0, 1.., 0) => Kind::Bool,
            (_, 0, 0) => Kind::Number,
            _ => Kind::Category,
        }
    }

    fn names_records(&self, looked: usize) -> bool {
        self.kind() == Kind::Category && looked > NAMES && self.distinct.len() == looked
    }

    fn task(&self) -> Task {
        let quantity = !self.whole || self.distinct.len() > MOST_CLASSES;
        match self.distinct.len() {
            _ if self.kind() == Kind::Number && quantity => Task::Regression,
            2 => Task::Binary,
            _ => Task::Multiclass,
        }
    }

    /// The different values, numbers by size, texts by the alphabet.
    fn classes(&self) -> Vec<String> {
        let mut classes: Vec<String> = self.distinct.iter().cloned().collect();
        if self.kind() == Kind::Number {
            classes.sort_by(|a, b| {
                let value = |text: &str| text.parse::<f64>().unwrap_or_default();
                value(a).total_cmp(&value(b))
            });
        }
        classes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inferred(name: &str, contents: &str, choice: &TaskChoice) -> Result<Inferred, EvaluationError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, contents).unwrap();
        infer(&mut Records::open(&[path.to_string_lossy().into_owned()])?, choice)
    }

    #[test]
    fn kinds_task_and_classes_of_csv() {
        let found =
            inferred("x.csv", "a,b,c,d,y\n1,x,true,,10\n2.5,,false,,-1\n,z,,,10\n", &TaskChoice::default()).unwrap();
        let kinds = [("a", Kind::Number), ("b", Kind::Category), ("c", Kind::Bool), ("d", Kind::Number)];
        assert_eq!(found.features, kinds.map(|(name, kind)| (name.to_owned(), kind)));
        assert_eq!((found.task, found.classes), (Task::Binary, vec!["-1".to_owned(), "10".to_owned()]));
    }

    #[test]
    fn nested_json_goes_by_paths() {
        let lines = "{\"a\":{\"b\":1.5},\"y\":\"u\"}\n\n{\"a\":{\"b\":2},\"y\":\"v\"}\n{\"y\":\"w\"}\n";
        let found = inferred("x.jsonl", lines, &TaskChoice::default()).unwrap();
        assert_eq!(found.features, [("a.b".to_owned(), Kind::Number)]);
        assert_eq!((found.task, found.max_classes), (Task::Multiclass, Some(20)));
    }

    #[test]
    fn a_label_of_quantities_is_a_regression() {
        let choice = TaskChoice { label: Some("y".to_owned()), task: None };
        assert_eq!(inferred("x.csv", "y,a\n1.5,1\n2,2\n", &choice).unwrap().task, Task::Regression);
        let many: String = (0..30).map(|i| format!("{i},1\n")).collect();
        assert_eq!(inferred("x.csv", &format!("y,a\n{many}"), &choice).unwrap().task, Task::Regression);
    }

    #[test]
    fn text_that_names_each_record_is_left_out() {
        let rows: String = (0..60).map(|i| format!("id{i},{},{}\n", i % 7, i % 2)).collect();
        let found = inferred("x", &format!("id,a,y\n{rows}"), &TaskChoice::default()).unwrap();
        assert_eq!(found.features, [("a".to_owned(), Kind::Number)]);
    }

    #[test]
    fn what_is_not_there_is_told() {
        let choice = TaskChoice { label: Some("z".to_owned()), task: None };
        let told = [
            inferred("x.csv", "a,y\n1,2\n", &choice),
            inferred("x.csv", "a,y\n", &TaskChoice::default()),
            inferred("x.csv", "y\n1\n", &TaskChoice::default()),
            inferred("x.jsonl", "{\"y\":1}\n[]\n", &TaskChoice::default()),
        ];
        let told = told.map(|result| result.unwrap_err().to_string());
        assert!(told[0].contains("no column `z`") && told[0].contains("a, y"), "{told:?}");
        assert!(told[1].contains("holds no record") && told[2].contains("no column but the label"), "{told:?}");
        assert!(told[3].contains("record 1 is not a JSON object"), "{told:?}");
    }
}
