//! The real binary on the same topic.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use crate::events::{FEATURES, Format, schema};
use crate::harness::{Cluster, Driftline, unique};
use crate::observer::Observer;

/// What is run: the format of its records and the rest of its configuration.
pub struct Case {
    pub name: String,
    pub format: Format,
    pipeline: &'static str,
}

const LINEAR: &str = "[[transform]]\ntype = \"standard_scaler\"\n[model]\ntype = \"logistic_regression\"\n\
                      [[drift]]\ntype = \"adwin\"\n";

impl Case {
    /// `json` and `avro`: scaler, logistic regression and ADWIN; `tree`: a Hoeffding tree; `default`: the default pipeline.
    pub fn named(name: &str) -> Self {
        let (format, pipeline) = match name {
            "json" => (Format::Json, LINEAR),
            "avro" => (Format::Avro, LINEAR),
            "tree" => (Format::Json, "[model]\ntype = \"hoeffding_tree\"\n"),
            "default" => (Format::Json, ""),
            other => panic!("DRIFTLINE_BENCH_CASES: {other} is none of json, avro, tree, default"),
        };
        Self { name: name.to_owned(), format, pipeline }
    }
}

pub struct Run {
    /// Records per second.
    pub rate: f64,
    /// The topic of predictions.
    pub output: String,
    /// CPU time of the process, all threads, start included, in seconds.
    pub cpu: f64,
    /// Resident memory after each tenth.
    pub memory: Vec<String>,
}

/// A configured pipeline and its running worker.
pub struct Running {
    pub name: String,
    pub process: Driftline,
    pid: u32,
    _home: TempDir,
}

pub fn start(cluster: &Cluster, input: &str, case: &Case, commit: Duration) -> Running {
    let (name, home) = (unique("bench"), tempfile::tempdir().unwrap());
    let config = home.path().join("driftline.toml");
    let avro = home.path().join("event.avsc");
    std::fs::write(&avro, schema()).unwrap();
    let text = configuration(cluster, &name, input, case, &avro, commit);
    std::fs::write(&config, text).unwrap();
    let config = config.to_string_lossy().into_owned();
    let made = Driftline::output(&["topics", "-c", &config, "create", "--replication", "1"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let process = Driftline::start(&["run", "-c", &config], &home.path().join("run.log"));
    let pid = process.id();
    Running { name, process, pid, _home: home }
}

fn configuration(cluster: &Cluster, name: &str, input: &str, case: &Case, avro: &Path, commit: Duration) -> String {
    let (schema, output) = match case.format {
        Format::Json => (String::new(), ""),
        Format::Avro => (format!("format = \"avro\"\nschema = {avro:?}\n"), "[outputs]\nformat = \"avro\"\n"),
    };
    let features: String = FEATURES.iter().map(|name| format!("{name} = \"number\"\n")).collect();
    format!(
        "name = \"{name}\"\n[kafka]\nbootstrap = \"{}\"\n[input]\ntopic = \"{input}\"\nlabel = \"label\"\n{schema}\
         [input.features]\n{features}[task]\nkind = \"binary\"\nclasses = [\"DOWN\", \"UP\"]\n\
         {}{output}[worker]\ncommit_every = \"{}ms\"\n",
        cluster.bootstrap(),
        case.pipeline,
        commit.as_millis()
    )
}

pub fn measure(cluster: &Cluster, input: &str, count: usize, case: &Case, commit: Duration) -> Run {
    let mut running = start(cluster, input, case, commit);
    let observer = Observer::new(cluster, &running.name, input);
    let mut marks: Vec<i64> = (1..=10).map(|tenth| count as i64 * tenth / 10).collect();
    let (mut memory, mut cpu) = (Vec::new(), 0.0);
    let rate = observer.rate(count as i64, |offset| {
        if marks.first().is_some_and(|mark| offset >= *mark) {
            marks.remove(0);
            memory.push(resident(running.pid));
            cpu = cpu_seconds(running.pid);
        }
    });
    assert_eq!(running.process.stop(Duration::from_secs(60)).code(), Some(0), "{}", running.process.log());
    Run { rate, output: format!("{}.predictions", running.name), cpu, memory }
}

fn resident(pid: u32) -> String {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("? kB");
    line.trim().to_owned()
}

/// User and system time, in hundredths of a second in the 12th and 13th field after the name.
fn cpu_seconds(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The mean size of an output's value.
pub fn mean_bytes(cluster: &Cluster, topic: &str) -> usize {
    use rdkafka::consumer::{BaseConsumer, Consumer};
    use rdkafka::message::Message;
    use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
    let consumer: BaseConsumer = cluster.config().set("group.id", "bench-size").create().unwrap();
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, 0, Offset::Beginning).unwrap();
    consumer.assign(&list).unwrap();
    let sizes: Vec<usize> =
        consumer.iter().take(1_000).map(|message| message.unwrap().payload().map_or(0, <[u8]>::len)).collect();
    sizes.iter().sum::<usize>() / sizes.len()
}
