//! Connections to MySQL and MariaDB: TLS, time limits, and the session that carries values unchanged.
//!
//! Fidelity (replication.md §9): the session's character set is `binary`, so that text columns travel as the bytes
//! they are stored as; the time zone is UTC; the SQL mode is strict but lets the dates pass that a source may hold.
//! What is sent over them is waited for as long as the server is at work, and no longer ([`Conn`]). Those that hold something
//! at the source are ended there when nothing is heard of them any more ([`Stragglers`]).
//! `verify_ca` is not offered: mysql_async 0.37 compares an error text that rustls no longer says, so it cannot skip
//! the host name alone; a mode that would fail on every server is refused by name where it is parsed.

mod conn;
mod stragglers;

use super::{Error, Kind, Result};
use crate::model::endpoint::{MysqlEndpoint, TlsMode};
pub use conn::{Conn, Rows};
use mysql_async::{DriverError, IoError, Opts, OptsBuilder, SslOpts};
use sha2::{Digest as _, Sha256};
use std::path::PathBuf;
use std::time::Duration;
pub use stragglers::Stragglers;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What a session of ours says first, at both ends.
pub const SQL_MODE: &str = "STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flavor {
    Mysql,
    Mariadb,
}

impl Flavor {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mysql => "mysql",
            Self::Mariadb => "mariadb",
        }
    }
}

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerInfo {
    pub flavor: Flavor,
    /// (major, minor, patch)
    pub version: (u16, u16, u16),
    pub version_text: String,
    pub server_id: u32,
    /// MySQL's `server_uuid`; MariaDB has none: its `server_uid` where there is one, else "".
    pub uuid: String,
    /// What changes that were first made here are told by at other servers ([`origin`]).
    pub origin: String,
    /// MySQL: gtid_mode is ON. MariaDB: always.
    pub gtid: bool,
    /// Its log holds what foreign keys do to rows (MySQL from 9.6 on, unless told otherwise); else nobody says it.
    pub logs_cascades: bool,
    pub connection_id: u32,
}

impl ServerInfo {
    /// What tells this server from the replicas of it, over its restarts.
    pub fn identity(&self) -> String {
        if self.uuid.is_empty() { format!("server-id {}", self.server_id) } else { self.uuid.clone() }
    }
}

/// What a server is told from every other by, also from those it has nothing to do with: what is taken for a job's own
/// target though it is not would be left out in silence. MariaDB's `server_uid`, where there is one, is made of the port and
/// the network card, and containers of two machines have the same of both, and the same `server_id`; so the host counts too.
/// A host that is renamed is another server by this: its changes that are under way come back and are conflicts, which are told.
fn origin(uuid: &str, server_id: u32, flavor: Flavor, (host, port, datadir): (&str, u16, &str)) -> String {
    let place = match flavor {
        Flavor::Mysql => String::new(),
        Flavor::Mariadb => format!("\0{host}\0{port}\0{datadir}"),
    };
    let digest = Sha256::digest(format!("{uuid}\0{server_id}{place}"));
    digest.iter().take(16).map(|b| format!("{b:02x}")).collect()
}

/// Opens a plain connection (no session settings); `found_rows` counts matched rows as affected.
pub async fn open(endpoint: &MysqlEndpoint, found_rows: bool) -> Result<Conn> {
    Ok(Conn::new(dial(endpoint, found_rows).await?, endpoint))
}

/// Opens the driver's connection, on which everything is waited for.
pub(super) async fn dial(endpoint: &MysqlEndpoint, found_rows: bool) -> Result<mysql_async::Conn> {
    let base = OptsBuilder::default()
        .ip_or_hostname(endpoint.host.clone())
        .tcp_port(endpoint.port)
        .user(Some(endpoint.user.clone()))
        .pass(Some(endpoint.password.expose().to_owned()))
        .prefer_socket(false)
        .tcp_nodelay(true)
        .tcp_keepalive(Some(Duration::from_secs(20)))
        .client_found_rows(found_rows)
        .max_allowed_packet(Some(1 << 30))
        .stmt_cache_size(16);
    let dial = async |opts: Opts| -> std::result::Result<mysql_async::Conn, mysql_async::Error> {
        match tokio::time::timeout(CONNECT_TIMEOUT, mysql_async::Conn::new(opts)).await {
            Ok(conn) => conn,
            Err(_) => Err(std::io::Error::new(std::io::ErrorKind::TimedOut, "no answer within 10 s").into()),
        }
    };
    let outcome = match endpoint.tls {
        TlsMode::Disabled => dial(base.into()).await,
        TlsMode::Preferred => match dial(base.clone().ssl_opts(ssl(endpoint)).into()).await {
            Err(mysql_async::Error::Driver(DriverError::NoClientSslFlagFromServer)) => dial(base.into()).await,
            other => other,
        },
        TlsMode::Required | TlsMode::VerifyIdentity => dial(base.ssl_opts(ssl(endpoint)).into()).await,
    };
    outcome.map_err(|e| not_connected(endpoint, e))
}

/// Says why a connection did not come about, as far as the client can tell.
fn not_connected(endpoint: &MysqlEndpoint, error: mysql_async::Error) -> Error {
    use mysql_async::Error as E;
    let named = match &error {
        E::Io(IoError::Io(_)) => Some((Kind::Transient, "unreachable", "check host, port and firewall, and that the server runs")),
        E::Io(IoError::Tls(_)) => Some((Kind::Config, "tls_failed", "check tls and tls_ca, and that the certificate names this host")),
        E::Driver(DriverError::NoClientSslFlagFromServer) => {
            Some((Kind::Config, "tls_not_offered", "the server offers no TLS: set it up there, or use tls = \"preferred\""))
        }
        // MySQL answers for users that do not exist with a plugin chosen at random, so as not to tell.
        E::Driver(DriverError::UnknownAuthPlugin { .. }) => Some((
            Kind::Config,
            "access_denied",
            "check that the account exists and logs in by password (caching_sha2_password, mysql_native_password, ed25519)",
        )),
        E::Server(e) => match e.code {
            1045 | 1044 | 1698 => {
                Some((Kind::Config, "access_denied", "check user and password, and from which hosts the account may come"))
            }
            1130 => Some((
                Kind::Config,
                "host_not_allowed",
                "no account at the server may come from this machine: check the host part of the account",
            )),
            1129 => Some((Kind::Config, "host_blocked", "the server blocks this machine after failed connections: FLUSH HOSTS there")),
            3159 => Some((Kind::Config, "tls_required", "the server wants TLS: use tls = \"required\"")),
            1820 | 1862 => Some((Kind::Config, "password_expired", "the account's password has expired: ALTER USER … IDENTIFIED BY …")),
            _ => None,
        },
        _ => None,
    };
    let error = Error::mysql(format!("connect to {} as {}", endpoint.address(), endpoint.user), error);
    match named {
        Some((kind, code, hint)) => Error { kind, code, hint: hint.into(), ..error },
        None => error,
    }
}

fn ssl(endpoint: &MysqlEndpoint) -> SslOpts {
    let mut opts = SslOpts::default();
    if let Some(ca) = &endpoint.tls_ca {
        opts = opts.with_root_certs(vec![PathBuf::from(ca).into()]);
    }
    if endpoint.tls == TlsMode::VerifyIdentity { opts } else { opts.with_danger_accept_invalid_certs(true) }
}

/// Opens a connection whose session carries values unchanged.
pub async fn faithful(endpoint: &MysqlEndpoint, found_rows: bool) -> Result<Conn> {
    let mut conn = open(endpoint, found_rows).await?;
    let settings = format!(
        "SET NAMES binary, time_zone='+00:00', sql_mode='{SQL_MODE}', foreign_key_checks=0, net_write_timeout=600, net_read_timeout=600"
    );
    run(&mut conn, endpoint, &settings).await?;
    Ok(conn)
}

async fn run(conn: &mut Conn, endpoint: &MysqlEndpoint, sql: &str) -> Result<()> {
    conn.query_drop(sql).await.map_err(|e| Error::mysql(format!("set up the session at {}", endpoint.address()), e))
}

/// Asks a server what it is.
pub async fn inspect(conn: &mut Conn, endpoint: &MysqlEndpoint) -> Result<ServerInfo> {
    let doing = || format!("ask {} what it is", endpoint.address());
    let asked = "SELECT VERSION(), @@server_id, CONNECTION_ID(), @@hostname, @@port, @@datadir";
    let row: Option<(String, u32, u32, String, u16, String)> = conn.query_first(asked).await.map_err(|e| Error::mysql(doing(), e))?;
    let (version_text, server_id, connection_id, host, port, datadir) =
        row.ok_or_else(|| Error::permanent("mysql_server", format!("{}: empty reply", doing())))?;
    let flavor = flavor(&version_text);
    let (uuid, gtid) = match flavor {
        Flavor::Mysql => {
            let row: Option<(String, String)> =
                conn.query_first("SELECT @@server_uuid, @@gtid_mode").await.map_err(|e| Error::mysql(doing(), e))?;
            row.map_or((String::new(), false), |(uuid, mode)| (uuid, mode == "ON"))
        }
        Flavor::Mariadb => {
            let uid: Option<(String, String)> =
                conn.query_first("SHOW GLOBAL VARIABLES LIKE 'server_uid'").await.map_err(|e| Error::mysql(doing(), e))?;
            (uid.map_or(String::new(), |(_, value)| value), true)
        }
    };
    let version = parse_version(&version_text);
    let logs_cascades = flavor == Flavor::Mysql && version >= (9, 6, 0) && {
        let native: Option<(String, String)> =
            conn.query_first("SHOW GLOBAL VARIABLES LIKE 'innodb_native_foreign_keys'").await.map_err(|e| Error::mysql(doing(), e))?;
        native.is_none_or(|(_, value)| value.eq_ignore_ascii_case("OFF"))
    };
    let origin = origin(&uuid, server_id, flavor, (&host, port, &datadir));
    Ok(ServerInfo { flavor, version, version_text, server_id, uuid, origin, gtid, logs_cascades, connection_id })
}

/// What `VERSION()` gives away.
pub(super) fn flavor(version_text: &str) -> Flavor {
    if version_text.to_ascii_lowercase().contains("mariadb") { Flavor::Mariadb } else { Flavor::Mysql }
}

/// Reads `10.11.19-MariaDB-…`, `5.5.5-10.11.…` (the prefix of old MariaDB handshakes) and `9.7.4-2`.
fn parse_version(text: &str) -> (u16, u16, u16) {
    let text = text.strip_prefix("5.5.5-").unwrap_or(text);
    let mut parts = text.split(|c: char| !c.is_ascii_digit()).map(|p| p.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_a_chain_are_told_apart_whatever_they_share() {
        let here = ("db1", 3306, "/var/lib/mysql/");
        let one = origin("", 1, Flavor::Mariadb, here);
        assert_eq!(one, origin("", 1, Flavor::Mariadb, here), "the same over its restarts");
        for (uuid, id, place) in [
            ("", 1, ("db2", 3306, "/var/lib/mysql/")),
            ("", 1, ("db1", 3307, "/var/lib/mysql/")),
            ("", 1, ("db1", 3306, "/srv/other/")),
            ("", 2, here),
            ("a uid", 1, here),
        ] {
            assert_ne!(origin(uuid, id, Flavor::Mariadb, place), one);
        }
        let of = |uuid, place| origin(uuid, 1, Flavor::Mysql, place);
        assert_ne!(of("a", here), of("b", here));
        assert_eq!(of("a", here), of("a", ("renamed", 3306, "/var/lib/mysql/")), "a server_uuid is enough");
    }

    #[test]
    fn versions_of_both_flavours() {
        assert_eq!(parse_version("10.11.19-MariaDB-0+deb12u1-log"), (10, 11, 19));
        assert_eq!(parse_version("9.7.4-2"), (9, 7, 4));
        assert_eq!(parse_version("5.5.5-10.5.23-MariaDB"), (10, 5, 23));
    }
}
