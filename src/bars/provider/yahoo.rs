//! Yahoo's chart API: columns under `chart.result[0]`, times in seconds, and an `error` in the same envelope.

use super::json::{number, volume};
use super::{Got, Want};
use crate::bars::{Error, Result, times};
use crate::model::bars::Bar;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Answer {
    chart: Chart,
}

#[derive(Deserialize)]
struct Chart {
    result: Option<Vec<Series>>,
    error: Option<Said>,
}

#[derive(Deserialize)]
struct Said {
    code: Option<String>,
    description: Option<String>,
}

#[derive(Deserialize)]
struct Series {
    meta: Meta,
    #[serde(default)]
    timestamp: Vec<i64>,
    indicators: Indicators,
}

#[derive(Deserialize)]
struct Meta {
    symbol: Option<String>,
    #[serde(rename = "exchangeTimezoneName")]
    zone: Option<String>,
}

#[derive(Deserialize)]
struct Indicators {
    #[serde(default)]
    quote: Vec<Quote>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Quote {
    open: Vec<Value>,
    high: Vec<Value>,
    low: Vec<Value>,
    close: Vec<Value>,
    volume: Vec<Value>,
}

/// `asked` is how the request spelt the symbol; empty: it did not.
pub(super) fn read(body: &[u8], want: &Want, asked: &[String]) -> Result<Got> {
    let answer: Answer = serde_json::from_slice(body).map_err(|e| wrong(format_args!("is not of the chart API: {e}")))?;
    if let Some(Said { code, description }) = answer.chart.error {
        let (code, said) = (code.unwrap_or_default(), description.unwrap_or_default());
        return Err(match code.as_str() {
            "Not Found" => Error::not_found("bars_symbol_not_found", format!("{} is not known there: {said}", want.symbol)),
            _ => wrong(format_args!("says {code}: {said}")),
        });
    }
    let series = answer.chart.result.unwrap_or_default().into_iter().next().ok_or_else(|| wrong("has no result"))?;
    let Series { meta, timestamp, indicators } = series;
    if let (Some(symbol), Some(spelt)) = (&meta.symbol, asked.first())
        && !is_of(symbol, want, asked)
    {
        return Err(wrong(format_args!("is of {}, and {spelt} was asked for", short(symbol))));
    }
    // The zone that the dates are of is the source's business: it knows exchanges that we do not.
    let zone = meta.zone.and_then(|z| TimeZone::get(&z).ok()).unwrap_or_else(|| want.zone.clone());
    let quote = indicators.quote.into_iter().next().unwrap_or_default();
    let columns = [&quote.open, &quote.high, &quote.low, &quote.close];
    if columns.iter().any(|c| c.len() != timestamp.len()) {
        return Err(wrong("has columns of different lengths"));
    }
    let mut got = Got::default();
    let (count, mut before) = (timestamp.len(), None);
    for (n, seconds) in timestamp.into_iter().enumerate() {
        let mut prices = [None; 4];
        for (price, column) in prices.iter_mut().zip(columns) {
            *price = number(column.get(n)).map_err(wrong)?;
        }
        let [Some(open), Some(high), Some(low), Some(close)] = prices else {
            got.incomplete += 1;
            continue;
        };
        let told = times::instant(seconds, want.interval, &zone).ok_or_else(|| wrong(format_args!("has the time {seconds}")))?;
        // What is traded now comes once more behind all others, with its own time.
        let is_live = n + 1 == count && before == Some(told.time);
        got.clocks.see(told.clock.filter(|_| !is_live));
        before = Some(told.time);
        let volume = volume(quote.volume.get(n)).map_err(wrong)?;
        got.bars.push(Bar::new(told.time, open, high, low, close, volume).map_err(|e| wrong(e.as_str()))?);
    }
    Ok(got)
}

/// Whether an answer of this name is of what was asked for, however that is punctuated: `BRK-B`, `BRK.B`.
fn is_of(symbol: &str, want: &Want, asked: &[String]) -> bool {
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let named = [want.symbol.to_string(), want.symbol.code().to_owned(), want.symbol.yahoo()];
    let said = plain(symbol);
    said.is_empty() || asked.iter().chain(&named).any(|name| plain(name) == said)
}

/// Another server's word, fit for a message.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

fn wrong(what: impl std::fmt::Display) -> Error {
    Error::permanent("bars_answer_unreadable", format!("the answer {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bars::Kind;
    use crate::model::bars::{BarTime, Interval, Symbol, Volume};

    fn want(symbol: &str, interval: Interval) -> Want {
        Want { symbol: Symbol::parse(symbol).unwrap(), interval, from: BarTime::MIN, to: BarTime::MAX, zone: TimeZone::UTC }
    }

    #[test]
    fn a_day_is_the_exchanges_day() {
        // Midnight in Hong Kong is the day before in UTC; New York's sessions begin at 14:30 UTC.
        let body = r#"{"chart":{"result":[{"meta":{"exchangeTimezoneName":"Asia/Hong_Kong"},"timestamp":[1705939200,1706025600],
            "indicators":{"quote":[{"open":[280.0,null],"high":[290.0,1.0],"low":[279.5,1.0],"close":[288.39999389648438,1.0],"volume":[12345,null]}]}}],"error":null}}"#;
        let got = read(body.as_bytes(), &want("HK.00700", Interval::D1), &[]).unwrap();
        assert_eq!((got.bars.len(), got.incomplete), (1, 1));
        assert_eq!((got.bars[0].time().to_string().as_str(), got.bars[0].volume()), ("2024-01-23", Volume::Whole(12345)));
        let hour = read(body.as_bytes(), &want("HK.00700", Interval::H1), &[]).unwrap();
        assert_eq!(hour.bars[0].time().to_string(), "2024-01-22T16:00:00");
    }

    #[test]
    fn a_day_has_one_time_but_for_what_is_traded_now() {
        let body = |times: &[i64]| {
            let ones = vec![1; times.len()];
            let quote = serde_json::json!({ "open": ones, "high": ones, "low": ones, "close": ones, "volume": ones });
            let meta = serde_json::json!({ "exchangeTimezoneName": "America/New_York" });
            let result = serde_json::json!([{ "meta": meta, "timestamp": times, "indicators": { "quote": [quote] } }]);
            serde_json::json!({ "chart": { "result": result, "error": null } }).to_string()
        };
        let (bell, day) = (1_705_933_800, 86_400);
        for (times, is_of_days) in
            [(&[bell, bell + day, bell + day + 23_401][..], true), (&[bell, bell + 60, bell + 120], false), (&[bell, bell + 60], true)]
        {
            let got = read(body(times).as_bytes(), &want("FB", Interval::D1), &[]).unwrap();
            assert_eq!(got.clocks.told(|_| true).is_none(), is_of_days, "{times:?}");
            let minutes = read(body(times).as_bytes(), &want("FB", Interval::M1), &[]).unwrap();
            assert_eq!((minutes.bars.len(), minutes.clocks.told(|_| true)), (times.len(), None));
        }
    }

    #[test]
    fn another_paper_than_was_asked_for_is_refused() {
        let of = |said: &str, symbol: &str, asked: &[&str]| {
            let body =
                format!(r#"{{"chart":{{"result":[{{"meta":{{"symbol":"{said}"}},"indicators":{{"quote":[{{}}]}}}}],"error":null}}}}"#);
            let asked: Vec<String> = asked.iter().map(|&a| a.to_owned()).collect();
            read(body.as_bytes(), &want(symbol, Interval::D1), &asked).map(drop).map_err(|e| e.message)
        };
        let other = "the answer is of ZZZ, and TA was asked for".to_owned();
        assert_eq!(of("ZZZ", "US.TA", &["TA"]), Err(other));
        for (said, symbol, asked) in [
            ("ta", "US.TA", &["TA"][..]),
            ("BRK-B", "US.BRK.B", &["BRK.B"]),
            ("^GSPC", "^GSPC", &["^GSPC"]),
            ("0700.HK", "HK.00700", &["00700"]),
            ("TA.L", "US.TA", &["TA.L"]),
            ("TA", "US.TA", &["US.TA"]),
            // Nobody knows how it was asked for, or it does not say.
            ("ZZZ", "US.TA", &[]),
            ("", "US.TA", &["TA"]),
        ] {
            assert_eq!(of(said, symbol, asked), Ok(()), "{said} {symbol}");
        }
    }

    #[test]
    fn an_error_in_the_envelope_is_an_error() {
        let body = r#"{"chart":{"result":null,"error":{"code":"Not Found","description":"No data found, symbol may be delisted"}}}"#;
        assert_eq!(read(body.as_bytes(), &want("X", Interval::D1), &[]).unwrap_err().kind, Kind::NotFound);
        let empty = r#"{"chart":{"result":[{"meta":{},"indicators":{"quote":[{}]}}],"error":null}}"#;
        assert_eq!(read(empty.as_bytes(), &want("X", Interval::D1), &[]).unwrap(), Got::default());
        assert!(read(b"{}", &want("X", Interval::D1), &[]).is_err());
    }
}
