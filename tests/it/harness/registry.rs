//! Apicurio Registry as a child process on the JVM: the Confluent API at `/apis/ccompat/v7`, storage in memory.

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use tempfile::TempDir;

use super::guard::Guarded;
use super::{download, jvm};

const PATIENCE: Duration = Duration::from_secs(120);

/// A running schema registry. Ends when dropped; its schemas with it.
pub struct Registry {
    url: String,
    server: Option<Server>,
}

struct Server {
    home: TempDir,
    app: PathBuf,
    port: u16,
    process: Mutex<Option<Guarded>>,
}

impl Registry {
    /// Somebody's own, where `DRIFTLINE_TEST_REGISTRY` says so; else a new one.
    pub fn shared() -> Result<Self, String> {
        match std::env::var("DRIFTLINE_TEST_REGISTRY") {
            Ok(url) if !url.is_empty() => Ok(Self { url, server: None }),
            _ => Self::launch(),
        }
    }

    pub fn launch() -> Result<Self, String> {
        let app = download::registry()?;
        let home = TempDir::with_prefix("driftline-registry-").map_err(|why| why.to_string())?;
        let [port] = jvm::free_ports();
        let url = format!("http://127.0.0.1:{port}/apis/ccompat/v7");
        let registry = Self { url, server: Some(Server { home, app, port, process: Mutex::new(None) }) };
        registry.try_start()?;
        Ok(registry)
    }

    /// The base address of the Confluent API.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Starts again after [`Registry::stop`], on the same address, empty.
    pub fn start(&self) {
        self.try_start().expect("the registry starts again");
    }

    fn try_start(&self) -> Result<(), String> {
        let Some(server) = &self.server else { return Ok(()) };
        let mut process = server.process.lock().expect("not poisoned");
        if process.is_some() {
            return Ok(());
        }
        let log = server.home.path().join("registry.log");
        let from = std::fs::metadata(&log).map_or(0, |file| file.len() as usize);
        let app = server.app.display();
        let command = [
            "java".to_owned(),
            "-Xmx384m".to_owned(),
            "-XX:+UseSerialGC".to_owned(),
            "-XX:TieredStopAtLevel=1".to_owned(),
            "-Dquarkus.http.host=127.0.0.1".to_owned(),
            format!("-Dquarkus.http.port={}", server.port),
            "-cp".to_owned(),
            format!("{app}/*:{app}/lib/*"),
            "io.quarkus.runner.GeneratedMain".to_owned(),
        ];
        let mut guarded = Guarded::spawn(&command, &log, Some(server.home.path()))?;
        guarded.await_line("started in", from, PATIENCE)?;
        *process = Some(guarded);
        Ok(())
    }

    /// Stops; what was registered is lost.
    pub fn stop(&self) {
        let server = self.server.as_ref().expect("a registry started here");
        if let Some(mut process) = server.process.lock().expect("not poisoned").take() {
            process.end("KILL");
        }
    }

    /// Registers a schema under `subject`; its id.
    pub fn register(&self, subject: &str, schema: &str) -> u32 {
        let body = serde_json::json!({ "schema": schema });
        let address = format!("{}/subjects/{subject}/versions", self.url);
        let mut answer = ureq::post(&address).send_json(body).unwrap_or_else(|why| panic!("{address}: {why}"));
        let answer: serde_json::Value = answer.body_mut().read_json().expect("JSON");
        answer["id"].as_u64().unwrap_or_else(|| panic!("{address}: {answer}")) as u32
    }
}
