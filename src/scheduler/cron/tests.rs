use super::*;
use proptest::prelude::*;

fn utc(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn schedule(expr: &str, zone: &str) -> Schedule {
    Schedule::parse(expr, Form::Six, super::zone(zone).unwrap()).unwrap()
}

/// `tests/data/cron/times.json`, which `make.py` beside it makes with Python's croniter, an implementation that shares
/// nothing with ours.
#[test]
fn times_are_those_of_an_independent_implementation() {
    #[derive(serde::Deserialize)]
    struct Fixture {
        cases: Vec<Case>,
    }
    #[derive(serde::Deserialize)]
    struct Case {
        expr: String,
        zone: String,
        after: String,
        times: Vec<String>,
    }
    let text = include_str!("../../../tests/data/cron/times.json");
    let Fixture { cases } = serde_json::from_str(text).unwrap();
    assert!(cases.len() > 500, "{} cases", cases.len());
    let mut wrong = Vec::new();
    for Case { expr, zone, after, times } in &cases {
        let expected: Vec<Timestamp> = times.iter().map(|t| utc(t)).collect();
        let found = schedule(expr, zone).upcoming(utc(after), expected.len());
        if found != expected {
            wrong.push(format!("{expr} in {zone} after {after}: {found:?}, croniter says {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn clock_changes_follow_the_stated_rules() {
    for (expr, after, times) in [
        // A time of day that is skipped runs once, right after the change (07:00 UTC is 03:00 EDT).
        ("0 30 2 * * ?", "2024-03-10T05:00:00Z", ["2024-03-10T07:00:00Z", "2024-03-11T06:30:00Z"]),
        // One that is repeated runs once, the first time.
        ("0 30 1 * * ?", "2024-11-03T04:00:00Z", ["2024-11-03T05:30:00Z", "2024-11-04T06:30:00Z"]),
        // An interval follows the wall clock: 02:00 and 02:30 are not there …
        ("0 */30 * * * ?", "2024-03-10T06:00:00Z", ["2024-03-10T06:30:00Z", "2024-03-10T07:00:00Z"]),
        // … and the hour from 01:00 comes twice.
        ("0 0 * * * ?", "2024-11-03T04:30:00Z", ["2024-11-03T05:00:00Z", "2024-11-03T06:00:00Z"]),
        ("0 15,45 2 * * ?", "2024-03-10T05:00:00Z", ["2024-03-11T06:15:00Z", "2024-03-11T06:45:00Z"]),
    ] {
        let expected = times.map(utc);
        assert_eq!(schedule(expr, "America/New_York").upcoming(utc(after), 2), expected, "{expr} after {after}");
    }
    // Half an hour, and a zone without changes.
    assert_eq!(schedule("0 15 2 * * ?", "Australia/Lord_Howe").next(utc("2024-10-05T13:00:00Z")), Some(utc("2024-10-05T15:30:00Z")));
    assert_eq!(schedule("0 0 2 * * ?", "Asia/Shanghai").next(utc("2024-10-05T17:59:59.5Z")), Some(utc("2024-10-05T18:00:00Z")));
}

#[test]
fn fields_are_as_the_originals_had_them() {
    let after = utc("2024-02-27T00:00:00Z");
    for (expr, next) in [
        ("0 0 2 * * ?", "2024-02-27T02:00:00Z"),
        ("*/10 * * * * *", "2024-02-27T00:00:10Z"),
        ("0 0/5 14 * * ?", "2024-02-27T14:00:00Z"),
        ("0 0 12 L * ?", "2024-02-29T12:00:00Z"),
        ("0 0 12 LW * ?", "2024-02-29T12:00:00Z"),
        ("0 0 12 2W * ?", "2024-03-01T12:00:00Z"),
        ("0 0 12 ? * 6L", "2024-03-30T12:00:00Z"),
        ("0 0 12 ? * sat#3", "2024-03-16T12:00:00Z"),
        ("0 0 12 ? * 7#1", "2024-03-03T12:00:00Z"),
        ("0 0 12 ? * 0", "2024-03-03T12:00:00Z"),
        ("0 0 12 ? * 7", "2024-03-03T12:00:00Z"),
        ("0 0 12 ? * FRI-SUN", "2024-03-01T12:00:00Z"),
        ("0 0 12 ? mar-may mon", "2024-03-04T12:00:00Z"),
        // Either day suffices.
        ("0 0 12 1 * MON", "2024-03-01T12:00:00Z"),
        ("0 0 12 28 * 6#5", "2024-02-28T12:00:00Z"),
        ("0 0 12 15W * TUE", "2024-02-27T12:00:00Z"),
        ("0 0 12 20 * MON-SUN", "2024-02-27T12:00:00Z"),
        // Sunday to Saturday in steps of two: not Sunday again as 7.
        ("0 0 12 ? * 1/5", "2024-03-02T12:00:00Z"),
        ("0 0 0 29 2 ?", "2024-02-29T00:00:00Z"),
        ("  0   0 2 * *   ? ", "2024-02-27T02:00:00Z"),
        ("@hourly", "2024-02-27T01:00:00Z"),
        ("@WEEKLY", "2024-03-03T00:00:00Z"),
    ] {
        assert_eq!(schedule(expr, "UTC").next(after), Some(utc(next)), "{expr}");
    }
    let five = |form| Schedule::parse("30 9 * * 1-5", form, TimeZone::UTC);
    assert_eq!(five(Form::FiveOrSix).unwrap().next(after), Some(utc("2024-02-27T09:30:00Z")));
    assert!(five(Form::Six).unwrap_err().hint.contains("\"0 30 9 * * 1-5\""));
}

#[test]
fn what_cannot_be_is_refused_and_named() {
    for (expr, part) in [
        ("", "empty"),
        ("0 0 2", "3 fields"),
        ("0 0 2 * * ? 2024", "7 fields"),
        ("60 0 2 * * ?", "second \"60\": 60 is out of bounds (0 to 59)"),
        ("0 0 24 * * ?", "hour \"24\""),
        ("0 0 2 0 * ?", "day of month \"0\""),
        ("0 0 2 * 13 ?", "month \"13\""),
        ("0 0 2 * * 8", "day of week \"8\""),
        ("0 0 2 * * MONDAY", "MONDAY is not understood"),
        ("0 0 2 * JANUARY ?", "JANUARY is not understood"),
        ("0 ? 2 * * ?", "? stands for a day only"),
        ("0 1,,2 2 * * ?", "comma"),
        ("0 , 2 * * ?", "comma"),
        ("0 */0 2 * * ?", "step"),
        ("0 */90 * * * ?", "longer than the field"),
        ("0 5/ * * * ?", "step"),
        ("0 1/2/3 * * * ?", "step"),
        ("0 0 22-2 * * ?", "runs backwards"),
        ("0 0 1-2-3 * * ?", "2-3 is not understood"),
        ("0 0 -1 * * ?", "is not understood"),
        ("0 0 12 L-3 * ?", "is not understood"),
        ("0 0 12 ? * L", "L wants a day"),
        ("0 0 12 ? * 5#6", "# wants 1 to 5"),
        ("0 0 0 30 2 ?", "never comes true"),
        ("0 0 0 31 4,6,9,11 ?", "never comes true"),
        ("@every 5m", "not known"),
        ("0 0 ２ * * ?", "is not understood"),
        ("0 0 2 * * ?; rm", "7 fields"),
    ] {
        let wrong = Schedule::parse(expr, Form::Six, TimeZone::UTC).expect_err(expr);
        assert!(wrong.message.contains(part), "{expr:?}: {wrong}");
    }
    let three = |form| Schedule::parse("0 0 2", form, TimeZone::UTC).unwrap_err().message;
    assert_eq!(three(Form::Six), "\"0 0 2\" has 3 fields, six are needed");
    assert_eq!(three(Form::FiveOrSix), "\"0 0 2\" has 3 fields, five or six are needed");
    assert!(super::zone("Mars/Olympus").is_err());
    assert!(super::zone("Asia/Shanghai").is_ok() && super::zone("").is_ok());
}

proptest! {
    /// Whatever is accepted has a next time, later than the one asked about, and asking from just before it finds it again.
    #[test]
    fn the_next_time_is_the_next_time(
        second in 0..60u8, minute in 0..60u8, step in 1..24u8, day in 1..32u8, weekday in 0..8u8,
        shape in 0..5u8, at in 1_600_000_000i64..2_000_000_000, zone in 0..4usize,
    ) {
        let expr = match shape {
            0 => format!("{second} {minute} */{step} * * ?"),
            1 => format!("{second} {minute} {} {day} * ?", step % 24),
            2 => format!("{second} */{} * ? * {weekday}", step + 1),
            3 => format!("*/{} {minute} * {day} * {weekday}", step + 5),
            _ => format!("{second} {minute} {} ? * {weekday}#{}", step % 24, step % 5 + 1),
        };
        let schedule = schedule(&expr, ["UTC", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe"][zone]);
        let after = Timestamp::from_second(at).unwrap();
        let next = schedule.next(after).unwrap();
        prop_assert!(next > after, "{expr}: {next} is not after {after}");
        prop_assert_eq!(schedule.next(next - jiff::SignedDuration::from_secs(1)).unwrap(), next, "{}", expr);
        let later = after + jiff::SignedDuration::from_nanos((next.as_nanosecond() - after.as_nanosecond()) as i64 / 2);
        prop_assert_eq!(schedule.next(later).unwrap(), next, "{} from {}", expr, later);
    }
}

#[test]
fn zones_are_known_on_machines_without_any() {
    let bundled = jiff::tz::TimeZoneDatabase::bundled();
    for name in ["Asia/Shanghai", "America/New_York", "Europe/Lisbon"] {
        assert!(bundled.get(name).is_ok(), "{name}");
    }
}
