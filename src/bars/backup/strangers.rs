//! What a backup has and this database has not: told, and left alone. Another program, or another database of ours, may write to the
//! same InfluxDB, and what a database lost may be there alone.

use super::Influx;
use crate::bars::Result;
use crate::bars::replica::message::Extra;
use crate::bars::store::{NAMED, Store};
use crate::model::bars::{Interval, Symbol, TargetId};
use std::collections::BTreeSet;

/// Notes the series that are there and not here, and those (`beyond`) that have bars there before the first or after the last.
pub(super) async fn note(store: &Store, influx: &Influx, beyond: Vec<String>) -> Result<()> {
    let known: BTreeSet<String> = store.with_emptied(None).await?.iter().map(|s| format!("{} {}", s.symbol, s.interval)).collect();
    let mut names: BTreeSet<String> = beyond.into_iter().collect();
    for name in influx.series_names().await? {
        // A series that has lost all its points is still listed there.
        if !known.contains(&name) && is_there(influx, &name).await? {
            names.insert(name);
        }
    }
    let extra = Extra { series: names.len() as u64, names: names.into_iter().take(NAMED).collect(), ..Extra::default() };
    let text = serde_json::to_string(&extra).expect("numbers and names");
    store.set_extra(&TargetId::backup(influx.name()), &text).await
}

/// Returns what was noted; None: nobody looked.
pub async fn extra(store: &Store, backup: &TargetId) -> Result<Option<Extra>> {
    Ok(store.extra(backup).await?.and_then(|text| serde_json::from_str(&text).ok()))
}

/// What is none of ours cannot be asked for.
async fn is_there(influx: &Influx, name: &str) -> Result<bool> {
    let parts = name.split_once(' ');
    let whole = |text: &str| Symbol::parse(text).ok().filter(|symbol| symbol.as_str() == text);
    let read = parts.and_then(|(symbol, interval)| Some((whole(symbol)?, Interval::parse(interval)?)));
    match read {
        Some((symbol, interval)) => influx.has(&symbol, interval).await,
        None => Ok(true),
    }
}
