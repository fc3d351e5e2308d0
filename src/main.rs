//! The binary: a table of contents.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use driftline::cli::{self, check, components, demo, evaluate, generate, run, schema, send, state, topics};

/// A worker that learns from a Kafka stream: predicts before it learns, watches for drift, exactly once.
#[derive(Parser)]
#[command(name = "driftline", version, propagate_version = true, after_help = cli::EXIT_CODES)]
struct Driftline {
    #[command(flatten)]
    global: cli::Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Args),
    Demo(demo::Args),
    Evaluate(evaluate::Args),
    Check(check::Args),
    Topics(topics::Args),
    Send(send::Args),
    State(state::Args),
    Components(components::Args),
    Generate(generate::Args),
    Schema(schema::Args),
}

fn main() -> ExitCode {
    let Driftline { global, command } = Driftline::parse();
    cli::execute(&global, matches!(command, Command::Demo(_)), || match &command {
        Command::Run(args) => run::run(args),
        Command::Demo(args) => demo::run(args),
        Command::Evaluate(args) => evaluate::run(args),
        Command::Check(args) => check::run(args),
        Command::Topics(args) => topics::run(args),
        Command::Send(args) => send::run(args),
        Command::State(args) => state::run(args),
        Command::Components(args) => components::run(args),
        Command::Generate(args) => generate::run(args),
        Command::Schema(args) => schema::run(args),
    })
}
