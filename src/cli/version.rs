//! `syncline version`: this program, and the daemon where one answers.

use super::error::Error;
use super::exit::Exit;
use super::output::{self, Document, Output};
use super::session::Session;
use serde_json::json;
use std::time::Duration;

/// A version is asked for in trouble; it does not wait for a daemon that is gone.
const SERVER_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline version
  syncline version --client -o json")]
pub struct Args {
    /// Do not ask the daemon
    #[arg(long)]
    client: bool,
}

pub(super) async fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    session.out.refuse_csv("a version")?;
    let own = env!("CARGO_PKG_VERSION");
    let platform = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    let mut pairs = vec![("client", format!("{own} ({platform})"))];
    let mut server = json!(null);
    if !args.client {
        let client = session.client_with(session.patience().unwrap_or(SERVER_TIMEOUT))?;
        match client.server_status().await {
            Ok(status) => {
                pairs.push(("server", format!("{} at {}", status.version, client.server())));
                if status.version != own && session.out.for_people() {
                    output::warn("warning: client and server are of different versions");
                }
                server = json!({ "address": client.server(), "version": status.version });
            }
            Err(error) => {
                pairs.push(("server", format!("unknown: {error}")));
                server = json!({ "address": client.server(), "version": null, "error": error.to_string() });
            }
        }
    }
    let reply = json!({ "client": { "version": own, "platform": platform, "api": ["v1"] }, "server": server });
    Output { quiet: false, ..session.out }.document(&Document { reply, name: format!("version/{own}"), text: output::pairs(&pairs) })?;
    Ok(Exit::Ok)
}
