//! One field of an expression: read strictly, so that a slip is named, and written plainly (numbers, no names, no open
//! steps), so that croner's own leniency never decides what is meant.

use super::Wrong;

/// What a field may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Time,
    Day,
    Month,
    Weekday,
}

pub(super) struct Field {
    name: &'static str,
    sort: Sort,
    min: u8,
    max: u8,
    /// Words for values, from `min` on.
    names: &'static [&'static str],
}

const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

pub(super) const FIELDS: [Field; 6] = [
    Field { name: "second", sort: Sort::Time, min: 0, max: 59, names: &[] },
    Field { name: "minute", sort: Sort::Time, min: 0, max: 59, names: &[] },
    Field { name: "hour", sort: Sort::Time, min: 0, max: 23, names: &[] },
    Field { name: "day of month", sort: Sort::Day, min: 1, max: 31, names: &[] },
    Field { name: "month", sort: Sort::Month, min: 1, max: 12, names: MONTHS },
    // 7 is Sunday too.
    Field { name: "day of week", sort: Sort::Weekday, min: 0, max: 7, names: DAYS },
];

impl Field {
    pub(super) fn write(&self, text: &str) -> Result<String, Wrong> {
        if text == "*" {
            return Ok(text.to_owned());
        }
        if text == "?" {
            return match self.sort {
                Sort::Day | Sort::Weekday => Ok("*".to_owned()),
                Sort::Time | Sort::Month => Err(self.wrong(text, "? stands for a day only").hint("write * for every value")),
            };
        }
        let items = text.split(',').map(|item| self.item(item)).collect::<Result<Vec<_>, _>>()?;
        Ok(items.join(","))
    }

    fn item(&self, item: &str) -> Result<String, Wrong> {
        let upper = item.to_ascii_uppercase();
        if upper.is_empty() {
            return Err(self.wrong(item, "a value is missing beside a comma"));
        }
        if let Some(special) = self.special(item, &upper)? {
            return Ok(special);
        }
        let (range, step) = match upper.split_once('/') {
            Some((range, step)) => (range, Some(self.step(item, step)?)),
            None => (upper.as_str(), None),
        };
        let range = match (range, step) {
            // A list that holds everything; said alone it is read above, because it is not a restriction then.
            ("*", None) => format!("{}-{}", self.min, self.last()),
            ("*", Some(_)) => "*".to_owned(),
            _ => self.range(item, range, step.is_some())?,
        };
        Ok(match step {
            Some(step) => format!("{range}/{step}"),
            None => range,
        })
    }

    /// Reads `a`, `a-b`; `a` with a step goes on to the end.
    fn range(&self, item: &str, range: &str, open: bool) -> Result<String, Wrong> {
        let Some((from, to)) = range.split_once('-') else {
            let value = self.value(item, range)?;
            let value = if self.sort == Sort::Weekday && value == 7 { 0 } else { value };
            return Ok(if open { format!("{value}-{}", self.last()) } else { value.to_string() });
        };
        let (first, mut last) = (self.value(item, from)?, self.value(item, to)?);
        // FRI-SUN: the week ends with it.
        if self.sort == Sort::Weekday && last == 0 && first > 0 {
            last = 7;
        }
        if first > last {
            let hint = format!("write {from}-{},{}-{to}", self.last(), self.min);
            return Err(self.wrong(item, "the range runs backwards").hint(hint));
        }
        Ok(format!("{first}-{last}"))
    }

    fn value(&self, item: &str, text: &str) -> Result<u8, Wrong> {
        if let Some(place) = self.names.iter().position(|name| *name == text) {
            return Ok(self.min + u8::try_from(place).expect("a dozen names"));
        }
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let number = digits.then(|| text.parse::<u8>().ok()).flatten();
        number.filter(|n| (self.min..=self.max).contains(n)).ok_or_else(|| {
            let what = if digits { "is out of bounds" } else { "is not understood" };
            self.wrong(item, &format!("{text} {what}"))
        })
    }

    fn step(&self, item: &str, text: &str) -> Result<u8, Wrong> {
        let step = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u8>().ok()).flatten();
        match step {
            None | Some(0) => Err(self.wrong(item, "the step must be a number from 1")),
            Some(step) if step > self.last() - self.min => {
                Err(self.wrong(item, "the step is longer than the field").hint("it would run at the first value only: write that"))
            }
            Some(step) => Ok(step),
        }
    }

    /// Reads what only days have.
    fn special(&self, item: &str, upper: &str) -> Result<Option<String>, Wrong> {
        match self.sort {
            Sort::Day => {
                if matches!(upper, "L" | "LW") {
                    return Ok(Some(upper.to_owned()));
                }
                if let Some(day) = upper.strip_suffix('W') {
                    return Ok(Some(format!("{}W", self.value(item, day)?)));
                }
                Ok(None)
            }
            Sort::Weekday => {
                if let Some((day, nth)) = upper.split_once('#') {
                    let nth = match nth {
                        "1" | "2" | "3" | "4" | "5" => nth,
                        _ => return Err(self.wrong(item, "# wants 1 to 5 behind it")),
                    };
                    return Ok(Some(format!("{}#{nth}", self.value(item, day)? % 7)));
                }
                match upper.strip_suffix('L') {
                    Some("") => Err(self.wrong(item, "L wants a day in front of it").hint("6L is the last Saturday of the month")),
                    Some(day) => Ok(Some(format!("{}L", self.value(item, day)? % 7))),
                    None => Ok(None),
                }
            }
            Sort::Time | Sort::Month => Ok(None),
        }
    }

    /// The greatest value with a meaning of its own.
    fn last(&self) -> u8 {
        if self.sort == Sort::Weekday { 6 } else { self.max }
    }

    fn wrong(&self, item: &str, why: &str) -> Wrong {
        Wrong::new(format!("{} {item:?}: {why} ({} to {})", self.name, self.min, self.max))
    }
}
