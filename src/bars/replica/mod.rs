//! Replicas: bars carried from one daemon's store to another's, pushed by the master or pulled by the slave.
//!
//! Called by the scheduler; the API serves `here`'s five answers to peers. `message` what is said, `here` the answers of the own
//! store, `peer` the same asked over HTTP, `end` either of them, `meet` who it is that answers there, `master` whose bars a slave
//! takes, `lacking` what cannot be brought, `extra` what the receiver has besides, `would` what either would do, `trial` an end
//! that undoes what it takes.
//!
//! ```text
//! from: page(since) ─▶ to: needs(entries) ─▶ from: blocks ─▶ to: apply ─▶ … ─▶ to: set_followed(upto)
//! ```
//!
//! What travels is what differs by digest; where to begin is a version of the sender's store, kept by the receiver. It moves
//! only when everything up to it is equal by digest, but for series that are noted beside it (`lacking`), so that a transfer that
//! is cut off goes on where it was, a backfill of years ago travels like any change, and a sender that was set back (restored from
//! a backup) is compared whole. The receiver is told when it has all, also where nothing had to travel for it. Series of which the
//! receiver knows blocks to be damaged are compared in any case; a block that is damaged at the sender does not travel, and its
//! series is told as one that is not equal, and tried again.
//!
//! Nothing goes at the receiver but what the sender took out while it was followed, unless a mirror is asked for (a full sync).

mod end;
mod extra;
mod here;
mod lacking;
mod master;
mod meet;
pub mod message;
mod peer;
mod trial;
mod would;

pub use end::End;
pub use here::Filter;
pub use master::Master;
pub(super) use master::named;
pub use meet::{CountTasks, Introduced, Itself, Met, Says, Status};
pub use peer::{Admit, PREFIX, Peer};
pub use would::{would, would_take};

use super::store::Damage;
use super::{Error, Result};
use crate::model::bars::{Interval, Symbol, SyncMode};
use crate::model::words::counted;
use extra::NEVER;
use jiff::Timestamp;
use lacking::Lacks;
use message::{Applied, Delivery, Entry, Followed, Name, Need, Page};
use tokio::sync::mpsc;

/// What became of one series.
#[derive(Debug, Clone, PartialEq)]
pub struct Carried {
    pub symbol: Symbol,
    pub interval: Interval,
    /// Bars in the blocks that travelled.
    pub bars: u64,
    pub started: Timestamp,
    pub ended: Timestamp,
    /// Why it is not equal; empty: it is.
    pub error: String,
    /// What somebody should know of it besides; empty: nothing.
    pub note: String,
}

/// What a transfer came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transferred {
    /// Series that were looked at, and those of them that had to travel.
    pub series: u64,
    pub carried: u64,
    pub bars: u64,
    /// Bars that were taken out of the receiver.
    pub removed: u64,
    pub failed: u64,
    /// How far the receiver is now, but for so many series.
    pub version: u64,
    pub lacking: u64,
    /// The sender's newest.
    pub head: u64,
    /// Series of which the receiver has bars that the sender does not have; None: nobody looked.
    pub extra: Option<u64>,
}

impl Transferred {
    async fn tell(&mut self, carried: Carried, removed: u64, told: &mpsc::Sender<Carried>) {
        self.carried += 1;
        self.bars += carried.bars;
        self.removed += removed;
        self.failed += u64::from(!carried.error.is_empty());
        // Who listened may be gone.
        let _ = told.send(carried).await;
    }
}

/// What becomes of bars that only the receiver has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaves {
    /// They stay, but for those that the sender took out after this version, up to which it had been followed.
    Strangers(Option<u64>),
    /// They go.
    Nothing,
}

impl Leaves {
    /// Of a receiver that has followed up to a version.
    fn after(mode: SyncMode, followed: u64, is_set_back: bool) -> Self {
        match mode {
            SyncMode::Full => Self::Nothing,
            SyncMode::Incremental | SyncMode::Repair => Self::Strangers(Some(followed).filter(|version| *version > 0 && !is_set_back)),
        }
    }
    fn nothing(self) -> bool {
        self == Self::Nothing
    }
    /// What is to go with a delivery of this.
    fn of(self, entry: &Entry) -> Entry {
        let mut entry = entry.clone();
        match self {
            Self::Nothing => entry.mirror = true,
            Self::Strangers(followed) => {
                entry.whole = false;
                entry.removed.retain(|gone| followed.is_some_and(|version| gone.version > version));
            }
        }
        entry
    }
}

/// Between whom, of what, and how.
struct Passage<'a> {
    from: &'a End,
    /// Told with each question how far it is behind.
    to: End,
    filter: &'a Filter,
    leaves: Leaves,
}

/// Carries what differs. Incremental: from where it was followed on; the others compare everything, and after a full one the
/// receiver has nothing that the sender does not have. Each series that travelled (or failed to) is told as soon as it stands. An
/// error: one end cannot be talked to; what had arrived by then stays.
pub async fn transfer(from: &End, to: &End, filter: &Filter, mode: SyncMode, told: &mpsc::Sender<Carried>) -> Result<Transferred> {
    begin(from, to, filter).await?.carry(filter, mode, told).await
}

/// Both ends of a transfer, which answer.
pub struct Begun {
    from: End,
    to: End,
    store: String,
    head: u64,
    followed: Followed,
}

pub async fn begin(from: &End, to: &End, filter: &Filter) -> Result<Begun> {
    let Page { store, head, head_at, .. } = from.page(NEVER, filter).await?;
    // Whoever is brought bars knows by that how far it is behind.
    let to = to.clone().heading(head, head_at, None);
    let followed = to.followed(&store).await?;
    Ok(Begun { from: from.clone().telling(&followed), to, store, head, followed })
}

impl Begun {
    /// As [`transfer`] has it.
    pub async fn carry(self, filter: &Filter, mode: SyncMode, told: &mpsc::Sender<Carried>) -> Result<Transferred> {
        let Self { from, to, store, head, followed } = self;
        let from = &from;
        let mut done = Transferred::default();
        // A sender that is behind its receiver was set back: what it took out is not what the receiver has.
        let is_set_back = followed.version > head;
        let leaves = Leaves::after(mode, followed.version, is_set_back);
        let mut passage = Passage { from, to, filter, leaves };
        // Part of a store is compared whatever was followed.
        let mut since = if mode == SyncMode::Incremental && filter.is_all() && !is_set_back { followed.version } else { 0 };
        // Everything up to here is equal, but for what it lacks; and when that change was made.
        let mut safe = Some(since);
        let mut at = followed.at.filter(|_| since == followed.version);
        let mut lacks = Lacks::after(&followed);
        let mut told_version = followed.version;
        if since > 0 {
            for name in followed.again() {
                passage.entries(&passage.series_of(&name).await?, &mut lacks, &mut done, told).await?;
            }
        }
        let contents = loop {
            let page = from.page(since, filter).await?;
            done.head = page.head;
            passage.heading(&page, told_version).await?;
            passage.entries(&page.series, &mut lacks, &mut done, told).await?;
            safe = safe.filter(|_| !lacks.are_too_many());
            let newest = page.series.iter().map(|e| e.changed).max();
            if let Some(safe) = &mut safe
                && filter.is_all()
                && page.upto > *safe
            {
                *safe = page.upto;
                at = newest.or(page.head_at);
                let followed = Followed { version: page.upto, at, lacking: lacks.list(), ..Followed::default() };
                passage.to.set_followed(&store, followed).await?;
                told_version = page.upto;
            }
            if page.series.is_empty() || !filter.is_all() || page.upto <= since {
                break page.contents.filter(|_| page.head == page.upto);
            }
            since = page.upto;
        };
        if let (Some(version), true) = (safe, filter.is_all()) {
            let extra = extra::look(&passage, contents, followed.extra, &mut lacks, &mut done, told).await?;
            done.extra = extra.as_ref().map(|extra| extra.series);
            let synced = (done.failed == 0).then(|| crate::bars::micros(Timestamp::now()));
            safe = safe.filter(|_| !lacks.are_too_many());
            let version = safe.map_or(followed.version, |_| version);
            let followed = Followed { version, at, synced, extra, damaged: Vec::new(), lacking: lacks.list() };
            passage.to.set_followed(&store, followed).await?;
        } else if safe.is_some() && leaves.nothing() && filter.range.is_none() {
            extra::look(&passage, None, None, &mut lacks, &mut done, told).await?;
        }
        (done.version, done.lacking) = (safe.unwrap_or(followed.version), lacks.count());
        Ok(done)
    }
}

impl Passage<'_> {
    /// Says from now on what there is to bring to whoever has followed up to `version`: the sender goes on while a transfer is under
    /// way, and it may be a long one.
    async fn heading(&mut self, page: &Page, version: u64) -> Result<()> {
        let (End::Here(own), End::There(_)) = (self.from, &self.to) else { return Ok(()) };
        let behind = match page.since == version {
            true => page.behind,
            false => own.waiting(version).await?.map(|waiting| waiting.series),
        };
        self.to = self.to.clone().heading(page.head, page.head_at, behind.or(Some(0)));
        Ok(())
    }

    /// Carries what differs of a page, but for what was tried already.
    async fn entries(&self, page: &[Entry], lacks: &mut Lacks, done: &mut Transferred, told: &mpsc::Sender<Carried>) -> Result<()> {
        done.series += page.len() as u64;
        let page: Vec<Entry> = page.iter().filter(|entry| !lacks.has(entry)).map(|entry| self.asked(entry)).collect();
        for need in self.to.needs(&page).await? {
            let Some(entry) = page.iter().find(|e| e.symbol == need.symbol && e.interval == need.interval) else { continue };
            lacks.note(entry, self.told_series(entry, need, done, told).await?);
        }
        Ok(())
    }

    /// A series with all its blocks, as a page; empty: the sender never had it.
    async fn series_of(&self, Name { symbol, interval }: &Name) -> Result<Vec<Entry>> {
        let only = Filter { symbol: Some(message::name(symbol, interval)?.0), range: None };
        let mut series = self.from.page(0, &only).await?.series;
        series.retain(|entry| entry.interval == *interval);
        Ok(series)
    }

    /// An entry as the receiver is asked about it.
    fn asked(&self, entry: &Entry) -> Entry {
        Entry { mirror: self.leaves.nothing(), ..entry.clone() }
    }

    /// Carries one series and tells it, unless it had to lose and to gain nothing; says whether it stands there as it should.
    async fn told_series(&self, entry: &Entry, need: Need, done: &mut Transferred, told: &mpsc::Sender<Carried>) -> Result<bool> {
        let (carried, removed) = self.series(entry, need).await?;
        let is_well = carried.error.is_empty();
        if !is_well || carried.bars > 0 || removed > 0 {
            done.tell(carried, removed, told).await;
        }
        Ok(is_well)
    }

    /// Carries one series until the receiver has all of it; also returns how many bars went there.
    async fn series(&self, entry: &Entry, need: Need) -> Result<(Carried, u64)> {
        let Self { from, to, filter, leaves } = self;
        let started = Timestamp::now();
        let (symbol, interval) = message::name(&entry.symbol, &entry.interval)?;
        let (error, note) = Default::default();
        let mut carried = Carried { symbol, interval, bars: 0, started, ended: started, error, note };
        let mut removed = 0;
        let mut outcome = self.blocks(entry, need, &mut carried, &mut removed).await;
        if let Ok(applied) = &outcome
            && applied.digest != entry.digest
            && filter.range.is_none()
            && !entry.whole
        {
            // The changed blocks alone do not make it equal: compare all of them.
            let only = Filter { symbol: Some(carried.symbol.clone()), range: None };
            let page = from.page(0, &only).await?;
            if let Some(whole) = page.series.iter().find(|e| e.interval == entry.interval).map(|entry| self.asked(entry))
                && let Some(need) = to.needs(std::slice::from_ref(&whole)).await?.into_iter().next()
            {
                outcome = self.blocks(&whole, need, &mut carried, &mut removed).await;
                let is_unequal = |applied: &Applied| !applied.missing.is_empty() || leaves.nothing() && applied.digest != whole.digest;
                if outcome.as_ref().is_ok_and(is_unequal) {
                    carried.error = "it is not equal after all blocks were carried".to_owned();
                }
            }
        }
        match outcome {
            Ok(_) => {}
            // The other end is gone, for this series as for all.
            Err(e) if e.kind == super::Kind::Transient || e.kind == super::Kind::Config => return Err(e),
            Err(e) => carried.error = e.to_string(),
        }
        if removed > 0 {
            carried.note = taken_out(removed);
        }
        carried.ended = Timestamp::now();
        Ok((carried, removed))
    }

    /// What is damaged here is not what is damaged there; another daemon is named by its own answer.
    fn whose(&self, error: Error) -> Error {
        match self.from {
            End::Here(_) if error.code == Damage::CODE => Error { message: format!("{} of the sender", error.message), ..error },
            _ => error,
        }
    }

    /// Carries blocks that are needed, and ends with a list alone so that what should not be there goes.
    async fn blocks(&self, entry: &Entry, mut need: Need, carried: &mut Carried, removed: &mut u64) -> Result<Applied> {
        let entry = self.leaves.of(entry);
        let mut held = Vec::new();
        loop {
            let blocks = if need.periods.is_empty() { Vec::new() } else { self.from.blocks(&need).await.map_err(|e| self.whose(e))? };
            if blocks.is_empty() && !need.periods.is_empty() {
                // They are gone since the page was made; a later page tells what is there instead.
                need.periods.clear();
            }
            need.periods.retain(|p| !blocks.iter().any(|b| b.period == *p));
            let last = need.periods.is_empty();
            held.extend(blocks);
            if !last && matches!(self.to, End::Trial(_)) {
                // What is undone at once is brought at once.
                continue;
            }
            // Until the last part no block goes that is not named.
            let entry = Entry { whole: entry.whole && last, ..entry.clone() };
            let applied = self.to.apply(Delivery { entry, blocks: std::mem::take(&mut held) }).await?;
            carried.bars += applied.bars;
            *removed += applied.removed;
            if last {
                return Ok(applied);
            }
        }
    }
}

/// What is told where bars went.
pub fn taken_out(bars: u64) -> String {
    format!("{} taken out that the sender does not have", counted(bars, "bar"))
}

#[cfg(test)]
mod tests;
