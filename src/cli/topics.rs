//! `driftline topics`: what topics a pipeline needs, and making them.

use serde_json::{Value, json};

use super::cluster::{Cluster, Level};
use super::{Configured, Failure, print, print_json, table};
use crate::stream::kafka::topics::Need;

/// What topics this needs and with which settings; makes them
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  driftline topics -c fraud.toml plan
  driftline topics -c fraud.toml create --partitions 6 --replication 3")]
pub struct Args {
    #[command(flatten)]
    configured: Configured,
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Action {
    /// Shows what is needed and what is there
    #[command(after_help = "Example:\n  driftline topics -c fraud.toml plan --partitions 6")]
    Plan(Wanted),
    /// Makes the topics that are not there; those that are there are checked and never changed
    #[command(after_help = "Example:\n  driftline topics -c fraud.toml create --partitions 6 --replication 3")]
    Create(Wanted),
}

#[derive(Clone, Debug, clap::Args)]
struct Wanted {
    /// Partitions of the input topic where it is not there yet; all others have as many as the input.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
    partitions: Option<i32>,
    /// Replicas of every partition; 3 where there are 3 brokers.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
    replication: Option<i32>,
    /// One JSON document.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let config = args.configured.load()?;
    let cluster = Cluster::ask(&config)?;
    match &args.action {
        Action::Plan(wanted) => plan(&cluster, wanted),
        Action::Create(wanted) => create(&cluster, wanted),
    }
}

fn is_there(cluster: &Cluster, need: &Need) -> bool {
    cluster.found.get(&need.name).is_some_and(Option::is_some)
}

fn plan(cluster: &Cluster, wanted: &Wanted) -> anyhow::Result<()> {
    let needs = cluster.needs(wanted.partitions, wanted.replication);
    if wanted.json {
        let topics: Vec<Value> = needs.iter().map(|need| document(need, is_there(cluster, need))).collect();
        return print_json(&json!({ "topics": topics, "findings": cluster.topics() }));
    }
    let header = ["topic", "for", "partitions", "replication", "there", "settings"].map(str::to_owned).to_vec();
    let row = |need: &Need| {
        let settings: Vec<String> = need.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
        vec![
            need.name.clone(),
            need.role.name().to_owned(),
            need.partitions.to_string(),
            need.replication.to_string(),
            if is_there(cluster, need) { "yes" } else { "no" }.to_owned(),
            settings.join(" "),
        ]
    };
    print(&table(&std::iter::once(header).chain(needs.iter().map(row)).collect::<Vec<_>>()))?;
    Ok(())
}

fn document(need: &Need, there: bool) -> Value {
    let settings: serde_json::Map<String, Value> =
        need.settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into())).collect();
    json!({
        "name": need.name, "for": need.role.name(), "partitions": need.partitions,
        "replication": need.replication, "settings": settings, "there": there,
    })
}

fn create(cluster: &Cluster, wanted: &Wanted) -> anyhow::Result<()> {
    let needs = cluster.needs(wanted.partitions, wanted.replication);
    let (there, missing): (Vec<Need>, Vec<Need>) = needs.into_iter().partition(|need| is_there(cluster, need));
    let answers = if missing.is_empty() { Vec::new() } else { cluster.admin.create(&missing)? };
    let refused: Vec<String> =
        answers.iter().filter_map(|(name, answer)| Some(format!("{name}: {}", answer.as_ref().err()?))).collect();
    let made: Vec<&String> = answers.iter().filter(|(_, answer)| answer.is_ok()).map(|(name, _)| name).collect();
    // Those that were there before: their findings do not follow from what was just made.
    let wrong: Vec<_> = cluster
        .topics()
        .into_iter()
        .filter(|line| line.level != Level::Ok && there.iter().any(|need| line.what == format!("topic {}", need.name)))
        .collect();
    if wanted.json {
        print_json(&json!({ "created": made, "refused": refused, "findings": wrong }))?;
    } else {
        made.iter().try_for_each(|name| print(&format!("created  {name}")))?;
        there.iter().try_for_each(|need| print(&format!("there    {}", need.name)))?;
        wrong.iter().try_for_each(|line| print(&line.to_string()))?;
    }
    let problems = wrong.iter().filter(|line| line.level == Level::Problem).count() + refused.len();
    if problems == 0 {
        return Ok(());
    }
    Err(Failure::environment(format!("not all topics are as they must be: {}", refused.join("; "))).into())
}
