//! What `check` and `topics` ask of a cluster, and how they show its answer.

use std::time::Duration;

use serde::Serialize;

use crate::config::Config;
use crate::stream::kafka::topics::{self, Finding, Found, Need, Severity};
use crate::stream::kafka::{Admin, Settings};

/// How long an answer of the cluster is waited for.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The cluster's side of a configuration.
pub struct Cluster {
    pub settings: Settings,
    pub admin: Admin,
    pub brokers: usize,
    /// The pipeline's topics as they are.
    pub found: Found,
}

/// One thing looked at: how it is, and what to do where it is not well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    pub what: String,
    pub level: Level,
    pub message: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub remedy: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Ok,
    Warning,
    Problem,
}

impl Line {
    pub fn ok(what: &str, message: impl Into<String>) -> Self {
        Self { what: what.to_owned(), level: Level::Ok, message: message.into(), remedy: String::new() }
    }

    pub fn problem(what: &str, message: impl Into<String>) -> Self {
        Self { level: Level::Problem, ..Self::ok(what, message) }
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { what, level, message, remedy } = self;
        let mark = match level {
            Level::Ok => "ok     ",
            Level::Warning => "warning",
            Level::Problem => "PROBLEM",
        };
        write!(f, "{mark}  {what}: {message}")?;
        if remedy.is_empty() { Ok(()) } else { write!(f, "\n         -> {remedy}") }
    }
}

impl Cluster {
    /// # Errors
    /// Where no broker answers in time.
    pub fn ask(config: &Config) -> anyhow::Result<Self> {
        let settings = config.cluster("check", PATIENCE);
        let admin = Admin::open(&settings)?;
        let brokers = admin.brokers()?;
        let names: Vec<String> = topics::roles(&settings).into_iter().map(|(_, name)| name).collect();
        let found = admin.describe(&names)?;
        Ok(Self { settings, admin, brokers, found })
    }

    /// How the topics that are there are.
    pub fn topics(&self) -> Vec<Line> {
        let findings = topics::check(&self.settings, &self.found);
        let well = |name: &String| !findings.iter().any(|finding| finding.topic == *name);
        let fine = topics::roles(&self.settings).into_iter().filter(|(_, name)| well(name)).map(|(role, name)| {
            let partitions = self.found.get(&name).and_then(Option::as_ref).map_or(0, |topic| topic.partitions);
            Line::ok(&format!("topic {name}"), format!("{}, {partitions} partitions", role.name()))
        });
        fine.chain(findings.iter().map(line)).collect()
    }

    /// What is needed: as many partitions as the input has, and as many replicas as are usual, if there are brokers for them.
    pub fn needs(&self, partitions: Option<i32>, replication: Option<i32>) -> Vec<Need> {
        let usual = i32::try_from(self.brokers.clamp(1, 3)).unwrap_or(3);
        topics::plan(&self.settings, &self.found, partitions.unwrap_or(1), replication.unwrap_or(usual))
    }
}

fn line(finding: &Finding) -> Line {
    let level = match finding.severity {
        Severity::Danger => Level::Problem,
        Severity::Advice => Level::Warning,
    };
    let (message, remedy) = (finding.what.clone(), finding.remedy.clone());
    Line { what: format!("topic {}", finding.topic), level, message, remedy }
}
