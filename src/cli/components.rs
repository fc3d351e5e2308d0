//! `driftline components`: what a pipeline can be made of, from the components' own pages.

use serde_json::Value;

use super::{Failure, print, print_json, table};
use crate::config::nearest;
use crate::params::{Component, Param};
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

/// Every component there is, by family.
pub fn all() -> Vec<Component> {
    let families = [
        model::components(),
        model::optimize::components(),
        transform::components(),
        drift::components(),
        metric::components(),
    ];
    families.into_iter().flatten().collect()
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let components = all();
    let Some(name) = &args.name else {
        return if args.json { print_json(&components) } else { Ok(print(&list(&components))?) };
    };
    let chosen: Vec<&Component> = components.iter().filter(|component| component.name == name).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = components.iter().map(|component| component.name).collect();
        let hint = nearest(name, &names).map_or(String::new(), |near| format!("; did you mean \"{near}\"?"));
        return Err(
            Failure::usage(format!("there is no component \"{name}\"{hint} `driftline components` lists all")).into()
        );
    }
    if args.json {
        return print_json(&chosen);
    }
    let pages: Vec<String> = chosen.into_iter().map(page).collect();
    Ok(print(&pages.join("\n\n"))?)
}

fn list(components: &[Component]) -> String {
    let mut families: Vec<&str> = components.iter().map(|component| component.family).collect();
    families.dedup();
    let section = |family: &str| {
        let row = |component: &Component| vec![format!("  {}", component.name), component.about.summary.to_owned()];
        let rows: Vec<_> = components.iter().filter(|component| component.family == family).map(row).collect();
        format!("{family}\n{}", table(&rows))
    };
    families.into_iter().map(section).collect::<Vec<_>>().join("\n\n")
}

/// One component whole.
pub fn page(component: &Component) -> String {
    let about = &component.about;
    let mut page =
        format!("{} ({}): {}\n\nSource: {}\n", component.name, component.family, about.summary, about.source);
    if component.params.is_empty() {
        page.push_str("\nNo parameters.\n");
    } else {
        let header = ["parameter", "type", "default", "range", ""].map(str::to_owned).to_vec();
        let rows: Vec<_> = std::iter::once(header).chain(component.params.iter().map(row)).collect();
        page.push_str(&format!("\n{}\n", table(&rows)));
    }
    page + "\nExample:\n\n" + &example(component)
}

fn row(param: &Param) -> Vec<String> {
    let default = match &param.default {
        Value::Null => "none".to_owned(),
        Value::Object(table) => table.get("type").map_or_else(|| "{ … }".to_owned(), ToString::to_string),
        value => value.to_string(),
    };
    vec![param.name.to_owned(), plain(param.kind), default, param.range.to_owned(), param.doc.clone()]
}

/// A type in the words of a configuration.
fn plain(kind: &str) -> String {
    match kind {
        "f64" => "number",
        "usize" | "u64" | "u32" | "u16" | "u8" | "i64" | "i32" => "whole number",
        "bool" => "true or false",
        "String" | "CompactString" => "text",
        other => return other.trim_start_matches("Option<").trim_end_matches('>').to_lowercase(),
    }
    .to_owned()
}

/// The example as it stands in a configuration.
fn example(component: &Component) -> String {
    let header = match component.family {
        "model" => "[model]",
        "transform" => "[[transform]]",
        "drift detector" => "[[drift]]",
        "optimizer" => "[model.optimizer]",
        _ => return component.about.example.to_owned(),
    };
    format!("{header}\n{}", component.about.example)
}
