//! What the receiver has and the sender does not. It shows only where the contents of both differ after all that the sender has
//! was carried; then each series of the receiver is asked about.
//!
//! Such bars are left from another life: another master's, or the receiver's own. They stay, and are told, unless somebody asks for a
//! mirror of the sender: whoever names the wrong master, or restores an older copy of the right one, has lost nothing but bars of the
//! same series and time. Bars that were written at the receiver, and that the sender has too, are put right.

use super::message::{Delivery, Entry, Extra, Name, Need};
use super::{Carried, End, Lacks, Passage, Transferred};
use crate::bars::Result;
use crate::bars::store::NAMED;
use jiff::Timestamp;
use std::collections::{BTreeSet, HashSet};
use tokio::sync::mpsc;

/// A version that never comes: after it there is nothing.
pub(super) const NEVER: u64 = u64::MAX >> 1;

/// Says what the receiver has besides, or takes it out of there. `contents` are the sender's, `before` is what the last look
/// showed. None: one of them does not say what it has.
pub(super) async fn look(
    passage: &Passage<'_>,
    contents: Option<String>,
    before: Option<Extra>,
    lacks: &mut Lacks,
    done: &mut Transferred,
    told: &mpsc::Sender<Carried>,
) -> Result<Option<Extra>> {
    let Passage { from, to, filter, leaves } = passage;
    // Who asks for names takes nothing in.
    let to = &End::clone(to).unknown();
    if !leaves.nothing() {
        let Some(seen) = contents.clone().zip(to.page(NEVER, filter).await?.contents) else { return Ok(None) };
        let seen = <[String; 2]>::from(seen);
        if seen[0] == seen[1] {
            return Ok(Some(Extra { seen, ..Extra::default() }));
        }
        if let Some(before) = before.filter(|before| before.seen == seen) {
            return Ok(Some(before));
        }
    }
    let mut names = BTreeSet::new();
    let mut since = 0;
    loop {
        let page = to.page(since, filter).await?;
        if page.series.is_empty() || page.upto <= since {
            break;
        }
        since = page.upto;
        let other = others(from, page.series).await?;
        // Which of these it knows.
        let known: Vec<Entry> = other.iter().map(|entry| entry.bare(true)).collect();
        let known: HashSet<(String, String)> = from.needs(&known).await?.into_iter().map(|need| (need.symbol, need.interval)).collect();
        // What could not be brought is not looked at once more.
        for entry in other.into_iter().filter(|entry| !lacks.has(entry)).collect::<Vec<_>>() {
            let is_known = known.contains(&(entry.symbol.clone(), entry.interval.clone()));
            let stays = if is_known {
                known_series(passage, &entry, lacks, done, told).await?
            } else {
                unknown(passage, &entry, done, told).await?
            };
            if stays {
                names.insert(format!("{} {}", entry.symbol, entry.interval));
            }
        }
    }
    // What could not be put right is tried again: each by its name, or all of it.
    let contents = contents.filter(|_| !lacks.are_too_many());
    let seen = contents.zip(to.page(NEVER, filter).await?.contents).map(Into::into).unwrap_or_default();
    Ok(Some(Extra { series: names.len() as u64, names: names.into_iter().take(NAMED).collect(), seen }))
}

/// Those that are not the same at the sender, or not there at all.
async fn others(from: &End, series: Vec<Entry>) -> Result<Vec<Entry>> {
    // One without bars that it does not know is the same.
    let bare: Vec<Entry> = series.iter().map(|entry| entry.bare(entry.is_empty())).collect();
    let other: HashSet<(String, String)> = from.needs(&bare).await?.into_iter().map(|need| (need.symbol, need.interval)).collect();
    Ok(series.into_iter().filter(|entry| other.contains(&(entry.symbol.clone(), entry.interval.clone()))).collect())
}

/// Carries what the receiver lacks or has otherwise; says whether it has more then.
async fn known_series(
    passage: &Passage<'_>,
    entry: &Entry,
    lacks: &mut Lacks,
    done: &mut Transferred,
    told: &mpsc::Sender<Carried>,
) -> Result<bool> {
    let name = Name { symbol: entry.symbol.clone(), interval: entry.interval.clone() };
    let Some(there) = passage.series_of(&name).await?.pop() else { return Ok(false) };
    let there = passage.asked(&there);
    let ask = async || -> Result<Option<Need>> { Ok(passage.to.needs(std::slice::from_ref(&there)).await?.into_iter().next()) };
    let Some(need) = ask().await? else { return Ok(false) };
    if !need.periods.is_empty() || passage.leaves.nothing() {
        // It has all then, and is still another one: it has more.
        let is_well = passage.told_series(&there, need, done, told).await?;
        lacks.note(&there, is_well);
        return Ok(is_well && ask().await?.is_some());
    }
    Ok(true)
}

/// Takes a series out that the sender does not have, if it is to; says whether it stays.
async fn unknown(passage: &Passage<'_>, entry: &Entry, done: &mut Transferred, told: &mpsc::Sender<Carried>) -> Result<bool> {
    if !passage.leaves.nothing() {
        return Ok(true);
    }
    let (symbol, interval) = super::message::name(&entry.symbol, &entry.interval)?;
    let started = Timestamp::now();
    let applied = passage.to.apply(Delivery { entry: entry.bare(true), blocks: Vec::new() }).await?;
    let (ended, error, note) = (Timestamp::now(), String::new(), super::taken_out(applied.removed));
    let carried = Carried { symbol, interval, bars: 0, started, ended, error, note };
    done.tell(carried, applied.removed, told).await;
    Ok(false)
}
