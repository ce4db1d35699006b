//! Requests that nobody heard the end of: a run that was cut off in the midst, or a server that did not answer in time.
//!
//! InfluxDB carries out what it was sent when its turn comes, whether or not its client still waits: a write may land behind a
//! deletion, or over newer figures. So what is under way is kept in the bars database: of which series, between which times, since
//! when. A series of which a request was not answered is compared by each run, until one that begins [`LONGEST`] after that; bars
//! that come late go by that, also out of a series that was deleted meanwhile.

use super::Influx;
use crate::bars::Result;
use crate::bars::store::{SeriesInfo, Store};
use crate::model::bars::{BarTime, Range};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A request that has waited for so long is not carried out any more.
const LONGEST: SignedDuration = SignedDuration::from_mins(10);

/// What is or was under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Sent {
    symbol: String,
    interval: String,
    /// Seconds of the first and last bar that it may write; None: it only takes out.
    between: Option<(i64, i64)>,
    at: Timestamp,
}

impl Sent {
    fn is_of(&self, info: &SeriesInfo) -> bool {
        self.symbol == info.symbol.as_str() && self.interval == info.interval.as_str()
    }
}

#[derive(Debug)]
pub(super) struct Unanswered {
    place: String,
    all: Vec<Sent>,
    /// As the bars database has it.
    kept: Vec<Sent>,
}

/// What may still come of a series.
#[derive(Debug, Clone, Default)]
pub(super) struct Late(Vec<Range>);

impl Late {
    /// Whether an earlier run may have sent a bar of this time.
    pub(super) fn has(&self, time: BarTime) -> bool {
        self.0.iter().any(|range| range.contains(time))
    }
}

impl Unanswered {
    pub(super) async fn of(store: &Store, influx: &Influx) -> Result<Self> {
        let place = format!("unanswered:{}", influx.name());
        let all: Vec<Sent> = store.value(&place).await?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        Ok(Self { place, kept: all.clone(), all })
    }

    /// None: all was answered, or long ago.
    pub(super) fn late(&self, info: &SeriesInfo) -> Option<Late> {
        let all: Vec<&Sent> = self.all.iter().filter(|sent| sent.is_of(info)).collect();
        let range = |sent: &&Sent| {
            let (from, to) = sent.between?;
            Some(Range { from: BarTime::new(from)?, to: BarTime::new(to)? })
        };
        (!all.is_empty()).then(|| Late(all.iter().filter_map(range).collect()))
    }

    /// Keeps that requests about a series begin; returns when.
    pub(super) async fn begin(&mut self, store: &Store, info: &SeriesInfo) -> Result<Timestamp> {
        let at = crate::bars::micros(Timestamp::now());
        let between = info.first.zip(info.last).map(|(first, last)| (first.seconds(), last.seconds()));
        self.all.push(Sent { symbol: info.symbol.to_string(), interval: info.interval.to_string(), between, at });
        self.keep(store).await?;
        Ok(at)
    }

    /// All that was begun then was answered, and what was sent long before is done with.
    pub(super) fn answered(&mut self, info: &SeriesInfo, begun: Timestamp) {
        let is_over = |sent: &Sent| sent.is_of(info) && (sent.at == begun || begun.duration_since(sent.at) > LONGEST);
        self.all.retain(|sent| !is_over(sent));
    }

    pub(super) async fn keep(&mut self, store: &Store) -> Result<()> {
        if self.kept != self.all {
            store.set_value(&self.place, &serde_json::to_string(&self.all).expect("names, numbers and times")).await?;
            self.kept.clone_from(&self.all);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bars::store::Digest;
    use crate::bars::testing::symbol;
    use crate::model::bars::Interval;

    #[test]
    fn what_was_not_answered_is_waited_for_until_it_is_long_ago() {
        let time = |day: i64| BarTime::new(day * 86_400);
        let (changed, digest) = (Timestamp::UNIX_EPOCH, Digest::default());
        let (symbol, interval, first, last) = (symbol("A"), Interval::D1, time(1), time(9));
        let info = SeriesInfo { symbol, interval, version: 1, changed, bars: 9, first, last, digest };
        let at = |minute: i64| Timestamp::from_second(minute * 60).unwrap();
        let sent =
            |minute| Sent { symbol: "US.A".to_owned(), interval: "1d".to_owned(), between: Some((86_400, 9 * 86_400)), at: at(minute) };
        let mut all = Unanswered { place: String::new(), all: vec![sent(0), sent(8)], kept: Vec::new() };
        assert!(all.late(&SeriesInfo { interval: Interval::H1, ..info.clone() }).is_none());
        for (minute, left) in [(9, 2), (10, 2), (11, 1), (18, 1), (19, 0)] {
            let late = all.late(&info).unwrap();
            assert!(late.has(time(1).unwrap()) && late.has(time(9).unwrap()) && !late.has(time(10).unwrap()));
            all.all.push(sent(minute));
            all.answered(&info, at(minute));
            assert_eq!(all.all.len(), left, "{minute}");
        }
        assert!(all.late(&info).is_none());
    }
}
