//! A statement of the log at the target, between two markers.
//!
//! DDL commits by itself, so it cannot share a transaction with the bookkeeping. The begin marker holds a fingerprint of
//! each table that the statement names; after a crash a fingerprint that differs means the statement was done, one that
//! does not means that it is run again. Of a statement that may leave all definitions as they are the rows say it
//! (`contents`). Needs atomic DDL (MySQL 8, MariaDB 10.6). Error codes are never asked what a
//! statement had done.

use super::contents::{self, Became, Contents};
use super::session::{Session, server_code};
use super::transactions::{self, Source};
use super::worker::Worker;
use crate::model::position::TxId;
use crate::model::replicate::{TableName, quote};
use crate::replicate::connect::Flavor;
use crate::replicate::ddl::{Ddl, Mode, classify_in};
use crate::replicate::event::DdlEvent;
use crate::replicate::schema::read::without_auto_increment;
use crate::replicate::sink::OpenDdl;
use crate::replicate::{Error, Kind, Result};
use mysql_async::Row;
use serde::{Deserialize, Serialize};

/// Definitions at the target; None: there was none.
type Fingerprints = Vec<(TableName, Option<String>)>;

/// What the statement's tables are before it runs.
type Before = (Fingerprints, Contents);

/// The target answered a statement with an error.
const REFUSED: &str = "ddl_failed";

impl Worker {
    /// Runs one statement of the log behind everything that came before it; returns the row it left in `applied`.
    pub(super) async fn ddl(&mut self, id: &TxId, event: &DdlEvent) -> Result<Vec<(String, u64)>> {
        self.wake().await?;
        let open = self.open_ddl.take().filter(|open| (open.tx == *id || same_gtid(&open.tx, id)) && open.statement == event.statement);
        let before = match open {
            Some(open) => match self.became_of(&open).await? {
                Became::Done => None,
                Became::Nothing => Some((open.fingerprints, open.contents)),
                Became::Unknown => return Err(doubtful(event)),
            },
            None => Some(self.before(event).await?),
        };
        if let Some(before) = before
            && let Err(error) = self.execute(id, event, before).await
        {
            if error.code == REFUSED {
                // It was answered and has done nothing: the next attempt begins anew, whatever was changed at the target
                // to make way for it.
                self.own.session.fenced(&self.own.books, &[self.own.books.end_ddl()]).await?;
            }
            return Err(error);
        }
        self.wake().await?;
        let (source, first) = Source::of(id);
        let statements =
            [self.own.books.end_ddl(), self.own.books.insert_applied_values(&source, first, &transactions::encode(std::iter::once(id)))];
        self.own.session.fenced(&self.own.books, &statements).await?;
        self.targets.clear();
        Ok(vec![(source.to_string(), first)])
    }

    async fn before(&mut self, event: &DdlEvent) -> Result<Before> {
        let mut prints = Fingerprints::new();
        let ddl = parsed(event)?;
        for name in names(&ddl) {
            let print = fingerprint(&mut self.own.session, &name).await?;
            prints.push((name, print));
        }
        let exists = |name: &TableName| prints.iter().any(|(known, print)| known == name && print.is_some());
        let telling = contents::telling(&ddl, exists);
        let contents = contents::read(&mut self.own.session, telling).await?;
        Ok((prints, contents))
    }

    /// Says whether the statement that was begun has changed anything at the target.
    async fn became_of(&mut self, open: &OpenDdl) -> Result<Became> {
        for (name, before) in &open.fingerprints {
            if fingerprint(&mut self.own.session, name).await? != *before {
                return Ok(Became::Done);
            }
        }
        let names = open.contents.iter().map(|(name, _)| name.clone()).collect();
        let now = contents::read(&mut self.own.session, names).await?;
        Ok(contents::became(&open.contents, &now))
    }

    /// Runs the statement, once it is marked as the work of the connection that runs it.
    async fn execute(&mut self, id: &TxId, event: &DdlEvent, (before, contents): Before) -> Result<()> {
        let mut session = Session::open(&self.own.settings.endpoint, &self.own.books).await?;
        let mark = Mark { session: session.logged_as().await?, before, contents }.encode();
        let marker = self.own.books.begin_ddl(&transactions::encode(std::iter::once(id)), &event.statement, &mark);
        self.own.session.fenced(&self.own.books, &[marker]).await?;
        let outcome = tokio::select! {
            () = self.cancel.cancelled() => return Err(super::cancelled()),
            outcome = run_as_logged(&mut session, event, self.own.settings.info.flavor) => outcome,
        };
        let outcome = outcome.map_err(|e| {
            let text = answer(&e);
            let error = Error::mysql(format!("run {:?} at the target", event.shown()), e);
            if error.kind == Kind::Transient { error } else { failed(event, &text) }
        });
        session.close(&self.own.books).await;
        outcome
    }
}

/// Runs the statement in a session like the one it was logged from; what it leaves to the defaults depends on that, and what it fills
/// new columns with.
async fn run_as_logged(session: &mut Session, event: &DdlEvent, flavor: Flavor) -> std::result::Result<(), mysql_async::Error> {
    if !event.default_schema.is_empty() {
        match session.query_drop(&format!("USE {}", quote(&event.default_schema))).await {
            // The default schema of the session need not take part, nor exist any more.
            Err(e) if server_code(&e) == Some(1049) => {}
            other => other?,
        }
    }
    let mut settings = vec![format!("timestamp={}.{:06}", event.unix_time, event.unix_micros), "foreign_key_checks=0".to_owned()];
    settings.extend(differing(session, event, flavor).await?);
    if let Some(zone) = &event.time_zone {
        settings.push(format!("time_zone={}", super::literal::text(zone)));
    }
    if let Some((client, connection, server)) = event.charset {
        settings.push(format!("character_set_client={client}, collation_connection={connection}, collation_server={server}"));
    }
    // Last, because it may change how the others are read.
    settings.extend(event.sql_mode.map(|mode| format!("sql_mode={mode}")));
    session.query_drop(&format!("SET {}", settings.join(", "))).await?;
    session.query_drop(&event.statement).await
}

/// Settings that an account needs a privilege for at MySQL: only what is another there.
async fn differing(session: &mut Session, event: &DdlEvent, flavor: Flavor) -> std::result::Result<Vec<String>, mysql_async::Error> {
    let (increment, offset) = event.increments.unwrap_or((1, 1));
    let mut wanted = vec![("auto_increment_increment", u64::from(increment)), ("auto_increment_offset", u64::from(offset))];
    let explicit = event.explicit_timestamps.of(flavor);
    wanted.extend(explicit.map(|explicit| ("explicit_defaults_for_timestamp", u64::from(explicit))));
    let names: Vec<String> = wanted.iter().map(|(name, _)| format!("@@SESSION.{name}")).collect();
    let row: Option<Row> = session.first(&format!("SELECT {}", names.join(", "))).await?;
    let now = |at: usize| row.as_ref().and_then(|row| row.get::<u64, _>(at));
    Ok(wanted
        .iter()
        .enumerate()
        .filter(|(at, (_, value))| now(*at) != Some(*value))
        .map(|(_, (name, value))| format!("{name}={value}"))
        .collect())
}

/// The target's own words, without those of the client around them.
fn answer(error: &mysql_async::Error) -> String {
    if let mysql_async::Error::Server(e) = error { e.to_string() } else { error.to_string() }
}

fn failed(event: &DdlEvent, why: &str) -> Error {
    Error::new(Kind::Undecided, REFUSED, format!("run {:?} at the target: {why}", event.shown())).hint(
        "change the target so that the statement can run there and let it be tried again (syncline jobs ddl retry), or leave it out, or \
         give another in its place",
    )
}

/// Somebody else wrote to its tables: whether it has run cannot be told, and done twice it is undone.
fn doubtful(event: &DdlEvent) -> Error {
    let why = "it was under way when the connection to the target was lost, and what its tables hold does not say whether it has run there";
    Error::new(Kind::Undecided, "ddl_doubtful", format!("{:?}: {why}", event.shown())).hint(
        "look at its tables at the target: where it has run, leave it out (syncline jobs ddl skip); else let it run (syncline jobs ddl retry); then \
         `syncline jobs verify`",
    )
}

fn same_gtid(a: &TxId, b: &TxId) -> bool {
    a.gtid.is_some() && a.gtid == b.gtid
}

fn parsed(event: &DdlEvent) -> Result<Ddl> {
    let mode = event.sql_mode.map(Mode::from_sql_mode).unwrap_or_default();
    classify_in(&event.statement, &event.default_schema, mode).map_err(|e| failed(event, &e.to_string()))
}

/// What a statement names: tables, or a schema as a table without a name.
fn names(ddl: &Ddl) -> Vec<TableName> {
    let mut names = match ddl {
        Ddl::Table(table) => table.tables.iter().map(|t| t.name.clone()).collect(),
        Ddl::Schema { schema, .. } => vec![TableName::new(schema.clone(), "")],
        _ => Vec::new(),
    };
    names.sort();
    names.dedup();
    names
}

/// The definition of a table or schema at the target; None if it does not exist.
async fn fingerprint(session: &mut Session, name: &TableName) -> Result<Option<String>> {
    let sql = if name.table.is_empty() {
        format!("SHOW CREATE DATABASE {}", quote(&name.schema))
    } else {
        format!("SHOW CREATE TABLE {}", name.quoted())
    };
    let row: Option<Row> = match session.first(&sql).await {
        Ok(row) => row,
        // Unknown schema, no such table: absence is what is asked for here.
        Err(e) if matches!(server_code(&e), Some(1049 | 1146)) => None,
        Err(e) => return Err(Error::mysql(format!("read the definition of {name} at the target"), e)),
    };
    let text = row.and_then(|r| r.get_opt::<Vec<u8>, _>(1)?.ok());
    Ok(text.map(|t| without_auto_increment(&String::from_utf8_lossy(&t))))
}

/// What a marker says, also to who reads it in the log of the server that it was written to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::replicate) struct Mark {
    /// Number of the connection that runs the statement, as the log has it.
    session: u32,
    /// What the statement names, as it was before.
    pub(super) before: Fingerprints,
    /// What these held, where that alone says whether it has run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) contents: Contents,
}

impl Mark {
    /// Of statements that a connection runs to prepare a table.
    pub(super) fn of(session: u32, table: &TableName, statements: &[String]) -> Self {
        let mut before = vec![(table.clone(), None)];
        let mut schema = String::new();
        for statement in statements {
            if let Some(name) = statement.strip_prefix("USE `").and_then(|rest| rest.strip_suffix('`')) {
                schema = name.replace("``", "`");
            }
            let named = match classify_in(statement, &schema, Mode::default()) {
                Ok(Ddl::Table(table)) => table.tables.into_iter().map(|t| t.name).collect(),
                Ok(Ddl::Schema { schema, .. }) => vec![TableName::new(schema, "")],
                _ => Vec::new(),
            };
            before.extend(named.into_iter().map(|name| (name, None)));
        }
        Self { session, before, contents: Contents::new() }
    }

    pub(super) fn encode(&self) -> String {
        serde_json::to_string(self).expect("strings and numbers always serialise")
    }

    pub(in crate::replicate) fn decode(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok()
    }

    /// Says whether a statement in the log is the one that is marked.
    pub(in crate::replicate) fn is_of(&self, event: &DdlEvent, session: u32) -> bool {
        let among = |name: &TableName| self.before.iter().any(|(known, _)| known == name);
        session == self.session && parsed(event).map(|ddl| names(&ddl)).is_ok_and(|names| !names.is_empty() && names.iter().all(among))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(text: &str) -> DdlEvent {
        DdlEvent {
            statement: text.to_owned(),
            default_schema: "a".to_owned(),
            sql_mode: None,
            charset: None,
            time_zone: None,
            foreign_key_checks_off: false,
            unix_time: 0,
            unix_micros: 0,
            increments: None,
            explicit_timestamps: Default::default(),
        }
    }

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let before = vec![(TableName::new("a", "b"), None), (TableName::new("a", ""), Some("CREATE \"x\"\n".to_owned()))];
        let mark = Mark { session: 7, before, contents: vec![(TableName::new("a", "b"), 7)] };
        assert_eq!(Mark::decode(mark.encode().as_bytes()), Some(mark));
        assert_eq!(Mark::decode(b"x"), None);
        let older = Mark::decode(br#"{"session": 7, "before": [[{"schema": "a", "table": "b"}, null]]}"#);
        assert_eq!(older.map(|mark| mark.contents), Some(Contents::new()));
    }

    #[test]
    fn a_mark_is_of_one_connection_and_its_tables() {
        let mark = Mark { session: 7, before: vec![(TableName::new("a", "b"), None)], contents: Contents::new() };
        assert!(mark.is_of(&statement("ALTER TABLE b ADD c INT"), 7));
        assert!(!mark.is_of(&statement("ALTER TABLE b ADD c INT"), 8), "somebody else does the same");
        assert!(!mark.is_of(&statement("RENAME TABLE b TO c"), 7));
        assert!(!mark.is_of(&statement("FLUSH TABLES"), 7));
    }
}
