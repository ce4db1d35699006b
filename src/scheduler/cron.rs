//! When a task runs: a cron expression in a time zone, and the times that follow from it.
//!
//! Called by the tasks' event loop, and by the API, which asks whether an expression can be before it stores one. Pure.
//! `field` reads the fields strictly and writes them plainly; croner finds the times, jiff knows the zones.
//!
//! **Form.** Six fields: second, minute, hour, day of month, month, day of week. `*`, lists, ranges, steps (`*/5`, `10/5`,
//! `1-9/2`), names of months and days, `?` for the two day fields; `L` (last day), `LW`, `15W` (the weekday nearest to the
//! 15th); `6#3` (third Saturday), `6L` (last Saturday). Sunday is 0 or 7. Day of month and day of week both restricted:
//! either suffices. Five fields (no seconds) only where [`Form::FiveOrSix`] allows them. `@daily` and its like are known.
//!
//! **Changes of the clock.** A *time of day* (second, minute and hour have one value each) that a forward change skips runs
//! once, at the first instant after the change; one that a backward change repeats runs once, the first time. An *interval*
//! (anything else, e.g. every 30 minutes) follows the clock on the wall: skipped times do not run, repeated ones run twice.
//!
//! **Refused**: what can never be, such as 30 February; steps longer than their field (`*/90` minutes would be hourly).

mod field;
#[cfg(test)]
mod tests;

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};

/// How many fields an expression may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Six,
    FiveOrSix,
}

/// What times are told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Expression,
    TimeZone,
}

impl Part {
    /// How configuration and API call it.
    pub fn field(self) -> &'static str {
        match self {
            Self::Expression => "cron",
            Self::TimeZone => "time_zone",
        }
    }
}

/// How an expression that is none of the nicknames is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Seconds first.
    Six,
    /// Minutes first, at second 0.
    Five,
}

impl Reading {
    /// None: it is a nickname, or no expression.
    pub fn of(expr: &str) -> Option<Self> {
        match expr.split_whitespace().count() {
            6 => Some(Self::Six),
            5 => Some(Self::Five),
            _ => None,
        }
    }
}

/// Why an expression is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Wrong {
    /// Which of the two is wrong.
    pub part: Part,
    pub message: String,
    /// What to do, if there is something.
    pub hint: String,
}

impl Wrong {
    fn new(message: impl Into<String>) -> Self {
        Self { part: Part::Expression, message: message.into(), hint: String::new() }
    }
    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// The times of an expression.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Six plain fields. They are read again for each search: a parsed one takes five kilobytes, a search microseconds.
    plain: Box<str>,
    zone: TimeZone,
}

impl Schedule {
    /// Reads an expression, and refuses one that never comes true.
    pub fn parse(expr: &str, form: Form, zone: TimeZone) -> Result<Self, Wrong> {
        let plain = plain(expr, form)?;
        // Times do not depend on when it is asked: some day has to come within what croner searches (to the year 5000).
        let cron = parser().parse(&plain).map_err(|e| Wrong::new(e.to_string()))?;
        if cron.find_next_occurrence(&civil::datetime(2024, 1, 1, 0, 0, 0, 0), true).is_err() {
            return Err(Wrong::new(format!("{expr:?} never comes true")).hint("no month that it names has such a day"));
        }
        Ok(Self { plain: plain.into(), zone })
    }

    /// Returns the first time after this one. None: beyond what the calendar holds.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let next = self.cron().find_next_occurrence(&after.to_zoned(self.zone.clone()), false);
        next.ok().map(|zoned| zoned.timestamp())
    }

    /// Returns the next `count` times.
    pub fn upcoming(&self, after: Timestamp, count: usize) -> Vec<Timestamp> {
        std::iter::successors(self.next(after), |last| self.next(*last)).take(count).collect()
    }

    /// Says whether second, minute and hour have one value each; everything else is an interval.
    pub fn is_time_of_day(&self) -> bool {
        self.plain.split(' ').take(3).all(|field| field.bytes().all(|b| b.is_ascii_digit()))
    }

    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    fn cron(&self) -> Cron {
        parser().parse(&self.plain).expect("it was parsed when it was made")
    }
}

fn parser() -> CronParser {
    CronParser::builder().seconds(Seconds::Required).year(Year::Disallowed).build()
}

/// Finds a time zone by its IANA name; empty = the machine's.
pub fn zone(name: &str) -> Result<TimeZone, Wrong> {
    if name.is_empty() {
        return Ok(TimeZone::system());
    }
    TimeZone::get(name).map_err(|_| {
        let wrong = Wrong::new(format!("{name:?} is no time zone")).hint("use a name such as Asia/Shanghai or UTC");
        Wrong { part: Part::TimeZone, ..wrong }
    })
}

/// Returns the six plain fields that croner is given.
fn plain(expr: &str, form: Form) -> Result<String, Wrong> {
    let text = expr.trim();
    if text.starts_with('@') {
        return nickname(text).map(str::to_owned);
    }
    let mut fields: Vec<&str> = text.split_whitespace().collect();
    match (fields.len(), form) {
        (6, _) => {}
        (5, Form::FiveOrSix) => fields.insert(0, "0"),
        (5, Form::Six) => {
            return Err(
                Wrong::new(format!("{text:?} has five fields, six are needed")).hint(format!("put the seconds in front: \"0 {text}\""))
            );
        }
        (0, _) => return Err(Wrong::new("the expression is empty").hint(EXAMPLE)),
        (n, form) => {
            let needed = if form == Form::Six { "six" } else { "five or six" };
            return Err(Wrong::new(format!("{text:?} has {n} fields, {needed} are needed")).hint(EXAMPLE));
        }
    }
    let written = fields.into_iter().zip(&field::FIELDS).map(|(text, kind)| kind.write(text)).collect::<Result<Vec<_>, _>>()?;
    Ok(written.join(" "))
}

const EXAMPLE: &str = "second minute hour day month weekday, e.g. \"0 0 2 * * ?\" for 02:00 every day";

fn nickname(text: &str) -> Result<&'static str, Wrong> {
    Ok(match text.to_ascii_lowercase().as_str() {
        "@yearly" | "@annually" => "0 0 0 1 1 *",
        "@monthly" => "0 0 0 1 * *",
        "@weekly" => "0 0 0 * * 0",
        "@daily" | "@midnight" => "0 0 0 * * *",
        "@hourly" => "0 0 * * * *",
        _ => {
            return Err(Wrong::new(format!("{text:?} is not known"))
                .hint("use @yearly, @monthly, @weekly, @daily, @hourly, or six fields; \"0 */5 * * * ?\" is every five minutes"));
        }
    })
}
