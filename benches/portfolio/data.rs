//! Streams as rows and labels: the data sets of `DRIFTLINE_DATA`, and generated ones.

use std::io::Read;

use driftline::evaluation::streams::{self, Schedule, Value};
use driftline::event::{Kind, Layout};
use driftline::rng::hash;
use driftline::row::{Category, Label, Row, Task};

pub struct Stream {
    pub name: String,
    pub layout: Layout,
    pub task: Task,
    pub classes: usize,
    pub rows: Vec<(Row, Label)>,
}

/// Records as text, the label last, and which columns are categories.
struct Table {
    columns: Vec<String>,
    categories: Vec<bool>,
    regression: bool,
    records: Vec<Vec<String>>,
}

/// Every data set of the folder's list, in its order.
pub fn names(folder: &str) -> Vec<String> {
    list(folder).iter().map(|set| set["name"].as_str().unwrap().to_owned()).collect()
}

fn list(folder: &str) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(format!("{folder}/datasets.json")).unwrap_or_else(|_| "[]".to_owned());
    serde_json::from_str(&text).unwrap()
}

/// The first `limit` rows of a data set.
pub fn data_set(folder: &str, name: &str, limit: usize) -> Stream {
    let sets = list(folder);
    let set = sets.iter().find(|set| set["name"] == name).unwrap();
    let mut text = String::new();
    let file = std::fs::File::open(format!("{folder}/{}", set["file"].as_str().unwrap())).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let features = set["features"].as_array().unwrap();
    let category = |column: &String| features.iter().any(|f| f["name"] == **column && f["type"] == "categorical");
    let categories = columns.iter().map(category).collect();
    let text = |record: csv::Result<csv::StringRecord>| record.unwrap().iter().map(str::to_owned).collect();
    let records = reader.records().take(limit).map(text).collect();
    stream(name, Table { columns, categories, regression: set["task"] == "regression", records })
}

/// `n` rows of a generated stream whose concept changes at each of `at`, gradually over `width` rows.
pub fn generated(name: &str, seed: u64, n: usize, schedule: Schedule) -> Stream {
    let label =
        if schedule.width > 0 { format!("{name} gradual, seed {seed}") } else { format!("{name}, seed {seed}") };
    let mut stream = streams::build(name, seed, schedule).unwrap();
    let (mut fields, mut records) = (Vec::new(), Vec::new());
    let mut columns = stream.columns();
    for _ in 0..n {
        stream.sample(&mut fields);
        records.push(fields.iter().map(ToString::to_string).collect::<Vec<_>>());
    }
    let ids: Vec<bool> = fields.iter().map(|field| matches!(field, Value::Id(_))).collect();
    let mut categories: Vec<bool> = fields.iter().map(|f| matches!(f, Value::Text(_) | Value::Bool(_))).collect();
    drop_ids(&mut columns, &ids);
    drop_ids(&mut categories, &ids);
    records.iter_mut().for_each(|record| drop_ids(record, &ids));
    self::stream(&label, Table { columns, categories, regression: name == "friedman", records })
}

fn drop_ids<T>(values: &mut Vec<T>, ids: &[bool]) {
    let mut ids = ids.iter();
    values.retain(|_| !ids.next().unwrap());
}

fn stream(name: &str, table: Table) -> Stream {
    let features = table.columns.len() - 1;
    let kind = |k: usize| if table.categories[k] { Kind::Category } else { Kind::Number };
    let layout = Layout::new((0..features).map(|k| (table.columns[k].as_str(), kind(k))));
    let at = |name: &String| table.columns.iter().position(|column| column == name).unwrap();
    let (numbers_at, categories_at): (Vec<usize>, Vec<usize>) =
        (layout.numbers.iter().map(at).collect(), layout.categories.iter().map(at).collect());
    let mut codes: Vec<Vec<String>> = vec![Vec::new(); features + 1];
    let mut rows = Vec::with_capacity(table.records.len());
    for record in &table.records {
        let numbers = numbers_at.iter().map(|&k| record[k].parse().unwrap_or(f64::NAN)).collect();
        let categories = categories_at.iter().map(|&k| category(&mut codes[k], &record[k]));
        let row = Row { numbers, categories: categories.collect(), texts: Vec::new() };
        let label = match table.regression {
            true => Label::Value(record[features].parse().unwrap()),
            false => Label::Class(category(&mut codes[features], &record[features]).code),
        };
        rows.push((row, label));
    }
    let classes = codes[features].len();
    let task = match (table.regression, classes) {
        (true, _) => Task::Regression,
        (_, 2) => Task::Binary,
        _ => Task::Multiclass,
    };
    Stream { name: name.to_owned(), layout, task, classes, rows }
}

fn category(seen: &mut Vec<String>, text: &str) -> Category {
    if text.is_empty() {
        return Category::MISSING;
    }
    let code = seen.iter().position(|before| before == text).unwrap_or_else(|| {
        seen.push(text.to_owned());
        seen.len() - 1
    });
    Category { code: code as u32, hash: hash(text.as_bytes()) }
}
