//! What the system tells of this process, and the progress bar.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// CPU time of this process, user and system; `None` where there is no `/proc`.
pub fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name before the last parenthesis may hold anything; times are the 12th and 13th field after it, in 1/100 s.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / 100.0)
}

/// The most memory this process has had; `None` where there is no `/proc`.
pub fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1_024)
}

/// A bar on stderr with rows per second and the time left; only terminals get one.
pub struct Bar {
    bar: Option<ProgressBar>,
    started: Instant,
}

impl Bar {
    pub fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(ProgressBar::no_length);
        Self { bar, started: Instant::now() }
    }

    /// `bytes` of the files are read, of all there are where that is known, which were `rows`.
    pub fn tick(&self, (bytes, size): (u64, Option<u64>), rows: u64) {
        let Some(bar) = &self.bar else { return };
        if let Some(size) = size
            && bar.length().is_none()
        {
            bar.set_length(size);
            if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent:>3} %  {msg}  {eta} left") {
                bar.set_style(style);
            }
        }
        let elapsed = self.started.elapsed().max(Duration::from_millis(1));
        bar.set_position(bytes);
        bar.set_message(format!("{rows} rows, {:.0} rows/s", rows as f64 / elapsed.as_secs_f64()));
    }

    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
