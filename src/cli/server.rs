//! `syncline server`: one daemon as a whole.

use super::error::Error;
use super::exit::Exit;
use super::human;
use super::output::{self, Document, json};
use super::session::Session;
use crate::wire::native::server::ServerStatus;
use jiff::Timestamp;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Version, age, memory, listeners and jobs of the daemon
    #[command(after_help = "Examples:\n  syncline server status\n  syncline server status -o json | jq .rss_bytes")]
    Status,
}

pub(super) async fn run(session: &Session, command: Command) -> Result<Exit, Error> {
    match command {
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
