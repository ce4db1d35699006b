//! A real InfluxDB 1.x for the tests.

use super::servers::{run, skip};
use std::process::Child;
use std::sync::OnceLock;

pub(crate) struct Influx {
    pub(crate) port: u16,
    /// Keeps the pipe open; the server lives as long as it.
    _guard: Child,
}

/// Returns the shared server, or None where InfluxDB cannot be had (the skip is printed).
pub(crate) fn influx() -> Option<&'static Influx> {
    static SERVER: OnceLock<Result<Influx, String>> = OnceLock::new();
    match SERVER.get_or_init(|| run("influxdb", "influxdb", &[]).map(|(port, _, guard)| Influx { port, _guard: guard })) {
        Ok(server) => Some(server),
        Err(missing) => {
            skip(missing);
            None
        }
    }
}
