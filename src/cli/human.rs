//! Figures and times as a person reads and writes them. Pure functions; the clock is passed in.

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// `1234567` → `1,234,567`.
pub(super) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(c);
    }
    text
}

/// `1 row`, `1,234 rows`.
pub(super) fn counted(n: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(n), if n == 1 { "" } else { "s" })
}

/// `1536` → `1.5 KiB`.
pub(super) fn bytes(n: u64) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut value = n as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{n} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// Reads a size as people write it: `500000`, `64K`, `4MB`, `1GiB`, in powers of 1024.
pub(super) fn parse_size(text: &str) -> Result<u64, String> {
    let said = || format!("{text:?} is no size like 500000 or 4MB");
    let upper = text.trim().to_ascii_uppercase();
    let bare = upper.strip_suffix("IB").or_else(|| upper.strip_suffix('B')).unwrap_or(&upper);
    let units = [('K', 10), ('M', 20), ('G', 30)];
    let (number, shift) = units.iter().find_map(|(unit, shift)| Some((bare.strip_suffix(*unit)?, *shift))).unwrap_or((bare, 0));
    let number: u64 = number.trim().parse().map_err(|_| said())?;
    number.checked_mul(1 << shift).filter(|n| *n > 0).ok_or_else(said)
}

/// A rate in whole units, `12,345`; small ones with a decimal.
pub(super) fn rate(per_second: f64) -> String {
    if per_second > 0.0 && per_second < 10.0 { format!("{per_second:.1}") } else { count(per_second.max(0.0) as u64) }
}

/// Seconds as `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `4 d 2 h`.
pub(super) fn seconds(value: f64) -> String {
    if value < 10.0 {
        return format!("{:.1} s", value.max(0.0));
    }
    let s = value as u64;
    match s {
        0..60 => format!("{s} s"),
        60..3600 => format!("{} min {} s", s / 60, s % 60),
        3600..86_400 => format!("{} h {} min", s / 3600, s % 3600 / 60),
        _ => format!("{} d {} h", s / 86_400, s % 86_400 / 3600),
    }
}

/// `3 min ago`; the text itself where it is no time.
pub(super) fn ago(time: &str, now: Timestamp) -> String {
    let Ok(then) = time.parse::<Timestamp>() else { return time.to_owned() };
    let passed = now.duration_since(then).as_secs();
    match passed {
        ..0 => "in the future".into(),
        0..2 => "now".into(),
        2..60 => format!("{passed} s ago"),
        60..3600 => format!("{} min ago", passed / 60),
        3600..86_400 => format!("{} h ago", passed / 3600),
        _ => format!("{} d ago", passed / 86_400),
    }
}

/// `in 3 h`, `2 d ago`.
pub(super) fn away(time: &str, now: Timestamp) -> String {
    match age_seconds(time, now) {
        Some(age) if age < 0.0 => format!("in {}", seconds((-age).round())),
        _ => ago(time, now),
    }
}

/// A time as documents show it: RFC 3339 in the zone of whoever reads it, and how far away that is; nothing of nothing.
pub(super) fn when(time: &str, now: Timestamp) -> String {
    when_in(time, now, &jiff::tz::TimeZone::system())
}

fn when_in(time: &str, now: Timestamp, zone: &jiff::tz::TimeZone) -> String {
    let Ok(then) = time.parse::<Timestamp>() else { return time.to_owned() };
    let local = then.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z");
    format!("{local} ({})", away(time, now))
}

/// `3 min`: how long ago a time is; the text itself where it is no time.
pub(super) fn age(time: &str, now: Timestamp) -> String {
    age_seconds(time, now).map_or_else(|| time.to_owned(), |s| seconds(s.max(0.0).round()))
}

/// Seconds between a time and now; None where the text is no time.
pub(super) fn age_seconds(time: &str, now: Timestamp) -> Option<f64> {
    time.parse::<Timestamp>().ok().map(|then| now.duration_since(then).as_secs_f64())
}

/// Parses `500ms`, `30s`, `5m`, `1h`, `2d`, `1h30m`; a bare number is seconds.
pub(super) fn parse_duration(text: &str) -> Result<Duration, String> {
    let bad = || format!("{text:?} is no duration; write 500ms, 30s, 5m, 1h or 2d");
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).map_err(|_| bad());
    }
    let mut rest = text;
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(bad)?;
        let number: f64 = rest[..digits].parse().map_err(|_| bad())?;
        let after = &rest[digits..];
        let letters = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
        total += number
            * match &after[..letters] {
                "ms" => 0.001,
                "s" => 1.0,
                "m" | "min" => 60.0,
                "h" => 3600.0,
                "d" => 86_400.0,
                _ => return Err(bad()),
            };
        rest = &after[letters..];
    }
    if text.is_empty() { Err(bad()) } else { Duration::try_from_secs_f64(total).map_err(|_| bad()) }
}

/// Parses a time limit: a duration that leaves some time.
pub(super) fn parse_timeout(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        Duration::ZERO => Err("a limit of 0 leaves no time at all; leave --timeout out for the default, or --wait to not wait".into()),
        limit => Ok(limit),
    }
}

/// Parses a point in time: RFC 3339, `@epoch`, or a duration before `now` (`1h`).
pub(super) fn parse_time(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let bad = || format!("{text:?} is no time; write 1h (ago), 2026-01-31T12:00:00Z or @1769860800");
    if let Some(epoch) = text.strip_prefix('@') {
        return epoch.parse().ok().and_then(|s| Timestamp::from_second(s).ok()).ok_or_else(bad);
    }
    if let Ok(time) = text.parse() {
        return Ok(time);
    }
    let before = parse_duration(text).map_err(|_| bad())?;
    SignedDuration::try_from(before).ok().and_then(|d| now.checked_sub(d).ok()).ok_or_else(bad)
}

/// The first line of `text`, cut to `width` characters with an ellipsis.
pub(super) fn short(text: &str, width: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= width {
        return line.to_owned();
    }
    let mut cut: String = line.chars().take(width.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// `text` cut to its last `width` characters, with an ellipsis in front.
pub(super) fn short_front(text: &str, width: usize) -> String {
    let over = text.chars().count().saturating_sub(width);
    if over == 0 { text.to_owned() } else { std::iter::once('…').chain(text.chars().skip(over + 1)).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0, 1023, 1536, 5 << 30].map(bytes), ["0 B", "1023 B", "1.5 KiB", "5.0 GiB"]);
        assert_eq!([0.0, 0.25, 12.7, 12_345.0].map(rate), ["0", "0.2", "12", "12,345"]);
        assert_eq!([0.44, 12.0, 200.0, 7500.0, 356_400.0].map(seconds), ["0.4 s", "12 s", "3 min 20 s", "2 h 5 min", "4 d 3 h"]);
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!([short("abcdef", 4), short("abc", 4), short("a\nb", 4)], ["abc…", "abc", "a"]);
        assert_eq!([short_front("abcdef", 4), short_front("abc", 4)], ["…def", "abc"]);
    }

    #[test]
    fn durations() {
        for (text, ms) in [("90", 90_000), ("500ms", 500), ("1.5s", 1500), ("5m", 300_000), ("1h30m", 5_400_000), ("2d", 172_800_000)] {
            assert_eq!(parse_duration(text).unwrap().as_millis(), ms, "{text}");
        }
        for text in ["", "x", "5 parsecs", "-1", "h", "1h2"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times() {
        let now: Timestamp = "2026-01-31T12:00:00Z".parse().unwrap();
        for (text, expected) in
            [("1h", "2026-01-31T11:00:00Z"), ("2026-01-01T00:00:00+01:00", "2025-12-31T23:00:00Z"), ("@1769860800", "2026-01-31T12:00:00Z")]
        {
            assert_eq!(parse_time(text, now).unwrap().to_string(), expected, "{text}");
        }
        assert!(parse_time("yesterdayish", now).is_err());
        assert_eq!(ago("2026-01-31T11:57:00Z", now), "3 min ago");
        assert_eq!(ago("soon", now), "soon");
        let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
        assert_eq!(when_in("2026-01-31T11:56:59.123456Z", now, &zone), "2026-01-31T19:56:59+08:00 (3 min ago)");
        assert_eq!(when_in("2026-01-31T15:00:00Z", now, &zone), "2026-01-31T23:00:00+08:00 (in 3 h 0 min)");
        assert_eq!(when_in("", now, &zone), "");
    }
}
