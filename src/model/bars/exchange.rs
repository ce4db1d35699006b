//! Exchanges: time zones, hours, and on which days they trade.
//!
//! What is known by itself: weekends of the four markets, and New York's holidays by rule from 1990 on with the closures
//! that no rule foretells (checked against thirteen years of real bars). Hong Kong's, Shanghai's and Shenzhen's holidays
//! follow the moon and a yearly decree: they come from a file ([`Holidays::parse`]); without one a calendar says
//! [`Exchange::knows`] = false of a day, and gaps there are judged loosely. A symbol without a market trades around the
//! clock as far as we know. Days that end early (New York's by rule, others by the file) have no bars from then on, and their own
//! bar counts as closed at the usual hour.

use super::{BarTime, Interval, Market, Symbol, new_york};
use jiff::civil::{Date, Time, Weekday, time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use std::collections::{BTreeMap, BTreeSet};

/// Days on which an exchange is closed or ends early, and the years that the list of the first is whole for.
#[derive(Debug, Clone, Default)]
pub struct Holidays {
    days: BTreeMap<Market, BTreeSet<Date>>,
    early: BTreeMap<Market, BTreeMap<Date, Time>>,
    years: BTreeMap<Market, BTreeSet<i16>>,
}

impl Holidays {
    /// Reads lines `HK 2024-02-12`; `#` begins a comment. A year that has a line for a market is taken to be whole; a year
    /// without any holiday says so with `HK 2024`. `HK 2024-02-09 12:00` is a day that ends early. An error names the line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut known = Self::default();
        for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
            let line = line.split('#').next().unwrap_or("").trim();
            if line.is_empty() {
                continue;
            }
            let wrong = || {
                format!("line {number}: {line:?} is not a market (US, HK, SH, SZ) and a day, a year, or a day and the time it ends early")
            };
            let (market, day) = line.split_once(char::is_whitespace).ok_or_else(wrong)?;
            let market = Market::parse(&market.to_ascii_uppercase()).ok_or_else(wrong)?;
            let day = day.trim();
            if let Some((day, end)) = day.split_once(char::is_whitespace) {
                let (day, end) = (day.parse().map_err(|_| wrong())?, Time::strptime("%H:%M", end.trim()).map_err(|_| wrong())?);
                known.early.entry(market).or_default().insert(day, end);
                continue;
            }
            let year = match day.parse::<Date>() {
                Ok(date) => {
                    known.days.entry(market).or_default().insert(date);
                    date.year()
                }
                Err(_) if day.len() == 4 => day.parse().map_err(|_| wrong())?,
                Err(_) => return Err(wrong()),
            };
            known.years.entry(market).or_default().insert(year);
        }
        Ok(known)
    }
}

/// All exchanges, by market.
#[derive(Debug, Clone)]
pub struct Exchanges {
    markets: Vec<(Market, Exchange)>,
    other: Exchange,
}

/// Says whether an exchange is closed on a day.
type Rules = fn(Date) -> bool;

type Hours = &'static [(Time, Time)];
const NEW_YORK: Hours = &[(time(9, 30, 0, 0), time(16, 0, 0, 0))];
const HONG_KONG: Hours = &[(time(9, 30, 0, 0), time(12, 0, 0, 0)), (time(13, 0, 0, 0), time(16, 0, 0, 0))];
const CHINA: Hours = &[(time(9, 30, 0, 0), time(11, 30, 0, 0)), (time(13, 0, 0, 0), time(15, 0, 0, 0))];

#[derive(Debug, Clone)]
pub struct Exchange {
    zone: TimeZone,
    /// When a session is over, local time; None: around the clock, every day.
    close: Option<Time>,
    /// When there are bars on a usual day, local time; none: that is not known.
    hours: Hours,
    rules: Option<Rules>,
    /// Whole from then on.
    rules_since: i16,
    closed: BTreeSet<Date>,
    early: BTreeMap<Date, Time>,
    years: BTreeSet<i16>,
}

impl Exchanges {
    /// An error: the time zone database lacks a zone.
    pub fn new(holidays: &Holidays) -> Result<Self, String> {
        let zone = |name: &str| TimeZone::get(name).map_err(|e| format!("time zone {name}: {e}"));
        let build = |market: Market, name: &str, close: Time, hours: Hours| {
            let (rules, rules_since): (Option<Rules>, i16) =
                if market == Market::Us { (Some(new_york::is_closed), 1990) } else { (None, i16::MAX) };
            let closed = holidays.days.get(&market).cloned().unwrap_or_default();
            let years = holidays.years.get(&market).cloned().unwrap_or_default();
            let early = holidays.early.get(&market).cloned().unwrap_or_default();
            let close = Some(close);
            Ok::<_, String>((market, Exchange { zone: zone(name)?, close, hours, rules, rules_since, closed, early, years }))
        };
        Ok(Self {
            markets: vec![
                build(Market::Us, "America/New_York", time(16, 0, 0, 0), NEW_YORK)?,
                build(Market::Hk, "Asia/Hong_Kong", time(16, 10, 0, 0), HONG_KONG)?,
                build(Market::Sh, "Asia/Shanghai", time(15, 0, 0, 0), CHINA)?,
                build(Market::Sz, "Asia/Shanghai", time(15, 0, 0, 0), CHINA)?,
            ],
            other: Exchange {
                zone: TimeZone::UTC,
                close: None,
                hours: &[],
                rules: None,
                rules_since: i16::MAX,
                closed: BTreeSet::new(),
                early: BTreeMap::new(),
                years: BTreeSet::new(),
            },
        })
    }

    pub fn of(&self, symbol: &Symbol) -> &Exchange {
        let market = symbol.market();
        self.markets.iter().find(|(m, _)| Some(*m) == market).map_or(&self.other, |(_, e)| e)
    }
}

impl Exchange {
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The exchange's own date at an instant.
    pub fn date_at(&self, instant: Timestamp) -> Date {
        self.zone.to_datetime(instant).date()
    }

    /// Whether it is one that is known: else nobody knows its zone, nor when it trades.
    pub fn is_known(&self) -> bool {
        self.close.is_some()
    }

    /// When there are bars on a usual day, local time; none: that is not known.
    pub fn hours(&self) -> &[(Time, Time)] {
        self.hours
    }

    /// When a day's session ends that ends early, as far as is known.
    pub fn ends_early(&self, day: Date) -> Option<Time> {
        let by_rule = || (self.rules.is_some() && new_york::ends_early(day)).then_some(new_york::EARLY);
        self.early.get(&day).copied().or_else(by_rule)
    }

    /// Whether the calendar is whole for a day: then [`Self::trades_on`] can be held against the bars.
    pub fn knows(&self, day: Date) -> bool {
        self.close.is_some() && (day.year() >= self.rules_since || self.years.contains(&day.year()))
    }

    /// Whether there is a session on a day, as far as is known.
    pub fn trades_on(&self, day: Date) -> bool {
        if self.close.is_none() {
            return true;
        }
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
            && !self.closed.contains(&day)
            && !self.rules.is_some_and(|closed| closed(day))
    }

    /// Whether there surely was none: on a weekend, or where the calendar is whole.
    pub fn rests_on(&self, day: Date) -> bool {
        let is_weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        // New York traded on Saturdays until 1952.
        !self.trades_on(day) && (is_weekend && day.year() > 1952 || self.knows(day))
    }

    /// Whether a bar is over: nothing that happens now can change it. `settle` is how long the source takes after that.
    pub fn is_closed(&self, interval: Interval, bar: BarTime, now: Timestamp, settle: jiff::SignedDuration) -> bool {
        let end = match interval.length_seconds() {
            Some(length) => bar.seconds().saturating_add(length),
            // The calendar may be wrong about a day that has a bar: it is not over before that day's close.
            None if interval == Interval::D1 => match self.close_on(bar.date()) {
                Some(end) => end.as_second(),
                None => return false,
            },
            None => match self.session_end(last_day(interval, bar)) {
                Some(end) => end.as_second(),
                None => return false,
            },
        };
        end.saturating_add(settle.as_secs()) <= now.as_second()
    }

    /// Returns when the day's session is over, or that of the day before where there is none.
    fn session_end(&self, mut day: Date) -> Option<Timestamp> {
        for _ in 0..7 {
            if self.trades_on(day) {
                break;
            }
            day = day.yesterday().ok()?;
        }
        self.close_on(day)
    }

    /// Returns when a session of the day is over, whether or not there is one.
    fn close_on(&self, day: Date) -> Option<Timestamp> {
        let end = match self.close {
            Some(close) => day.to_datetime(close),
            None => day.tomorrow().ok()?.to_datetime(Time::midnight()),
        };
        Some(end.to_zoned(self.zone.clone()).ok()?.timestamp())
    }
}

fn last_day(interval: Interval, bar: BarTime) -> Date {
    let first = interval.canonical(bar).date();
    match interval {
        Interval::W1 => first.saturating_add(6.days()),
        Interval::Mo1 => first.last_of_month(),
        _ => first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use jiff::civil::date;

    fn exchanges(holidays: &str) -> Exchanges {
        Exchanges::new(&Holidays::parse(holidays).unwrap()).unwrap()
    }
    fn symbol(text: &str) -> Symbol {
        Symbol::parse(text).unwrap()
    }
    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }
    fn day(text: &str) -> BarTime {
        BarTime::of_date(text.parse().unwrap()).unwrap()
    }

    #[test]
    fn new_york_keeps_its_holidays() {
        let all = exchanges("");
        let us = all.of(&symbol("AAPL"));
        for closed in [
            "2024-01-01",
            "2024-01-15",
            "2024-02-19",
            "2024-03-29",
            "2024-05-27",
            "2024-06-19",
            "2024-07-04",
            "2024-09-02",
            "2024-11-28",
            "2024-12-25",
            "2022-12-26",
            "2023-01-02",
            "2021-12-24",
            "2020-07-03",
            "2012-10-30",
            "2024-06-08",
        ] {
            assert!(!us.trades_on(closed.parse().unwrap()), "{closed}");
        }
        // New Year of 2022 was a Saturday; Juneteenth was not kept before 2022.
        for open in ["2021-12-31", "2021-06-18", "2024-07-05", "2024-11-29", "2024-12-24"] {
            assert!(us.trades_on(open.parse().unwrap()), "{open}");
        }
        assert!(us.knows(date(2024, 1, 1)) && !us.knows(date(1980, 1, 1)));
        for early in ["2024-07-03", "2024-11-29", "2024-12-24", "2012-07-03", "2002-07-05", "2003-12-26"] {
            assert_eq!(us.ends_early(early.parse().unwrap()), Some(time(13, 0, 0, 0)), "{early}");
        }
        for whole in ["2002-07-03", "2013-07-05", "2024-11-28", "2024-11-22", "2024-12-26"] {
            assert_eq!(us.ends_early(whole.parse().unwrap()), None, "{whole}");
        }
    }

    #[test]
    fn other_holidays_come_from_a_file() {
        let all = exchanges("# lunar new year\nHK 2024-02-12\nhk 2024-02-13 # second\n\nSH 2025\n");
        let hk = all.of(&symbol("HK.00700"));
        assert!(!hk.trades_on(date(2024, 2, 12)) && hk.trades_on(date(2024, 2, 14)));
        assert!(hk.knows(date(2024, 5, 1)) && !hk.knows(date(2023, 5, 1)));
        assert!(all.of(&symbol("600519")).knows(date(2025, 1, 1)));
        assert!(all.of(&symbol("BTC-USD")).trades_on(date(2024, 2, 11)) && !all.of(&symbol("BTC-USD")).knows(date(2024, 2, 11)));
        // A day that ends early is no holiday, and says nothing of the year.
        let all = exchanges("HK 2024-02-09 12:00\n");
        let (hk, eve) = (all.of(&symbol("HK.00700")), date(2024, 2, 9));
        assert!(hk.trades_on(eve) && !hk.knows(eve) && hk.ends_early(eve) == Some(time(12, 0, 0, 0)));
        for bad in ["HK", "XX 2024-01-01", "HK 2024-13-01", "HK soon", "HK 2024-02-09 noon", "HK 2024 12:00"] {
            assert!(Holidays::parse(bad).unwrap_err().starts_with("line 1"), "{bad}");
        }
    }

    #[test]
    fn a_bar_is_closed_when_its_exchange_is() {
        let all = exchanges("");
        let settle = SignedDuration::from_mins(15);
        let closed = |s: &str, i: Interval, bar: BarTime, now: &str| all.of(&symbol(s)).is_closed(i, bar, at(now), settle);
        use Interval::{D1, H1, Mo1, W1};
        // 16:00 in New York is 21:00 UTC in winter, 20:00 in summer.
        assert!(!closed("AAPL", D1, day("2024-01-23"), "2024-01-23T21:14:59Z"));
        assert!(closed("AAPL", D1, day("2024-01-23"), "2024-01-23T21:15:00Z"));
        assert!(closed("AAPL", D1, day("2024-07-23"), "2024-07-23T20:15:00Z"));
        // Hong Kong's day is over while it is morning in Europe.
        assert!(!closed("HK.00700", D1, day("2024-01-23"), "2024-01-23T08:00:00Z"));
        assert!(closed("HK.00700", D1, day("2024-01-23"), "2024-01-23T08:25:00Z"));
        assert!(!closed("BTC-USD", D1, day("2024-01-23"), "2024-01-23T23:59:59Z"));
        assert!(closed("BTC-USD", D1, day("2024-01-23"), "2024-01-24T00:15:00Z"));
        // A bar of a day that should have no session: the calendar may be wrong.
        assert!(!closed("AAPL", D1, day("2024-07-04"), "2024-07-04T19:00:00Z"));
        assert!(closed("AAPL", D1, day("2024-07-04"), "2024-07-04T20:15:00Z"));
        // A week is over with its last session: Good Friday 2024 has none.
        assert!(!closed("AAPL", W1, day("2024-01-22"), "2024-01-26T20:00:00Z"));
        assert!(closed("AAPL", W1, day("2024-01-22"), "2024-01-26T22:00:00Z"));
        assert!(closed("AAPL", W1, day("2024-03-25"), "2024-03-28T20:30:00Z"));
        assert!(!closed("AAPL", Mo1, day("2024-03-01"), "2024-03-28T19:00:00Z"));
        assert!(closed("AAPL", Mo1, day("2024-03-01"), "2024-03-28T20:30:00Z"));
        let nine_thirty = day("2024-01-23").plus_seconds(14 * 3600 + 1800);
        assert!(!closed("AAPL", H1, nine_thirty, "2024-01-23T15:30:00Z") && closed("AAPL", H1, nine_thirty, "2024-01-23T15:45:00Z"));
    }
}
