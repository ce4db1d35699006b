//! `/api/v1/server`.

use super::{Client, Error, Raw, error_body};
use crate::wire::native::server::{LogLevel, LogLevelChange, ServerStatus};

impl Client {
    pub async fn server_status(&self) -> Result<ServerStatus, Error> {
        self.get(&["server"], &[]).await
    }

    /// Returns the text of `/metrics`.
    pub async fn metrics(&self) -> Result<String, Error> {
        let Raw { status, body, ignored: _ } = self.raw("GET", "/metrics", None).await?;
        if status != 200 {
            return Err(Error::Api { status, body: error_body(status, &body) });
        }
        Ok(String::from_utf8_lossy(&body).into_owned())
    }

    pub async fn log_level(&self) -> Result<LogLevel, Error> {
        self.get(&["log-level"], &[]).await
    }

    /// Changes what the daemon logs, until it restarts.
    pub async fn set_log_level(&self, level: &str) -> Result<LogLevel, Error> {
        self.put(&["log-level"], &[], &LogLevelChange { level: level.to_owned() }).await
    }
}
