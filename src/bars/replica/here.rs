//! The five answers of a daemon about its own store. The API hands them out as they are.

use super::message::{Applied, Block, Delivery, Entry, Followed, Name, Need, Page, digest, name};
use crate::bars::store::{Besides, BlockData, BlockDigest, Damage, Digest, Received, Removal, SeriesInfo, Store};
use crate::bars::{Error, Result};
use crate::model::bars::{BarTime, Interval, Range, Symbol};
use std::collections::HashMap;

/// Series in one page.
const PAGE: usize = 200;
/// Bytes of blocks in one answer, about; what is left out is asked for again.
const MOST_BYTES: usize = 4 << 20;

/// Part of a store: nothing said means all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub symbol: Option<Symbol>,
    /// Blocks that lie outside are left alone; one that overlaps is whole.
    pub range: Option<Range>,
}

impl Filter {
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }
    /// Reads the query of a page: a symbol, and seconds of both ends of a range.
    pub fn from_query(symbol: Option<&str>, from: Option<i64>, to: Option<i64>) -> Result<Self> {
        let wrong = |what: String| Error::config("bars_filter_unreadable", what);
        let symbol = symbol.map(Symbol::parse).transpose().map_err(wrong)?;
        let time = |seconds: i64| BarTime::new(seconds).ok_or_else(|| wrong(format!("{seconds} is out of range")));
        let range = match (from, to) {
            (None, None) => None,
            (from, to) => Some(Range { from: from.map_or(Ok(BarTime::MIN), time)?, to: to.map_or(Ok(BarTime::MAX), time)? }),
        };
        Ok(Self { symbol, range })
    }
    fn wants(&self, info: &SeriesInfo) -> bool {
        self.symbol.as_ref().is_none_or(|s| *s == info.symbol)
    }
    fn periods(&self, info: &SeriesInfo) -> Option<(i32, i32)> {
        self.range.map(|r| (info.interval.period(r.from), info.interval.period(r.to.min(BarTime::MAX))))
    }
}

/// A filter as the query of a page; [`Filter::from_query`] reads it.
pub(super) fn query(filter: &Filter) -> Vec<(&'static str, String)> {
    let Filter { symbol, range } = filter;
    let mut pairs = Vec::new();
    pairs.extend(symbol.iter().map(|s| ("symbol", s.to_string())));
    pairs.extend(range.iter().flat_map(|r| [("from", r.from.seconds().to_string()), ("to", r.to.seconds().to_string())]));
    pairs
}

impl Store {
    /// Lists what changed after a version. From zero on every block is named, so that a replica can be compared whole.
    pub async fn replica_page(&self, since: u64, filter: &Filter) -> Result<Page> {
        let (head, head_at) = self.head().await?;
        let infos = match &filter.symbol {
            // One symbol is asked for whatever its version.
            Some(symbol) => self.with_emptied(Some(symbol)).await?.into_iter().filter(|i| i.version > since).collect(),
            None => self.changed_since(since, PAGE).await?,
        };
        let upto = infos.iter().map(|i| i.version).max().unwrap_or(head.max(since));
        let mut series = Vec::new();
        for info in infos.iter().filter(|i| filter.wants(i)) {
            let Some(mut listed) = self.blocks(&info.symbol, info.interval, since).await? else { continue };
            let bounds = filter.periods(info);
            if let Some((from, to)) = bounds {
                listed.blocks.retain(|b| from <= b.period && b.period <= to);
                let within = |removal: &Removal| {
                    [removal.range.from, removal.range.to].into_iter().all(|time| (from..=to).contains(&info.interval.period(time)))
                };
                listed.removed.retain(within);
            }
            series.push(Entry::new(listed, since == 0 && bounds.is_none(), since == 0));
        }
        let all = if infos.is_empty() && filter.is_all() { Some(self.contents().await?) } else { None };
        let contents = all.filter(|all| all.head == head).map(|all| all.digest.to_string());
        // Nobody is at a version that never comes.
        let waiting = if since < head { self.waiting(since).await? } else { None };
        let (waiting_since, behind) = (waiting.as_ref().map(|w| w.since), waiting.map(|w| w.series));
        let (store, opening) = (self.id().to_owned(), Some(self.opening().to_owned()));
        Ok(Page { store, since, upto, head, head_at, waiting_since, behind, contents, opening, name: None, series })
    }

    /// Says which blocks of a page are not here as they should be; a series that is the same is left out. A block that is damaged is not
    /// as it should be, where it is known or everything is looked at.
    pub async fn replica_needs(&self, entries: &[Entry]) -> Result<Vec<Need>> {
        let mut needs = Vec::new();
        for entry in entries {
            let (symbol, interval) = name(&entry.symbol, &entry.interval)?;
            if entry.thorough {
                self.check_series(&symbol, interval).await?;
            }
            let here = self.blocks(&symbol, interval, 0).await?;
            if here.as_ref().is_some_and(|h| h.info.digest.to_string() == entry.digest) {
                continue;
            }
            // All its bars were taken out, and there were never any here.
            if here.is_none() && entry.whole && entry.blocks.is_empty() {
                continue;
            }
            let known: HashMap<i32, Digest> = here.map(|h| h.blocks.iter().map(|b| (b.period, b.digest)).collect()).unwrap_or_default();
            let besides = self.besides(&symbol, interval).await?;
            // One that has other bars besides has what it should, unless some of them are to go.
            let has_more =
                |b: &BlockDigest| !entry.mirror && besides.get(&b.period) == Some(&b.digest) && !entry.takes_from(interval, b.period);
            let lacks = |b: &&BlockDigest| known.get(&b.period) != Some(&b.digest) && !has_more(b);
            let periods = entry.digests()?.iter().filter(lacks).map(|b| b.period).collect();
            needs.push(Need { symbol: entry.symbol.clone(), interval: entry.interval.clone(), periods });
        }
        Ok(needs)
    }

    /// Hands out blocks, as many as one answer holds, in the order asked for; the first always. An error: there are none but damaged
    /// ones.
    pub async fn replica_blocks(&self, need: &Need) -> Result<Vec<Block>> {
        let (symbol, interval) = name(&need.symbol, &need.interval)?;
        let (mut bytes, mut damaged) = (0, None);
        let mut blocks = Vec::new();
        for periods in need.periods.chunks(16) {
            let found = match self.block_data(&symbol, interval, periods.to_vec()).await {
                // What is sound goes first: the others are asked for again.
                Err(e) if e.code == Damage::CODE => {
                    damaged = Some(e);
                    continue;
                }
                found => found?,
            };
            for block in found {
                bytes += block.data.len();
                blocks.push(Block::new(&block));
            }
            if bytes >= MOST_BYTES {
                break;
            }
        }
        damaged.filter(|_| blocks.is_empty()).map_or(Ok(blocks), Err)
    }

    /// Takes blocks in, and blocks out that are to go.
    pub async fn replica_apply(&self, delivery: Delivery) -> Result<Applied> {
        let Parts { symbol, interval, list, besides, data } = Parts::of(&delivery)?;
        Ok(applied(self.receive(&symbol, interval, list, besides, data).await?))
    }

    /// Says what that would do; of the bars that come the first, too.
    pub(super) async fn replica_try(&self, delivery: &Delivery) -> Result<(Applied, Option<BarTime>)> {
        let Parts { symbol, interval, list, besides, data } = Parts::of(delivery)?;
        let first = data.iter().filter_map(BlockData::first).min();
        Ok((applied(self.would_receive(&symbol, interval, list, besides, data).await?), first))
    }

    /// How far this store has followed another.
    pub async fn followed(&self, store: &str) -> Result<Followed> {
        let noted = match self.value(&format!("followed:{store}")).await? {
            None => Followed::default(),
            Some(text) => serde_json::from_str(&text)
                .map_err(|e| Error::permanent("bars_store_damaged", "what is noted of a followed store cannot be read").because(e))?,
        };
        let name = |(symbol, interval): (Symbol, Interval)| Name { symbol: symbol.to_string(), interval: interval.to_string() };
        Ok(Followed { damaged: self.damaged_series().await?.into_iter().map(name).collect(), ..noted })
    }

    pub async fn set_followed(&self, store: &str, followed: Followed) -> Result<()> {
        // On the way: when it last had all is still true.
        let before = self.followed(store).await?;
        let (synced, extra) = (followed.synced.or(before.synced), followed.extra.or(before.extra));
        let noted = Followed { synced, extra, damaged: Vec::new(), ..followed };
        let text = serde_json::to_string(&noted).expect("numbers, times and names");
        self.set_value(&format!("followed:{store}"), &text).await
    }
}

/// A delivery, read.
struct Parts {
    symbol: Symbol,
    interval: Interval,
    list: Vec<BlockDigest>,
    besides: Besides,
    data: Vec<BlockData>,
}

impl Parts {
    fn of(Delivery { entry, blocks }: &Delivery) -> Result<Self> {
        let (symbol, interval) = name(&entry.symbol, &entry.interval)?;
        digest(&entry.digest)?;
        let data = blocks.iter().map(Block::read).collect::<Result<Vec<_>>>()?;
        Ok(Self { symbol, interval, list: entry.digests()?, besides: entry.besides(), data })
    }
}

fn applied(Received { changed: _, bars, removed, missing, digest }: Received) -> Applied {
    Applied { bars, removed, missing, digest: digest.to_string() }
}
