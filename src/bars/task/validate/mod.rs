//! What is wrong with stored bars: gaps by the exchange's calendar, bars of days on which it does not trade, figures that contradict
//! each other, moves that look like a split nobody told of.
//!
//! Gaps of daily bars are told by session where the calendar is whole ([`Exchange::knows`]), or where weekends have bars too;
//! elsewhere only stretches longer than any holiday season. Of intraday bars a session without any is told as a day, and what is
//! missing within one by `holes`.

mod holes;

use super::{Done, Work};
use crate::bars::Result;
use crate::bars::meeting::moves;
use crate::model::bars::{Bar, BarTime, Exchange, Interval, Issue, Range, Symbol, SymbolOutcome};
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// Longest time without a session that is taken for holidays where no calendar is known, in days.
const LONGEST_HOLIDAYS: i32 = 12;
/// What has bars on this part of all weekend days, and on this many, trades on every day.
const WEEKENDS: f64 = 0.8;
const FEWEST_WEEKENDS: usize = 2;
/// Issues that one symbol tells; the rest is counted in the note.
const MOST_ISSUES: usize = 100;

pub(super) async fn run(work: &Work, symbol: &Symbol) -> Result<Done> {
    let range = work.spec.range.unwrap_or(Range { from: work.days_back(symbol), to: work.now(symbol) });
    let mut issues = issues(work, symbol, range).await?;
    let outcome = if issues.is_empty() { SymbolOutcome::Sound } else { SymbolOutcome::Faulty };
    let note =
        if issues.len() > MOST_ISSUES { format!("{} issues, the first {MOST_ISSUES} are listed", issues.len()) } else { String::new() };
    issues.truncate(MOST_ISSUES);
    Ok(Done { outcome: Some(outcome), issues, note, ..Done::default() })
}

pub(super) async fn issues(work: &Work, symbol: &Symbol, range: Range) -> Result<Vec<Issue>> {
    let bars = work.store.read(symbol, work.spec.interval, range).await?.unwrap_or_default();
    let (exchange, interval) = (work.exchange(symbol), work.spec.interval);
    let now = (work.clock)();
    let expected = |bar: BarTime| exchange.is_closed(interval, bar, now, work.settle);
    let mut found = figures(&bars, work.spec.extreme_move);
    if bars.is_empty() {
        found.push(Issue::NoData);
    } else if matches!(interval, Interval::W1 | Interval::Mo1) {
        found.extend(long_gaps(interval, &bars));
    } else {
        found.extend(rests(exchange, interval, &bars));
        let is_over = |day: Date| BarTime::of_date(day).is_some_and(|name| name <= range.to && expected(end_of(exchange, interval, name)));
        let mut gaps = gaps(exchange, interval, &bars, is_over);
        gaps.extend(holes::holes(exchange, interval, &bars, range, is_over));
        gaps.sort_by_key(begin);
        found.extend(gaps);
    }
    Ok(found)
}

fn begin(issue: &Issue) -> Option<BarTime> {
    match issue {
        Issue::Gap { from, .. } | Issue::EmptyDays { from, .. } => Some(*from),
        _ => None,
    }
}

/// What the figures themselves say.
fn figures(bars: &[Bar], extreme: f64) -> Vec<Issue> {
    let mut found = Vec::new();
    let mut moves = moves(bars.iter(), extreme).peekable();
    for (at, bar) in bars.iter().enumerate() {
        if bar.has_no_price() {
            found.push(Issue::NoPrice(bar.time()));
            continue;
        }
        if !bar.is_consistent() {
            found.push(Issue::InvalidOhlc(bar.time()));
        }
        if bar.prices().iter().any(|p| *p <= 0.0) {
            found.push(Issue::NotPositive(bar.time()));
        }
        if bar.volume().is_zero() {
            found.push(Issue::ZeroVolume(bar.time()));
        }
        if let Some((_, _, factor)) = moves.next_if(|(_, later, _)| *later == at) {
            found.push(Issue::ExtremeMove { at: bar.time(), factor });
        }
    }
    found
}

/// Weeks and months follow one another.
fn long_gaps(interval: Interval, bars: &[Bar]) -> Vec<Issue> {
    let next = |time: BarTime| match interval {
        Interval::W1 => time.plus_days(7),
        _ => interval.canonical(time.plus_days(31)),
    };
    let mut found = Vec::new();
    for pair in bars.windows(2) {
        let (mut at, end) = (next(pair[0].time()), pair[1].time());
        let (from, mut to, mut missing) = (at, at, 0);
        while at < end {
            (to, missing) = (at, missing + 1);
            at = next(at);
        }
        if missing > 0 {
            found.push(Issue::Gap { from, to, missing });
        }
    }
    found
}

fn day_of(exchange: &Exchange, interval: Interval, bar: &Bar) -> Date {
    if interval.is_intraday() { local_date(exchange, bar.time()) } else { bar.time().date() }
}

/// Bars of days without a session; those that follow one another are told together.
fn rests(exchange: &Exchange, interval: Interval, bars: &[Bar]) -> Vec<Issue> {
    let rests = |bar: &Bar| exchange.rests_on(day_of(exchange, interval, bar));
    let stretches = bars.chunk_by(|a, b| rests(a) == rests(b)).filter(|stretch| rests(&stretch[0]));
    stretches
        .map(|stretch| Issue::NoSession { from: stretch[0].time(), to: stretch[stretch.len() - 1].time(), bars: stretch.len() as u64 })
        .collect()
}

/// Sessions without a bar between the first bar and the end of the range.
fn gaps(exchange: &Exchange, interval: Interval, bars: &[Bar], is_over: impl Fn(Date) -> bool) -> Vec<Issue> {
    let mut days: Vec<Date> = bars.iter().map(|bar| day_of(exchange, interval, bar)).collect();
    days.dedup();
    let is_known = |day: Date| exchange.knows(day);
    let is_daily = !exchange.is_known() && trades_on_weekends(&days);
    let between = |after: Date, before: Option<Date>, expected: &dyn Fn(Date) -> bool| {
        let (first, last, missing) = between(exchange, after, before, expected, |day| is_daily || is_known(day))?;
        let (from, to) = (BarTime::of_date(first)?, BarTime::of_date(last)?);
        Some(match interval.is_intraday() {
            true => Issue::EmptyDays { from, to, days: missing },
            false => Issue::Gap { from, to, missing },
        })
    };
    let mut found: Vec<Issue> = days.windows(2).filter_map(|pair| between(pair[0], Some(pair[1]), &|_| true)).collect();
    // The end: sessions since the last bar that are over, up to the end of the range.
    found.extend(days.last().and_then(|last| between(*last, None, &is_over)));
    found
}

/// Whether Saturdays and Sundays have bars as other days have them.
fn trades_on_weekends(days: &[Date]) -> bool {
    let [Some(first), Some(last)] = [days.first(), days.last()] else { return false };
    let is_weekend = |day: &Date| matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let (has, all) =
        (days.iter().filter(|d| is_weekend(d)).count(), first.series(1.day()).take_while(|d| d <= last).filter(is_weekend).count());
    all >= FEWEST_WEEKENDS && has as f64 >= WEEKENDS * all as f64
}

/// The bar that must be closed for a session to be over.
fn end_of(exchange: &Exchange, interval: Interval, day: BarTime) -> BarTime {
    if !interval.is_intraday() {
        return day;
    }
    // A day later: no session lasts into it.
    let next = day.plus_days(1).date().to_datetime(jiff::civil::Time::midnight());
    exchange.zone().to_ambiguous_timestamp(next).compatible().ok().and_then(|t| BarTime::new(t.as_second())).unwrap_or(day)
}

fn local_date(exchange: &Exchange, time: BarTime) -> Date {
    let zone: &TimeZone = exchange.zone();
    Timestamp::from_second(time.seconds()).map_or_else(|_| time.date(), |t| zone.to_datetime(t).date())
}

/// The first and last of the sessions after one day and before another (or for as long as they should be there), and how many; None:
/// there is none, or nobody knows whether they are holidays.
fn between(
    exchange: &Exchange,
    after: Date,
    before: Option<Date>,
    expected: &dyn Fn(Date) -> bool,
    is_known: impl Fn(Date) -> bool,
) -> Option<(Date, Date, u64)> {
    let (mut first, mut last, mut missing) = (None, after, 0);
    let mut unknown = false;
    let mut day = after.saturating_add(1.day());
    while before.map_or_else(|| expected(day), |end| day < end) {
        if exchange.trades_on(day) {
            first.get_or_insert(day);
            last = day;
            missing += 1;
        }
        unknown |= !is_known(day);
        let next = day.saturating_add(1.day());
        if next == day {
            break;
        }
        day = next;
    }
    let stretch = (day - after).get_days();
    if unknown && stretch <= LONGEST_HOLIDAYS {
        return None;
    }
    Some((first?, last, missing))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bars::testing::{day, symbol};
    use crate::model::bars::{Exchanges, Holidays, Volume};

    #[test]
    fn bars_of_days_without_trading_are_told() {
        let all = Exchanges::new(&Holidays::parse("HK 2024-02-12").unwrap()).unwrap();
        let bar = |time: BarTime| Bar::new(time, 1.0, 2.0, 0.5, 1.5, Volume::Whole(7)).unwrap();
        let told = |paper: &str, days: &[&str]| {
            let bars: Vec<Bar> = days.iter().map(|text| bar(day(text))).collect();
            rests(all.of(&symbol(paper)), Interval::D1, &bars).iter().map(|i| format!("{} {i}", i.code())).collect::<Vec<_>>()
        };
        // Friday to Monday, and the fourth of July.
        let week = ["2024-06-28", "2024-06-29", "2024-06-30", "2024-07-01", "2024-07-04"];
        assert_eq!(
            told("US.AAPL", &week),
            [
                "no_session 2024-06-29 to 2024-06-30: 2 bars of days without trading",
                "no_session 2024-07-04: a bar of a day without trading"
            ]
        );
        assert_eq!(told("HK.00700", &week), ["no_session 2024-06-29 to 2024-06-30: 2 bars of days without trading"]);
        assert_eq!(told("HK.00700", &["2024-02-12"]), ["no_session 2024-02-12: a bar of a day without trading"]);
        // Nobody knows of these that they rested.
        assert!(told("BTC-USD", &week).is_empty() && told("SH.600519", &["2024-10-01"]).is_empty());
        assert!(told("US.GE", &["1950-01-07"]).is_empty(), "New York traded on Saturdays");
        // Sunday evening in New York is Monday in UTC, and the other way round.
        let hour = |text: &str| BarTime::new(text.parse::<Timestamp>().unwrap().as_second()).unwrap();
        let hours = [bar(hour("2024-06-28T19:30:00Z")), bar(hour("2024-07-01T01:30:00Z")), bar(hour("2024-07-01T13:30:00Z"))];
        let found = rests(all.of(&symbol("US.AAPL")), Interval::M30, &hours);
        assert!(matches!(found[..], [Issue::NoSession { bars: 1, .. }]), "{found:?}");
    }
}
