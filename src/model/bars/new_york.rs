//! The calendar of New York's exchanges, by rule from 1990 on: holidays, closures that no rule foretells, and early closes.

use jiff::ToSpan as _;
use jiff::civil::{Date, Time, Weekday, date, time};

/// When the days end that end early.
pub(super) const EARLY: Time = time(13, 0, 0, 0);

/// Closures of New York that no rule foretells: mourning, the attacks of 2001, hurricane Sandy.
const NEW_YORK_CLOSED: [Date; 11] = [
    date(1994, 4, 27),
    date(2001, 9, 11),
    date(2001, 9, 12),
    date(2001, 9, 13),
    date(2001, 9, 14),
    date(2004, 6, 11),
    date(2007, 1, 2),
    date(2012, 10, 29),
    date(2012, 10, 30),
    date(2018, 12, 5),
    date(2025, 1, 9),
];

/// Whether it is closed on a day, weekends aside.
pub(super) fn is_closed(day: Date) -> bool {
    let nth = |n: i8, weekday: Weekday| day.weekday() == weekday && (n - 1) * 7 < day.day() && day.day() <= n * 7;
    let last_monday = day.weekday() == Weekday::Monday && day.day() > day.days_in_month() - 7;
    // A holiday on Sunday is kept on Monday, one on Saturday on Friday.
    let kept = |month: i8, on: i8| {
        let Ok(holiday) = Date::new(day.year(), month, on) else { return false };
        let observed = match holiday.weekday() {
            Weekday::Saturday => holiday.yesterday(),
            Weekday::Sunday => holiday.tomorrow(),
            _ => Ok(holiday),
        };
        observed.is_ok_and(|o| o == day)
    };
    // New Year on a Saturday is not kept at all: that Friday closes the year's books.
    let new_year = day.month() == 1 && kept(1, 1);
    new_year
        || (day.month() == 1 && day.year() >= 1998 && nth(3, Weekday::Monday))
        || (day.month() == 2 && nth(3, Weekday::Monday))
        || easter(day.year()).checked_sub(2.days()).is_ok_and(|good_friday| good_friday == day)
        || (day.month() == 5 && last_monday)
        || (day.year() >= 2022 && kept(6, 19))
        || kept(7, 4)
        || (day.month() == 9 && nth(1, Weekday::Monday))
        || (day.month() == 11 && nth(4, Weekday::Thursday))
        || kept(12, 25)
        || NEW_YORK_CLOSED.contains(&day)
}

/// Easter Sunday of the western churches (the anonymous Gregorian computus).
fn easter(year: i16) -> Date {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let sum = h + l - 7 * m + 114;
    date(year, i8::try_from(sum / 31).expect("March or April"), i8::try_from(sum % 31 + 1).expect("1 to 31"))
}

/// Whether a day with a session ends early: the one before Independence Day (behind it where that left a Friday, until 2012),
/// the one behind Thanksgiving, and the one before Christmas.
pub(super) fn ends_early(day: Date) -> bool {
    let weekday = day.weekday();
    match (day.month(), day.day()) {
        (7, 3) => !(weekday == Weekday::Wednesday && day.year() < 2013),
        (7, 5) => weekday == Weekday::Friday && day.year() < 2013,
        (11, 23..=29) => weekday == Weekday::Friday,
        (12, 24) => true,
        (12, 26) => day.year() == 2003,
        _ => false,
    }
}
