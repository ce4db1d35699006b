use super::*;
use crate::bars::testing::symbol;
use crate::model::bars::{Exchanges, Holidays, Volume};
use jiff::ToSpan as _;
use jiff::civil::{date, time};

/// A series: which bars of which days it has, by the zone's own clock.
fn series(zone: &str, length: Slot, days: std::ops::RangeInclusive<Date>, mut has: impl FnMut(Date, Slot) -> bool) -> Vec<Bar> {
    let zone = jiff::tz::TimeZone::get(zone).unwrap();
    let all = days.start().series(1.day()).take_while(|day| day <= days.end());
    let mut bars = Vec::new();
    for day in all {
        for slot in (0..DAY).step_by(length as usize).filter(|slot| has(day, *slot)).collect::<Vec<_>>() {
            let clock = time((slot / 3600) as i8, (slot / 60 % 60) as i8, 0, 0);
            let second = day.to_datetime(clock).to_zoned(zone.clone()).unwrap().timestamp().as_second();
            bars.push(Bar::new(BarTime::new(second).unwrap(), 1.0, 2.0, 0.5, 1.5, Volume::Whole(7)).unwrap());
        }
    }
    bars
}

fn told(holidays: &str, paper: &str, interval: Interval, bars: &[Bar]) -> Vec<String> {
    let all = Exchanges::new(&Holidays::parse(holidays).unwrap()).unwrap();
    holes(all.of(&symbol(paper)), interval, bars, Range::ALL, |_| true).iter().map(ToString::to_string).collect()
}

fn hm(hour: Slot, minute: Slot) -> Slot {
    hour * 3600 + minute * 60
}

fn is_weekday(day: Date) -> bool {
    day.weekday().to_monday_zero_offset() < 5
}

#[test]
fn a_lunch_break_is_none_and_an_early_close_is_known() {
    let open = |slot: Slot| (hm(9, 30)..hm(12, 0)).contains(&slot) || (hm(13, 0)..hm(16, 0)).contains(&slot);
    let eve = date(2024, 2, 9);
    let bars = series("Asia/Hong_Kong", 300, date(2024, 1, 22)..=eve, |day, slot| {
        is_weekday(day) && open(slot) && (day != eve || slot < hm(12, 0))
    });
    assert_eq!(told("HK 2024-02-09 12:00", "HK.00700", Interval::M5, &bars), [""; 0]);
    let whole = told("", "HK.00700", Interval::M5, &bars);
    assert_eq!(whole, ["2024-02-09T05:00:00 to 2024-02-09T07:55:00: 36 bars missing"]);
    // New York's are known by rule, and trading after hours that ends early as well.
    let late = date(2024, 11, 29);
    let bars = series("America/New_York", 1800, date(2024, 11, 11)..=late, |day, slot| {
        is_weekday(day) && day != date(2024, 11, 28) && (hm(4, 0)..if day == late { hm(17, 0) } else { hm(20, 0) }).contains(&slot)
    });
    assert_eq!(told("", "US.AAPL", Interval::M30, &bars), [""; 0]);
}

#[test]
fn one_day_alone_is_held_against_the_hours_of_its_exchange() {
    let day = date(2024, 3, 5);
    let bars = |zone: &str| {
        series(zone, 60, day..=day, |_, slot| {
            ((hm(9, 30)..hm(11, 30)).contains(&slot) || (hm(13, 0)..hm(15, 0)).contains(&slot)) && !(hm(10, 10)..hm(10, 15)).contains(&slot)
        })
    };
    let shanghai = bars("Asia/Shanghai");
    assert_eq!(told("", "600519", Interval::M1, &shanghai), ["2024-03-05T02:10:00 to 2024-03-05T02:14:00: 5 bars missing"]);
    // Of a place that nobody knows one day says nothing, two do.
    assert_eq!(told("", "X.L", Interval::M1, &shanghai), [""; 0]);
    let two =
        series("UTC", 60, day..=date(2024, 3, 6), |d, slot| (600..6000).contains(&slot) && (d != day || !(1200..1500).contains(&slot)));
    assert_eq!(told("", "X.L", Interval::M1, &two), ["2024-03-05T00:20:00 to 2024-03-05T00:24:00: 5 bars missing"]);
}

/// A paper of New York that trades in so many of its minutes, from the eleventh of March 2024 on.
fn thin(traded: f64, sessions: usize, lost: &ops::Range<DateTime>, quiet: Option<Date>) -> Vec<Bar> {
    let mut seed = 7u64;
    let mut chance = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as f64 / f64::from(1u32 << 31)
    };
    let all = Exchanges::new(&Holidays::default()).unwrap();
    let us = all.of(&symbol("US.THIN"));
    let first = date(2024, 3, 11);
    let days: Vec<Date> = first.series(1.day()).filter(|day| us.trades_on(*day)).take(sessions).collect();
    series("America/New_York", 60, first..=days[sessions - 1], |day, slot| {
        let is_lost = lost.contains(&day.at((slot / 3600) as i8, (slot / 60 % 60) as i8, 0, 0));
        let traded = if quiet == Some(day) { traded / 2.0 } else { traded };
        days.contains(&day) && (hm(9, 30)..hm(16, 0)).contains(&slot) && chance() < traded && !is_lost
    })
}

#[test]
fn minutes_without_a_trade_are_no_gap_and_hours_without_data_are() {
    let hours = |from: i8, to: i8| date(2024, 3, 20).at(from, 0, 0, 0)..date(2024, 3, 20).at(to, 0, 0, 0);
    let quiet = Some(date(2024, 3, 19));
    let none = [(0.3, 55), (0.6, 24), (0.6, 55), (0.8, 55), (0.85, 10), (0.9, 25), (0.95, 25), (0.98, 25), (0.995, 25), (1.0, 25)];
    for (traded, sessions) in none {
        let found = told("", "US.THIN", Interval::M1, &thin(traded, sessions, &hours(0, 0), None));
        assert_eq!(found, [""; 0], "{traded} {sessions}");
    }
    for traded in [0.6, 0.9] {
        let found = told("", "US.THIN", Interval::M1, &thin(traded, 55, &hours(0, 0), quiet));
        assert_eq!(found, [""; 0], "{traded}, and half as much on one day");
    }
    let lost = [
        (0.6, 55, 12, 13),
        (0.8, 55, 12, 13),
        (0.6, 55, 12, 16),
        (0.3, 55, 12, 16),
        (0.85, 10, 12, 13),
        (0.6, 24, 13, 14),
        (0.95, 25, 12, 13),
        (0.995, 25, 12, 13),
        (1.0, 25, 12, 13),
    ];
    for (traded, sessions, from, to) in lost {
        let all = Exchanges::new(&Holidays::default()).unwrap();
        let (lost, bars) = (hours(from, to), thin(traded, sessions, &hours(from, to), quiet.filter(|_| traded == 0.9)));
        let found = holes(all.of(&symbol("US.THIN")), Interval::M1, &bars, Range::ALL, |_| true);
        let [Issue::Gap { from, to, missing }] = found[..] else { panic!("{traded} {lost:?}: {found:?}") };
        // Minutes beside the hole that were not traded cannot be told from it, nor those that hardly any day has.
        let second = |time: DateTime| time.in_tz("America/New_York").unwrap().timestamp().as_second();
        let (begin, end) = (second(lost.start), second(lost.end) - 60);
        let near = if traded < 0.5 { 15 * 60 } else { 8 * 60 };
        assert!((from.seconds() - begin).abs() <= near && (to.seconds() - end).abs() <= near, "{traded} {lost:?}: {found:?}");
        let expected = traded * ((end - begin) / 60 + 1) as f64;
        assert!((missing as f64 - expected).abs() <= 4.0 + expected * 0.1, "{traded} {lost:?}: {found:?}, {expected} expected");
    }
}

#[test]
fn hours_that_a_part_of_the_days_has_are_no_gap_of_the_others() {
    // From some day on the source has what is traded before the session, too.
    for since in [date(2024, 3, 22), date(2024, 3, 28), date(2024, 4, 8)] {
        for (zone, paper) in [("America/New_York", "US.AAPL"), ("UTC", "X.L")] {
            let bars = series(zone, 300, date(2024, 3, 11)..=date(2024, 4, 12), |day, slot| {
                is_weekday(day) && day != date(2024, 3, 29) && (hm(if day < since { 9 } else { 4 }, 30)..hm(16, 0)).contains(&slot)
            });
            assert_eq!(told("", paper, Interval::M5, &bars), [""; 0], "{since} {paper}");
        }
    }
}

#[test]
fn a_day_without_trading_is_neither_judged_nor_counted() {
    // Saturdays with one bar each, and a Friday that lacks one.
    let bars = series("America/New_York", 300, date(2024, 3, 4)..=date(2024, 3, 23), |day, slot| {
        let weekday = (hm(9, 30)..hm(16, 0)).contains(&slot) && !(day == date(2024, 3, 15) && slot == hm(11, 0));
        if is_weekday(day) { weekday } else { day.weekday() == jiff::civil::Weekday::Saturday && slot == hm(12, 0) }
    });
    assert_eq!(told("", "US.AAPL", Interval::M5, &bars), ["2024-03-15T15:00:00: no bar"]);
    // Beside one session alone it is no other day.
    let two = series("America/New_York", 300, date(2024, 3, 15)..=date(2024, 3, 16), |day, slot| {
        if is_weekday(day) { (hm(9, 30)..hm(16, 0)).contains(&slot) && !(hm(11, 0)..hm(12, 0)).contains(&slot) } else { slot == hm(12, 0) }
    });
    assert_eq!(told("", "US.AAPL", Interval::M5, &two), ["2024-03-15T15:00:00 to 2024-03-15T15:55:00: 12 bars missing"]);
}

#[test]
fn a_session_that_a_clock_moves_is_whole() {
    // London's hours, in UTC: an hour earlier from the end of March on.
    for last in [date(2024, 4, 3), date(2024, 4, 8), date(2024, 4, 12), date(2024, 4, 30), date(2024, 7, 30)] {
        let bars =
            series("Europe/London", 300, date(2024, 3, 4)..=last, |day, slot| is_weekday(day) && (hm(8, 0)..hm(16, 30)).contains(&slot));
        assert_eq!(told("", "VOD.L", Interval::M5, &bars), [""; 0], "{last}");
    }
}

#[test]
fn a_day_that_is_not_over_lacks_nothing_yet() {
    let bars = series("America/New_York", 300, date(2024, 3, 11)..=date(2024, 3, 15), |day, slot| {
        (hm(9, 30)..hm(16, 0)).contains(&slot)
            && !(day == date(2024, 3, 15) && slot >= hm(12, 0))
            && !(day == date(2024, 3, 11) && slot < hm(11, 0))
            && !(day == date(2024, 3, 15) && (hm(10, 0)..hm(10, 10)).contains(&slot))
    });
    let all = Exchanges::new(&Holidays::default()).unwrap();
    let us = all.of(&symbol("US.AAPL"));
    let now = holes(us, Interval::M5, &bars, Range::ALL, |_| false);
    assert_eq!(now.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2024-03-15T14:00:00 to 2024-03-15T14:05:00: 2 bars missing"]);
    assert_eq!(holes(us, Interval::M5, &bars, Range::ALL, |_| true).len(), 2);
    let noon = BarTime::new("2024-03-15T16:30:00Z".parse::<Timestamp>().unwrap().as_second()).unwrap();
    let part = holes(us, Interval::M5, &bars, Range { to: noon, ..Range::ALL }, |_| true);
    assert!(part[1].to_string().ends_with("2024-03-15T16:30:00: 7 bars missing"), "{part:?}");
}
