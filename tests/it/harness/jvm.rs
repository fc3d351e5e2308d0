//! Apache Kafka as a child process on the JVM: one node, broker and controller (KRaft).

use std::net::TcpListener;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use tempfile::TempDir;

use super::client::Cluster;
use super::download;
use super::guard::Guarded;

const CLUSTER_ID: &str = "5L6g3nShT-eMCtK--X86sw";
const PATIENCE: Duration = Duration::from_secs(120);

/// What one node needs, and what makes tests fast: one partition of each internal topic (start-up), no wait for more
/// members at the first rebalance, short session timeouts allowed, timed-out transactions found within a second.
const PROPERTIES: &[(&str, &str)] = &[
    ("process.roles", "broker,controller"),
    ("node.id", "1"),
    ("listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"),
    ("controller.listener.names", "CONTROLLER"),
    ("auto.create.topics.enable", "false"),
    ("offsets.topic.replication.factor", "1"),
    ("offsets.topic.num.partitions", "1"),
    ("transaction.state.log.replication.factor", "1"),
    ("transaction.state.log.min.isr", "1"),
    ("transaction.state.log.num.partitions", "1"),
    ("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000"),
    ("share.coordinator.state.topic.replication.factor", "1"),
    ("share.coordinator.state.topic.min.isr", "1"),
    ("share.coordinator.state.topic.num.partitions", "1"),
    ("group.initial.rebalance.delay.ms", "0"),
    ("group.min.session.timeout.ms", "500"),
    ("log.retention.check.interval.ms", "1000"),
    // Records of tests are of any year.
    ("log.retention.ms", "-1"),
];

/// Properties of a private broker whose compaction runs within seconds.
pub const COMPACTION: &[(&str, &str)] = &[("log.cleaner.backoff.ms", "200"), ("log.initial.task.delay.ms", "500")];

/// A broker that can be stopped and started again on the same address, with its log kept. Ends when dropped.
pub struct Broker {
    cluster: Cluster,
    home: TempDir,
    jars: PathBuf,
    process: Mutex<Option<Guarded>>,
}

impl Broker {
    /// Formats a folder of its own, starts, and waits until it serves.
    pub fn launch(properties: &[(&str, &str)]) -> Result<Self, String> {
        let jars = download::kafka()?;
        // A port found free may be taken by the time Kafka binds it: once more.
        Self::try_launch(&jars, properties).or_else(|_| Self::try_launch(&jars, properties))
    }

    fn try_launch(jars: &std::path::Path, properties: &[(&str, &str)]) -> Result<Self, String> {
        let home = TempDir::with_prefix("driftline-kafka-").map_err(|why| why.to_string())?;
        let [port, controller] = free_ports();
        let mut text = format!(
            "controller.quorum.voters=1@127.0.0.1:{controller}\n\
             listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}\n\
             advertised.listeners=PLAINTEXT://127.0.0.1:{port}\nlog.dirs={}\n",
            home.path().join("log").display()
        );
        for (key, value) in PROPERTIES.iter().chain(properties) {
            text += &format!("{key}={value}\n");
        }
        let file = home.path().join("server.properties");
        std::fs::write(&file, text).map_err(|why| why.to_string())?;
        let classes = format!("{}/*", jars.display());
        let file = file.to_string_lossy();
        download::run(
            "java",
            &[
                "-XX:TieredStopAtLevel=1",
                "-cp",
                &classes,
                "kafka.tools.StorageTool",
                "format",
                "-t",
                CLUSTER_ID,
                "-c",
                &file,
            ],
        )?;
        let cluster = Cluster::at(&format!("127.0.0.1:{port}"));
        let broker = Self { cluster, home, jars: jars.to_owned(), process: Mutex::new(None) };
        broker.try_start()?;
        Ok(broker)
    }

    /// Starts again after [`Broker::stop`] or [`Broker::kill`], on the same address and log.
    pub fn start(&self) {
        self.try_start().expect("Kafka starts again");
    }

    fn try_start(&self) -> Result<(), String> {
        let mut process = self.process.lock().expect("not poisoned");
        if process.is_some() {
            return Ok(());
        }
        let log = self.home.path().join("server.log");
        let from = std::fs::metadata(&log).map_or(0, |file| file.len() as usize);
        let command = [
            "java".to_owned(),
            "-Xmx512m".to_owned(),
            "-XX:+UseSerialGC".to_owned(),
            "-XX:TieredStopAtLevel=1".to_owned(),
            "-cp".to_owned(),
            format!("{}/*", self.jars.display()),
            "kafka.Kafka".to_owned(),
            self.home.path().join("server.properties").to_string_lossy().into_owned(),
        ];
        let mut guarded = Guarded::spawn(&command, &log, Some(self.home.path()))?;
        guarded.await_line("Kafka Server started", from, PATIENCE)?;
        *process = Some(guarded);
        Ok(())
    }

    /// Shuts down in good order.
    pub fn stop(&self) {
        self.end("TERM");
    }

    /// Shuts down as a power cut does.
    pub fn kill(&self) {
        self.end("KILL");
    }

    fn end(&self, signal: &str) {
        if let Some(mut process) = self.process.lock().expect("not poisoned").take() {
            process.end(signal);
        }
    }
}

impl Deref for Broker {
    type Target = Cluster;

    fn deref(&self) -> &Cluster {
        &self.cluster
    }
}

impl From<Broker> for Cluster {
    fn from(broker: Broker) -> Self {
        let cluster = Self::at(broker.bootstrap());
        cluster.keep(broker)
    }
}

/// Ports that nothing listens on now.
pub fn free_ports<const N: usize>() -> [u16; N] {
    let sockets: [TcpListener; N] = std::array::from_fn(|_| TcpListener::bind(("127.0.0.1", 0)).expect("a free port"));
    sockets.map(|socket| socket.local_addr().expect("bound").port())
}
