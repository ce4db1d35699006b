//! Statements for a target of the other flavour: said again in its words (`schema::statement`), or a stop by name.

use super::Pump;
use super::statement::stop;
use crate::model::endpoint::MysqlEndpoint;
use crate::model::finding::Side;
use crate::model::replicate::TableName;
use crate::model::run::RunEventKind;
use crate::replicate::connect::{self, Conn, Flavor};
use crate::replicate::ddl::{self, Ddl};
use crate::replicate::event::{DdlEvent, ExplicitTimestamps};
use crate::replicate::schema::dialect::Dialect;
use crate::replicate::schema::fidelity::{self, Fate};
use crate::replicate::schema::read::{ask, literal, read_tables, text};
use crate::replicate::schema::statement::{Defaults, Unsaid, translate};
use crate::replicate::table::Table;
use crate::replicate::{Error, Result};

/// The bits of sql_mode that mean the same in both flavours, less those that stand for others together (ANSI, TRADITIONAL).
const COMMON_MODES: u64 = 0xE7F8_00EF;
/// MariaDB's Oracle mode: another language.
const ORACLE: u64 = 512;
/// utf8mb4 with a collation that both flavours number alike.
pub(super) const UTF8MB4: u16 = 45;

/// What both ends' SQL offers, asked once.
pub(super) struct Dialects {
    from: Dialect,
    to: Dialect,
}

impl Pump<'_> {
    /// Says a statement on tables or a schema (`schema`, at the source) for the target. `log`: as the source named its tables.
    pub(super) async fn translated(&mut self, log: &DdlEvent, event: &DdlEvent, schema: &str) -> Result<DdlEvent> {
        let cannot = |why: &str| {
            stop(event, "ddl_not_translatable", why).hint(
                "give it in the target's words (syncline jobs ddl replace), or make the change there by hand and leave the statement \
                 out (syncline jobs ddl skip)",
            )
        };
        let bits = event.sql_mode.unwrap_or(0);
        if bits & ORACLE != 0 && self.source_flavor().await? == Flavor::Mariadb {
            return Err(cannot("it was written in MariaDB's Oracle mode"));
        }
        if event.statement.contains(char::REPLACEMENT_CHARACTER) {
            return Err(cannot("its text is in a character set that is not read here"));
        }
        let mut defaults = defaults(&self.ctx.spec.src.endpoint, event.charset, schema).await?;
        if let Some(explicit) = event.explicit_timestamps.of(self.source_flavor().await?) {
            defaults.plain_timestamps = explicit;
        }
        let Dialects { from, to } = self.dialects().await?;
        let said = match translate(&event.statement, ddl::Mode::from_sql_mode(bits), from, to, &defaults) {
            Ok(said) => said,
            Err(Unsaid { why, by_type: true }) => return Err(Box::pin(self.lacks_type(log, &why)).await?),
            Err(Unsaid { why, by_type: false }) => return Err(cannot(&why)),
        };
        for note in said.notes {
            let told = ddl::without_secrets(&note, ddl::Mode::from_sql_mode(bits));
            self.ctx.report.event(Some(Side::Dest), RunEventKind::Note, format!("in the target's words: {told}"));
        }
        Ok(DdlEvent {
            statement: said.statement,
            charset: Some((UTF8MB4, UTF8MB4, UTF8MB4)),
            sql_mode: Some(bits & COMMON_MODES),
            // Said in words.
            explicit_timestamps: ExplicitTimestamps::default(),
            ..event.clone()
        })
    }

    /// Stops where a statement makes or changes a table whose rows the target cannot take, whatever stands for the statement there:
    /// the log has them in the source's own bytes, and the start of the next run would be refused. The definitions are those of
    /// now, at the source: who has changed them there lets it be tried again.
    pub(super) async fn carries(&mut self, event: &DdlEvent) -> Result<()> {
        let tables = self.changed_now(event).await?;
        self.portable(event, &tables).await
    }

    /// Why a statement with such a type stops the job, and what leads on: another type at the source, and then a copy, since the
    /// rows that the log has of the first one are of no use.
    async fn lacks_type(&mut self, event: &DdlEvent, why: &str) -> Result<Error> {
        let tables = self.changed_now(event).await?;
        if let Err(refused) = self.portable(event, &tables).await {
            return Ok(refused);
        }
        let job = &self.ctx.job;
        let hint = match tables.first() {
            Some(Table { name, .. }) => {
                format!("{name} has no such column at the source any more; copy it as it is now: syncline jobs tables reload {job} {name}")
            }
            None => format!("there is no such table at the source any more; leave the statement out: syncline jobs ddl skip {job}"),
        };
        Ok(stop(event, "type_not_portable", why).hint(hint))
    }

    /// The tables of the job that a statement makes or changes, as they are at the source now.
    async fn changed_now(&mut self, event: &DdlEvent) -> Result<Vec<Table>> {
        let mode = ddl::Mode::from_sql_mode(event.sql_mode.unwrap_or(0));
        let Ok(Ddl::Table(table)) = ddl::classify_in(&event.statement, &event.default_schema, mode) else { return Ok(Vec::new()) };
        let filter = &self.ctx.spec.src.filter;
        let names: Vec<TableName> = table.changed().filter(|t| filter.includes(&t.schema, &t.table)).cloned().collect();
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let source = &self.ctx.spec.src.endpoint;
        let mut conn = connect::faithful(source, false).await?;
        let info = connect::inspect(&mut conn, source).await?;
        let tables = read_tables(&mut conn, &info, &names).await?;
        conn.disconnect().await;
        Ok(tables)
    }

    async fn portable(&mut self, event: &DdlEvent, tables: &[Table]) -> Result<()> {
        let job = self.ctx.job.clone();
        let Dialects { from, to } = self.dialects().await?;
        let (from, to, version) = (from.flavor, to.flavor, to.version);
        for table in tables {
            let pairs = self.ctx.spec.src.filter.columns(&table.name);
            let taken = |name: &str| pairs.is_empty() || pairs.iter().any(|p| p.from.to_lowercase() == name.to_lowercase());
            for (_, column) in table.stored_columns().filter(|(_, c)| taken(&c.name)) {
                if let Fate::Refused(why) = fidelity::class(column.class, from, to, version) {
                    let (table, column) = (&table.name, &column.name);
                    let why = format!("no statement in its place brings {table}.{column}: {why}");
                    return Err(stop(event, "type_not_portable", &why).hint(format!(
                        "give {column} another type at the source (ALTER TABLE {table} MODIFY {column} …: CHAR(36) for UUID, VARCHAR(45) for \
                         INET6), then copy the table again: syncline jobs tables reload {job} {table}; or leave the table out of the job: \
                         syncline jobs update {job} --ignore {table}"
                    )));
                }
            }
        }
        Ok(())
    }

    async fn source_flavor(&mut self) -> Result<Flavor> {
        Ok(self.dialects().await?.from.flavor)
    }

    async fn dialects(&mut self) -> Result<&Dialects> {
        if self.dialects.is_none() {
            let spec = &self.ctx.spec;
            let target = spec.dest.sink.endpoint().ok_or_else(nobody)?;
            let mut both = Vec::new();
            for endpoint in [&spec.src.endpoint, target] {
                let mut conn = connect::faithful(endpoint, false).await?;
                let info = connect::inspect(&mut conn, endpoint).await?;
                both.push(Dialect::read(&mut conn, &info).await?);
                conn.disconnect().await;
            }
            let (to, from) = (both.pop(), both.pop());
            self.dialects = from.zip(to).map(|(from, to)| Box::new(Dialects { from, to }));
        }
        self.dialects.as_deref().ok_or_else(nobody)
    }
}

/// Only a database is translated for.
fn nobody() -> Error {
    Error::permanent("ddl_not_translatable", "there is no database to translate for")
}

/// What the source leaves unsaid. Asked at each statement: schemas come and go. `charset`: as the statement's session had it.
async fn defaults(source: &MysqlEndpoint, charset: Option<(u16, u16, u16)>, schema: &str) -> Result<Defaults> {
    let mut conn = connect::faithful(source, false).await?;
    let of_schema = format!("SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME={}", literal(schema));
    let schema_collation = first(&mut conn, &of_schema).await?;
    let of_server = match charset {
        Some((_, _, id)) => first(&mut conn, &format!("SELECT COLLATION_NAME FROM information_schema.COLLATIONS WHERE ID={id}")).await?,
        None => None,
    };
    let server_collation = match of_server {
        Some(name) => name,
        None => first(&mut conn, "SELECT @@GLOBAL.collation_server").await?.unwrap_or_default(),
    };
    let plain = first(&mut conn, "SELECT @@GLOBAL.explicit_defaults_for_timestamp").await?;
    conn.disconnect().await;
    Ok(Defaults { schema_collation, server_collation, plain_timestamps: plain.as_deref() == Some("1") })
}

async fn first(conn: &mut Conn, sql: &str) -> Result<Option<String>> {
    let rows = ask(conn, sql, "ask the source for its defaults").await?;
    Ok(rows.first().map(|row| text(row, 0)).filter(|text| !text.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_of_one_flavour_alone_are_left_out() {
        let strict = 1 << 21 | 1 << 22;
        assert_eq!((strict | 4 | 1 << 20) & COMMON_MODES, strict | 4 | 1 << 20);
        // ORACLE, NO_AUTO_CREATE_USER, TRADITIONAL as a whole, TIME_TRUNCATE_FRACTIONAL (MySQL) = EMPTY_STRING_IS_NULL (MariaDB).
        assert_eq!((512 | 1 << 28 | 1 << 27 | 1 << 32) & COMMON_MODES, 0);
    }
}
