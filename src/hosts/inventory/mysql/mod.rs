//! The inventory in a CMDB's own MySQL or MariaDB.
//!
//! `schema` makes the tables, or looks what tables of others have: columns that we do not know are left alone, columns
//! that we know and they lack are read as empty. `calls` are the transactions, `rows` their statements. A call has a time
//! limit; one that others' locks throw out is tried again.
//!
//! Figures are written to the newest row of a host, found under a lock on the host's own row: tables of others need not
//! have a unique `pool_id`, and two runs must not both insert.

mod calls;
mod rows;
mod schema;

use super::{HostFilter, Imported, Inventory, Pool, Recorded, Sample};
use crate::hosts::{Error, Kind, Result};
use crate::model::endpoint::{MysqlEndpoint, TlsMode};
use crate::model::hosts::{Host, HostChange, HostFacts, HostResources};
use crate::secret::Secret;
use async_trait::async_trait;
use mysql_async::{Conn, DriverError, IoError, Opts, OptsBuilder, PoolConstraints, PoolOpts, SslOpts, Transaction, TxOpts};
use schema::Columns;
use std::future::Future;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::OnceCell;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest time of one call; a database that says nothing must not hold a run.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);
const MOST_CONNECTIONS: usize = 4;
/// How often a transaction is tried that others' locks throw out.
const ATTEMPTS: u32 = 5;

/// The inventory in a MySQL or MariaDB.
pub struct MysqlInventory {
    endpoint: MysqlEndpoint,
    database: String,
    pool: OnceCell<mysql_async::Pool>,
    /// Looked at once; a table that is altered meanwhile shows as an error of the statement.
    columns: OnceCell<Columns>,
}

impl MysqlInventory {
    pub fn new(endpoint: MysqlEndpoint, database: impl Into<String>) -> Self {
        Self { endpoint, database: database.into(), pool: OnceCell::new(), columns: OnceCell::new() }
    }

    /// Reads `mysql://user@host:port/database`. The password comes apart from it, so that the URL can be shown.
    pub fn from_url(url: &str, password: Secret, tls: TlsMode, tls_ca: Option<String>) -> Result<Self> {
        let wrong =
            |why: &str| Error::config("bad_database", format!("{url:?} is no database URL: {why}")).hint("mysql://user@host:3306/database");
        let parsed = reqwest::Url::parse(url).map_err(|e| wrong(&e.to_string()))?;
        if parsed.password().is_some() {
            // The text is not repeated: it holds a password.
            return Err(
                Error::config("bad_database", "the database URL carries a password").hint("set [hosts] database_password_file instead")
            );
        }
        if !["mysql", "mariadb"].contains(&parsed.scheme()) {
            return Err(wrong("it must begin with mysql://"));
        }
        let decoded =
            |text: &str| form_urlencoded::parse(format!("x={}", text.replace('+', "%2B")).as_bytes()).next().map(|(_, v)| v.into_owned());
        let host = parsed.host_str().filter(|h| !h.is_empty()).ok_or_else(|| wrong("it names no host"))?;
        let database = decoded(parsed.path().trim_start_matches('/')).filter(|d| !d.is_empty() && !d.contains('/'));
        let endpoint = MysqlEndpoint {
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: parsed.port().unwrap_or(3306),
            user: decoded(parsed.username()).filter(|u| !u.is_empty()).ok_or_else(|| wrong("it names no user"))?,
            password,
            tls,
            tls_ca,
        };
        Ok(Self::new(endpoint, database.ok_or_else(|| wrong("it names no database"))?))
    }

    fn options(&self, tls: bool) -> Opts {
        let MysqlEndpoint { host, port, user, password, tls: mode, tls_ca } = &self.endpoint;
        let constraints = PoolConstraints::new(0, MOST_CONNECTIONS).expect("nothing is less than something");
        let ssl = tls.then(|| {
            let opts = tls_ca.iter().fold(SslOpts::default(), |o, ca| o.with_root_certs(vec![PathBuf::from(ca).into()]));
            if *mode == TlsMode::VerifyIdentity { opts } else { opts.with_danger_accept_invalid_certs(true) }
        });
        OptsBuilder::default()
            .ip_or_hostname(host.clone())
            .tcp_port(*port)
            .user(Some(user.clone()))
            .pass(Some(password.expose().to_owned()))
            .db_name(Some(self.database.clone()))
            .prefer_socket(false)
            .tcp_keepalive(Some(Duration::from_secs(20)))
            .ssl_opts(ssl)
            // Data that does not fit is an error, not a shorter text.
            .setup(vec!["SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')"])
            .pool_opts(PoolOpts::default().with_constraints(constraints))
            .into()
    }

    /// Returns the pool; whether the server offers TLS is asked once.
    async fn pool(&self) -> Result<&mysql_async::Pool> {
        let make = async || {
            // The client's TLS needs a provider; a second call finds it installed.
            let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
            let offered = match self.endpoint.tls {
                TlsMode::Disabled => false,
                TlsMode::Required | TlsMode::VerifyIdentity => true,
                TlsMode::Preferred => match Conn::new(self.options(true)).await {
                    Err(mysql_async::Error::Driver(DriverError::NoClientSslFlagFromServer)) => false,
                    Err(e) => return Err(self.failed("connect", e)),
                    Ok(conn) => {
                        // Whether it says goodbye well does not matter.
                        let _ = conn.disconnect().await;
                        true
                    }
                },
            };
            Ok(mysql_async::Pool::new(self.options(offered)))
        };
        self.pool.get_or_try_init(make).await
    }

    async fn conn(&self) -> Result<Conn> {
        self.connecting(async { self.pool().await?.get_conn().await.map_err(|e| self.failed("connect", e)) }).await
    }

    async fn connecting<T>(&self, connect: impl Future<Output = Result<T>>) -> Result<T> {
        match tokio::time::timeout(CONNECT_TIMEOUT, connect).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let message = format!("no answer from {} within {} s", self.place(), CONNECT_TIMEOUT.as_secs());
                Err(Error::transient("inventory_unreachable", message))
            }
        }
    }

    /// Returns the tables' columns, making the tables where they are missing.
    async fn columns(&self) -> Result<&Columns> {
        self.columns.get_or_try_init(async || schema::prepare(&mut self.conn().await?, self).await).await
    }

    async fn begin(&self, doing: &str) -> Result<(Transaction<'static>, &Columns)> {
        let columns = self.columns().await?;
        let start = async { self.pool().await?.start_transaction(TxOpts::default()).await.map_err(|e| self.failed(doing, e)) };
        Ok((self.connecting(start).await?, columns))
    }

    async fn end<T>(&self, doing: &str, tx: Transaction<'static>, outcome: Result<T>) -> Result<T> {
        match outcome {
            Ok(value) => tx.commit().await.map(|()| value).map_err(|e| self.failed(doing, e)),
            Err(error) => {
                // A connection that cannot roll back is closed, which rolls back.
                let _ = tx.rollback().await;
                Err(error)
            }
        }
    }

    /// Does the work within the time limit, again where others' locks threw it out.
    async fn call<T, W: Future<Output = Result<T>>>(&self, doing: &str, work: impl Fn() -> W) -> Result<T> {
        let all = async {
            for _ in 1..ATTEMPTS {
                match work().await {
                    Err(error) if error.code == "inventory_locked" => {}
                    outcome => return outcome,
                }
            }
            work().await
        };
        match tokio::time::timeout(CALL_TIMEOUT, Box::pin(all)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let message = format!("{doing}: no answer from {} within {} s", self.place(), CALL_TIMEOUT.as_secs());
                Err(Error::transient("inventory_unreachable", message))
            }
        }
    }

    /// Classifies an error of the client by its code, never by its text.
    fn failed(&self, doing: &str, error: mysql_async::Error) -> Error {
        use mysql_async::Error as E;
        let (kind, code, hint) = match &error {
            E::Io(IoError::Tls(_)) => (Kind::Config, "inventory_tls", "check [hosts] database_tls and database_ca_file"),
            E::Io(_) | E::Driver(DriverError::ConnectionClosed | DriverError::PoolDisconnected) => {
                (Kind::Transient, "inventory_unreachable", "check [hosts] database, and that the server runs")
            }
            E::Driver(DriverError::NoClientSslFlagFromServer) => {
                (Kind::Config, "inventory_tls", "the server offers no TLS: set [hosts] database_tls")
            }
            E::Server(e) => match e.code {
                1044 | 1045 | 1130 | 1142 | 1143 | 1227 | 1251 | 1524 | 1698 | 1820 | 3159 => {
                    (Kind::Config, "inventory_denied", "check the account of [hosts] database, its password file and its privileges")
                }
                1049 => (Kind::Config, "inventory_denied", "the database that [hosts] database names does not exist: create it"),
                1205 | 1213 => (Kind::Transient, "inventory_locked", ""),
                1040 | 1203 | 1226 | 1053 | 1077 | 1079 | 1290 | 1836 | 1158..=1161 | 1317 | 1927 | 3024 | 4031 => {
                    (Kind::Transient, "inventory_unreachable", "")
                }
                1054 | 1146 => (Kind::Config, "inventory_schema", "the CMDB's tables were changed meanwhile: restart the daemon"),
                1364 => (Kind::Permanent, "inventory_refused", "the table wants a column that is not known here: give it a default"),
                _ => (Kind::Permanent, "inventory_refused", ""),
            },
            _ => (Kind::Permanent, "inventory_refused", ""),
        };
        let text = error.to_string();
        let text = text.trim_end_matches('.');
        Error::new(kind, code, format!("{doing} at {}: {text}", self.place())).hint(hint).because(error)
    }
}

#[async_trait]
impl Inventory for MysqlInventory {
    fn place(&self) -> String {
        format!("mysql://{}@{}/{}", self.endpoint.user, self.endpoint.address(), self.database)
    }
    async fn check(&self) -> Result<()> {
        self.call("check the inventory", || self.ping()).await
    }
    async fn list(&self, filter: &HostFilter) -> Result<Vec<(Host, HostResources)>> {
        self.call("list hosts", || self.list_once(filter)).await
    }
    async fn pool(&self) -> Result<Pool> {
        self.call("read the pool", || self.pool_once()).await
    }
    async fn get(&self, id: u64) -> Result<(Host, HostResources)> {
        self.call("read a host", || self.get_once(id)).await
    }
    async fn find(&self, ip: IpAddr) -> Result<Option<(Host, HostResources)>> {
        self.call("find a host", || self.find_once(ip.to_canonical())).await
    }
    async fn add(&self, ip: IpAddr, facts: &HostFacts) -> Result<Host> {
        self.call("add a host", || self.add_once(ip.to_canonical(), facts)).await
    }
    async fn update(&self, id: u64, change: &HostChange) -> Result<Host> {
        self.call("update a host", || self.update_once(id, change)).await
    }
    async fn remove(&self, id: u64) -> Result<()> {
        self.call("remove a host", || self.remove_once(id)).await
    }
    async fn import(&self, hosts: &[(IpAddr, HostFacts)]) -> Result<Imported> {
        self.call("import hosts", || self.import_once(hosts)).await
    }
    async fn register(&self, hosts: &[(IpAddr, HostFacts)]) -> Result<Vec<Result<(Host, bool)>>> {
        self.call("add hosts", || self.register_once(hosts)).await
    }
    async fn record(&self, samples: &[Sample]) -> Result<Vec<Recorded>> {
        match self.call("write figures", || self.record_once(samples)).await {
            Err(error) if error.kind == Kind::Permanent => {}
            other => return other,
        }
        // One of them is refused: each for itself, so that it is one host's failure.
        let mut outcomes = Vec::with_capacity(samples.len());
        for sample in samples {
            match self.call("write figures", || self.record_once(std::slice::from_ref(sample))).await {
                Ok(recorded) => outcomes.extend(recorded),
                Err(error) if error.kind == Kind::Permanent => outcomes.push(Recorded::Refused(error)),
                Err(error) => return Err(error),
            }
        }
        Ok(outcomes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Result<String> {
        Ok(MysqlInventory::from_url(text, Secret::new("p"), TlsMode::Disabled, None)?.place())
    }

    #[test]
    fn database_urls_are_read_and_passwords_in_them_refused() {
        assert_eq!(url("mysql://cm%40db@db:3307/cmdb2").unwrap(), "mysql://cm@db@db:3307/cmdb2");
        assert_eq!(url("mariadb://u@[::1]/c").unwrap(), "mysql://u@[::1]:3306/c");
        for bad in ["", "db/cmdb", "postgres://u@h/d", "mysql://u@h", "mysql://h/d", "mysql://u@h/a/b"] {
            assert_eq!(url(bad).unwrap_err().code, "bad_database", "{bad}");
        }
        let error = url("mysql://u:hunter2@h/d").unwrap_err();
        assert!(!error.message.contains("hunter2"), "{error}");
    }
}
