//! What becomes a row of the history of transfers: a series that travelled or failed to, and an other end that cannot be talked to.
//!
//! Called by `follow` (replicas) and `desk` (backups, and what somebody asked for). What somebody asked for has a row of its own each
//! time. What goes on by itself and fails time after time has one for as long as that lasts ([`Streaks`]): it tells how often it
//! failed, until when and why, and another row tells the end.

use super::Result;
use super::replica::{Carried, Transferred};
use super::store::{Store, Transfer};
use crate::model::bars::{Interval, Symbol, SyncMode, TargetId};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::mpsc;

/// Series that are not equal, of what was told.
#[derive(Debug, Default)]
pub(super) struct Failed {
    pub(super) series: u64,
    /// What became of the first of them.
    first: String,
}

impl Failed {
    /// In words; empty: there are none.
    pub(super) fn told(&self) -> String {
        match self.series {
            0 => String::new(),
            1 => format!("a series is not equal at both ends: {}", self.first),
            n => format!("{n} series are not equal at both ends, the first is {}", self.first),
        }
    }
}

/// Whose failures the rows tell.
pub(super) enum Whose<'a> {
    /// Somebody's, who asked; a success ends what lasted until then.
    Asked(Option<&'a mut Streaks>),
    /// Nobody's.
    Lasting(&'a mut Streaks),
    /// Those of a backup: its rows stand already, each with the mark that moved with it.
    Kept,
}

/// Keeps what is told as rows of the history and tells it on. An error comes after everything was heard.
pub(super) async fn record(
    store: &Store,
    target: &TargetId,
    mode: SyncMode,
    mut heard: mpsc::Receiver<Carried>,
    told: Option<mpsc::Sender<Carried>>,
    mut whose: Whose<'_>,
) -> Result<Failed> {
    let mut outcome = Ok(());
    let mut failed = Failed::default();
    let mut some = Vec::new();
    while heard.recv_many(&mut some, 256).await > 0 {
        let rows: Vec<Transfer> = some.iter().filter_map(|carried| whose.row(row(target, mode, carried), carried)).collect();
        match store.keep_transfers(rows).await {
            Ok(numbers) => whose.numbered(&some, &numbers),
            Err(error) if outcome.is_ok() => outcome = Err(error),
            Err(_) => {}
        }
        for carried in some.drain(..) {
            let Carried { symbol, interval, error, .. } = &carried;
            if !error.is_empty() {
                failed.series += 1;
                if failed.first.is_empty() {
                    failed.first = format!("{symbol} {interval}: {error}");
                }
                let TargetId { kind, name } = target;
                if whose.is_known(&carried) {
                    tracing::debug!(target_name = name, %kind, %symbol, %interval, error, "bars are still not equal at both ends");
                } else {
                    tracing::warn!(target_name = name, %kind, %symbol, %interval, error, "bars are not equal at both ends");
                }
            }
            if let Some(told) = &told {
                // Who listened may be gone.
                let _ = told.send(carried).await;
            }
        }
    }
    outcome.map(|()| failed)
}

pub(super) fn row(target: &TargetId, mode: SyncMode, carried: &Carried) -> Transfer {
    let Carried { symbol, interval, bars, started, ended, error, note } = carried;
    Transfer {
        id: 0,
        target: target.name.clone(),
        kind: Some(target.kind),
        series: Some((symbol.to_string(), interval.to_string())),
        mode,
        started: *started,
        ended: *ended,
        bars: *bars,
        error: error.clone(),
        note: note.clone(),
    }
}

/// A transfer that could not even be begun with.
pub(super) fn not_begun(target: &TargetId, mode: SyncMode, started: Timestamp, error: &impl ToString) -> Transfer {
    let TargetId { kind, name } = target.clone();
    let (ended, error, note) = (Timestamp::now(), error.to_string(), String::new());
    Transfer { id: 0, target: name, kind: Some(kind), series: None, mode, started, ended, bars: 0, error, note }
}

type Series = (Symbol, Interval);

fn series(carried: &Carried) -> Series {
    (carried.symbol.clone(), carried.interval)
}

impl Whose<'_> {
    /// None: it stands already.
    fn row(&mut self, row: Transfer, carried: &Carried) -> Option<Transfer> {
        Some(match self {
            Self::Asked(Some(streaks)) | Self::Lasting(streaks) if carried.error.is_empty() => {
                streaks.unequal.remove(&series(carried));
                row
            }
            Self::Asked(Some(streaks)) => {
                streaks.seen.insert(series(carried));
                row
            }
            Self::Lasting(streaks) => {
                streaks.seen.insert(series(carried));
                streaks.unequal.entry(series(carried)).or_default().again(row)
            }
            Self::Asked(None) => row,
            Self::Kept => return None,
        })
    }

    /// Takes the numbers that the rows have now.
    fn numbered(&mut self, told: &[Carried], numbers: &[u64]) {
        let Self::Lasting(streaks) = self else { return };
        for (carried, number) in told.iter().zip(numbers) {
            if let Some(streak) = streaks.unequal.get_mut(&series(carried)) {
                streak.row = *number;
            }
        }
    }

    fn is_known(&self, carried: &Carried) -> bool {
        match self {
            Self::Lasting(streaks) => streaks.unequal.get(&series(carried)).is_some_and(|streak| streak.count > 1),
            Self::Asked(_) | Self::Kept => false,
        }
    }
}

/// What failed in the transfers of one pair that nobody asks for, and has failed each time since. Held in memory: after a restart
/// a failure is a new one.
#[derive(Debug, Default)]
pub(super) struct Streaks {
    /// The other end cannot be talked to.
    away: Option<Streak>,
    unequal: BTreeMap<Series, Streak>,
    /// Series that are not equal after the transfer that is under way.
    seen: BTreeSet<Series>,
}

#[derive(Debug, Default)]
struct Streak {
    row: u64,
    /// Of the first failure.
    started: Option<Timestamp>,
    count: u64,
    bars: u64,
}

impl Streak {
    /// The one row of it, after another failure.
    fn again(&mut self, row: Transfer) -> Transfer {
        self.count += 1;
        self.bars += row.bars;
        let started = *self.started.get_or_insert(row.started);
        let error = if self.count == 1 { row.error } else { format!("{} ({} times)", row.error, self.count) };
        Transfer { id: self.row, started, bars: self.bars, error, ..row }
    }
}

impl Streaks {
    /// Another transfer begins.
    pub(super) fn begin(&mut self) {
        self.seen.clear();
    }

    pub(super) fn is_away(&self) -> bool {
        self.away.is_some()
    }

    /// Keeps what became of a transfer, beside what was told of its series. `of_all`: it looked at everything, so that a series of
    /// which nothing was told is equal. Who asks for a transfer keeps its failure himself.
    pub(super) async fn ended(
        &mut self,
        store: &Store,
        target: &TargetId,
        started: Timestamp,
        outcome: &Result<Transferred>,
        of_all: bool,
        is_asked: bool,
    ) -> Result<()> {
        let row = |series: Option<Series>, error: String| Transfer {
            id: 0,
            target: target.name.clone(),
            kind: Some(target.kind),
            series: series.map(|(symbol, interval)| (symbol.to_string(), interval.to_string())),
            mode: SyncMode::Incremental,
            started,
            ended: Timestamp::now(),
            bars: 0,
            error,
            note: String::new(),
        };
        let mut ends = Vec::new();
        match outcome {
            Ok(_) => {
                ends.extend(self.away.take().map(|_| row(None, String::new())));
                if of_all {
                    let over: Vec<Series> = self.unequal.keys().filter(|series| !self.seen.contains(series)).cloned().collect();
                    for series in over {
                        self.unequal.remove(&series);
                        ends.push(row(Some(series), String::new()));
                    }
                }
            }
            Err(_) if is_asked => {}
            Err(error) => {
                let streak = self.away.get_or_insert_default();
                let numbers = store.keep_transfers(vec![streak.again(row(None, error.to_string()))]).await?;
                streak.row = numbers.first().copied().unwrap_or_default();
            }
        }
        store.keep_transfers(ends).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bars::Error;
    use crate::bars::store::TransferFilter;
    use crate::bars::testing::symbol;

    fn near() -> TargetId {
        TargetId::slave("near")
    }

    async fn hear(store: &Store, whose: Whose<'_>, error: Option<&str>) -> Failed {
        let (tell, heard) = mpsc::channel(1);
        let (symbol, interval, at) = (symbol("US.A"), Interval::D1, Timestamp::now());
        if let Some(error) = error {
            let (error, note) = (error.to_owned(), String::new());
            tell.send(Carried { symbol, interval, bars: 2, started: at, ended: at, error, note }).await.unwrap();
        }
        drop(tell);
        record(store, &near(), SyncMode::Incremental, heard, None, whose).await.unwrap()
    }

    #[tokio::test]
    async fn what_lasts_has_one_row_and_what_was_asked_for_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let mut streaks = Streaks::default();
        let mut rows = Vec::new();
        for (is_asked, of_all, error) in [
            (false, true, Some("x")),
            (false, true, Some("y")),
            // Somebody's has a row of its own, and says nothing of what lasts, whatever it looked at.
            (true, true, Some("z")),
            (true, false, None),
            (false, true, Some("x")),
            // Nothing told of it: it is equal.
            (false, true, None),
            (false, true, None),
        ] {
            streaks.begin();
            let whose = if is_asked { Whose::Asked(Some(&mut streaks)) } else { Whose::Lasting(&mut streaks) };
            let failed = hear(&store, whose, error).await;
            assert_eq!(failed.told(), error.map(|e| format!("a series is not equal at both ends: US.A 1d: {e}")).unwrap_or_default());
            streaks.ended(&store, &near(), Timestamp::now(), &Ok(Transferred::default()), of_all, is_asked).await.unwrap();
            rows.push(
                store.transfers(TransferFilter::default(), 9, 0).await.unwrap().into_iter().map(|t| (t.bars, t.error)).collect::<Vec<_>>(),
            );
        }
        let row = |bars, error: &str| (bars, error.to_owned());
        assert_eq!(rows[1], [row(4, "y (2 times)")]);
        assert_eq!(rows[4], [row(2, "z"), row(6, "x (3 times)")]);
        assert_eq!(rows[6], [row(0, ""), row(2, "z"), row(6, "x (3 times)")], "the end is told once");
        // The other end that is away is another matter.
        let away = || Err(Error::transient("bars_peer_unreachable", "gone"));
        for is_asked in [false, true, false] {
            streaks.ended(&store, &near(), Timestamp::now(), &away(), true, is_asked).await.unwrap();
        }
        streaks.ended(&store, &near(), Timestamp::now(), &Ok(Transferred::default()), true, false).await.unwrap();
        let last = store.transfers(TransferFilter::default(), 2, 0).await.unwrap();
        assert_eq!((last[0].error.as_str(), last[1].error.as_str(), &last[1].series), ("", "gone (2 times)", &None));
    }
}
