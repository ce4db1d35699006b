//! How long a bar is, and into which block of the store it falls.

use super::{BarTime, Range};
use jiff::ToSpan as _;
use jiff::civil::Date;
use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Interval {
    M1,
    M5,
    M15,
    M30,
    H1,
    D1,
    W1,
    Mo1,
}

impl Interval {
    pub const ALL: [Self; 8] = [Self::M1, Self::M5, Self::M15, Self::M30, Self::H1, Self::D1, Self::W1, Self::Mo1];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::M1 => "1m",
            Self::M5 => "5m",
            Self::M15 => "15m",
            Self::M30 => "30m",
            Self::H1 => "1h",
            Self::D1 => "1d",
            Self::W1 => "1wk",
            Self::Mo1 => "1mo",
        }
    }
    /// An unknown word is None, never a default: a silent `1d` would hand out other data than was asked for.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|i| i.as_str() == text)
    }
    pub fn is_intraday(self) -> bool {
        self.length_seconds().is_some()
    }
    /// Returns the length of an intraday bar.
    pub fn length_seconds(self) -> Option<i64> {
        match self {
            Self::M1 => Some(60),
            Self::M5 => Some(300),
            Self::M15 => Some(900),
            Self::M30 => Some(1800),
            Self::H1 => Some(3600),
            Self::D1 | Self::W1 | Self::Mo1 => None,
        }
    }
    /// Returns a bar's length in days, a month's at its shortest; zero for intraday.
    pub fn length_days(self) -> i64 {
        match self {
            Self::M1 | Self::M5 | Self::M15 | Self::M30 | Self::H1 => 0,
            Self::D1 => 1,
            Self::W1 => 7,
            Self::Mo1 => 28,
        }
    }

    /// Returns the one name of the bar that a time falls into: the day, the week's Monday, the first of the month. Intraday
    /// times stay: an hourly bar of New York begins at 9:30.
    pub fn canonical(self, time: BarTime) -> BarTime {
        let back = match self {
            Self::M1 | Self::M5 | Self::M15 | Self::M30 | Self::H1 => return time,
            Self::D1 => 0,
            // 1970-01-01 was a Thursday.
            Self::W1 => (time.days() + 3).rem_euclid(7),
            Self::Mo1 => i64::from(time.date().day()) - 1,
        };
        BarTime::new((time.days() - back) * 86_400).unwrap_or(BarTime::MIN)
    }

    /// Returns the number of the block that a bar stands in: a UTC day of minutes, a month of longer minutes, a year of
    /// hours or days, ten years of weeks or months. Some hundred bars each: small enough to write again for one bar,
    /// large enough to pack well. Stored: changing it is a new form of the file.
    pub fn period(self, time: BarTime) -> i32 {
        let number = match self {
            Self::M1 => time.days(),
            Self::M5 | Self::M15 | Self::M30 => {
                let (year, month) = time.month();
                year * 12 + i64::from(month) - 1
            }
            Self::H1 | Self::D1 => time.year(),
            Self::W1 | Self::Mo1 => time.year() / 10,
        };
        i32::try_from(number).expect("days of 400 years")
    }

    /// Returns the first and last time that [`Self::period`] counts to a period.
    pub fn times_of(self, period: i32) -> Range {
        let year = |year: i32| Date::new(i16::try_from(year).ok()?, 1, 1).ok();
        let days = match self {
            Self::M1 => {
                let first = BarTime::new(i64::from(period) * 86_400).map(BarTime::date);
                first.map(|first| (first, first))
            }
            Self::M5 | Self::M15 | Self::M30 => {
                let month = i8::try_from(period.rem_euclid(12)).expect("0 to 11") + 1;
                year(period.div_euclid(12))
                    .and_then(|first| first.with().month(month).build().ok())
                    .map(|first| (first, first.last_of_month()))
            }
            Self::H1 | Self::D1 => year(period).map(|first| (first, first.last_of_year())),
            Self::W1 | Self::Mo1 => year(period.saturating_mul(10)).map(|first| (first, first.saturating_add(9.years()).last_of_year())),
        };
        let ends = days.map(|(first, last)| (BarTime::of_date(first), BarTime::of_date(last)));
        let (from, to) = ends.unwrap_or_default();
        let end = |to: BarTime| if self.is_intraday() { to.plus_seconds(86_399) } else { to };
        Range { from: from.unwrap_or(BarTime::MIN), to: to.map_or(BarTime::MAX, end) }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn day(year: i16, month: i8, day: i8) -> BarTime {
        BarTime::of_date(date(year, month, day)).unwrap()
    }

    #[test]
    fn words_are_read_exactly() {
        for interval in Interval::ALL {
            assert_eq!(Interval::parse(interval.as_str()), Some(interval));
        }
        for bad in ["", "1D", "2m", "1w", "1M", "60m", "1d "] {
            assert_eq!(Interval::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn long_bars_have_one_name() {
        let noon = day(2024, 1, 24).plus_seconds(43_200);
        assert_eq!(Interval::D1.canonical(noon), day(2024, 1, 24));
        assert_eq!(Interval::W1.canonical(noon), day(2024, 1, 22));
        assert_eq!(Interval::W1.canonical(day(2024, 1, 22)), day(2024, 1, 22));
        assert_eq!(Interval::W1.canonical(day(2024, 1, 28)), day(2024, 1, 22));
        assert_eq!(Interval::Mo1.canonical(noon), day(2024, 1, 1));
        assert_eq!(Interval::H1.canonical(noon), noon);
        assert_eq!(Interval::W1.canonical(day(1969, 12, 30)), day(1969, 12, 29));
    }

    #[test]
    fn a_period_has_the_times_that_it_is_named_for() {
        for interval in Interval::ALL {
            for time in [day(1899, 12, 31), day(1970, 1, 1), day(2024, 2, 29), day(2024, 2, 29).plus_seconds(86_399)] {
                let period = interval.period(time);
                let times = interval.times_of(period);
                assert!(times.contains(interval.canonical(time)) || interval == Interval::W1, "{interval} {time}");
                let (before, after) = (times.from.plus_days(-1), times.to.plus_days(1));
                assert_eq!([before, times.from, times.to, after].map(|t| interval.period(t)), [period - 1, period, period, period + 1]);
            }
        }
        // What no bar stands in is no reason to panic.
        assert_eq!(Interval::D1.times_of(i32::MAX), Range::ALL);
    }

    #[test]
    fn periods_never_go_back() {
        for interval in Interval::ALL {
            let mut last = i32::MIN;
            let mut time = day(1899, 12, 1);
            while time < day(1912, 2, 1) {
                let period = interval.period(time);
                assert!(period >= last);
                last = period;
                time = time.plus_days(1);
            }
        }
    }
}
