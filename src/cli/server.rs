//! `syncline server`: one daemon as a whole.

use super::args::Mutation;
use super::error::Error;
use super::exit::Exit;
use super::human;
use super::output::{self, Document, json};
use super::session::Session;
use crate::wire::native::server::{LogLevel, ServerStatus};
use jiff::Timestamp;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Version, age, memory, listeners and jobs of the daemon
    #[command(after_help = "Examples:\n  syncline server status\n  syncline server status -o json | jq .rss_bytes")]
    Status,
    /// The figures of the daemon and its jobs, as Prometheus reads them at /metrics
    #[command(after_help = "Examples:\n  syncline server metrics\n  syncline server metrics | grep lag")]
    Metrics,
    /// What the daemon logs; with a level: changes it at once, until the daemon restarts
    LogLevel(LogLevelArgs),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "A restart goes back to log.level of the configuration. It needs a token of the role admin where there are tokens.

Examples:
  syncline server log-level
  syncline server log-level debug
  syncline server log-level info,syncline::replicate=trace")]
pub struct LogLevelArgs {
    /// trace, debug, info, warn or error; also per module
    #[arg(value_name = "LEVEL")]
    level: Option<String>,
    #[command(flatten)]
    mutation: Mutation,
}

pub(super) async fn run(session: &Session, command: Command) -> Result<Exit, Error> {
    match command {
        Command::Metrics => {
            session.out.refuse_csv("metrics")?;
            output::print(&session.client()?.metrics().await?)?;
            Ok(Exit::Ok)
        }
        Command::LogLevel(args) => log_level(session, args).await,
        Command::Status => {
            session.out.refuse_csv("a status")?;
            let client = session.client()?;
            let status = client.server_status().await?;
            let text = text(client.server(), &status);
            session.out.document(&Document { reply: json(&status), name: format!("server/{}", status.node_id), text })?;
            Ok(Exit::Ok)
        }
    }
}

async fn log_level(session: &Session, args: LogLevelArgs) -> Result<Exit, Error> {
    session.out.refuse_csv("a log level")?;
    let LogLevelArgs { level, mutation } = args;
    let client = session.client()?;
    let shown = match level {
        Some(level) if mutation.dry_run => {
            session.out.note(&format!("would log {level} from now on; now it is:"));
            client.log_level().await?
        }
        Some(level) => client.set_log_level(&level).await?,
        None => client.log_level().await?,
    };
    let LogLevel { level, configured } = &shown;
    let text = output::pairs(&[("level", level.clone()), ("configured", configured.clone())]);
    session.out.document(&Document { reply: json(&shown), name: format!("log-level/{level}"), text })?;
    Ok(Exit::Ok)
}

fn text(server: &str, status: &ServerStatus) -> String {
    let ServerStatus { version, node_id, started, uptime_seconds, data_dir, pid, rss_bytes, listeners, authentication, jobs, warnings } =
        status;
    let counts: Vec<String> = jobs.iter().filter(|j| j.count > 0).map(|j| format!("{} {}", j.count, j.state)).collect();
    let mut pairs = vec![
        ("server", server.to_owned()),
        ("version", version.clone()),
        ("node", node_id.clone()),
        ("up for", format!("{} (started {})", human::seconds(*uptime_seconds as f64), human::ago(started, Timestamp::now()))),
        ("jobs", if counts.is_empty() { "none".into() } else { counts.join(", ") }),
        ("memory", rss_bytes.map(human::bytes).unwrap_or_default()),
        ("process", pid.to_string()),
        ("data", data_dir.clone()),
        ("authentication", if *authentication { "on" } else { "off" }.to_owned()),
    ];
    pairs.extend(listeners.iter().map(|l| ("listens on", format!("{} ({})", l.address, l.families.join(", ")))));
    pairs.extend(warnings.iter().map(|w| ("warning", w.clone())));
    output::pairs(&pairs)
}
