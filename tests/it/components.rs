//! What `driftline components` shows is run: each example, pasted into a configuration, learns a small stream.

use std::path::Path;

use clap::Parser;
use driftline::cli::components::{self, Page};
use driftline::cli::evaluate::{self, Args};
use driftline::evaluation::Report;
use driftline::row::Task;

const ROWS: u32 = 400;
/// Everything but the pipeline.
const BASE: &str = r#"
name = "example"
[kafka]
bootstrap = "localhost:9092"
[input]
topic = "x"
label = "LABEL"
features = { a = "number", b = "number", c = "category", words = "text" }
[task]
kind = "LABEL"
"#;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: Args,
}

/// A label for each task, all of them functions of two numbers and a category.
fn stream() -> String {
    let mut csv = "a,b,c,words,binary,multiclass,regression\n".to_owned();
    for i in 0..ROWS {
        let (a, b) = (f64::from(i * 37 % 101) / 100.0, f64::from(i * 53 % 97) / 10.0);
        let (c, words) = (["red", "green", "blue"][i as usize % 3], ["a b", "", "c"][i as usize % 3]);
        let number = if i % 11 == 4 { String::new() } else { a.to_string() };
        let (binary, multiclass) = (a > 0.5, ["x", "y", "z"][(a * 2.99) as usize]);
        csv += &format!("{number},{b},{c},{words},{binary},{multiclass},{}\n", 2.0 * a - b / 10.0);
    }
    csv
}

fn name(task: Task) -> String {
    format!("{task:?}").to_lowercase()
}

fn evaluated(folder: &Path, task: Task, pipeline: &str) -> Result<Report, String> {
    let config = folder.join("example.toml");
    std::fs::write(&config, BASE.replace("LABEL", &name(task)) + pipeline).expect("written");
    let arguments = ["evaluate".into(), folder.join("x.csv"), "-c".into(), config];
    let cli = Cli::try_parse_from(arguments).expect("arguments");
    evaluate::reports(&cli.args).map(|mut reports| reports.remove(0)).map_err(|error| format!("{error:#}"))
}

/// The tasks for which an example is run, and the pipeline that holds it.
fn cases(page: &Page) -> Vec<(Task, String)> {
    let linear = |task: &Task| match task {
        Task::Binary => "logistic_regression",
        Task::Multiclass => "softmax_regression",
        Task::Regression => "linear_regression",
    };
    let all = vec![Task::Binary, Task::Multiclass, Task::Regression];
    let tasks = if page.tasks.is_empty() { all } else { page.tasks.clone() };
    let pipeline = |task: Task| {
        let model = format!("[model]\ntype = \"{}\"\n", linear(&task));
        let whole = match page.family {
            "model" => format!("[[transform]]\ntype = \"standard_scaler\"\n{}", page.configuration),
            "metric" => model,
            _ => format!("{model}{}", page.configuration),
        };
        (task, whole)
    };
    tasks.into_iter().map(pipeline).collect()
}

#[test]
fn every_example_learns_a_stream() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("x.csv"), stream()).expect("written");
    let mut wrong = Vec::new();
    for page in components::all() {
        for (task, pipeline) in cases(&page) {
            let name = format!("{}/{} ({})", page.family, page.name, name(task));
            let report = match evaluated(folder.path(), task, &pipeline) {
                Ok(report) => report,
                Err(error) => {
                    wrong.push(format!("{name}: {error}"));
                    continue;
                }
            };
            assert_eq!((report.data.labelled, report.data.rejected.len()), (u64::from(ROWS), 0), "{name}");
            assert!(report.metrics.iter().all(|(_, value)| value.is_finite()), "{name}: {:?}", report.metrics);
            if page.family == "metric" {
                assert!(report.metrics.iter().any(|(metric, _)| *metric == page.name), "{name}: {:?}", report.metrics);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_page_says_what_each_parameter_may_be() {
    for page in components::all() {
        let text = page.text();
        for parameter in &page.params {
            let param = &parameter.param;
            let name = format!("{}/{}.{}", page.family, page.name, param.name);
            assert!(text.contains(&param.doc), "{name}");
            let named = param.default.is_string() || param.default.is_object();
            assert_eq!(named, parameter.choices.len() > 1, "{name}: {:?}", parameter.choices);
            if let Some(default) = param.default.as_str() {
                assert!(parameter.choices.iter().any(|choice| choice == default), "{name}: {:?}", parameter.choices);
            }
        }
        assert_eq!(page.tasks.is_empty(), !matches!(page.family, "model" | "metric"), "{}", page.name);
    }
}
