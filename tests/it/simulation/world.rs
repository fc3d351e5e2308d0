//! A cluster in memory with some workers, what they are fed, and what a reader finds in the end.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use driftline::checkpoint;
use driftline::codec::Encoder;
use driftline::config::Config;
use driftline::stream::memory::{Fault, Log, Options, Stored, Topic};
use driftline::stream::{Delivery, OutputTopic};
use driftline::worker::{Codecs, Settings, Status, Stop, Turn, Worker};

use super::rigged::{self, Sabotage};

/// A run that takes longer is stuck.
const ROUNDS: usize = 6_000;

const CONFIG: &str = r#"
name = "sim"
[kafka]
bootstrap = "nowhere:9092"
[input]
topic = "in"
format = "json"
id = "id"
label = "label"
[input.features]
x = "number"
y = "number"
c = "category"
[task]
kind = "regression"
[[transform]]
type = "standard_scaler"
[[transform]]
type = "one_hot"
[model]
type = "linear_regression"
[window]
size = 8
method = "replay"
[[drift]]
type = "adwin"
watch = "error"
clock = 1
on_drift = ["alert", "reset"]
[[drift]]
type = "page_hinkley"
watch = "x"
min_instances = 3
threshold = 0.5
on_drift = ["alert"]
[epoch]
events = 4
[metrics]
window = 8
[checkpoint]
events = 4
[worker]
commit_every = "40ms"
max_bad = { share = 1.0, of = 100 }
"#;

/// Everything that a run depends on.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub members: usize,
    pub partitions: i32,
    /// Records per partition.
    pub records: i64,
    pub delivery: Delivery,
    /// Labels come in later records.
    pub later: bool,
    pub fetch: usize,
    pub pace: usize,
    pub sabotage: Sabotage,
    pub faults: Vec<(u64, Fault)>,
    /// Changes of the configuration, as TOML keys and values.
    pub set: Vec<(&'static str, toml::Value)>,
    /// Records that a batch holds.
    pub max_events: usize,
    /// Time between two rounds.
    pub round: Duration,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            members: 1,
            partitions: 2,
            records: 14,
            delivery: Delivery::ExactlyOnce,
            later: false,
            fetch: 2,
            pace: 5,
            sabotage: Sabotage::Nothing,
            faults: Vec::new(),
            set: Vec::new(),
            max_events: 1_000,
            round: Duration::from_millis(20),
        }
    }
}

/// What a reader finds of one record: key, value, headers.
pub type Found = Stored;

/// What a run left behind.
#[derive(Debug, Default)]
pub struct Report {
    pub outputs: BTreeMap<(Topic, i32), Vec<Found>>,
    pub digests: BTreeMap<i32, String>,
    pub violations: Vec<String>,
    /// Points passed before the last, undisturbed worker.
    pub points: u64,
    /// Exit codes of workers that stopped.
    pub stops: Vec<u8>,
}

/// Why a run does not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("a worker stopped: {0}")]
    Stopped(Stop),
    #[error("no end of {0} after {ROUNDS} rounds")]
    Stuck(&'static str),
}

type Simulated = Worker<rigged::Source, rigged::Outbox>;

struct Running {
    worker: Simulated,
    member: u32,
}

pub struct World {
    pub log: Log,
    config: Config,
    scenario: Scenario,
    workers: Vec<Option<Running>>,
    now: Duration,
    stops: Vec<Stop>,
}

impl World {
    pub fn new(scenario: &Scenario) -> Self {
        let Scenario { partitions, delivery, fetch, pace, .. } = *scenario;
        let log = Log::new(Options { partitions, delivery, fetch, pace });
        for partition in 0..partitions {
            for record in input(partition, scenario) {
                log.send(partition, record);
            }
        }
        for (point, fault) in &scenario.faults {
            log.script(*point, *fault);
        }
        let workers = (0..scenario.members).map(|_| None).collect();
        let (now, stops) = (Duration::ZERO, Vec::new());
        Self { log, config: config(scenario), scenario: scenario.clone(), workers, now, stops }
    }

    fn spawn(&self, id: &str) -> Running {
        let (source, outbox) = rigged::join(&self.log, id, self.scenario.sabotage);
        let member = source.member();
        let registry = self.config.registry().unwrap();
        let decoder = self.config.decoder(registry.as_ref()).unwrap();
        let codecs = Codecs::new(decoder, Encoder::json(), &self.config.input.layout());
        let settings = Settings { max_events: self.scenario.max_events, ..Settings::new(&self.config) };
        Running { worker: Worker::new(settings, codecs, source, outbox), member }
    }

    /// One turn of every worker; who died or stopped starts again in the next round.
    pub fn round(&mut self) {
        self.now += self.scenario.round;
        for index in 0..self.workers.len() {
            let mut running = match self.workers[index].take() {
                Some(running) => running,
                None => self.spawn(&format!("sim-{index}")),
            };
            match running.worker.turn(self.now) {
                Ok(Turn::Running | Turn::Waiting) if !self.log.is_dead(running.member) => {
                    self.workers[index] = Some(running)
                }
                Ok(_) => {}
                Err(_) if self.log.is_dead(running.member) => {}
                Err(stop) => {
                    self.log.bury(running.member);
                    self.stops.push(stop);
                }
            }
        }
    }

    /// Another scenario on what this one left: the same cluster, other workers.
    pub fn then(&mut self, change: impl FnOnce(&mut Scenario)) {
        change(&mut self.scenario);
        self.config = config(&self.scenario);
        self.workers.iter_mut().for_each(|slot| *slot = None);
        self.stops.clear();
    }

    /// The first worker's status.
    pub fn status(&mut self) -> Status {
        let running = self.workers[0].as_mut().unwrap();
        running.worker.observe_lanes();
        running.worker.status().clone()
    }

    pub fn consumed(&self) -> bool {
        (0..self.scenario.partitions).all(|p| self.log.committed(p) == Some(self.scenario.records))
    }

    /// Runs until all is consumed, or a worker stops for good.
    pub fn run(&mut self) -> Result<(), Failure> {
        for _ in 0..ROUNDS {
            self.round();
            if let Some(stop) = self.stops.iter().find(|stop| stop.code() != 4) {
                return Err(Failure::Stopped(stop.clone()));
            }
            if self.consumed() {
                return Ok(());
            }
        }
        Err(Failure::Stuck("consuming"))
    }

    /// Asks the workers for the end; who stops or dies on the way does not come back.
    pub fn close(&mut self) -> Result<(), Failure> {
        for running in self.workers.iter_mut().flatten() {
            running.worker.close();
        }
        for _ in 0..ROUNDS {
            self.now += self.scenario.round;
            for slot in &mut self.workers {
                let turn = slot.as_mut().map(|running| running.worker.turn(self.now));
                let dead = slot.as_ref().is_some_and(|running| self.log.is_dead(running.member));
                if dead || !matches!(turn, Some(Ok(Turn::Running | Turn::Waiting))) {
                    // Where leaving failed, the group hears of it when the session expires.
                    slot.take().iter().for_each(|running| self.log.bury(running.member));
                }
            }
            if self.workers.iter().all(Option::is_none) {
                self.log.settle();
                return Ok(());
            }
        }
        Err(Failure::Stuck("closing"))
    }

    /// A last worker restores everything, undisturbed, and writes its checkpoints.
    pub fn audit(&mut self) -> Result<(), Failure> {
        self.log.calm();
        let mut running = self.spawn("audit");
        let records = self.scenario.records;
        let partitions = self.scenario.partitions;
        for _ in 0..ROUNDS {
            self.now += self.scenario.round;
            if running.worker.turn(self.now).map_err(Failure::Stopped)? == Turn::Closed {
                self.log.settle();
                return Ok(());
            }
            running.worker.observe_lanes();
            let lanes = &running.worker.status().lanes;
            if lanes.len() == partitions as usize && lanes.iter().all(|lane| lane.position == records) {
                running.worker.close();
            }
        }
        Err(Failure::Stuck("auditing"))
    }

    pub fn report(&self) -> Report {
        let topics =
            [OutputTopic::Predictions, OutputTopic::Alerts, OutputTopic::Evaluations, OutputTopic::DeadLetters];
        let mut report = Report { violations: self.log.violations(), ..Report::default() };
        report.stops = self.stops.iter().map(Stop::code).collect();
        for partition in 0..self.scenario.partitions {
            for topic in topics.map(Topic::Output) {
                let records = self.log.read(topic, partition);
                let found = records.into_iter().map(|record| Stored { offset: 0, ..record }).collect();
                report.outputs.insert((topic, partition), found);
            }
            let candidates = checkpoint::candidates(&self.log.state(partition), "sim", partition);
            let newest = candidates.into_iter().find(|candidate| candidate.body.is_ok());
            report.digests.extend(newest.and_then(|c| c.manifest).map(|manifest| (partition, manifest.digest)));
        }
        report
    }
}

/// A whole run: consume, close, audit.
pub fn run(scenario: &Scenario) -> Result<Report, Failure> {
    let mut world = World::new(scenario);
    world.run()?;
    world.close()?;
    let points = world.log.trail().iter().filter(|point| point.member != 0).count() as u64;
    world.audit()?;
    Ok(Report { points, ..world.report() })
}

pub fn config(scenario: &Scenario) -> Config {
    static DOCUMENT: LazyLock<toml::Value> = LazyLock::new(|| toml::from_str(CONFIG).unwrap());
    let mut document = DOCUMENT.clone();
    let mut set = |path: &str, value: toml::Value| {
        let mut keys: Vec<&str> = path.split('.').collect();
        let last = keys.pop().unwrap();
        let mut table = document.as_table_mut().unwrap();
        for key in keys {
            let entry = table.entry(key).or_insert_with(|| toml::Value::Table(toml::Table::new()));
            table = entry.as_table_mut().unwrap();
        }
        table.insert(last.to_owned(), value);
    };
    if scenario.delivery == Delivery::AtLeastOnce {
        set("worker.delivery", "at_least_once".into());
    }
    if scenario.later {
        set("labels.from", "later".into());
        set("labels.wait.events", 4.into());
    }
    for (path, value) in &scenario.set {
        set(path, value.clone());
    }
    document.try_into().unwrap()
}

/// What stands at an offset of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Event,
    /// Brings the label of the event two before.
    Label,
    Broken,
    WrongType,
    Tombstone,
}

pub fn kind(partition: i32, offset: i64, later: bool) -> Kind {
    match (offset + i64::from(partition)) % 7 {
        3 => Kind::Broken,
        5 if offset % 2 == 0 => Kind::WrongType,
        6 if offset % 2 == 1 => Kind::Tombstone,
        n if later && n >= 2 => Kind::Label,
        _ => Kind::Event,
    }
}

pub fn input(partition: i32, scenario: &Scenario) -> Vec<Stored> {
    (0..scenario.records).map(|offset| record(partition, offset, scenario.later)).collect()
}

fn record(partition: i32, offset: i64, later: bool) -> Stored {
    let x = ((offset * 37 + i64::from(partition) * 11) % 17) as f64 / 3.0 - 2.0 + if offset > 7 { 4.0 } else { 0.0 };
    let y = ((offset * 23 + i64::from(partition) * 5) % 13) as f64 / 7.0;
    let (truth, c) = (x + y * y, ["a", "b", "c"][(offset % 3) as usize]);
    let id = format!("{partition}-{offset}");
    let value = match kind(partition, offset, later) {
        Kind::Event if later => format!(r#"{{"id":"{id}","x":{x},"y":{y},"c":"{c}"}}"#),
        Kind::Event => format!(r#"{{"id":"{id}","x":{x},"y":{y},"c":"{c}","label":{truth}}}"#),
        Kind::Label => format!(r#"{{"id":"{partition}-{}","label":{truth}}}"#, offset - 2),
        Kind::Broken => format!(r#"{{"id":"{id}","x":"#),
        Kind::WrongType => format!(r#"{{"id":"{id}","x":[1],"label":{truth}}}"#),
        Kind::Tombstone => String::new(),
    };
    Stored {
        offset: 0,
        timestamp: 1_700_000_000_000 + offset * 1_000,
        key: Some(format!("k{}", offset % 5).into_bytes()),
        value: (kind(partition, offset, later) != Kind::Tombstone).then(|| value.into_bytes()),
        headers: vec![("trace".into(), Some(vec![offset as u8]))],
    }
}
