//! Points as InfluxDB has them: written as lines, read out of CSV, and the names of their series.

use crate::model::bars::{Bar, BarTime, Interval, Symbol, Volume};
use std::fmt::Write as _;

/// What stands there at a time. Of one time there may be several, of other tags.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub time: BarTime,
    /// None: what stands there is no bar, since it lacks a figure or has one that no bar has.
    pub bar: Option<Bar>,
}

impl Point {
    pub fn is(&self, bar: &Bar) -> bool {
        self.time == bar.time() && self.bar.is_some_and(|own| own.says_the_same(bar))
    }
}

/// Writes a bar.
pub(super) fn line(out: &mut String, measurement: &str, symbol: &Symbol, interval: Interval, bar: &Bar) {
    out.push_str(measurement);
    out.push_str(",symbol=");
    for c in symbol.as_str().chars() {
        if matches!(c, ',' | ' ' | '=') {
            out.push('\\');
        }
        out.push(c);
    }
    let [open, high, low, close] = bar.prices();
    let volume = bar.volume().as_f64();
    let _ = writeln!(out, ",interval={interval} open={open},high={high},low={low},close={close},volume={volume} {}", bar.time().seconds());
}

/// Reads the key of a series: the measurement and its tags, `\` before what is part of a name.
pub(super) fn named(key: &str) -> String {
    let (mut parts, mut is_escaped) = (vec![String::new()], false);
    for c in key.chars() {
        match c {
            '\\' if !is_escaped => {
                is_escaped = true;
                continue;
            }
            ',' if !is_escaped => parts.push(String::new()),
            // What parts a tag from its value is kept apart from what a value has.
            '=' if !is_escaped => parts.last_mut().expect("there is one").push('\0'),
            c => parts.last_mut().expect("there is one").push(c),
        }
        is_escaped = false;
    }
    let tag =
        |name: &str| parts.iter().skip(1).find_map(|part| part.split_once('\0').filter(|(tag, _)| *tag == name)).map(|(_, value)| value);
    match (tag("symbol"), tag("interval")) {
        (Some(symbol), Some(interval)) => format!("{symbol} {interval}"),
        _ => key.to_owned(),
    }
}

/// What of a point cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// None: nor can its time.
    time: Option<BarTime>,
    field: &'static str,
    said: String,
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.time {
            Some(time) => write!(f, "at {time} {} is {:?}", self.field, self.said),
            None => write!(f, "{} is {:?}", self.field, self.said),
        }
    }
}

const FIGURES: [&str; 5] = ["open", "high", "low", "close", "volume"];

/// name,tags,time,open,high,low,close,volume: neither the name nor the tags (there are none) hold a comma. What a point lacks is
/// empty.
pub(super) fn read(line: &str) -> std::result::Result<Point, Wrong> {
    let wrong = |time, field, said: &str| Wrong { time, field, said: said.chars().take(40).collect() };
    let line = line.trim_end();
    let mut cells = line.splitn(8, ',').skip(2);
    let said = cells.next().unwrap_or_default();
    let time = said.parse().ok().and_then(BarTime::new).ok_or_else(|| wrong(None, "time", said))?;
    let mut numbers = [None; 5];
    for (number, field) in numbers.iter_mut().zip(FIGURES) {
        match cells.next().unwrap_or_default() {
            "" => {}
            said => *number = Some(said.parse::<f64>().map_err(|_| wrong(Some(time), field, said))?),
        }
    }
    let [Some(open), Some(high), Some(low), Some(close), Some(volume)] = numbers else { return Ok(Point { time, bar: None }) };
    Ok(Point { time, bar: Bar::new(time, open, high, low, close, Volume::Part(volume)).ok() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_float_volumes_and_escaped_tags() {
        let bar = Bar::new(BarTime::new(1_337_299_200).unwrap(), 42.05, 1e21, 0.1 + 0.2, 38.0, Volume::Whole(580_587_700)).unwrap();
        let mut text = String::new();
        line(&mut text, "stock_data", &Symbol::parse("EURUSD=X").unwrap(), Interval::D1, &bar);
        assert_eq!(
            text,
            "stock_data,symbol=EURUSD\\=X,interval=1d open=42.05,high=1000000000000000000000,low=0.30000000000000004,close=38,volume=580587700 1337299200\n"
        );
        for (key, name) in [
            ("stock_data,interval=1d,symbol=EURUSD\\=X", "EURUSD=X 1d"),
            ("stock_data,exchange=N\\,Y,interval=1h,symbol=US.AAPL", "US.AAPL 1h"),
            ("stock_data,symbol=US.AAPL", "stock_data,symbol=US.AAPL"),
        ] {
            assert_eq!(named(key), name);
        }
        let point = read("stock_data,,1337299200,42.05,1000000000000000000000,0.30000000000000004,38,580587700").unwrap();
        assert!(point.is(&bar));
    }

    #[test]
    fn what_lacks_a_figure_is_no_bar_and_what_is_no_figure_is_named() {
        let time = BarTime::new(1_337_299_200).unwrap();
        for line in ["stock_data,,1337299200,42.05,,0.3,38,5", "stock_data,,1337299200,,,,38,", "stock_data,,1337299200,1,1,1,1,-5"] {
            assert_eq!(read(line), Ok(Point { time, bar: None }), "{line}");
        }
        for (line, says) in [
            ("stock_data,,1337299200,1,2,1,about 2,5", "at 2012-05-18 close is \"about 2\""),
            ("stock_data,,soon,1,2,1,2,5", "time is \"soon\""),
        ] {
            assert_eq!(read(line).unwrap_err().to_string(), says);
        }
    }
}
