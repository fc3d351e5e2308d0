//! A real browser without a window: Chromium, spoken to in the DevTools protocol over two pipes.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::guard::AtExit;

const PATIENCE: Duration = Duration::from_secs(60);
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A browser with one page. Closed when dropped, and when the test process ends.
pub struct Browser {
    child: Child,
    say: File,
    hear: Receiver<Value>,
    session: Option<String>,
    said: u64,
    /// What it told without being asked.
    events: Vec<Value>,
    _guard: AtExit,
    _home: TempDir,
}

impl Browser {
    /// Starts one: `DRIFTLINE_TEST_BROWSER`, or what is installed.
    pub fn launch() -> Result<Self, String> {
        let wish = std::env::var("DRIFTLINE_TEST_BROWSER").ok();
        let there = |name: &String| Command::new(name).arg("--version").output().is_ok_and(|out| out.status.success());
        let name = wish.into_iter().chain(NAMES.map(str::to_owned)).find(there).ok_or("no chromium is installed")?;
        let home = tempfile::tempdir().map_err(|why| why.to_string())?;
        let pipes = ["in", "out"].map(|pipe| home.path().join(pipe));
        let made = Command::new("mkfifo").args(&pipes).status().map_err(|why| format!("mkfifo: {why}"))?;
        assert!(made.success(), "mkfifo");
        // The protocol is spoken on descriptors 3 and 4.
        let child = Command::new("sh")
            .args(["-c", "in=$1 out=$2; shift 2; exec \"$@\" 3<\"$in\" 4>\"$out\"", "sh"])
            .args(&pipes)
            .arg(&name)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"])
            .arg("--remote-debugging-pipe")
            .arg(format!("--user-data-dir={}", home.path().join("profile").display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|why| why.to_string())?;
        let guard = AtExit::run(&["kill".to_owned(), "-KILL".to_owned(), child.id().to_string()]).expect("a guard");
        let say = File::options().write(true).open(&pipes[0]).expect("a pipe");
        let hear = listen(File::open(&pipes[1]).expect("a pipe"));
        let (session, events) = (None, Vec::new());
        let mut browser = Self { child, say, hear, session, said: 0, events, _guard: guard, _home: home };
        browser.begin();
        Ok(browser)
    }

    fn begin(&mut self) {
        let target = self.ask("Target.createTarget", &json!({ "url": "about:blank" }));
        let attached = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.ask("Target.attachToTarget", &attached);
        self.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            self.ask(&format!("{domain}.enable"), &json!({}));
        }
    }

    /// Sends a command and waits for its result.
    pub fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.said += 1;
        let mut message = json!({ "id": self.said, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        write!(self.say, "{message}\0").expect("the browser listens");
        loop {
            let heard = self.next(method);
            if heard["id"] == self.said {
                assert!(heard["error"].is_null(), "{method}: {heard}");
                return heard["result"].clone();
            }
            self.events.push(heard);
        }
    }

    fn next(&self, waiting_for: &str) -> Value {
        self.hear.recv_timeout(PATIENCE).unwrap_or_else(|why| panic!("the browser is silent, not {waiting_for}: {why}"))
    }

    /// Opens a file and waits until it is loaded; what was told before is forgotten.
    pub fn visit(&mut self, file: &Path) {
        self.events.clear();
        self.ask("Page.navigate", &json!({ "url": format!("file://{}", file.display()) }));
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.next("Page.loadEventFired");
            self.events.push(event);
        }
    }

    /// The value of an expression on the page.
    pub fn value(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let result = self.ask("Runtime.evaluate", &params);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {result}");
        result["result"]["value"].clone()
    }

    /// A window of this size, in CSS pixels.
    pub fn resize(&mut self, width: u32, height: u32) {
        let params = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.ask("Emulation.setDeviceMetricsOverride", &params);
    }

    /// `light` or `dark`.
    pub fn prefer(&mut self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.ask("Emulation.setEmulatedMedia", &json!({ "features": features }));
    }

    /// Moves the pointer to a place in the window.
    pub fn point(&mut self, x: f64, y: f64) {
        self.ask("Input.dispatchMouseEvent", &json!({ "type": "mouseMoved", "x": x, "y": y }));
    }

    /// Presses a key by its name.
    pub fn press(&mut self, key: &str) {
        self.ask("Input.dispatchKeyEvent", &json!({ "type": "keyDown", "key": key }));
    }

    /// Exceptions, errors and warnings since the visit.
    pub fn problems(&self) -> Vec<&Value> {
        let told = |event: &&Value| match event["method"].as_str() {
            Some("Runtime.exceptionThrown" | "Log.entryAdded") => true,
            Some("Runtime.consoleAPICalled") => event["params"]["type"] != "log",
            _ => false,
        };
        self.events.iter().filter(told).collect()
    }

    /// Every URL that was asked for since the visit.
    pub fn requests(&self) -> Vec<&str> {
        let sent = self.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        sent.filter_map(|event| event["params"]["request"]["url"].as_str()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Messages end with a NUL.
fn listen(pipe: File) -> Receiver<Value> {
    let (heard, hear) = channel();
    std::thread::spawn(move || {
        for message in BufReader::new(pipe).split(0).map_while(Result::ok) {
            let Ok(message) = serde_json::from_slice(&message) else { continue };
            if heard.send(message).is_err() {
                break;
            }
        }
    });
    hear
}
