use super::*;
use crate::model::bars::BarTime;

fn daily() -> Reading {
    Reading { interval: Interval::D1, zone: TimeZone::get("America/New_York").unwrap(), dates: Dates::Guess }
}

fn read(text: &str, reading: Reading) -> Result<Got> {
    super::read(text, &Symbol::parse("FB").unwrap(), reading)
}

#[test]
fn headings_and_dates_of_many_sources_are_read() {
    for text in [
        "Date,Open,High,Low,Close,Volume\n2012-05-18,42.05,45,38,38.23,580587700\n",
        "\u{feff}Ticker,date,open,high,low,close,volume,adj close\r\nFB,2012-05-18T00:00:00,42.05,45,38,38.23,580587700,38.2\r\n",
        ",Open,High,Low,Close,Volume\n20120518,42.05,45,38,38.23,580587700",
        "volume,CLOSE,Low,high,OPEN,Timestamp\n580587700,38.23,38,45,42.05,5/18/2012\n\n",
        "Time,Open,High,Low,Close,Volume\n1337347800,42.05,45,38,38.23,580587700",
        "Time,Open,High,Low,Close,Volume\n1337347800000,\"42.05\",45,38,38.23,580587700",
    ] {
        let Got { bars, incomplete, .. } = read(text, daily()).unwrap();
        assert_eq!((bars.len(), incomplete), (1, 0), "{text}");
        assert_eq!(bars[0].time().to_string(), "2012-05-18");
        assert_eq!((bars[0].prices(), bars[0].volume()), ([42.05, 45.0, 38.0, 38.23], Volume::Whole(580_587_700)));
    }
}

#[test]
fn a_row_has_as_many_cells_as_the_heading() {
    let heading = "Date,Open,High,Low,Close,Volume";
    for bad in ["2012-05-18,1,2,1,2,1,234", "2012-05-18,1,2,1,2", "2012-05-18", "2012-05-18,1,2,1,2,,7"] {
        let error = read(&format!("{heading}\n2012-05-17,1,2,1,2,5\n{bad}\n"), daily()).unwrap_err();
        assert!(error.to_string().starts_with("CSV line 3: ") && error.to_string().contains("the heading has 6"), "{error}");
    }
    let trailing = read(&format!("{heading}\n2012-05-18,1,2,1,2,5,,\n"), daily()).unwrap();
    assert_eq!(trailing.bars[0].volume(), Volume::Whole(5));
    let both = read(&format!("{heading},\n2012-05-18,1,2,1,2,5,\n2012-05-19,1,2,1,2,5\n"), daily()).unwrap();
    assert_eq!(both.bars.len(), 2);
}

#[test]
fn a_row_without_a_price_is_no_bar_and_nonsense_is_an_error() {
    let text = "Date,Open,High,Low,Close,Volume\n2012-05-18,,,,,\n2012-05-21,1,2,0.5,NaN,3\n2012-05-22,1,2,0.5,1,\n";
    let Got { bars, incomplete, .. } = read(text, daily()).unwrap();
    assert_eq!((bars.len(), incomplete, bars[0].volume()), (1, 2, Volume::Unknown));
    for bad in ["2012-05-18,1,2,x,1,1", "18.5.2012,1,2,0,1,1", "2012-05-18,1,2,0,1,-5", "2012-05-18,inf,2,0,1,5", "\"2012,1,2,0,1,5"] {
        let error = read(&format!("Date,Open,High,Low,Close,Volume\n{bad}"), daily()).unwrap_err();
        assert!(error.to_string().starts_with("CSV line 2: "), "{error}");
    }
    assert!(read("Date,Open,High,Low,Volume\n", daily()).unwrap_err().to_string().contains("\"close\""));
}

#[test]
fn a_row_that_says_another_interval_is_refused() {
    let text = |interval: &str| format!("Symbol,Interval,Time,Open,High,Low,Close,Volume\nFB,{interval},2012-05-18,1,1,1,1,1\n");
    assert_eq!(read(&text("1d"), daily()).unwrap().bars.len(), 1);
    let error = read(&text("1h"), daily()).unwrap_err();
    assert_eq!(error.to_string(), "CSV line 2: this is a bar of 1h, and bars of 1d are read");
    // Words that are nobody's interval are somebody else's.
    assert_eq!(read(&text("daily"), daily()).unwrap().bars.len(), 1);
}

#[test]
fn the_time_of_day_may_have_a_column_of_its_own() {
    let reading = || Reading { interval: Interval::H1, ..daily() };
    for (date, clock) in
        [("2024-01-23", "09:30:00"), ("20240123", "09:30"), ("1/23/2024", "9:30"), ("2024-01-23", "14:30Z"), ("20240123", "093000")]
    {
        for text in [
            format!("Date,Time,Open,High,Low,Close\n{date},{clock},1,1,1,1\n"),
            format!("Time,Open,High,Low,Close,date\n{clock},1,1,1,1,{date}\n"),
        ] {
            let Got { bars, .. } = read(&text, reading()).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(bars[0].time().to_string(), "2024-01-23T14:30:00", "{text}");
        }
    }
    // Days have none.
    let days = read("Date,Time,Open,High,Low,Close\n2024-01-23,,1,1,1,1\n2024-01-24,00:00:00,1,1,1,1\n", daily()).unwrap();
    assert_eq!(days.bars.iter().map(|b| b.time().to_string()).collect::<Vec<_>>(), ["2024-01-23", "2024-01-24"]);
    let error = read("Date,Time,Open,High,Low,Close\n2024-01-23,noon,1,1,1,1\n", reading()).unwrap_err();
    assert!(error.to_string().starts_with("CSV line 2: "), "{error}");
}

#[test]
fn two_columns_of_one_meaning_are_refused() {
    for (heading, names) in [
        ("Date,Open,High,Low,Close,Close", "\"close\" and \"close\""),
        ("Symbol,Ticker,Date,Open,High,Low,Close", "\"symbol\" and \"ticker\""),
        ("Date,Timestamp,Open,High,Low,Close", "\"date\" and \"timestamp\""),
        ("Date,Time,Datetime,Open,High,Low,Close", "\"date\" and \"time\""),
    ] {
        let error = read(heading, daily()).unwrap_err().to_string();
        assert!(error.starts_with("CSV line 1: columns ") && error.contains(names), "{error}");
    }
}

#[test]
fn bars_of_another_symbol_are_refused() {
    let text = |second: &str| format!("Symbol,Date,Open,High,Low,Close\nUS.FB,2012-05-18,1,1,1,1\n{second},2012-05-21,1,1,1,1\n");
    assert_eq!(read(&text("fb"), daily()).unwrap().bars.len(), 2);
    let error = read(&text("MSFT"), daily()).unwrap_err();
    assert_eq!(error.to_string(), "CSV line 3: this is a bar of US.MSFT, and bars of US.FB are read");
}

#[test]
fn naive_intraday_times_are_of_the_sources_zone() {
    let text =
        "Time,Open,High,Low,Close,Volume\n2024-01-23 09:30:00,1,1,1,1,1.5\n2024-07-23T09:30,1,1,1,1,1\n2024-07-23T09:30Z,1,1,1,1,1\n";
    let reading = Reading { interval: Interval::H1, ..daily() };
    let Got { bars, .. } = read(text, reading).unwrap();
    let times: Vec<String> = bars.iter().map(|b| b.time().to_string()).collect();
    assert_eq!(times, ["2024-01-23T14:30:00", "2024-07-23T13:30:00", "2024-07-23T09:30:00"]);
}

#[test]
fn what_is_written_is_read_again() {
    let at = |n| BarTime::new(n).unwrap();
    for (interval, bar) in [
        (Interval::D1, Bar::new(at(1_337_299_200), 42.05, 45.0, 1e-7, 38.23, Volume::Whole(7)).unwrap()),
        (Interval::M1, Bar::new(at(1_337_299_200), 0.1 + 0.2, 45.0, -3.0, 1e300, Volume::Part(7.0)).unwrap()),
    ] {
        let mut text = HEADING.to_owned();
        write(&mut text, &Symbol::parse("FB").unwrap(), interval, &bar);
        let Got { bars, .. } = read(&text, Reading { interval, zone: TimeZone::UTC, dates: Dates::Guess }).unwrap();
        assert_eq!(bars, [bar], "{text}");
    }
}
