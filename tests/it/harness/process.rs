//! The real binary as a child process.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::guard::AtExit;

/// A running `driftline`, its stdout and stderr in one log. Killed when dropped, and when the test process ends.
pub struct Driftline {
    child: Child,
    log: PathBuf,
    _guard: AtExit,
}

impl Driftline {
    /// Starts `driftline ARGS…`; `log` is appended to.
    pub fn start(args: &[&str], log: &Path) -> Self {
        Self::start_with(args, &[], log)
    }

    /// The same with variables of the environment.
    pub fn start_with(args: &[&str], env: &[(&str, &str)], log: &Path) -> Self {
        Self::start_in(Path::new("."), args, env, log)
    }

    /// The same in a folder.
    pub fn start_in(folder: &Path, args: &[&str], env: &[(&str, &str)], log: &Path) -> Self {
        let out = File::options().create(true).append(true).open(log).expect("a log");
        let child = Command::new(env!("CARGO_BIN_EXE_driftline"))
            .args(args)
            .envs(env.iter().copied())
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(out.try_clone().expect("a second handle"))
            .stderr(out)
            .spawn()
            .expect("driftline starts");
        let kill = ["kill".to_owned(), "-KILL".to_owned(), child.id().to_string()];
        let guard = AtExit::run(&kill).expect("a guard");
        Self { child, log: log.to_owned(), _guard: guard }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by name: `TERM`, `KILL`, `STOP`, `CONT`.
    pub fn signal(&self, name: &str) {
        let done = Command::new("kill").args([&format!("-{name}"), &self.id().to_string()]).status();
        assert!(done.is_ok_and(|status| status.success()), "kill -{name}");
    }

    /// Whether it has not ended.
    pub fn running(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_none()
    }

    /// Waits for its end.
    pub fn wait(&mut self, patience: Duration) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            assert!(start.elapsed() < patience, "driftline still runs after {patience:?}:\n{}", self.tail());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// `TERM`, then waits for its end.
    pub fn stop(&mut self, patience: Duration) -> ExitStatus {
        self.signal("TERM");
        self.wait(patience)
    }

    /// `KILL`, then waits for its end.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits until the log contains `text`.
    pub fn await_log(&mut self, text: &str, patience: Duration) {
        let start = Instant::now();
        while !self.log().contains(text) {
            let ended = self.child.try_wait().expect("a child");
            assert!(ended.is_none(), "driftline ended with {ended:?} before {text:?}:\n{}", self.tail());
            assert!(start.elapsed() < patience, "no {text:?} after {patience:?}:\n{}", self.tail());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What it said.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    fn tail(&self) -> String {
        let log = self.log();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

impl Drop for Driftline {
    fn drop(&mut self) {
        self.kill();
    }
}
