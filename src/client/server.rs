//! `/api/v1/server`.

use super::{Client, Error};
use crate::wire::native::server::{LogLevel, LogLevelChange, ServerStatus};

impl Client {
    pub async fn server_status(&self) -> Result<ServerStatus, Error> {
        self.get(&["server"], &[]).await
    }

    pub async fn log_level(&self) -> Result<LogLevel, Error> {
        self.get(&["log-level"], &[]).await
    }

    /// Changes what the daemon logs, until it restarts.
    pub async fn set_log_level(&self, level: &str) -> Result<LogLevel, Error> {
        self.put(&["log-level"], &[], &LogLevelChange { level: level.to_owned() }).await
    }
}
