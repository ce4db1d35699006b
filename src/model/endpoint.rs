//! How to reach a database, as the operator wrote it.

use crate::secret::Secret;

/// TLS towards a server. `verify_ca` does not exist here: see `research` note in `replicate/connect.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TlsMode {
    Disabled,
    /// TLS where the server offers it, without checking its certificate.
    #[default]
    Preferred,
    /// TLS or no connection, without checking the certificate.
    Required,
    /// TLS, and the certificate must name the host.
    VerifyIdentity,
}

/// One MySQL or MariaDB server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MysqlEndpoint {
    pub host: String,
    pub port: u16,
    pub user: String,
    pub password: Secret,
    pub tls: TlsMode,
    /// PEM file with the authorities to trust, on the daemon's machine.
    pub tls_ca: Option<String>,
}

impl MysqlEndpoint {
    /// Returns `host:port`, the form in which messages name a server.
    pub fn address(&self) -> String {
        if self.host.contains(':') { format!("[{}]:{}", self.host, self.port) } else { format!("{}:{}", self.host, self.port) }
    }

    /// Says whether both are written as one server. Two names may still lead to one.
    pub fn is_at(&self, other: &Self) -> bool {
        self.host.eq_ignore_ascii_case(&other.host) && self.port == other.port
    }
}
