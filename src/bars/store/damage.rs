//! Blocks whose bytes are not what was written.
//!
//! One is damaged when it cannot be unpacked, when its bytes are not those of its digest, or when its row tells of other bars
//! than it holds. Whoever meets one is told which bars these are, and from then on it is known: it has a digest that no block
//! has, so that a replica lacks it like any block that differs, and stands in the table `damaged`, so that readers know without
//! adding up what they read. Nobody is told a version for it: nothing changed that others should have.
//!
//! ```text
//! sound ─▶ damaged (unseen) ─▶ known ─▶ received | replaced by an upsert that may | removed
//! ```
//!
//! Its bytes stay until then. What is left of them is nobody's to guess: it goes or comes as a whole.

use super::read::NAMED;
use super::series::{self, BlockRow, Series};
use super::writer::Work;
use super::{Digest, Result, Store, block};
use crate::bars::Error;
use crate::model::bars::{Bar, BarTime, Interval, Range, Symbol};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _};
use std::collections::BTreeSet;
use std::fmt;

/// What gives sound bars again.
pub const HEAL: &str = "a slave is brought them again by its next sync, at once by `syncline sync request --full` there or \
                        `syncline sync push SLAVE --full` at its master; in a master a task of type full_sync over all of them or \
                        `syncline bars import --overwrite` of a file that has all of them (a slave's `syncline bars export`) replaces \
                        them, and `syncline bars delete` takes them out";

/// A damaged block, as the bars that it should hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    pub symbol: Symbol,
    pub interval: Interval,
    pub(super) period: i32,
    /// As many as its row tells of, from the first to the last.
    pub bars: u64,
    pub span: Range,
    /// What of it is wrong.
    pub(super) why: &'static str,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { symbol, interval, period: _, bars: _, span: Range { from, to }, why: _ } = self;
        write!(f, "the bars of {symbol} {interval} from {from} to {to} are damaged in the bars database")
    }
}

impl std::error::Error for Damage {}

impl From<Damage> for Error {
    fn from(damage: Damage) -> Self {
        damage.but("")
    }
}

impl Damage {
    pub const CODE: &str = "bars_block_damaged";

    fn new(series: &Series, row: &BlockRow, why: &'static str) -> Self {
        let span = Range { from: row.first, to: row.last };
        Self { symbol: series.symbol.clone(), interval: series.interval, period: row.period, bars: row.bars, span, why }
    }

    /// The error of it, with what stands in the way.
    fn but(self, what: &str) -> Error {
        Error::permanent("bars_block_damaged", format!("{self}{what}")).hint(HEAL).because(self)
    }

    /// Why a part of it cannot be taken out.
    pub(super) fn goes_as_a_whole(self) -> Error {
        self.but(", and go as a whole: the range has a part of them alone")
    }

    /// The error of what was left out of an answer, each by its name; None: nothing was.
    pub(super) fn all(damaged: &[Self]) -> Option<Error> {
        let [first, others @ ..] = damaged else { return None };
        let stretch = |damage: &Self| {
            let Self { symbol, interval, span: Range { from, to }, .. } = damage;
            format!("; {symbol} {interval} from {from} to {to}")
        };
        let named: String = others.iter().take(NAMED).map(stretch).collect();
        let more = match others.len().saturating_sub(NAMED) {
            0 => String::new(),
            n => format!("; and {n} more"),
        };
        Some(first.clone().but(&format!("{named}{more}; everything else came")))
    }

    /// Whether a bar of that time stands in the same block.
    pub fn touches(&self, time: BarTime) -> bool {
        self.interval.period(time) == self.period
    }

    /// Refuses bars that would take its place without being all of it; `first` and `last` are those of all that come.
    pub fn replaced_by(&self, first: BarTime, last: BarTime) -> Result<()> {
        if first <= self.span.from && self.span.to <= last {
            return Ok(());
        }
        Err(self.clone().but(&format!(", and what comes has those from {first} to {last} alone")))
    }

    /// What is told where something took its place.
    pub fn told_replaced(&self) -> String {
        let Range { from, to } = self.span;
        format!("{} damaged bars from {from} to {to} were replaced", self.bars)
    }
}

/// Returns the damage that an error tells of.
fn of(error: &Error) -> Option<&Damage> {
    error.source.as_deref()?.downcast_ref()
}

/// The blocks of one series that are known to be damaged.
pub(super) struct Known(BTreeSet<i32>);

impl Known {
    pub(super) fn of(conn: &Connection, series: i64) -> Result<Self> {
        let mut query = conn.prepare_cached("SELECT block FROM damaged WHERE block BETWEEN ?1 AND ?2")?;
        let blocks = query.query_map(series::block_ids(series), |row| row.get(0))?;
        Ok(Self(blocks.map(|block| block.map(series::period_of)).collect::<rusqlite::Result<_>>()?))
    }

    /// Unpacks a block for a reader, who adds up no digest.
    pub(super) fn unpack(&self, series: &Series, row: &BlockRow, data: &[u8]) -> Result<Vec<Bar>, Damage> {
        let damage = |why| Damage::new(series, row, why);
        if self.0.contains(&row.period) {
            return Err(damage("its bytes are not those of its digest"));
        }
        block::decode(data).map_err(|_| damage("it cannot be unpacked"))
    }
}

/// Looks at all of a block; None: it is what was written.
pub(super) fn check(series: &Series, row: &BlockRow, data: &[u8]) -> Option<Damage> {
    let damage = |why| Some(Damage::new(series, row, why));
    if Digest::of_block(row.period, data) != row.digest {
        return damage("its bytes are not those of its digest");
    }
    let Ok(bars) = block::decode(data) else { return damage("it cannot be unpacked") };
    let bounds = bars.first().zip(bars.last()).map(|(f, l)| (f.time(), l.time()));
    if bars.len() as u64 != row.bars || bounds != Some((row.first, row.last)) {
        return damage("its row counts other bars than it holds");
    }
    if bars.iter().any(|b| series.interval.period(b.time()) != row.period) {
        return damage("it holds a bar of another period");
    }
    None
}

impl Store {
    /// Keeps that blocks are damaged, where they still are. What it cannot keep is found again.
    pub(super) async fn note_damage(&self, found: Vec<Damage>) {
        if found.is_empty() {
            return;
        }
        if let Err(error) = self.inner.writer.call(move |work| note(work, &found)).await {
            tracing::warn!(%error, "it was not noted that bars are damaged");
        }
        self.forget_contents();
    }

    /// Notes what an answer tells of, and hands it on.
    pub(super) async fn noticed<T>(&self, answer: Result<T>) -> Result<T> {
        if let Err(error) = &answer {
            self.note_damage(of(error).cloned().into_iter().collect()).await;
        }
        answer
    }

    /// Looks at the bytes of a series' blocks and notes what is wrong with them.
    pub(in crate::bars) async fn check_series(&self, symbol: &Symbol, interval: Interval) -> Result<()> {
        let symbol = symbol.clone();
        let found = self.reading(move |conn| {
            let Some(series) = series::find(conn, &symbol, interval)? else { return Ok(Vec::new()) };
            let mut found = Vec::new();
            series::each_block(conn, &series, |row, data| found.extend(check(&series, &row, data)))?;
            Ok(found)
        });
        self.note_damage(found.await?).await;
        Ok(())
    }

    /// Lists the series that have blocks that are known to be damaged.
    pub(in crate::bars) async fn damaged_series(&self) -> Result<Vec<(Symbol, Interval)>> {
        self.reading(|conn| {
            let sql = "SELECT DISTINCT symbol, interval FROM damaged JOIN series ON series.id = block >> 20 ORDER BY symbol, interval";
            let mut query = conn.prepare_cached(sql)?;
            let rows = query.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
            let read = |(symbol, interval): (String, String)| Symbol::stored(&symbol).zip(Interval::parse(&interval));
            Ok(rows.map(|row| row.map(read)).filter_map(rusqlite::Result::transpose).collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}

/// An error: of these series, bars of the range are known to be damaged. Asked before a long answer is begun.
pub(super) fn refuse_known(conn: &Connection, symbols: &[Symbol], interval: Interval, range: Range) -> Result<()> {
    if conn.prepare_cached("SELECT 1 FROM damaged LIMIT 1")?.query_row([], |_| Ok(())).optional()?.is_none() {
        return Ok(());
    }
    for symbol in symbols {
        let Some(series) = series::find(conn, symbol, interval)? else { continue };
        for period in Known::of(conn, series.id)?.0 {
            let Some((row, _)) = series::block(conn, &series, period)? else { continue };
            if row.first <= range.to && range.from <= row.last {
                return Err(Damage::new(&series, &row, "").into());
            }
        }
    }
    Ok(())
}

fn note(work: &mut Work<'_>, found: &[Damage]) -> Result<()> {
    for Damage { symbol, interval, period, why, .. } in found {
        let Some(mut series) = series::find(work.conn, symbol, *interval)? else { continue };
        let Some((row, data)) = series::block(work.conn, &series, *period)? else { continue };
        // It may have been written anew meanwhile.
        if check(&series, &row, &data).is_none() {
            continue;
        }
        let (id, now) = (series::block_id(series.id, *period), Timestamp::now().as_microsecond());
        if work.conn.prepare_cached("INSERT OR IGNORE INTO damaged (block, found) VALUES (?1, ?2)")?.execute((id, now))? == 0 {
            continue;
        }
        let digest = Digest::of_none(*period, &data).to_bytes();
        work.conn.prepare_cached("UPDATE blocks SET digest = ?2 WHERE id = ?1")?.execute((id, digest))?;
        series::forget_besides(work.conn, id)?;
        series::sum_up(work.conn, &mut series)?;
        series::save(work.conn, &series)?;
        let Range { from, to } = Damage::new(&series, &row, why).span;
        tracing::error!(%symbol, %interval, %from, %to, why, "bars are damaged in the bars database");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
