//! When a bar is: seconds since 1970-01-01 00:00, of UTC for intraday bars and of the exchange's own calendar for daily
//! and longer ones.

use jiff::civil::Date;

const DAY: i64 = 86_400;
/// Years 1800 to 2199. Bars are of these; anything else is a unit taken for another (milliseconds, a date as a number).
const FIRST: i64 = -62_091 * DAY;
const LAST: i64 = 84_006 * DAY - 1;

/// The name of a bar within its series. It does not know its interval: who prints or compares it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BarTime(i64);

impl BarTime {
    pub const MIN: Self = Self(FIRST);
    pub const MAX: Self = Self(LAST);

    /// Returns None outside of the years 1800 to 2199.
    pub fn new(seconds: i64) -> Option<Self> {
        (FIRST..=LAST).contains(&seconds).then_some(Self(seconds))
    }
    pub fn of_date(date: Date) -> Option<Self> {
        Self::new(days_of(date) * DAY)
    }
    pub fn seconds(self) -> i64 {
        self.0
    }
    /// Days since 1970-01-01, rounded down.
    pub fn days(self) -> i64 {
        self.0.div_euclid(DAY)
    }
    pub fn date(self) -> Date {
        let (year, month, day) = civil(self.days());
        Date::new(i16::try_from(year).expect("1800 to 2199"), month, day).expect("a day of the calendar")
    }
    pub fn year(self) -> i64 {
        civil(self.days()).0
    }
    /// Year and month (1 to 12).
    pub fn month(self) -> (i64, i8) {
        let (year, month, _) = civil(self.days());
        (year, month)
    }
    /// The same time of another day; stops at the ends of what there is.
    pub fn plus_days(self, days: i64) -> Self {
        Self((self.0.saturating_add(days.saturating_mul(DAY))).clamp(FIRST, LAST))
    }
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds).clamp(FIRST, LAST))
    }
    /// Appends `2024-01-23T14:30:00`.
    pub fn write(self, out: &mut String) {
        let (year, month, day) = civil(self.days());
        let second = self.0.rem_euclid(DAY);
        let two = |n: i64| [b'0' + u8::try_from(n / 10).expect("two digits"), b'0' + u8::try_from(n % 10).expect("one digit")];
        let mut text = *b"0000-00-00T00:00:00";
        text[..2].copy_from_slice(&two(year / 100));
        text[2..4].copy_from_slice(&two(year % 100));
        text[5..7].copy_from_slice(&two(month.into()));
        text[8..10].copy_from_slice(&two(day.into()));
        text[11..13].copy_from_slice(&two(second / 3600));
        text[14..16].copy_from_slice(&two(second / 60 % 60));
        text[17..19].copy_from_slice(&two(second % 60));
        out.push_str(std::str::from_utf8(&text).expect("digits"));
    }
}

/// As a day where it is one exactly.
impl std::fmt::Display for BarTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::with_capacity(19);
        self.write(&mut text);
        f.write_str(text.strip_suffix("T00:00:00").unwrap_or(&text))
    }
}

fn days_of(date: Date) -> i64 {
    const EPOCH: Date = jiff::civil::date(1970, 1, 1);
    i64::from(date.duration_since(EPOCH).as_hours() as i32 / 24)
}

/// Year, month and day of a day number: counted in eras of 400 years that begin in March, so that a leap day is the last
/// of its year.
fn civil(days: i64) -> (i64, i8, i8) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, i8::try_from(month).expect("1 to 12"), i8::try_from(day).expect("1 to 31"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use std::fmt::Write as _;

    #[test]
    fn days_and_dates_agree_over_the_whole_calendar() {
        let mut day = date(1800, 1, 1);
        let mut number = FIRST / DAY;
        while day < date(2200, 1, 1) {
            let time = BarTime::of_date(day).unwrap();
            assert_eq!((time.days(), time.date()), (number, day));
            day = day.tomorrow().unwrap();
            number += 1;
        }
        assert_eq!(BarTime::of_date(day), None);
        assert_eq!(BarTime::of_date(date(1799, 12, 31)), None);
    }

    #[test]
    fn is_written_as_the_contract_shows() {
        let mut text = String::new();
        BarTime::new(1_706_020_200).unwrap().write(&mut text);
        assert_eq!(text, "2024-01-23T14:30:00");
        assert_eq!(BarTime::new(-1).unwrap().to_string(), "1969-12-31T23:59:59");
        assert_eq!(BarTime::of_date(date(2000, 2, 29)).unwrap().to_string(), "2000-02-29");
        let mut again = String::new();
        write!(again, "{}", BarTime::MAX).unwrap();
        assert_eq!(again, "2199-12-31T23:59:59");
    }
}
