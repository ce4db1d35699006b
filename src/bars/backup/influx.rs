//! InfluxDB 1.x over HTTP: line protocol in, CSV out, counts in JSON.
//!
//! Points are those that the originals' readers know: measurement `stock_data`, tags `symbol` and `interval`, float fields
//! open, high, low, close, volume, in seconds. Facts tried on 1.6.7: an integer written into a float field is refused with
//! "partial write"; a write may answer 200 with an error inside; CSV holds each float in digits that read back exactly.

use super::point::{self, Point};
use crate::bars::{Error, Result, csv};
use crate::model::bars::{Bar, BarTime, Interval, Range, Symbol};
use crate::secret::Secret;
use reqwest::{Client, RequestBuilder, Url};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

const MEASUREMENT: &str = "stock_data";
/// What bars databases say of themselves: the tag `store`, the field `stamp`, at the time 0.
const STAMPS: &str = "syncline_stamps";
/// Points in one request.
const TOGETHER: usize = 5000;

/// Statements in one request.
pub(super) const STATEMENTS: usize = 200;

/// An answer in JSON.
#[derive(Deserialize)]
struct Said {
    results: Vec<Statement>,
}

#[derive(Deserialize)]
struct Statement {
    #[serde(default)]
    series: Vec<Points>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Points {
    #[serde(default)]
    values: Vec<Vec<Value>>,
}

#[derive(Debug, Clone)]
pub struct InfluxSettings {
    pub name: String,
    /// `http://host:8086`.
    pub url: String,
    pub database: String,
    /// Sent as a header, never in the URL.
    pub user: Option<(String, Secret)>,
    pub timeout: Duration,
}

impl InfluxSettings {
    /// Returns host and port for the caller's policy.
    pub fn server(&self) -> Result<(String, u16)> {
        let wrong =
            |e: &dyn std::fmt::Display| Error::config("bars_backup_address", format!("url {:?} of backup {}: {e}", self.url, self.name));
        let url = Url::parse(&self.url).map_err(|e| wrong(&e))?;
        let host = url.host_str().ok_or_else(|| wrong(&"it names no host"))?;
        Ok((host.to_owned(), url.port_or_known_default().unwrap_or(8086)))
    }
}

/// A database that holds bars.
#[derive(Debug, Clone)]
pub struct Influx {
    settings: InfluxSettings,
    base: Url,
    client: Client,
}

impl Influx {
    /// `addresses` are what the host may be: no other is connected to. None: its name does not resolve, which is an error.
    pub fn new(settings: InfluxSettings, addresses: &[SocketAddr]) -> Result<Self> {
        let wrong = |e: &dyn std::fmt::Display| {
            Error::config("bars_backup_address", format!("url {:?} of backup {}: {e}", settings.url, settings.name))
        };
        let base = Url::parse(&settings.url).map_err(|e| wrong(&e))?;
        let host = base.host_str().ok_or_else(|| wrong(&"it names no host"))?;
        if let Some(lost) = crate::bars::client::lost(&base, addresses) {
            return Err(Error::transient("bars_backup_unreachable", format!("backup {} at {lost}", settings.name)));
        }
        let client =
            crate::bars::client::client().timeout(settings.timeout).resolve_to_addrs(host, addresses).build().map_err(|e| wrong(&e))?;
        Ok(Self { settings, base, client })
    }

    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Makes the database if it is not there (true): in shards of ten years, since decades of daily bars would be a shard each
    /// week.
    pub async fn prepare(&self) -> Result<bool> {
        let database = quoted(&self.settings.database)?;
        if self.is_there().await? {
            return Ok(false);
        }
        self.query(&format!("CREATE DATABASE {database} WITH DURATION INF REPLICATION 1 SHARD DURATION 520w NAME \"autogen\"")).await?;
        Ok(true)
    }

    /// Asks whether there is such a database.
    pub(super) async fn is_there(&self) -> Result<bool> {
        let there = self.query("SHOW DATABASES").await?;
        Ok(there.lines().any(|line| line.rsplit(',').next() == Some(self.settings.database.as_str())))
    }

    /// Asks whether it answers, which version it is, and (where the database is there) whether we may read and write it.
    pub async fn ping(&self) -> Result<String> {
        let name = self.name();
        let answer = self.client.get(self.url("ping")?).send().await.map_err(|e| self.unreachable(e))?;
        let version = answer.headers().get("x-influxdb-version").and_then(|v| v.to_str().ok()).map(str::to_owned);
        let version =
            version.ok_or_else(|| Error::config("bars_backup_address", format!("what answers for backup {name} is no InfluxDB")))?;
        // Credentials are looked at by queries alone.
        if self.is_there().await? {
            self.query("SHOW SERIES LIMIT 1").await?;
            // No point: the right to write is asked for all the same.
            self.put(String::new()).await?;
        }
        Ok(version)
    }

    /// Writes points; one that is there with the same time is replaced.
    pub async fn write(&self, symbol: &Symbol, interval: Interval, bars: &[Bar]) -> Result<()> {
        for part in bars.chunks(TOGETHER) {
            let mut lines = String::with_capacity(part.len() * 96);
            for bar in part {
                point::line(&mut lines, MEASUREMENT, symbol, interval, bar);
            }
            self.put(lines).await?;
        }
        Ok(())
    }

    async fn put(&self, lines: String) -> Result<()> {
        let query = [("db", self.settings.database.as_str()), ("precision", "s")];
        self.send(self.client.post(self.url("write")?).query(&query).body(lines)).await.map(drop)
    }

    /// Reads points back, by time. Volumes are floats there. An error names what cannot be read.
    pub async fn read(&self, symbol: &Symbol, interval: Interval, from: BarTime, to: BarTime) -> Result<Vec<Point>> {
        let text = self
            .query(&format!(
                "SELECT open, high, low, close, volume FROM {MEASUREMENT} WHERE {}",
                within(symbol, interval, Range { from, to })
            ))
            .await?;
        let what = |wrong: point::Wrong| self.unreadable(&format!(": of {symbol} {interval} {wrong}"));
        text.lines().skip(1).filter(|l| !l.is_empty()).map(|l| point::read(l).map_err(what)).collect()
    }

    /// Says of each series whether there is any point of it, whatever fields it has.
    pub async fn have(&self, all: &[(Symbol, Interval)]) -> Result<Vec<bool>> {
        let mut have = Vec::with_capacity(all.len());
        for part in all.chunks(STATEMENTS) {
            let one = |(symbol, interval): &(Symbol, Interval)| {
                format!("SELECT * FROM {MEASUREMENT} WHERE {} LIMIT 1", series(symbol, *interval))
            };
            have.extend(self.first_rows(part.iter().map(one).collect()).await?.iter().map(|row| !row.is_empty()));
        }
        Ok(have)
    }

    /// The first point that lies in none of these series' ranges; of each series None where there is none. As a count sees them.
    pub async fn first_outside(&self, all: &[(&Symbol, Interval, Option<Range>)]) -> Result<Vec<Option<BarTime>>> {
        let mut statements = Vec::new();
        for (symbol, interval, range) in all {
            let select = format!("SELECT close FROM {MEASUREMENT} WHERE {}", series(symbol, *interval));
            // Nothing is before and after nothing: the first of all, twice.
            let (before, after) = match range {
                Some(Range { from, to }) => (format!(" AND time < {}s", from.seconds()), format!(" AND time >= {}s", to.seconds() + 1)),
                None => Default::default(),
            };
            statements.extend([before, after].map(|where_to| format!("{select}{where_to} LIMIT 1")));
        }
        let mut first = Vec::with_capacity(all.len());
        for part in statements.chunks(STATEMENTS) {
            let rows = self.first_rows(part.to_vec()).await?;
            let time = |row: &Vec<Value>| BarTime::new(row.first()?.as_i64()?);
            first.extend(rows.chunks(2).map(|pair| pair.iter().find_map(time)));
        }
        Ok(first)
    }

    /// Counts the points of each of these ranges that have a close; they are asked for in one request.
    pub async fn counts(&self, all: &[(&Symbol, Interval, Range)]) -> Result<Vec<u64>> {
        let one = |(symbol, interval, range): &(&Symbol, Interval, Range)| {
            format!("SELECT count(close) FROM {MEASUREMENT} WHERE {}", within(symbol, *interval, *range))
        };
        let rows = self.first_rows(all.iter().map(one).collect()).await?;
        Ok(rows.iter().map(|row| row.get(1).and_then(Value::as_u64).unwrap_or(0)).collect())
    }

    /// The first row of the answer to each statement, its time first; empty: it has none.
    async fn first_rows(&self, statements: Vec<String>) -> Result<Vec<Vec<Value>>> {
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        let text = self.asked(&statements.join(";"), "application/json").await?;
        let Said { results } = serde_json::from_str(&text).map_err(|_| self.unreadable(""))?;
        if let Some(error) = results.iter().find_map(|said| said.error.as_ref()) {
            return Err(self.refused(error));
        }
        if results.len() != statements.len() {
            return Err(self.unreadable(""));
        }
        let first = |said: Statement| said.series.into_iter().next().and_then(|points| points.values.into_iter().next());
        Ok(results.into_iter().map(|said| first(said).unwrap_or_default()).collect())
    }

    /// Names every series of the measurement: `US.AAPL 1d`, or all that is said of one that lacks either tag.
    pub async fn series_names(&self) -> Result<BTreeSet<String>> {
        let text = self.query(&format!("SHOW SERIES FROM {MEASUREMENT}")).await?;
        let keys = text.lines().skip(1).filter_map(|line| csv::cells(line.trim_end())?.pop());
        Ok(keys.map(|key| point::named(&key)).collect())
    }

    /// What a store was told to leave there last.
    pub async fn stamp(&self, store: &str) -> Result<Option<String>> {
        let text = self.query(&format!("SELECT stamp FROM {STAMPS} WHERE \"store\" = '{store}'")).await?;
        Ok(text.lines().nth(1).and_then(|line| line.trim_end().rsplit(',').next()).map(str::to_owned))
    }

    /// `store` and `stamp` are UUIDs.
    pub async fn set_stamp(&self, store: &str, stamp: &str) -> Result<()> {
        self.put(format!("{STAMPS},store={store} stamp=\"{stamp}\" 0\n")).await
    }

    /// Takes all points of a range away.
    pub async fn delete(&self, symbol: &Symbol, interval: Interval, range: Range) -> Result<()> {
        self.query(&format!("DELETE FROM {MEASUREMENT} WHERE {}", within(symbol, interval, range))).await.map(drop)
    }

    /// Takes a series away, also out of the index.
    pub async fn drop_series(&self, symbol: &Symbol, interval: Interval) -> Result<()> {
        self.query(&format!("DROP SERIES FROM {MEASUREMENT} WHERE {}", series(symbol, interval))).await.map(drop)
    }

    async fn query(&self, text: &str) -> Result<String> {
        let answer = self.asked(text, "application/csv").await?;
        // An error of a statement comes with 200.
        match answer.strip_prefix("error\n") {
            Some(said) => Err(self.refused(said.trim())),
            None => Ok(answer),
        }
    }

    async fn asked(&self, text: &str, form: &str) -> Result<String> {
        let pairs = [("db", self.settings.database.as_str()), ("epoch", "s"), ("q", text)];
        let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let request = self
            .client
            .post(self.url("query")?)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", form)
            .body(body);
        self.send(request).await
    }

    fn url(&self, path: &str) -> Result<Url> {
        self.base.join(path).map_err(|e| Error::config("bars_backup_address", format!("url of backup {}: {e}", self.name())))
    }

    async fn send(&self, request: RequestBuilder) -> Result<String> {
        let name = self.name();
        let request = match &self.settings.user {
            Some((user, password)) => request.basic_auth(user, Some(password.expose())),
            None => request,
        };
        let answer = request.send().await.map_err(|e| self.unreachable(e))?;
        let status = answer.status().as_u16();
        let text = answer.text().await.map_err(|e| self.unreachable(e))?;
        match status {
            200..=299 => Ok(text),
            401 => Err(Error::config("bars_backup_denied", format!("backup {name} answered 401: user and password"))),
            // Who that is, it knows.
            403 => {
                let why = reason(&text).map_or_else(|| "the user has no right to that".to_owned(), |why| short(&why));
                let message = format!("backup {name} answered 403: {why}; the user needs GRANT ALL ON {:?}", self.settings.database);
                Err(Error::config("bars_backup_denied", message)
                    .hint("where there is no such database yet, let an administrator create it"))
            }
            404 => Err(Error::config("bars_backup_database", format!("backup {name} has no database {:?}", self.settings.database))),
            500..=599 => {
                let why = reason(&text).map(|why| format!(": {}", short(&why))).unwrap_or_default();
                Err(Error::transient("bars_backup_failed", format!("backup {name} answered {status}{why}")))
            }
            _ => Err(self.refused(reason(&text).as_deref().unwrap_or("no reason is given"))),
        }
    }

    fn unreachable(&self, error: reqwest::Error) -> Error {
        let place = self.settings.server().map(|(host, port)| format!("{host}:{port}")).unwrap_or_default();
        let message = format!("backup {} at {place} {}", self.name(), crate::bars::client::broken(&error));
        Error::transient("bars_backup_unreachable", message).because(error.without_url())
    }

    fn refused(&self, said: &str) -> Error {
        Error::permanent("bars_backup_refused", format!("backup {} refused: {}", self.name(), short(said)))
    }

    fn unreadable(&self, what: &str) -> Error {
        Error::permanent("bars_backup_unreadable", format!("the answer of backup {} cannot be read{what}", self.name()))
    }
}

/// What an answer that is none says of itself.
fn reason(body: &str) -> Option<String> {
    let said: Value = serde_json::from_str(body).ok()?;
    said.get("error")?.as_str().filter(|why| !why.trim().is_empty()).map(str::to_owned)
}

/// What another server said, fit for a message.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// A quoted identifier; one with a quote or backslash in it is refused, since the server unescapes neither as documented.
fn quoted(name: &str) -> Result<String> {
    if name.is_empty() || name.contains(['"', '\\', '\n', '\'']) {
        return Err(Error::config("bars_backup_database", format!("{name:?} is no name of a database")));
    }
    Ok(format!("\"{name}\""))
}

/// A symbol has neither quotes nor backslashes: [`Symbol::parse`] refuses them.
fn series(symbol: &Symbol, interval: Interval) -> String {
    format!("\"symbol\" = '{symbol}' AND \"interval\" = '{interval}'")
}

/// All that there is from one second to the end of another: what others wrote may be finer.
fn within(symbol: &Symbol, interval: Interval, Range { from, to }: Range) -> String {
    format!("{} AND time >= {}s AND time < {}s", series(symbol, interval), from.seconds(), to.seconds() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_fails_says_why() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let failing = |axum::extract::Path(database): axum::extract::Path<String>| async move {
            let why =
                if database == "html" { "<html>".to_owned() } else { serde_json::json!({ "error": "timeout\n".repeat(90) }).to_string() };
            (axum::http::StatusCode::INTERNAL_SERVER_ERROR, why)
        };
        let routes = axum::Router::new().route("/{database}/query", axum::routing::post(failing));
        let serving = tokio::spawn(async move { axum::serve(listener, routes).await });
        let said = async |path: &str| {
            let settings = InfluxSettings {
                name: "liar".to_owned(),
                url: format!("http://{address}/{path}/"),
                database: "dms".to_owned(),
                user: None,
                timeout: std::time::Duration::from_secs(20),
            };
            Influx::new(settings, &[address]).unwrap().is_there().await.unwrap_err()
        };
        let error = said("json").await;
        assert!(
            error.kind == crate::bars::Kind::Transient && error.message.starts_with("backup liar answered 500: timeouttimeout"),
            "{error}"
        );
        assert_eq!(error.message.len(), "backup liar answered 500: ".len() + 200);
        assert_eq!(said("html").await.message, "backup liar answered 500");
        serving.abort();
    }

    #[test]
    fn a_database_is_named_without_quotes() {
        assert!(quoted("a\"b").is_err() && quoted("dms_data").unwrap() == "\"dms_data\"");
    }
}
