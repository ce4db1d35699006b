//! What a reader asks for: both ends included, an end that is a day meaning all of it.

use super::{BarTime, Interval};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

/// First and last name of the bars that are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub from: BarTime,
    pub to: BarTime,
}

impl Range {
    pub const ALL: Self = Self { from: BarTime::MIN, to: BarTime::MAX };

    pub fn contains(&self, time: BarTime) -> bool {
        self.from <= time && time <= self.to
    }

    /// Reads two ends as clients write them; an error names the one that is wrong.
    pub fn parse(interval: Interval, start: &str, end: &str) -> Result<Self, String> {
        let from = read_time(interval, start).map_err(|e| format!("start_date {e}"))?;
        let (written, offset) = read(end).map_err(|e| format!("end_date {e}"))?;
        let mut to = place(interval, written, offset).ok_or_else(|| format!("end_date {end:?} is out of range"))?;
        if interval.is_intraday() && written.time() == Time::midnight() {
            to = to.plus_seconds(86_399);
        }
        if from > to {
            return Err(format!("start_date {start:?} is after end_date {end:?}"));
        }
        Ok(Self { from, to })
    }
}

/// Reads a date, a naive time, or one with `Z` or an offset. Of daily and longer bars only the date counts, as written; a
/// naive time of intraday bars is UTC.
pub fn read_time(interval: Interval, text: &str) -> Result<BarTime, String> {
    let (written, offset) = read(text)?;
    place(interval, written, offset).ok_or_else(|| format!("{text:?} is out of range"))
}

/// Reads the same as it is written, without its zone.
pub fn read_written(text: &str) -> Result<DateTime, String> {
    read(text).map(|(written, _)| written)
}

fn place(interval: Interval, written: DateTime, offset: Offset) -> Option<BarTime> {
    if interval.is_intraday() { BarTime::new(offset.to_timestamp(written).ok()?.as_second()) } else { BarTime::of_date(written.date()) }
}

fn read(text: &str) -> Result<(DateTime, Offset), String> {
    let wrong = || format!("{text:?} is not a time: 2024-01-23, 2024-01-23T00:00:00, with Z or an offset");
    let text = text.trim();
    if text.len() <= 10 {
        let date: Date = text.parse().map_err(|_| wrong())?;
        return Ok((date.to_datetime(Time::midnight()), Offset::UTC));
    }
    // The zone begins after the time of day: a dash before is the date's.
    let (civil, zone) = match text.char_indices().skip(11).find(|(_, c)| matches!(c, 'Z' | 'z' | '+' | '-')) {
        Some((at, _)) => text.split_at(at),
        None => (text, ""),
    };
    let civil: DateTime = civil.trim_end().parse().map_err(|_| wrong())?;
    Ok((civil, offset(zone).ok_or_else(wrong)?))
}

/// `Z`, `+08:00`, `+0800`, `+08`, or nothing.
fn offset(text: &str) -> Option<Offset> {
    if text.is_empty() || text.eq_ignore_ascii_case("z") {
        return Some(Offset::UTC);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !matches!(digits.len(), 2 | 4) {
        return None;
    }
    let (hours, minutes): (i32, i32) =
        (digits[..2].parse().ok()?, digits.get(2..).filter(|m| !m.is_empty()).map_or(Ok(0), str::parse).ok()?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(interval: Interval, start: &str, end: &str) -> String {
        match Range::parse(interval, start, end) {
            Ok(range) => format!("{} {}", range.from, range.to),
            Err(e) => e,
        }
    }

    #[test]
    fn both_ends_are_included() {
        use Interval::{D1, M1};
        assert_eq!(said(D1, "2024-01-01T00:00:00", "2024-01-23T00:00:00"), "2024-01-01 2024-01-23");
        // Only the date as written counts, whatever the zone.
        assert_eq!(said(D1, "2024-01-01T23:00:00-05:00", "2024-01-23T09:00:00+08:00"), "2024-01-01 2024-01-23");
        assert_eq!(said(M1, "2024-01-01", "2024-01-23"), "2024-01-01 2024-01-23T23:59:59");
        assert_eq!(said(M1, "2024-01-01T14:30:00Z", "2024-01-01 15:00"), "2024-01-01T14:30:00 2024-01-01T15:00:00");
        assert_eq!(said(M1, "2024-01-01T08:00:00+08:00", "2024-01-02T00:00:00+08:00"), "2024-01-01 2024-01-02T15:59:59");
        assert_eq!(said(M1, "2024-01-01T00:00:00.250Z", "2024-01-01T00:00:00-0500"), "2024-01-01 2024-01-02T04:59:59");
    }

    #[test]
    fn what_is_no_range_is_said() {
        assert!(said(Interval::D1, "2024-02-01", "2024-01-01").contains("is after end_date"));
        for bad in
            ["", "yesterday", "2024-13-01", "2024-02-30", "20240101T", "2024-01-01T25:00:00", "2024-01-01T00:00:00+99:00", "1700-01-01"]
        {
            assert!(Range::parse(Interval::D1, bad, "2024-01-01").is_err(), "{bad}");
        }
    }
}
