//! What a person types. One file per noun; a leaf is its arguments and a few lines: ask the client, hand the reply to
//! [`output`], return an [`Exit`].
//!
//! Called by `main.rs` only. Speaks to daemons through `client` and knows `wire`, never the model; `serve` and `config`
//! alone touch the daemon's own modules. Invariant: a verb or flag means the same everywhere, every leaf takes
//! [`args::Globals`], and nothing is listed that does not work.

mod api;
mod args;
mod bars;
mod completions;
mod config;
mod context;
mod contexts;
mod endpoint;
mod error;
mod es;
mod exit;
mod explain;
mod generate;
mod help;
mod hosts;
mod human;
mod jobs;
mod logs;
mod man;
mod mysql;
mod nodes;
mod output;
mod prompt;
mod serve;
mod server;
mod session;
mod sync;
mod tasks;
mod typed;
mod version;

pub use args::Globals;
pub use error::Error;
pub use exit::Exit;
pub use output::Format;
pub use typed::Typed;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use session::Session;

/// Moves MySQL and MariaDB databases and keeps them in sync
#[derive(Debug, Parser)]
#[command(
    name = "syncline",
    version,
    max_term_width = 100,
    disable_help_subcommand = true,
    infer_subcommands = false,
    subcommand_required = true,
    arg_required_else_help = true,
    styles = styles(),
    after_help = "Examples:
  syncline serve                                     start the daemon on 127.0.0.1:8190
  syncline jobs create -f job.toml --wait=incremental
  syncline jobs watch orders-sync
  syncline jobs verify orders-sync

More: syncline help exit-codes | environment | output | security"
)]
pub struct Cli {
    #[command(flatten)]
    pub globals: Globals,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the daemon
    Serve(serve::Args),
    /// Migration and sync jobs
    #[command(subcommand, visible_alias = "job")]
    Jobs(jobs::Command),
    /// Market data: prices and volumes of symbols
    #[command(subcommand, after_help = bars::SYMBOLS)]
    Bars(bars::Command),
    /// Jobs that run at their times, or when they are told to
    #[command(subcommand, visible_alias = "task")]
    Tasks(tasks::Command),
    /// Bring figures over now
    #[command(subcommand)]
    Sync(sync::Command),
    /// The pool of hosts, with their figures
    #[command(subcommand, visible_alias = "host")]
    Hosts(hosts::Command),
    /// The daemons and how they are
    #[command(subcommand, visible_alias = "node")]
    Nodes(nodes::Command),
    /// What happened: log lines and runs
    Logs(logs::Args),
    /// One daemon as a whole
    #[command(subcommand)]
    Server(server::Command),
    /// The daemon's settings on this machine
    #[command(subcommand)]
    Config(config::Command),
    /// Look at a database before a job uses it
    #[command(subcommand)]
    Mysql(mysql::Command),
    /// Look at an Elasticsearch endpoint before a task uses it
    #[command(subcommand)]
    Es(es::Command),
    /// The daemons that this user works with
    #[command(subcommand)]
    Context(context::Command),
    /// A raw call of the daemon's API
    Api(api::Args),
    /// What an error code means, and what to do
    Explain(explain::Args),
    /// Versions of this program and of the daemon
    Version(version::Args),
    /// Shell completion script, to stdout
    Completions(completions::Args),
    /// Manual page, to stdout
    Man(man::Args),
    /// Write completions/, man/ and config.example.toml of the source tree
    Generate(generate::Args),
    /// Help on a command or a topic
    Help(help::Args),
}

/// Reads the command line, and what was typed of it. clap prints usage errors itself and exits with 2, our own code for them.
pub fn parse() -> (Cli, Typed) {
    let mut command = Cli::command();
    let matches = command.get_matches_mut();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|e| e.format(&mut command).exit());
    let typed = Typed::of(&command, &matches);
    (cli, typed)
}

/// Runs one command to its end, or until a signal asks it to stop. The work at the daemon goes on.
pub async fn run_until_signal(cli: Cli) -> Result<Exit, Error> {
    use tokio::signal::unix::{SignalKind, signal};
    // The daemon ends in its own, orderly way.
    if matches!(cli.command, Command::Serve(_)) {
        return Box::pin(run(cli)).await;
    }
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    // A task of its own: a prompt blocks the thread it runs on, and signals are heard all the same.
    let mut leaf = tokio::spawn(run(cli));
    let exit = tokio::select! {
        outcome = &mut leaf => return outcome.unwrap_or_else(|e| Err(Error::failed("bug", format!("this is a bug: {e}")))),
        _ = interrupt.recv() => Exit::Interrupted,
        _ = terminate.recv() => Exit::Terminated,
    };
    // Bars are wiped when they are dropped; a prompt is not waited for.
    leaf.abort();
    let _ = tokio::time::timeout(std::time::Duration::from_millis(200), leaf).await;
    prompt::restore();
    Ok(exit)
}

async fn run(cli: Cli) -> Result<Exit, Error> {
    let session = Session::new(cli.globals);
    match cli.command {
        Command::Serve(args) => serve::run(args).await,
        Command::Jobs(command) => jobs::run(&session, command).await,
        Command::Bars(command) => Box::pin(bars::run(&session, command)).await,
        Command::Tasks(command) => tasks::run(&session, command).await,
        Command::Sync(command) => sync::run(&session, command).await,
        Command::Hosts(command) => hosts::run(&session, command).await,
        Command::Es(command) => es::run(&session, command).await,
        Command::Nodes(command) => nodes::run(&session, command).await,
        Command::Logs(args) => logs::run(&session, args).await,
        Command::Server(command) => server::run(&session, command).await,
        Command::Config(command) => config::run(&session, command),
        Command::Mysql(command) => mysql::run(&session, command).await,
        Command::Context(command) => context::run(&session, command),
        Command::Api(args) => api::run(&session, args).await,
        Command::Explain(args) => explain::run(&session, args),
        Command::Version(args) => version::run(&session, args).await,
        Command::Completions(args) => completions::run(&session, args),
        Command::Man(args) => man::run(&session, args),
        Command::Generate(args) => generate::run(&session, args),
        Command::Help(args) => help::run(&session, args),
    }
}

fn styles() -> clap::builder::Styles {
    use clap::builder::styling::{AnsiColor, Style};
    let bold = Style::new().bold();
    clap::builder::Styles::plain()
        .header(bold)
        .usage(bold)
        .literal(AnsiColor::Cyan.on_default())
        .error(AnsiColor::Red.on_default().bold())
        .valid(AnsiColor::Green.on_default())
        .invalid(AnsiColor::Yellow.on_default())
}
