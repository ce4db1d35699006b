//! `syncline serve`: the daemon. It reads the configuration and hands over to [`crate::serve`], which minds the signals.

use super::config;
use super::error::Error;
use super::exit::Exit;
use crate::config::Flags;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(after_help = "Without a configuration it listens on 127.0.0.1:8190 and keeps its state in ~/.local/state/syncline.
SIGTERM or Ctrl-C ends it in order and with 0; a second one ends it at once.
Probes: GET /livez (the process answers), GET /readyz (its state database and scheduler do), GET /metrics.

Examples:
  syncline serve
  syncline serve --config /etc/syncline/syncline.toml
  syncline serve --listen 127.0.0.1:9000 --data-dir /tmp/try")]
pub struct Args {
    /// Configuration file, instead of the usual places (see `syncline config show`)
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address to listen on [default: 127.0.0.1:8190]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Folder of the state
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// trace, debug, info, warn or error
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<String>,
    /// auto, text or json
    #[arg(long, value_name = "FORM")]
    log_format: Option<String>,
}

pub(super) async fn run(args: Args) -> Result<Exit, Error> {
    let Args { config, listen, data_dir, log_level, log_format } = args;
    let config = config::load_to_serve(config.as_deref(), &Flags { listen, data_dir, log_level, log_format })?;
    // Boxed: the daemon's future is large, and this is its only place.
    Box::pin(crate::serve::command(config)).await.map_err(|e| Error::failed("serve", format!("the daemon ended: {e:#}")))?;
    Ok(Exit::Ok)
}
