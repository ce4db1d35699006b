//! Logs: readable on a terminal, JSON elsewhere or when asked, and the newest lines kept in memory for `syncline logs`.
//!
//! `ring` is that memory, bounded by bytes. The level can be changed while the daemon runs. Nothing here sees secrets:
//! they are `Secret`s, and rows and bodies are never logged.

mod ring;

pub use ring::{Line, Page, Query, Ring, Target};

use crate::config::{self, Log, LogFormat};
use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, PoisonError};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, reload};

/// A handle on the process's logging.
#[derive(Clone)]
pub struct Telemetry {
    /// None: the process logs through another installation.
    filter: Option<reload::Handle<EnvFilter, Registry>>,
    level: Arc<Mutex<String>>,
    ring: Arc<Ring>,
}

impl Telemetry {
    /// Installs logging for the process. A second call in one process (tests do that) keeps the first installation and
    /// returns a handle whose ring stays empty and whose level is only remembered.
    pub fn install(log: &Log) -> Result<Self, String> {
        let (filter, handle) = reload::Layer::new(parse(&log.level)?);
        let ring = Arc::new(Ring::new(log.memory_bytes));
        let terminal = std::io::stderr().is_terminal();
        let json = log.format == LogFormat::Json || (log.format == LogFormat::Auto && !terminal);
        let lines: Box<dyn Layer<_> + Send + Sync> = if json {
            fmt::layer().json().flatten_event(true).with_writer(std::io::stderr).boxed()
        } else {
            let colour = terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
            fmt::layer().with_ansi(colour).with_target(false).with_writer(std::io::stderr).boxed()
        };
        let installed = tracing_subscriber::registry().with(filter).with(lines).with(ring::Tap::new(Arc::clone(&ring))).try_init();
        let filter = match installed {
            Ok(()) => Some(handle),
            Err(_) => {
                tracing::debug!("logging is installed already");
                None
            }
        };
        Ok(Self { filter, level: Arc::new(Mutex::new(log.level.clone())), ring })
    }

    /// Returns what is logged now: a level, or levels per module.
    pub fn level(&self) -> String {
        self.level.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes what is logged at once, until the daemon restarts. Returns the level before it.
    pub fn set_level(&self, level: &str) -> Result<String, String> {
        config::check_level(level)?;
        let filter = parse(level)?;
        // Held across the reload, so that two callers leave the level that `level` tells.
        let mut current = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = &self.filter {
            handle.reload(filter).map_err(|e| format!("cannot change the log level: {e}"))?;
        }
        Ok(std::mem::replace(&mut current, level.to_owned()))
    }

    pub fn ring(&self) -> &Arc<Ring> {
        &self.ring
    }
}

fn parse(level: &str) -> Result<EnvFilter, String> {
    // The MySQL client logs every packet at debug; that is asked for by name or not at all.
    let quiet = "mysql_async=warn,hyper=warn,rustls=warn,h2=warn";
    EnvFilter::try_new(format!("{quiet},{level}")).map_err(|e| format!("log level {level:?}: {e}"))
}
