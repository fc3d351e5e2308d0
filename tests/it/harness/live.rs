//! A configured pipeline on a real Kafka: its configuration file, its topics, its worker.

use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

use super::client::unique;
use super::{Cluster, Driftline};

/// A pipeline with a name, topics and a folder of its own.
pub struct Live<'a> {
    pub kafka: &'a Cluster,
    pub home: TempDir,
    /// Names the group and the topics: `NAME.in`, `NAME.predictions`, …
    pub name: String,
}

impl<'a> Live<'a> {
    /// Writes the configuration and makes the topics; of `body` see [`Live::named`].
    pub fn new(kafka: &'a Cluster, partitions: i32, body: &str) -> Self {
        let live = Self::named(kafka, &unique("live"), body);
        live.kafka.create(&live.topic("in"), partitions, &[]);
        live.create_topics();
        live
    }

    /// Writes the configuration, `body` beside what every test needs: in it, `INPUT` stands for the lines that belong at the
    /// top of `[input]`, and `KAFKA` for those of `[kafka]`.
    pub fn named(kafka: &'a Cluster, name: &str, body: &str) -> Self {
        let live = Self { kafka, home: tempfile::tempdir().expect("a folder"), name: name.to_owned() };
        let body = body
            .replace("INPUT", &format!("[input]\ntopic = \"{name}.in\""))
            .replace("KAFKA", &format!("[kafka]\nbootstrap = \"{}\"", kafka.bootstrap()));
        std::fs::write(live.config(), format!("name = \"{name}\"\n{body}")).expect("a configuration");
        live
    }

    /// `driftline topics create`: those that are not there yet.
    pub fn create_topics(&self) {
        self.command(&["topics", "-c", &self.config_path(), "create", "--replication", "1"]);
    }

    pub fn config(&self) -> PathBuf {
        self.home.path().join("driftline.toml")
    }

    pub fn config_path(&self) -> String {
        self.config().to_string_lossy().into_owned()
    }

    /// `NAME.suffix`: `in`, `predictions`, `alerts`, `evaluations`, `dead-letters`, `state`.
    pub fn topic(&self, suffix: &str) -> String {
        format!("{}.{suffix}", self.name)
    }

    /// Starts `driftline run`.
    pub fn run(&self) -> Driftline {
        self.run_logged("run.log")
    }

    /// The same with a log of its own.
    pub fn run_logged(&self, log: &str) -> Driftline {
        Driftline::start(&["run", "-c", &self.config_path()], &self.home.path().join(log))
    }

    /// Runs a command to its good end; what it printed.
    pub fn command(&self, args: &[&str]) -> String {
        let out = Driftline::output(args);
        assert!(out.status.success(), "driftline {}: {}\n{}", args.join(" "), out.status, said(&out));
        String::from_utf8_lossy(&out.stdout).into_owned()
    }
}

impl Driftline {
    /// Runs `driftline ARGS…` to its end.
    pub fn output(args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_driftline")).args(args).output().expect("driftline runs")
    }
}

/// Everything that a command printed.
pub fn said(out: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
}
