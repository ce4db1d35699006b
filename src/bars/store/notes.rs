//! What is remembered beside the bars: corrections, what sources looked like, what targets are known to have.

use super::writer::Work;
use super::{Error, Result, Store, Transfer, series, transfers};
use crate::model::bars::{BarTime, Interval, Symbol};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _};
use std::collections::HashMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CorrectionKind {
    /// Single bars differ.
    Correction,
    /// All prices up to some day were multiplied: a split or a dividend.
    Rebase,
}

impl CorrectionKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Correction => "correction",
            Self::Rebase => "rebase",
        }
    }
}

/// Stored history that turned out to differ at its source, and was replaced.
#[derive(Debug, Clone, PartialEq)]
pub struct Correction {
    pub found: Timestamp,
    pub kind: CorrectionKind,
    /// First and last bar that changed.
    pub first: BarTime,
    pub last: BarTime,
    pub bars: u64,
    /// New price / old price of a rebase.
    pub factor: Option<f64>,
    /// The provider that said so.
    pub source: String,
}

/// What is recorded along with a write.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Noted {
    pub correction: Option<Correction>,
    /// A source, and what it looked like.
    pub seen: Option<(String, String)>,
}

/// What a target is known to have of a series, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub version: u64,
    pub at: Timestamp,
}

impl Store {
    /// Lists a series' corrections, newest first.
    pub async fn corrections(&self, symbol: &Symbol, interval: Interval) -> Result<Vec<Correction>> {
        let symbol = symbol.clone();
        self.reading(move |conn| {
            let Some(series) = series::find(conn, &symbol, interval)? else { return Ok(Vec::new()) };
            let sql =
                "SELECT found, kind, first, last, bars, factor, source FROM corrections WHERE series = ?1 ORDER BY id DESC LIMIT 1000";
            let mut query = conn.prepare_cached(sql)?;
            let rows = query.query_map([series.id], |row| {
                let kind: String = row.get(1)?;
                Ok(Correction {
                    found: Timestamp::from_microsecond(row.get(0)?).unwrap_or_default(),
                    kind: if kind == "rebase" { CorrectionKind::Rebase } else { CorrectionKind::Correction },
                    first: BarTime::new(row.get(2)?).unwrap_or(BarTime::MIN),
                    last: BarTime::new(row.get(3)?).unwrap_or(BarTime::MAX),
                    bars: row.get::<_, i64>(4)?.cast_unsigned(),
                    factor: row.get(5)?,
                    source: row.get(6)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Returns what a source looked like when it was last read whole, for all symbols of an interval.
    pub async fn all_seen(&self, source: &str, interval: Interval) -> Result<HashMap<Symbol, String>> {
        let source = source.to_owned();
        self.reading(move |conn| {
            let sql = "SELECT symbol, mark FROM seen JOIN series ON series.id = seen.series WHERE source = ?1 AND interval = ?2";
            let mut query = conn.prepare_cached(sql)?;
            let rows = query.query_map((source, interval.as_str()), |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
            let pairs =
                rows.map(|row| row.map(|(symbol, mark)| Symbol::parse(&symbol).ok().map(|s| (s, mark)))).filter_map(Result::transpose);
            Ok(pairs.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Returns what a target is known to have of a series.
    pub async fn mark(&self, target: &str, symbol: &Symbol, interval: Interval) -> Result<Option<Mark>> {
        let (target, symbol) = (target.to_owned(), symbol.clone());
        self.reading(move |conn| {
            let sql = "SELECT marks.version, at FROM marks JOIN series ON series.id = marks.series WHERE symbol = ?1 AND interval = ?2 AND target = ?3";
            let mut query = conn.prepare_cached(sql)?;
            let found = query.query_row((symbol.as_str(), interval.as_str(), target), |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)));
            Ok(found.optional()?.map(|(version, at)| Mark {
                version: version.cast_unsigned(),
                at: Timestamp::from_microsecond(at).unwrap_or_default(),
            }))
        })
        .await
    }

    /// The same of all series.
    pub async fn marks(&self, target: &str) -> Result<HashMap<(Symbol, Interval), Mark>> {
        let target = target.to_owned();
        self.reading(move |conn| {
            let sql = "SELECT symbol, interval, marks.version, at FROM marks JOIN series ON series.id = marks.series WHERE target = ?1";
            let mut query = conn.prepare_cached(sql)?;
            let rows = query.query_map([target], |row| {
                let mark = Mark {
                    version: row.get::<_, i64>(2)?.cast_unsigned(),
                    at: Timestamp::from_microsecond(row.get(3)?).unwrap_or_default(),
                };
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, mark))
            })?;
            let read =
                |(symbol, interval, mark): (String, String, Mark)| Some(((Symbol::stored(&symbol)?, Interval::parse(&interval)?), mark));
            rows.filter_map(|row| row.map(read).transpose()).collect::<rusqlite::Result<_>>().map_err(Into::into)
        })
        .await
    }

    pub async fn set_mark(&self, target: &str, symbol: &Symbol, interval: Interval, mark: Mark) -> Result<()> {
        let (target, symbol) = (target.to_owned(), symbol.clone());
        self.inner.writer.call(move |work| put_mark(work.conn, &target, &symbol, interval, mark)).await
    }

    /// The same with the row of the history that tells how it came there: both or neither.
    pub(in crate::bars) async fn set_mark_told(
        &self,
        target: &str,
        symbol: &Symbol,
        interval: Interval,
        mark: Mark,
        row: Transfer,
    ) -> Result<()> {
        let (target, symbol) = (target.to_owned(), symbol.clone());
        let keep = move |work: &mut Work<'_>| {
            put_mark(work.conn, &target, &symbol, interval, mark)?;
            transfers::keep(work.conn, row)?;
            transfers::prune(work.conn)
        };
        self.writing(keep).await
    }

    /// Takes back that a target has anything of any series, but not that something of each may be there; returns of how many.
    pub async fn unmark(&self, target: &str) -> Result<u64> {
        let target = target.to_owned();
        self.inner
            .writer
            .call(move |work| Ok(work.conn.execute("UPDATE marks SET version = 0 WHERE target = ?1 AND version > 0", [target])? as u64))
            .await
    }

    /// Takes back that a target has all of these series, and keeps `value` under `name` with that: both or neither.
    pub async fn set_back(&self, target: &str, series: Vec<(Symbol, Interval)>, name: &str, value: String) -> Result<()> {
        let (target, name) = (target.to_owned(), name.to_owned());
        self.inner
            .writer
            .call(move |work| {
                for (symbol, interval) in series {
                    let series = known(work.conn, &symbol, interval)?;
                    let sql = "INSERT INTO marks (target, series, version, at) VALUES (?1, ?2, 0, ?3)
                               ON CONFLICT (target, series) DO UPDATE SET version = 0";
                    work.conn.prepare_cached(sql)?.execute((&target, series, Timestamp::now().as_microsecond()))?;
                }
                put_value(work.conn, &name, &value)
            })
            .await
    }

    /// A small value under a name of the caller's, e.g. how far a replica has followed its master.
    pub async fn value(&self, name: &str) -> Result<Option<String>> {
        let name = format!("note:{name}");
        self.reading(move |conn| Ok(conn.query_row("SELECT value FROM meta WHERE key = ?1", [name], |row| row.get(0)).optional()?)).await
    }

    /// The same, where this one is written if there is none.
    pub async fn value_or(&self, name: &str, value: &str) -> Result<String> {
        let (name, value) = (format!("note:{name}"), value.to_owned());
        let keep = move |work: &mut Work<'_>| {
            work.conn.execute("INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO NOTHING", (&name, value))?;
            Ok(work.conn.query_row("SELECT value FROM meta WHERE key = ?1", [name], |row| row.get(0))?)
        };
        self.writing(keep).await
    }

    pub async fn set_value(&self, name: &str, value: &str) -> Result<()> {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.inner.writer.call(move |work| put_value(work.conn, &name, &value)).await
    }
}

fn put_mark(conn: &Connection, target: &str, symbol: &Symbol, interval: Interval, mark: Mark) -> Result<()> {
    let series = known(conn, symbol, interval)?;
    let sql = "INSERT INTO marks (target, series, version, at) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (target, series) DO UPDATE SET version = ?3, at = ?4";
    conn.prepare_cached(sql)?.execute((target, series, mark.version.cast_signed(), mark.at.as_microsecond()))?;
    Ok(())
}

pub(super) fn put_value(conn: &Connection, name: &str, value: &str) -> Result<()> {
    let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2";
    conn.execute(sql, (format!("note:{name}"), value))?;
    Ok(())
}

pub(super) fn put(conn: &Connection, symbol: &Symbol, interval: Interval, noted: Noted) -> Result<()> {
    let Noted { correction, seen } = noted;
    if correction.is_none() && seen.is_none() {
        return Ok(());
    }
    let series = known(conn, symbol, interval)?;
    if let Some(Correction { found, kind, first, last, bars, factor, source }) = correction {
        let sql =
            "INSERT INTO corrections (series, found, kind, first, last, bars, factor, source) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let (found, bars) = (found.as_microsecond(), bars.cast_signed());
        conn.prepare_cached(sql)?.execute((series, found, kind.as_str(), first.seconds(), last.seconds(), bars, factor, source))?;
    }
    if let Some((source, mark)) = seen {
        let sql = "INSERT INTO seen (series, source, mark) VALUES (?1, ?2, ?3) ON CONFLICT (series, source) DO UPDATE SET mark = ?3";
        conn.prepare_cached(sql)?.execute((series, source, mark))?;
    }
    Ok(())
}

fn known(conn: &Connection, symbol: &Symbol, interval: Interval) -> Result<i64> {
    let missing = || Error::not_found("bars_series_not_found", format!("there are no bars of {symbol} {interval}"));
    Ok(series::find(conn, symbol, interval)?.ok_or_else(missing)?.id)
}
