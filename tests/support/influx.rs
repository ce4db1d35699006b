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

/// Starts one of its own with this account, which it wants; None where InfluxDB cannot be had. It lives as long as the guard.
pub(crate) async fn with_account(user: &str, password: &str) -> Option<(u16, Child)> {
    let (port, _, guard) = match run("influxdb", "influxdb-account", &["auth-enabled=true"]) {
        Ok(server) => server,
        Err(missing) => {
            skip(&missing);
            return None;
        }
    };
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    // The first account may be made by anybody, and has all privileges.
    let statement = format!("CREATE USER {user} WITH PASSWORD '{password}' WITH ALL PRIVILEGES");
    let request = client.post(format!("http://127.0.0.1:{port}/query")).query(&[("q", statement)]);
    let made = request.send().await.expect("InfluxDB answers");
    assert!(made.status().is_success(), "the account is made: {}", made.status());
    Some((port, guard))
}
