//! `driftline components`: what a pipeline can be made of, from the components' own pages.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Failure, print, print_json, table};
use crate::config::nearest;
use crate::params::{About, Component, Param, Problems};
use crate::row::Task;
use crate::{drift, metric, model, transform};

/// Lists every model, transform, detector, metric and optimizer, or shows one whole
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  driftline components
  driftline components logistic_regression
  driftline components --json | jq '.[].name'")]
pub struct Args {
    /// A component's name: its whole page.
    name: Option<String>,
    /// One JSON document.
    #[arg(long)]
    json: bool,
}

/// A component as it is shown: what it says of itself, and what its family knows of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Page {
    pub family: &'static str,
    pub name: &'static str,
    #[serde(flatten)]
    pub about: About,
    /// The tasks that a model or a metric is for; empty for what serves them all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<Task>,
    pub params: Vec<Parameter>,
    /// The example as it stands in a configuration.
    pub configuration: String,
}

/// A parameter, and where it names one of several things, all that it may name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Parameter {
    #[serde(flatten)]
    pub param: Param,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

/// Every component there is, by family.
pub fn all() -> Vec<Page> {
    let families = [
        model::components(),
        model::optimize::components(),
        transform::components(),
        drift::components(),
        metric::components(),
    ];
    families.into_iter().flatten().map(Page::new).collect()
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let pages = all();
    let Some(name) = &args.name else {
        return if args.json { print_json(&pages) } else { Ok(print(&list(&pages))?) };
    };
    let chosen: Vec<&Page> = pages.iter().filter(|page| page.name == name).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = pages.iter().map(|page| page.name).collect();
        let hint = nearest(name, &names).map_or(String::new(), |near| format!("; did you mean \"{near}\"?"));
        return Err(
            Failure::usage(format!("there is no component \"{name}\"{hint} `driftline components` lists all")).into()
        );
    }
    if args.json {
        return print_json(&chosen);
    }
    let pages: Vec<String> = chosen.into_iter().map(Page::text).collect();
    Ok(print(&pages.join("\n\n"))?)
}

fn list(pages: &[Page]) -> String {
    let mut families: Vec<&str> = pages.iter().map(|page| page.family).collect();
    families.dedup();
    let section = |family: &str| {
        let row = |page: &Page| vec![format!("  {}", page.name), page.about.summary.to_owned()];
        let rows: Vec<_> = pages.iter().filter(|page| page.family == family).map(row).collect();
        format!("{family}\n{}", table(&rows))
    };
    families.into_iter().map(section).collect::<Vec<_>>().join("\n\n")
}

impl Page {
    fn new(component: Component) -> Self {
        let tasks = tasks(&component);
        let header = match component.family {
            "model" => "[model]\n",
            "transform" => "[[transform]]\n",
            "drift detector" => "[[drift]]\n",
            "optimizer" => "[model.optimizer]\n",
            _ => "",
        };
        let configuration = format!("{header}{}", component.about.example);
        let params = component.params.iter().map(|param| Parameter::new(&component, param)).collect();
        let Component { family, name, about, .. } = component;
        Self { family, name, about, tasks, params, configuration }
    }

    /// One component whole.
    pub fn text(&self) -> String {
        let Self { family, name, about, params, .. } = self;
        let mut page = format!("{name} ({family}): {}\n\nSource: {}\n", about.summary, about.source);
        if !self.tasks.is_empty() {
            let names: Vec<_> = self.tasks.iter().map(|task| format!("{task:?}").to_lowercase()).collect();
            page.push_str(&format!("Tasks: {}\n", names.join(", ")));
        }
        if params.is_empty() {
            page.push_str("\nNo parameters.\n");
        } else {
            let header = ["parameter", "type", "default", "range", ""].map(str::to_owned).to_vec();
            let rows: Vec<_> = std::iter::once(header).chain(params.iter().map(Parameter::row)).collect();
            page.push_str(&format!("\n{}\n", table(&rows)));
        }
        page + "\nExample:\n\n" + &self.configuration
    }
}

/// The tasks that a model or a metric is for.
fn tasks(component: &Component) -> Vec<Task> {
    let all = [Task::Binary, Task::Multiclass, Task::Regression];
    let model = model::Params::defaults().into_iter().find(|params| params.name() == component.name);
    let metric = metric::Params::defaults().into_iter().find(|params| params.name() == component.name);
    let serves = |task: &Task| {
        let mut problems = Problems::default();
        match component.family {
            "model" => model.iter().for_each(|model| model.check_task(*task, &mut problems)),
            _ => return metric.as_ref().is_some_and(|metric| metric.suits(*task)),
        }
        problems.found().is_empty()
    };
    if matches!(component.family, "model" | "metric") { all.into_iter().filter(serves).collect() } else { Vec::new() }
}

impl Parameter {
    fn new(component: &Component, param: &Param) -> Self {
        let said = match &param.default {
            Value::String(_) => refusal(component, param.name, json!("?")),
            Value::Object(_) => refusal(component, param.name, json!({ "type": "?" })),
            _ => String::new(),
        };
        // In backquotes: what was found, then what may stand there.
        let choices = said.split('`').skip(3).step_by(2).map(str::to_owned).collect();
        Self { param: param.clone(), choices }
    }

    fn row(&self) -> Vec<String> {
        let Param { name, kind, default, range, doc } = &self.param;
        let default = match default {
            Value::Null => "none".to_owned(),
            Value::Object(table) => table.get("type").map_or_else(|| "{ … }".to_owned(), ToString::to_string),
            value => value.to_string(),
        };
        let (kind, range) = match (self.choices.is_empty(), self.param.default.is_object()) {
            (true, _) => (plain(kind), (*range).to_owned()),
            (false, true) => ("table".to_owned(), format!("type: {}", self.choices.join(", "))),
            (false, false) => ("name".to_owned(), self.choices.join(", ")),
        };
        vec![(*name).to_owned(), kind, default, range, doc.clone()]
    }
}

/// How the reader of configurations refuses a value of a parameter; empty where it does not.
fn refusal(component: &Component, param: &str, value: Value) -> String {
    fn of<P: DeserializeOwned>(params: Value) -> String {
        serde_json::from_value::<P>(params).err().map(|error| error.to_string()).unwrap_or_default()
    }
    let params = json!({ "type": component.name, param: value });
    match component.family {
        "model" => of::<model::Params>(params),
        "optimizer" => of::<model::optimize::Params>(params),
        "transform" => of::<transform::Params>(params),
        "drift detector" => of::<drift::Params>(params),
        _ => String::new(),
    }
}

/// A type in the words of a configuration.
fn plain(kind: &str) -> String {
    match kind.trim_start_matches("Option<").trim_end_matches('>') {
        "f64" => "number",
        "usize" | "u64" | "u32" | "u16" | "u8" | "i64" | "i32" => "whole number",
        "bool" => "true or false",
        "String" | "CompactString" => "text",
        other => return other.to_lowercase(),
    }
    .to_owned()
}
