//! The demo's view: redrawn in place on a terminal, plain lines elsewhere.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::Args;
use super::seen::{News, Seen};
use crate::cli::print;
use crate::config::Config;
use crate::evaluation::plot::plot;

/// Columns and rows of the plot.
const PLOT: (usize, usize) = (60, 10);
/// Alerts that are shown below it.
const ALERTS: usize = 6;
const REDRAW: Duration = Duration::from_millis(200);

pub fn introduce(args: &Args, config: &Config, embedded: bool) {
    let spec = config.spec();
    let broker = if embedded {
        "The broker is librdkafka's mock inside this process, for demonstration only: it keeps nothing, isolates no\n\
         transactions and guarantees nothing. With --kafka HOST:PORT the same runs on a real cluster."
            .to_owned()
    } else {
        format!("The cluster is {}; the topics {}.* are deleted at the end.", config.kafka.bootstrap, config.name)
    };
    say(&format!(
        "driftline demo: {} card payments, {} a second. What fraud looks like changes after {} and after {}.\n{broker}\n\
         Each payment is predicted before its label is learned, by {} over the last {} labelled ones.\n",
        args.events,
        args.speed,
        args.events / 3,
        args.events * 2 / 3,
        spec.model.name(),
        spec.window.and_then(|window| window.size).unwrap_or_default(),
    ));
}

/// A demo whose output nobody reads any more goes on to its end.
fn say(text: &str) {
    let _ = print(text);
}

pub struct View {
    events: u64,
    terminal: bool,
    /// Lines of the last drawing, to be overwritten.
    drawn: usize,
    drawn_at: Option<Instant>,
    started: Instant,
}

impl View {
    pub fn new(events: u64, terminal: bool) -> Self {
        Self { events, terminal, drawn: 0, drawn_at: None, started: Instant::now() }
    }

    /// Something was read.
    pub fn news(&mut self, seen: &Seen, news: News) {
        if self.terminal {
            return self.show(seen);
        }
        match (news, seen.alerts.last()) {
            (News::Alert, Some((offset, message))) => say(&format!("ALERT at payment {offset}: {message}")),
            (News::Evaluation, _) if seen.evaluated.is_multiple_of(5) => say(&self.line(seen)),
            _ => {}
        }
    }

    /// Draws, if it is time to.
    pub fn show(&mut self, seen: &Seen) {
        if !self.terminal || self.drawn_at.is_some_and(|at| at.elapsed() < REDRAW) {
            return;
        }
        self.drawn_at = Some(Instant::now());
        let mut picture = picture(seen);
        let _ = writeln!(picture, "{}", self.line(seen));
        // A line that wraps would be two to overwrite.
        let width = crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns));
        for (offset, message) in seen.alerts.iter().rev().take(ALERTS).rev() {
            let alert = format!("ALERT at payment {offset}: {message}");
            let _ = writeln!(picture, "{}", alert.chars().take(width).collect::<String>());
        }
        let up = if self.drawn > 0 { format!("\x1b[{}A\x1b[J", self.drawn) } else { String::new() };
        self.drawn = picture.trim_end().lines().count();
        say(&format!("{up}{}", picture.trim_end()));
    }

    fn line(&self, seen: &Seen) -> String {
        let score = |values: &[f64]| values.last().map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
        format!(
            "{:>3} %  {:>8} payments   accuracy {} (no-change {})   {} alerts",
            seen.evaluated_to * 100 / self.events,
            seen.evaluated_to,
            score(&seen.accuracy),
            score(&seen.no_change),
            seen.alerts.len()
        )
    }

    pub fn summary(mut self, seen: &Seen) {
        self.drawn_at = None;
        self.show(seen);
        let score = |section: &str, metric: &str| {
            seen.score(section, metric).map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"))
        };
        let complete = if seen.predictions == self.events && seen.duplicates == 0 {
            format!("each of the {} payments has exactly one prediction", self.events)
        } else {
            let (found, twice) = (seen.predictions, seen.duplicates);
            format!("{found} of {} payments have a prediction, {twice} have more than one", self.events)
        };
        let drawn = if self.terminal { String::new() } else { picture(seen) };
        let mut text = format!("\n{drawn}In {:.0} s: {complete}.\n\n", self.started.elapsed().as_secs_f64());
        let _ = writeln!(text, "{:<12}{:>12}{:>12}", "", "model", "no-change");
        for metric in ["accuracy", "kappa", "f1", "roc_auc"] {
            let _ = writeln!(text, "{metric:<12}{:>12}{:>12}", score("metrics", metric), score("no_change", metric));
        }
        let _ = writeln!(text, "\n{} alerts:", seen.alerts.len());
        for (offset, message) in &seen.alerts {
            let _ = writeln!(text, "  payment {offset}: {message}");
        }
        let next =
            "\nNext: driftline generate fraud > payments.csv; driftline evaluate payments.csv -c config/fraud.toml";
        say(&(text + next));
    }
}

fn picture(seen: &Seen) -> String {
    plot(&[("accuracy", seen.accuracy.clone())], ("no-change", &seen.no_change), PLOT.0, PLOT.1) + "\n"
}
