//! Child processes that can't outlive the test process, however it ends.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A process behind a shell that kills it when the pipe from here closes: the kernel closes it even after `kill -9`.
pub struct Guarded {
    shell: Child,
    log: PathBuf,
}

/// `$1` the log, `$2` a folder to remove after an end that nobody asked for ("" for none), then the command.
const GUARD: &str = r#"
log=$1; remove=$2; shift 2
"$@" >>"$log" 2>&1 </dev/null &
child=$!
trap '' INT TERM HUP
if read -r signal; then kill "-$signal" $child 2>/dev/null; else kill -KILL $child 2>/dev/null; orphan=yes; fi
wait $child 2>/dev/null
if [ "${orphan:-}" ] && [ "$remove" ]; then rm -rf "$remove"; fi
"#;

impl Guarded {
    /// Starts `command` with its output appended to `log`; `remove` is deleted when the test process just ends.
    pub fn spawn(command: &[String], log: &Path, remove: Option<&Path>) -> Result<Self, String> {
        let shell = Command::new("sh")
            .args(["-c", GUARD, "guard"])
            .arg(log)
            .arg(remove.unwrap_or(Path::new("")))
            .args(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|why| format!("sh: {why}"))?;
        Ok(Self { shell, log: log.to_owned() })
    }

    /// Waits until the log, from byte `from` on, contains `line`.
    pub fn await_line(&mut self, line: &str, from: usize, patience: Duration) -> Result<(), String> {
        let start = Instant::now();
        loop {
            let log = std::fs::read(&self.log).unwrap_or_default();
            let log = String::from_utf8_lossy(log.get(from..).unwrap_or_default()).into_owned();
            if log.contains(line) {
                return Ok(());
            }
            // The guard waits for the child only after a word from here: a child that died shows in its log.
            let died = ["Exception in thread \"main\"", "Exiting Kafka due to", "Address already in use", "Error: "];
            if died.iter().any(|word| log.contains(word)) || start.elapsed() > patience {
                let from = log.char_indices().rev().nth(1500).map_or(0, |(at, _)| at);
                return Err(format!("no {line:?} after {:?}; the end of its log:\n{}", start.elapsed(), &log[from..]));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Sends a signal (`TERM`, `KILL`) and waits for the end.
    pub fn end(&mut self, signal: &str) {
        if let Some(mut pipe) = self.shell.stdin.take() {
            let _ = writeln!(pipe, "{signal}");
        }
        let _ = self.shell.wait();
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.end("KILL");
    }
}

/// Runs a command when the test process ends, unless it was dropped before.
pub struct AtExit(Child);

impl AtExit {
    pub fn run(command: &[String]) -> Result<Self, String> {
        let guard = r#"trap '' INT TERM HUP; read -r done || exec "$@" >/dev/null 2>&1"#;
        let shell = Command::new("sh")
            .args(["-c", guard, "guard"])
            .args(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        shell.map(Self).map_err(|why| format!("sh: {why}"))
    }
}

impl Drop for AtExit {
    fn drop(&mut self) {
        if let Some(mut pipe) = self.0.stdin.take() {
            let _ = writeln!(pipe, "done");
        }
        let _ = self.0.wait();
    }
}
