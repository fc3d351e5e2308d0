//! The real binary on the same topic.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use crate::events::FEATURES;
use crate::harness::{Cluster, Driftline, unique};
use crate::observer::Observer;

pub struct Run {
    /// Records per second.
    pub rate: f64,
    /// The topic of predictions.
    pub output: String,
    /// Resident memory at the first tenth, the half and the end.
    pub memory: String,
}

/// A configured pipeline and its running worker.
pub struct Running {
    pub name: String,
    pub process: Driftline,
    pid: u32,
    _home: TempDir,
}

pub fn start(cluster: &Cluster, input: &str, commit: Duration) -> Running {
    let (name, home) = (unique("bench"), tempfile::tempdir().unwrap());
    let config = home.path().join("driftline.toml");
    std::fs::write(&config, configuration(cluster, &name, input, commit)).unwrap();
    let config = config.to_string_lossy().into_owned();
    let made = Driftline::output(&["topics", "-c", &config, "create", "--replication", "1"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let process = Driftline::start(&["run", "-c", &config], &home.path().join("run.log"));
    let pid = process.id();
    Running { name, process, pid, _home: home }
}

fn configuration(cluster: &Cluster, name: &str, input: &str, commit: Duration) -> String {
    let features: String = FEATURES.iter().map(|name| format!("{name} = \"number\"\n")).collect();
    format!(
        "name = \"{name}\"\n[kafka]\nbootstrap = \"{}\"\n[input]\ntopic = \"{input}\"\nlabel = \"label\"\n\
         [input.features]\n{features}[task]\nkind = \"binary\"\nclasses = [\"DOWN\", \"UP\"]\n\
         [[transform]]\ntype = \"standard_scaler\"\n[model]\ntype = \"logistic_regression\"\n\
         [[drift]]\ntype = \"adwin\"\n[worker]\ncommit_every = \"{}ms\"\n",
        cluster.bootstrap(),
        commit.as_millis()
    )
}

pub fn measure(cluster: &Cluster, input: &str, count: usize, commit: Duration) -> Run {
    let mut running = start(cluster, input, commit);
    let observer = Observer::new(cluster, &running.name, input);
    let mut marks = vec![count as i64 / 10, count as i64 / 2, count as i64];
    let mut memory = Vec::new();
    let rate = observer.rate(count as i64, |offset| {
        if marks.first().is_some_and(|mark| offset >= *mark) {
            marks.remove(0);
            memory.push(resident(running.pid));
        }
    });
    assert_eq!(running.process.stop(Duration::from_secs(60)).code(), Some(0), "{}", running.process.log());
    Run { rate, output: format!("{}.predictions", running.name), memory: memory.join(", ") }
}

fn resident(pid: u32) -> String {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("? kB");
    line.trim().to_owned()
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
