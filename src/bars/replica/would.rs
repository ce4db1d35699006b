//! What a transfer would do, for who asks before; no bar is written at either end. A push of what changed: its questions without its
//! deliveries. A pull: all of it, into a store that undoes what it takes (`trial`).

use super::message::{self, Entry};
use super::trial::Trial;
use super::{End, Filter, Leaves, Passage, Peer, transfer};
use crate::bars::store::{Damage, Store};
use crate::bars::{Result, Would};
use crate::model::bars::{BarTime, Interval, Symbol, SyncMode};
use crate::model::words::counted;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Names the series that would travel, with the bars of the blocks that would: a block travels whole.
pub async fn would(store: &Store, to: &Peer, filter: &Filter) -> Result<Vec<Would>> {
    let (from, to) = (&End::Here(store.clone()), &End::There(to.clone()));
    let (head, followed) = (store.head().await?.0, to.followed(store.id()).await?);
    let is_set_back = followed.version > head;
    let leaves = Leaves::after(SyncMode::Incremental, followed.version, is_set_back);
    let passage = Passage { from, to: to.clone(), filter, leaves };
    let mut since = if filter.is_all() && !is_set_back { followed.version } else { 0 };
    let again = if since > 0 { followed.again() } else { Vec::new() };
    let mut all = Vec::new();
    let mut first = Vec::new();
    for name in &again {
        first.extend(passage.series_of(name).await?);
    }
    loop {
        let page = from.page(since, filter).await?;
        let changed = page.series.iter().filter(|entry| !again.iter().any(|n| n.symbol == entry.symbol && n.interval == entry.interval));
        let entries: Vec<Entry> = first.drain(..).chain(changed.cloned()).map(|entry| passage.asked(&entry)).collect();
        for need in to.needs(&entries).await? {
            let Some(entry) = entries.iter().find(|e| e.symbol == need.symbol && e.interval == need.interval) else { continue };
            let (symbol, interval) = message::name(&need.symbol, &need.interval)?;
            let deletes = !leaves.of(entry).removed.is_empty();
            let series = format!("{symbol} {interval}");
            match carried(store, &symbol, interval, &need.periods).await {
                Ok((0, _)) if !deletes => {}
                Ok((written, first)) => {
                    let at = first.map(|time| format!(", the first of {time}")).unwrap_or_default();
                    let goes = if deletes { "; what was deleted here goes there" } else { "" };
                    let note = format!("{} carried{at}{goes}", counted(written, "bar"));
                    all.push(Would { series, written, removed: 0, deletes, first, note });
                }
                // The push would go on with the next one.
                Err(e) if e.code == Damage::CODE => {
                    all.push(Would { series, written: 0, removed: 0, deletes: false, first: None, note: e.to_string() });
                }
                Err(e) => return Err(e),
            }
        }
        if page.series.is_empty() || !filter.is_all() || page.upto <= since {
            return Ok(all);
        }
        since = page.upto;
    }
}

/// Names the series that a pull would change here, with the bars that would come and go.
pub async fn would_take(master: &Peer, own: &Store, filter: &Filter, mode: SyncMode) -> Result<Vec<Would>> {
    if master.head().await?.opening.as_deref() == Some(own.opening()) {
        return Err(master.is_oneself());
    }
    // Who only looks is nobody's slave by that.
    would_bring(&End::There(master.clone()).unknown(), own, filter, mode).await
}

pub(super) async fn would_bring(from: &End, own: &Store, filter: &Filter, mode: SyncMode) -> Result<Vec<Would>> {
    let trial = Arc::new(Trial::new(own.clone()));
    let to = End::Trial(Arc::clone(&trial));
    let (told, mut heard) = mpsc::channel(256);
    let moving = async {
        let done = transfer(from, &to, filter, mode, &told).await;
        drop(told);
        done
    };
    let hearing = async {
        let mut failed = Vec::new();
        while let Some(carried) = heard.recv().await {
            if !carried.error.is_empty() {
                let series = format!("{} {}", carried.symbol, carried.interval);
                failed.push(Would { series, written: 0, removed: 0, deletes: false, first: None, note: carried.error });
            }
        }
        failed
    };
    let (done, failed) = tokio::join!(moving, hearing);
    done?;
    let mut all = trial.told();
    all.retain(|would| !failed.iter().any(|f| f.series == would.series));
    all.extend(failed);
    Ok(all)
}

/// The bars of some blocks, and the first of them.
async fn carried(store: &Store, symbol: &Symbol, interval: Interval, periods: &[i32]) -> Result<(u64, Option<BarTime>)> {
    let (mut count, mut first) = (0, None);
    for period in periods {
        let bars = store.read(symbol, interval, interval.times_of(*period)).await?.unwrap_or_default();
        count += bars.len() as u64;
        first = first.or(bars.first().map(|bar| bar.time()));
    }
    Ok((count, first))
}
