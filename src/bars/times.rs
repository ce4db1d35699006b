//! Times as files and answers write them, read as the bars that they name.
//!
//! Called by the readers of CSV and JSON. A day or longer is named by its date; of intraday times a naive one is of the source's zone.

use super::csv::Reading;
use super::dates::Dates;
use super::odd_hours::{Odd, Order};
use crate::model::bars::{BarTime, Interval, Symbol, read_time, read_written};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

/// A time as it was told.
pub(super) struct Told {
    pub(super) time: BarTime,
    /// It is an intraday one without a zone.
    pub(super) is_naive: bool,
    /// It is an intraday one that was written as a day alone.
    pub(super) is_day: bool,
    /// It is one that the zone's clock has twice or not at all, and what there is to say of it.
    pub(super) odd: Option<Odd>,
    /// Of a bar of a day or more: the time that it was written with, at its exchange.
    pub(super) clock: Option<DateTime>,
}

impl From<BarTime> for Told {
    fn from(time: BarTime) -> Self {
        Self { time, is_naive: false, is_day: false, odd: None, clock: None }
    }
}

/// Reads a time as files write it: all that the API reads, `20240123`, `1/23/2024`, seconds or milliseconds since 1970. `order` is that
/// of the rows so far, of the symbol `of`.
pub(super) fn read(text: &str, reading: &Reading, order: &mut Order, of: Option<&Symbol>) -> Result<Told, String> {
    let Reading { interval, zone, dates } = reading;
    if text.len() >= 9 && is_digits(text) {
        let n: i64 = text.parse().map_err(|_| format!("{text:?} is not a time"))?;
        return instant(if n >= 100_000_000_000 { n / 1000 } else { n }, *interval, zone)
            .ok_or_else(|| format!("{text:?} is out of range"));
    }
    if let Some(date) = day(text, *dates)?
        && let Some(time) = BarTime::of_date(date)
    {
        let is_naive = interval.is_intraday();
        let clock = (!is_naive).then(|| date.to_datetime(Time::midnight()));
        return Ok(Told { is_naive, is_day: is_naive, clock, ..interval.canonical(time).into() });
    }
    let time = read_time(*interval, text)?;
    if !interval.is_intraday() {
        return Ok(Told { clock: Some(read_written(text)?), ..interval.canonical(time).into() });
    }
    // Read as UTC; a naive one is of the source's zone.
    let is_naive = !text.get(10..).is_some_and(|rest| rest.contains(['Z', 'z', '+', '-']));
    let is_day = text.trim().len() <= 10;
    if !is_naive || *zone == TimeZone::UTC {
        return Ok(Told { time, is_naive, is_day, odd: None, clock: None });
    }
    let shown = Timestamp::from_second(time.seconds()).map_err(|e| e.to_string())?.to_zoned(TimeZone::UTC).datetime();
    let (instant, hour) = order.instant(zone, shown, of).map_err(|e| e.to_string())?;
    let time = BarTime::new(instant.as_second()).ok_or_else(|| format!("{text:?} is out of range"))?;
    Ok(Told { time, is_naive, is_day, odd: hour.told(text, zone, instant).map(|told| (hour, told)), clock: None })
}

/// A date in one of the forms that are not those of ISO 8601.
fn day(text: &str, dates: Dates) -> Result<Option<Date>, String> {
    match text.len() {
        8 if is_digits(text) => Ok(Date::strptime("%Y%m%d", text).ok()),
        _ if text.contains('/') => dates.read(text),
        _ => Ok(None),
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// One text of a day and a time of day that stand in two columns: `9:30`, `09:30:00`, `0930`, `93000`, with a zone or without.
pub(super) fn joined(date: &str, clock: &str, dates: Dates) -> Result<String, String> {
    let date = day(date, dates)?.map_or_else(|| date.to_owned(), |date| date.to_string());
    Ok(match clock.len() {
        3..=4 if is_digits(clock) => format!("{date}T{}:{}", &format!("{clock:0>4}")[..2], &clock[clock.len() - 2..]),
        5..=6 if is_digits(clock) => {
            let clock = format!("{clock:0>6}");
            format!("{date}T{}:{}:{}", &clock[..2], &clock[2..4], &clock[4..])
        }
        _ if clock.find(':') == Some(1) => format!("{date}T0{clock}"),
        _ => format!("{date}T{clock}"),
    })
}

/// Whether a text has a time that is not midnight; one with a zone is an instant, whose day is the exchange's.
pub(super) fn has_time_of_day(text: &str) -> bool {
    let Some((hours, rest)) = text.split_once(':') else { return false };
    !rest.contains(['Z', 'z', '+', '-'])
        && (hours.ends_with(|c: char| ('1'..='9').contains(&c))
            || !hours.ends_with("00")
            || rest.contains(|c: char| ('1'..='9').contains(&c)))
}

/// Names the bar of an instant: itself, or its date at the exchange.
pub(super) fn instant(seconds: i64, interval: Interval, zone: &TimeZone) -> Option<Told> {
    if interval.is_intraday() {
        return BarTime::new(seconds).map(Told::from);
    }
    let shown = zone.to_datetime(Timestamp::from_second(seconds).ok()?);
    Some(Told { clock: Some(shown), ..interval.canonical(BarTime::of_date(shown.date())?).into() })
}
