//! Logs: to stderr, as text or JSON, so that stdout is the command's own.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;

/// Flags of every command.
#[derive(Clone, Debug, clap::Args)]
pub struct Global {
    /// How log lines on stderr are written.
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    pub log_format: LogFormat,
    /// Say more.
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Say only what is wrong.
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// `silent` commands log only errors where nothing else is asked for: they draw on the terminal that logs would go to.
pub(super) fn start(global: &Global, silent: bool) {
    let level = match (global.verbose, global.quiet) {
        (true, _) => LevelFilter::DEBUG,
        _ if silent => LevelFilter::ERROR,
        (_, true) => LevelFilter::WARN,
        _ => LevelFilter::INFO,
    };
    let lines = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr);
    match global.log_format {
        LogFormat::Text => lines.with_target(false).with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
}
