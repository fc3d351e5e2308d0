//! `driftline check`: the configuration with everything that is wrong with it, then the cluster.

use serde_json::{Value, json};

use super::cluster::{Cluster, Level, Line, PATIENCE};
use super::{Configured, Failure, print, print_json};
use crate::config::{Config, Delivery};
use crate::stream::kafka;

/// Checks the configuration, all problems at once, then the cluster: topics, transactions, registry
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  driftline check -c fraud.toml
  driftline check -c fraud.toml --offline --set model.l2=0.1
  DRIFTLINE__KAFKA__BOOTSTRAP=kafka:9092 driftline check -c fraud.toml --json")]
pub struct Args {
    #[command(flatten)]
    configured: Configured,
    /// Only the configuration: nothing is connected to.
    #[arg(long)]
    offline: bool,
    /// One JSON document.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let config = match args.configured.load() {
        Ok(config) => config,
        Err(errors) => {
            if args.json {
                print_json(&json!({ "ok": false, "problems": errors }))?;
            }
            return Err(errors.into());
        }
    };
    let lines = if args.offline { Vec::new() } else { cluster(&config) };
    let problems = lines.iter().filter(|line| line.level == Level::Problem).count();
    if args.json {
        print_json(&document(&config, &lines, problems == 0))?;
    } else {
        print(&summary(&config))?;
        lines.iter().try_for_each(|line| print(&line.to_string()))?;
    }
    match problems {
        0 => Ok(()),
        1 => Err(Failure::environment("the cluster has 1 problem, see above").into()),
        _ => Err(Failure::environment(format!("the cluster has {problems} problems, see above")).into()),
    }
}

fn summary(config: &Config) -> String {
    let spec = config.spec();
    let transforms = spec.transforms.iter().map(|transform| transform.name());
    let pipeline: Vec<&str> = transforms.chain([spec.model.name()]).collect();
    let line = Line::ok(
        "configuration",
        format!(
            "{}, {} of {} features, fingerprint {}",
            config.name,
            pipeline.join(" > "),
            spec.layout.len(),
            spec.fingerprint()
        ),
    );
    line.to_string()
}

fn document(config: &Config, lines: &[Line], ok: bool) -> Value {
    let spec = config.spec();
    json!({
        "ok": ok,
        "name": config.name,
        "fingerprint": spec.fingerprint(),
        "topics": config.topics(),
        "pipeline": { "transforms": spec.transforms, "model": spec.model, "window": spec.window, "drift": spec.drift },
        "configuration": config,
        "cluster": lines,
    })
}

/// Everything about the cluster that `run` rests on.
fn cluster(config: &Config) -> Vec<Line> {
    let bootstrap = &config.kafka.bootstrap;
    let mut lines = match Cluster::ask(config) {
        Ok(cluster) => {
            let reachable = Line::ok("cluster", format!("{} brokers at {bootstrap}", cluster.brokers));
            let mut lines = vec![reachable];
            lines.extend(cluster.topics());
            if config.worker.delivery == Delivery::ExactlyOnce {
                lines.push(match kafka::try_transactions(&cluster.settings) {
                    Ok(()) => Line::ok("transactions", "the coordinator answers"),
                    Err(error) => Line::problem("transactions", error.to_string()),
                });
            }
            lines
        }
        Err(error) => {
            let remedy =
                "look at kafka.bootstrap, at the network, and at security.protocol in kafka.properties".to_owned();
            let what = format!("nothing answered at {bootstrap} within {} s: {error:#}", PATIENCE.as_secs());
            vec![Line { remedy, ..Line::problem("cluster", what) }]
        }
    };
    lines.extend(registry(config));
    lines
}

/// The registry, if one is configured; that the schemas of the outputs are there is found when `run` asks for them.
fn registry(config: &Config) -> Option<Line> {
    let url = config.kafka.registry.as_ref()?;
    let answer = config.registry().and_then(|registry| registry.map_or(Ok(()), |registry| registry.ping()));
    Some(match answer {
        Ok(()) => Line::ok("registry", format!("answers at {url}")),
        Err(error) => Line::problem("registry", error.to_string()),
    })
}
