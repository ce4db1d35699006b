//! Whether bars of a day or more are of days, by the times that their source wrote.
//!
//! Asked by the readers of what a provider said, row by row. A bar of a day has a day for its name, whatever time of day stands
//! there: midnight, the opening bell, the close. But a day has one bar, and one time: rows of one day with several are of shorter
//! bars, and taking one of them for the day would make a price of it that never was its close. A row that is there again with the
//! same time says the same again, or corrects it.

use crate::model::bars::BarTime;
use jiff::civil::{Date, DateTime, Time};
use std::collections::{BTreeMap, HashMap};

/// The times of day that rows have, at their exchange.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clocks {
    first: HashMap<Date, Time>,
    /// Days that have another one too.
    several: BTreeMap<Date, Time>,
}

impl Clocks {
    /// Takes the time of a row; None: its bar is of less than a day.
    pub(super) fn see(&mut self, at: Option<DateTime>) {
        let Some(at) = at else { return };
        let (date, time) = (at.date(), at.time());
        if *self.first.entry(date).or_insert(time) != time {
            self.several.entry(date).or_insert(time);
        }
    }

    /// Why they are not of days, in words; None: nothing says so. Asked of the days that are over: the bar of one that is not is
    /// said anew all the time.
    pub(super) fn told(&self, is_over: impl Fn(BarTime) -> bool) -> Option<String> {
        let is_over = |date: &Date| BarTime::of_date(*date).is_some_and(&is_over);
        let days: Vec<(&Date, &Time)> = self.several.iter().filter(|(date, _)| is_over(date)).collect();
        let (date, other) = days.first()?;
        let one = self.first.get(date).unwrap_or(other);
        Some(match days.len() {
            1 => format!("the source has rows of several times for {date} ({one} and {other})"),
            n => format!("the source has rows of several times for each of {n} days, the first is {date} ({one} and {other})"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_one_time() {
        let told = |rows: &[&str], until: &str| {
            let mut clocks = Clocks::default();
            rows.iter().for_each(|row| clocks.see(Some(row.parse().unwrap())));
            let until = BarTime::of_date(until.parse().unwrap()).unwrap();
            clocks.told(|day| day < until)
        };
        for rows in [
            &["2024-01-22T09:30", "2024-01-23T09:30"][..],
            // Summer begins; one is said again.
            &["2024-03-08T14:30", "2024-03-11T13:30", "2024-03-11T13:30"],
            &["2024-02-01T09:30", "2024-02-01T16:00"],
            &[],
        ] {
            assert_eq!(told(rows, "2024-02-01"), None, "{rows:?}");
        }
        let one = told(&["2024-01-22T00:00", "2024-01-23T09:30", "2024-01-23T09:31", "2024-01-23T09:32"], "2024-02-01").unwrap();
        assert_eq!(one, "the source has rows of several times for 2024-01-23 (09:30:00 and 09:31:00)");
        let two = told(&["2024-01-23T09:30", "2024-01-22T09:30", "2024-01-22T09:31", "2024-01-23T09:31"], "2024-02-01").unwrap();
        assert_eq!(two, "the source has rows of several times for each of 2 days, the first is 2024-01-22 (09:30:00 and 09:31:00)");
    }
}
