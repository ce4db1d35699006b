//! Dates with slashes, of which the month may stand first or the day.
//!
//! `3/4/2024` is two dates. Nobody's guess is stored in silence: what reads them keeps a [`Seen`], which says whether any date of
//! the same source shows the order (one part is above 12), and refuses or tells where none does.

use jiff::civil::Date;

/// How they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dates {
    /// The month first, where nothing speaks against it.
    #[default]
    Guess,
    MonthFirst,
    DayFirst,
}

impl Dates {
    pub const WORDS: [&str; 2] = ["month-first", "day-first"];

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "month-first" => Some(Self::MonthFirst),
            "day-first" => Some(Self::DayFirst),
            _ => None,
        }
    }

    /// Reads one; an error: the day stands first, and nobody said so.
    pub(super) fn read(self, text: &str) -> Result<Option<Date>, String> {
        let order = if self == Self::DayFirst { "%d/%m/%Y" } else { "%m/%d/%Y" };
        if let Ok(date) = Date::strptime(order, text).or_else(|_| Date::strptime("%Y/%m/%d", text)) {
            return Ok(Some(date));
        }
        match (self, parts(text)) {
            (Self::DayFirst, Some((_, second))) if second > 12 => Err(format!("{text:?} has the month first, and the day is to be")),
            (_, Some((first, _))) if first > 12 => {
                Err(format!("{text:?} has the day first: name it (--dates day-first; of a provider dates = \"day-first\")"))
            }
            _ => Ok(None),
        }
    }
}

/// The two numbers before the year, where they are dates like these.
fn parts(text: &str) -> Option<(u8, u8)> {
    let mut parts = text.split('/');
    let (first, second, year) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
    (year.len() == 4 && parts.next().is_none()).then_some((first, second))
}

/// What the dates of one source show.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    ambiguous: bool,
    proven: bool,
}

impl Seen {
    pub(super) fn see(&mut self, text: &str) {
        if let Some((first, second)) = parts(text) {
            self.proven |= first > 12 || second > 12;
            self.ambiguous |= first != second;
        }
    }

    /// Whether they could as well be others.
    pub(super) fn is_guess(self) -> bool {
        self.ambiguous && !self.proven
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_said_or_shown_or_guessed() {
        let read = |dates: Dates, text: &str| dates.read(text).map(|d| d.map(|d| d.to_string()).unwrap_or_default()).unwrap_or_else(|e| e);
        assert_eq!(read(Dates::Guess, "3/4/2024"), "2024-03-04");
        assert_eq!(read(Dates::DayFirst, "3/4/2024"), "2024-04-03");
        assert_eq!(read(Dates::DayFirst, "2024/03/04"), "2024-03-04");
        assert!(read(Dates::Guess, "13/4/2024").contains("has the day first"));
        assert!(read(Dates::DayFirst, "4/13/2024").contains("has the month first"));
        assert_eq!(read(Dates::Guess, "a/b/2024"), "");
        let guess = |all: &[&str]| {
            let mut seen = Seen::default();
            all.iter().for_each(|text| seen.see(text));
            seen.is_guess()
        };
        assert!(guess(&["3/4/2024"]) && !guess(&["3/4/2024", "3/13/2024"]) && !guess(&["4/4/2024"]) && !guess(&["2024/03/04", ""]));
    }
}
