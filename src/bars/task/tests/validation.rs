//! What a validation finds in stored bars, and what a repair mends.

use super::*;

#[tokio::test]
async fn validation_finds_what_is_wrong_and_repair_mends_it() {
    let real = real_bars();
    let source = Source::start(real.clone()).await;
    let desk = Desk::new();
    let ibm = symbol("IBM");
    // The real bars of IBM without a week of holidays are sound.
    desk.store.upsert(&ibm, Interval::D1, real[&ibm].clone()).await.unwrap();
    let check =
        |from: &str, to: &str| BarsSpec { range: Some(Range { from: day(from), to: day(to) }), ..spec(TaskKind::Validation, &["IBM"]) };
    let sound = desk.run(check("2012-01-01", "2013-03-01"), None).await;
    assert_eq!((sound[0].outcome.clone(), sound[0].issues.clone()), (SymbolOutcome::Sound, vec![]));
    // One day is gone, one bar nonsense, and the last days are not there yet.
    let desk = Desk::new();
    let mut broken: Vec<Bar> =
        real[&ibm].iter().filter(|b| b.time() != day("2012-07-11") && b.time() < day("2013-02-27")).copied().collect();
    let at = broken.iter().position(|b| b.time() == day("2012-03-14")).unwrap();
    broken[at] = Bar::new(broken[at].time(), 10.0, 5.0, 20.0, -100.0, Volume::Whole(0)).unwrap();
    desk.store.upsert(&ibm, Interval::D1, broken).await.unwrap();
    let found = desk.run(check("2012-01-01", "2013-03-01"), None).await;
    let told: Vec<String> = found[0].issues.iter().map(|i| format!("{} {i}", i.code())).collect();
    assert_eq!(
        told,
        [
            "invalid_ohlc 2012-03-14: high is not the highest or low not the lowest",
            "negative_prices 2012-03-14: a price is zero or negative",
            "zero_volume 2012-03-14: nothing was traded",
            "extreme_price_change 2012-03-14: the close moved by -149.1 %",
            "gap 2012-07-11: no bar",
            "gap 2013-02-27 to 2013-03-01: 3 bars missing",
        ]
    );
    let repair = BarsSpec { kind: TaskKind::Repair, ..check("2012-01-01", "2013-03-01") };
    let mended = desk.run(repair, Some(source.provider("csv"))).await;
    assert_eq!((mended[0].added, mended[0].changed, mended[0].issues.len()), (4, 1, 0));
    assert_eq!(desk.stored("IBM").await, real[&ibm]);
    assert_eq!(desk.store.corrections(&ibm, Interval::D1).await.unwrap().len(), 1);
    // Real splits of Apple look like what they are.
    desk.store.upsert(&symbol("AAPL"), Interval::D1, real[&symbol("AAPL")].clone()).await.unwrap();
    let check = BarsSpec { range: Some(Range::ALL), ..spec(TaskKind::Validation, &["AAPL", "NONE"]) };
    let found = desk.run(check, None).await;
    let moves: Vec<String> = found[0].issues.iter().map(ToString::to_string).collect();
    assert_eq!(
        moves,
        [
            "2000-06-21: the close moved by -45.1 %",
            "2000-09-29: the close moved by -51.9 % (as after a split 2:1)",
            "2005-02-28: the close moved by -49.6 % (as after a split 2:1)",
        ]
    );
    assert_eq!(found[1].issues, [Issue::NoData]);
}

/// Bars of five minutes of New York's sessions in January 2024.
fn sessions() -> Vec<Bar> {
    let all = Exchanges::new(&Holidays::default()).unwrap();
    let us = all.of(&symbol("AAPL"));
    let days = (1..=31).map(|d| jiff::civil::date(2024, 1, d)).filter(|d| us.trades_on(*d));
    days.flat_map(|day| {
        let open = day.at(9, 30, 0, 0).to_zoned(us.zone().clone()).unwrap().timestamp().as_second();
        (0..78).map(move |n| plain(open + n * 300))
    })
    .collect()
}

fn plain(second: i64) -> Bar {
    Bar::new(BarTime::new(second).unwrap(), 10.0, 11.0, 9.0, 10.5, Volume::Whole(7)).unwrap()
}

fn at(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_second()
}

async fn told(name: &str, interval: Interval, bars: Vec<Bar>) -> Vec<String> {
    let desk = Desk::new();
    desk.set_now("2024-10-01T00:00:00Z");
    desk.store.upsert(&symbol(name), interval, bars).await.unwrap();
    let range = Some(Range::parse(interval, "2024-01-01", "2024-01-31").unwrap());
    let spec = BarsSpec { symbols: Some(vec![symbol(name)]), range, ..BarsSpec::new(TaskKind::Validation, interval) };
    desk.run(spec, None).await[0].issues.iter().map(|i| format!("{} {i}", i.code())).collect()
}

#[tokio::test]
async fn bars_that_are_missing_within_a_session_are_told_and_days_are_called_days() {
    assert_eq!(told("US.AAPL", Interval::M5, sessions()).await, [""; 0]);
    let mut bars = sessions();
    for (from, to) in [
        ("2024-01-10T15:00:00Z", "2024-01-10T15:30:00Z"),
        ("2024-01-17T19:00:00Z", "2024-01-17T19:05:00Z"),
        ("2024-01-24T18:00:00Z", "2024-01-25T00:00:00Z"),
        ("2024-01-26T00:00:00Z", "2024-01-27T00:00:00Z"),
        ("2024-01-29T00:00:00Z", "2024-01-31T00:00:00Z"),
    ] {
        bars.retain(|b| !(at(from)..at(to)).contains(&b.time().seconds()));
    }
    assert_eq!(
        told("US.AAPL", Interval::M5, bars).await,
        [
            "gap 2024-01-10T15:00:00 to 2024-01-10T15:25:00: 6 bars missing",
            "gap 2024-01-17T19:00:00: no bar",
            "gap 2024-01-24T18:00:00 to 2024-01-24T20:55:00: 36 bars missing",
            "gap 2024-01-26 to 2024-01-30: 3 days without bars",
        ]
    );
}

#[tokio::test]
async fn what_trades_on_weekends_has_a_bar_of_each_day_and_hour() {
    let first = at("2024-01-01T00:00:00Z");
    let mut hours: Vec<Bar> = (0..24 * 31).map(|n| plain(first + n * 3600)).collect();
    hours.retain(|b| b.time().date() != jiff::civil::date(2024, 1, 14));
    hours.retain(|b| !(at("2024-01-20T05:00:00Z")..at("2024-01-20T08:00:00Z")).contains(&b.time().seconds()));
    assert_eq!(
        told("BTC-USD", Interval::H1, hours).await,
        ["gap 2024-01-14: a day without bars", "gap 2024-01-20T05:00:00 to 2024-01-20T07:00:00: 3 bars missing"]
    );
    let days: Vec<Bar> = (0..31).filter(|n| *n != 13).map(|n| plain(first + n * 86_400)).collect();
    assert_eq!(told("BTC-USD", Interval::D1, days.clone()).await, ["gap 2024-01-14: no bar"]);
    // Where weekends have none, nobody knows the holidays.
    let weekdays = days.into_iter().filter(|b| (b.time().days() + 3).rem_euclid(7) < 5).filter(|b| b.time().date().day() != 15).collect();
    assert_eq!(told("VOD.L", Interval::D1, weekdays).await, [""; 0]);
}

#[tokio::test]
async fn a_bar_whose_prices_are_all_zero_is_told_as_one_without_a_price() {
    let first = at("2024-01-01T00:00:00Z");
    let mut bars: Vec<Bar> = (0..31).map(|n| plain(first + n * 86_400)).collect();
    bars[9] = Bar::new(bars[9].time(), 0.0, 0.0, 0.0, 0.0, Volume::Whole(0)).unwrap();
    assert_eq!(told("BTC-USD", Interval::D1, bars).await, ["no_price 2024-01-10: all prices are zero, which is none"]);
}
