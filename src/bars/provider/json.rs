//! JSON of many APIs: rows that are objects or arrays, or one array for each column.

use super::{Got, Want};
use crate::bars::csv::Reading;
use crate::bars::dates::{Dates, Seen};
use crate::bars::odd_hours::Order;
use crate::bars::times::Told;
use crate::bars::{Error, Result, times};
use crate::model::bars::{Bar, Volume};
use jiff::tz::TimeZone;
use serde_json::Value;

/// Where an answer has its bars.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shape {
    /// Names on the way to the rows, e.g. `data.items`; none: the answer itself.
    pub rows: Vec<String>,
    /// The names (or numbers) of time, open, high, low, close, volume; None: the usual ones.
    pub fields: [Option<String>; 6],
}

const USUAL: [&[&str]; 6] = [
    &["time", "date", "datetime", "timestamp", "t"],
    &["open", "o"],
    &["high", "h"],
    &["low", "l"],
    &["close", "c"],
    &["volume", "vol", "v"],
];

impl Shape {
    pub(super) fn read(&self, body: &[u8], want: &Want, zone: &TimeZone, dates: Dates) -> Result<Got> {
        let value: Value = serde_json::from_slice(body).map_err(|e| wrong(format!("is not JSON: {e}")))?;
        let mut rows = &value;
        for name in &self.rows {
            rows = rows.get(name).ok_or_else(|| wrong(format!("has no {:?}", self.rows.join("."))))?;
        }
        let reading = Reading { interval: want.interval, zone: zone.clone(), dates };
        let (mut seen, mut order, mut has_clock) = (Seen::default(), Order::default(), false);
        let mut got = Got::default();
        let mut add = |cells: [Option<&Value>; 6]| -> Result<()> {
            if let Some(date) = cells[0].and_then(Value::as_str).filter(|text| text.contains('/')) {
                seen.see(date);
            }
            match bar(cells, &reading, &mut order).map_err(wrong)? {
                Some((bar, Told { time: _, is_naive, is_day, odd, clock })) => {
                    got.bars.push(bar);
                    got.clocks.see(clock);
                    got.assumed_utc |= is_naive;
                    has_clock |= !is_day;
                    if let Some(odd) = odd {
                        got.odd_hours.see(odd);
                    }
                }
                None => got.incomplete += 1,
            }
            Ok(())
        };
        match rows {
            Value::Null => {}
            Value::Array(rows) => {
                for row in rows {
                    add(std::array::from_fn(|n| self.cell(row, n)))?;
                }
            }
            Value::Object(_) => {
                let columns: [Option<&Vec<Value>>; 6] = std::array::from_fn(|n| self.cell(rows, n).and_then(Value::as_array));
                let count = columns[0].ok_or_else(|| wrong("has neither rows nor a column of times"))?.len();
                if columns.iter().flatten().any(|c| c.len() != count) {
                    return Err(wrong("has columns of different lengths"));
                }
                for n in 0..count {
                    add(columns.map(|c| c.and_then(|c| c.get(n))))?;
                }
            }
            _ => return Err(wrong("has something else than rows where the rows should be")),
        }
        got.only_days = got.bars.len() > 1 && !has_clock;
        got.guessed_dates = dates == Dates::Guess && seen.is_guess();
        Ok(got)
    }

    fn cell<'a>(&self, row: &'a Value, field: usize) -> Option<&'a Value> {
        match row {
            Value::Array(cells) => {
                let at = match &self.fields[field] {
                    Some(number) => number.parse().ok()?,
                    None => field,
                };
                cells.get(at)
            }
            Value::Object(cells) => match &self.fields[field] {
                Some(name) => cells.get(name),
                None => USUAL[field].iter().find_map(|usual| cells.iter().find(|(k, _)| k.eq_ignore_ascii_case(usual)).map(|(_, v)| v)),
            },
            _ => None,
        }
    }
}

fn wrong(what: impl std::fmt::Display) -> Error {
    Error::permanent("bars_answer_unreadable", format!("the answer {what}"))
}

fn bar(cells: [Option<&Value>; 6], reading: &Reading, order: &mut Order) -> Result<Option<(Bar, Told)>, String> {
    let [time, open, high, low, close, volume] = cells;
    let mut prices = [0.0; 4];
    for (price, cell) in prices.iter_mut().zip([open, high, low, close]) {
        match number(cell)? {
            Some(n) => *price = n,
            None => return Ok(None),
        }
    }
    let told = match time {
        Some(Value::Number(n)) => epoch(n, reading)?,
        Some(Value::String(text)) => times::read(text, reading, order, None)?,
        _ => return Err("has a row without a time".to_owned()),
    };
    let [open, high, low, close] = prices;
    Bar::new(told.time, open, high, low, close, self::volume(volume)?)
        .map(|bar| Some((bar, told)))
        .map_err(|e| format!("has a bar where {}", e.as_str()))
}

fn epoch(n: &serde_json::Number, reading: &Reading) -> Result<Told, String> {
    let seconds = n.as_i64().or_else(|| n.as_f64().map(|f| f as i64)).unwrap_or(i64::MAX);
    let seconds = if seconds.abs() >= 100_000_000_000 { seconds / 1000 } else { seconds };
    times::instant(seconds, reading.interval, &reading.zone).ok_or_else(|| format!("has the time {n}, which is out of range"))
}

/// A number, or one in quotes; None: there is none.
pub(super) fn number(cell: Option<&Value>) -> Result<Option<f64>, String> {
    match cell {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(n)) => Ok(n.as_f64()),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => text.trim().parse().map(Some).map_err(|_| format!("has {text:?} where a number should be")),
        Some(_) => Err("has something else where a number should be".to_owned()),
    }
}

pub(super) fn volume(cell: Option<&Value>) -> Result<Volume, String> {
    if let Some(Value::Number(n)) = cell
        && let Some(whole) = n.as_u64()
    {
        return Ok(Volume::Whole(whole));
    }
    if let Some(Value::String(text)) = cell
        && let Ok(whole) = text.trim().parse()
    {
        return Ok(Volume::Whole(whole));
    }
    Ok(number(cell)?.map_or(Volume::Unknown, Volume::Part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::bars::{BarTime, Interval, Symbol};

    fn read(shape: &Shape, body: &str, interval: Interval) -> Result<Got> {
        let zone = TimeZone::get("America/New_York").unwrap();
        let want = Want { symbol: Symbol::parse("FB").unwrap(), interval, from: BarTime::MIN, to: BarTime::MAX, zone: zone.clone() };
        shape.read(body.as_bytes(), &want, &zone, Dates::Guess)
    }

    #[test]
    fn rows_and_columns_of_many_shapes_are_read() {
        let nested = Shape { rows: vec!["data".into(), "items".into()], fields: Default::default() };
        let named = Shape { rows: vec!["k".into()], fields: [Some("when".into()), None, None, None, Some("last".into()), None] };
        let placed = Shape { rows: Vec::new(), fields: ["5", "0", "1", "2", "3", "4"].map(|n| Some(n.to_owned())) };
        for (shape, body) in [
            (&Shape::default(), r#"[{"Date":"2012-05-18","Open":42.05,"High":45,"Low":38,"Close":38.23,"Volume":580587700}]"#),
            (&nested, r#"{"data":{"items":[[1337347800,42.05,"45",38,38.23,580587700]]}}"#),
            (&named, r#"{"k":[{"when":1337347800000,"o":"42.05","h":45,"l":38,"last":38.23,"v":"580587700"}]}"#),
            (&placed, r#"[[42.05,45,38,38.23,580587700,"2012-05-18T00:00:00"]]"#),
            (&Shape::default(), r#"{"t":[1337347800],"o":[42.05],"h":[45],"l":[38],"c":[38.23],"v":[580587700],"s":"ok"}"#),
        ] {
            let got = read(shape, body, Interval::D1).unwrap();
            assert_eq!(got.bars.len(), 1, "{body}");
            assert_eq!((got.bars[0].time().to_string().as_str(), got.bars[0].close()), ("2012-05-18", 38.23));
            assert_eq!(got.bars[0].volume(), Volume::Whole(580_587_700));
        }
    }

    /// As written is as stored: the nearest number to the digits, not one beside it.
    #[test]
    fn a_price_is_the_same_to_the_last_bit() {
        // Every one of some thousand numbers with all their digits; splitmix64 makes them.
        let mut state = 42u64;
        for _ in 0..20_000 {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let price = 1.0 + (mixed >> 11) as f64 / (1u64 << 53) as f64 * 500.0;
            let body = format!(r#"[["2012-05-18",{price},{price},{price},{price},1]]"#);
            assert_eq!(read(&Shape::default(), &body, Interval::D1).unwrap().bars[0].close(), price);
        }
    }

    #[test]
    fn what_is_missing_is_counted_and_what_is_wrong_is_said() {
        let got =
            read(&Shape::default(), r#"[{"t":1,"o":1,"h":null,"l":1,"c":1,"v":1},{"t":1337347800,"o":1,"h":1,"l":1,"c":1}]"#, Interval::H1)
                .unwrap();
        assert_eq!((got.bars.len(), got.incomplete, got.bars[0].volume()), (1, 1, Volume::Unknown));
        for bad in
            ["<html>", "3", r#"{"t":[1],"o":[]}"#, r#"{"x":1}"#, r#"[{"o":1,"h":1,"l":1,"c":1}]"#, r#"[{"t":1,"o":"x","h":1,"l":1,"c":1}]"#]
        {
            assert!(
                read(&Shape::default(), bad, Interval::H1).unwrap_err().to_string().starts_with("the answer has ") || bad == "<html>",
                "{bad}"
            );
        }
        assert_eq!(
            read(&Shape { rows: vec!["d".into()], fields: Default::default() }, r#"{"d":null}"#, Interval::D1).unwrap(),
            Got::default()
        );
    }
}
