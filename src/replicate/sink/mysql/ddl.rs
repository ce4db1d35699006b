//! A statement of the log at the target, between two markers.
//!
//! DDL commits by itself, so it cannot share a transaction with the bookkeeping. The begin marker holds a fingerprint of
//! each table that the statement names; after a crash a fingerprint that differs means the statement was done, one that
//! does not means that it is run again. Needs atomic DDL (MySQL 8, MariaDB 10.6). Error codes are never asked what a
//! statement had done.

use super::session::{Session, server_code};
use super::transactions::{self, Source};
use super::worker::Worker;
use crate::model::position::TxId;
use crate::model::replicate::{TableName, quote};
use crate::replicate::ddl::{Ddl, Mode, classify_in};
use crate::replicate::event::DdlEvent;
use crate::replicate::schema::read::without_auto_increment;
use crate::replicate::sink::OpenDdl;
use crate::replicate::{Error, Kind, Result};
use mysql_async::Row;

type Fingerprints = Vec<(TableName, Option<String>)>;

/// The target answered a statement with an error.
const REFUSED: &str = "ddl_failed";

impl Worker {
    /// Runs one statement of the log behind everything that came before it; returns the row it left in `applied`.
    pub(super) async fn ddl(&mut self, id: &TxId, event: &DdlEvent) -> Result<Vec<(String, u64)>> {
        self.wake().await?;
        let open = self.open_ddl.take().filter(|open| (open.tx == *id || same_gtid(&open.tx, id)) && open.statement == event.statement);
        let done = match &open {
            Some(open) => self.changed_since(open).await?,
            None => {
                self.begin_marker(id, event).await?;
                false
            }
        };
        if !done && let Err(error) = self.execute(event).await {
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

    async fn begin_marker(&mut self, id: &TxId, event: &DdlEvent) -> Result<()> {
        let names = names(event)?;
        let mut prints = Fingerprints::new();
        for name in names {
            let print = fingerprint(&mut self.own.session, &name).await?;
            prints.push((name, print));
        }
        let marker = self.own.books.begin_ddl(&transactions::encode(std::iter::once(id)), &event.statement, &encode_fingerprints(&prints));
        self.own.session.fenced(&self.own.books, &[marker]).await
    }

    /// Says whether the statement that was begun has changed anything at the target.
    async fn changed_since(&mut self, open: &OpenDdl) -> Result<bool> {
        for (name, before) in &open.fingerprints {
            if fingerprint(&mut self.own.session, name).await? != *before {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn execute(&mut self, event: &DdlEvent) -> Result<()> {
        let mut session = Session::open(&self.own.settings.endpoint, &self.own.books).await?;
        let outcome = tokio::select! {
            () = self.cancel.cancelled() => return Err(super::cancelled()),
            outcome = run_as_logged(&mut session, event) => outcome,
        };
        let outcome = outcome.map_err(|e| {
            let text = e.to_string();
            let error = Error::mysql(format!("run {:?} at the target", event.statement), e);
            if error.kind == Kind::Transient { error } else { failed(event, &text) }
        });
        session.close(&self.own.books).await;
        outcome
    }
}

/// Runs the statement in a session like the one it was logged from; what it leaves to the defaults depends on that.
async fn run_as_logged(session: &mut Session, event: &DdlEvent) -> std::result::Result<(), mysql_async::Error> {
    if !event.default_schema.is_empty() {
        match session.query_drop(&format!("USE {}", quote(&event.default_schema))).await {
            // The default schema of the session need not take part, nor exist any more.
            Err(e) if server_code(&e) == Some(1049) => {}
            other => other?,
        }
    }
    let mut settings = vec![format!("timestamp={}", event.unix_time), "foreign_key_checks=0".to_owned()];
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

fn failed(event: &DdlEvent, why: &str) -> Error {
    Error::new(Kind::Undecided, REFUSED, format!("run {:?} at the target: {why}", event.statement)).hint(
        "change the target so that the statement can run there and let it be tried again (syncline jobs ddl retry), or leave it out, or \
         give another in its place",
    )
}

fn same_gtid(a: &TxId, b: &TxId) -> bool {
    a.gtid.is_some() && a.gtid == b.gtid
}

/// What the statement names: tables, or a schema as a table without a name.
fn names(event: &DdlEvent) -> Result<Vec<TableName>> {
    let mode = event.sql_mode.map(Mode::from_sql_mode).unwrap_or_default();
    let ddl = classify_in(&event.statement, &event.default_schema, mode).map_err(|e| failed(event, &e.to_string()))?;
    let mut names = match ddl {
        Ddl::Table(table) => table.tables.into_iter().map(|t| t.name).collect(),
        Ddl::Schema { schema, .. } => vec![TableName::new(schema, "")],
        _ => Vec::new(),
    };
    names.sort();
    names.dedup();
    Ok(names)
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

pub(super) fn encode_fingerprints(prints: &Fingerprints) -> String {
    let rows: Vec<_> = prints.iter().map(|(name, print)| (&name.schema, &name.table, print)).collect();
    serde_json::to_string(&rows).expect("strings always serialise")
}

pub(super) fn decode_fingerprints(text: &[u8]) -> Option<Fingerprints> {
    let rows: Vec<(String, String, Option<String>)> = serde_json::from_slice(text).ok()?;
    Some(rows.into_iter().map(|(schema, table, print)| (TableName::new(schema, table), print)).collect())
}

/// What a marker says to who reads it in the log of the server that it was written to.
pub(in crate::replicate) mod marks {
    use super::{DdlEvent, TableName};

    /// The tables, and schemas as tables without a name, of the statement that is marked.
    pub(in crate::replicate) fn names(fingerprints: &[u8]) -> Option<Vec<TableName>> {
        super::decode_fingerprints(fingerprints).map(|prints| prints.into_iter().map(|(name, _)| name).collect())
    }

    /// The same of a statement in the log; None: it cannot be told.
    pub(in crate::replicate) fn named_by(event: &DdlEvent) -> Option<Vec<TableName>> {
        super::names(event).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_read_as_they_were_written() {
        let prints = vec![(TableName::new("a", "b"), None), (TableName::new("a", ""), Some("CREATE \"x\"\n".to_owned()))];
        assert_eq!(decode_fingerprints(encode_fingerprints(&prints).as_bytes()), Some(prints));
        assert_eq!(decode_fingerprints(b"x"), None);
    }
}
