//! Requests against a real server that misbehaves by script.

use super::*;
use crate::bars::testing::{Fault, Source, day, real_bars, symbol};
use crate::bars::{Kind, Result};
use crate::secret::Secret;
use std::time::Duration;

async fn fetch(settings: HttpSettings) -> Result<Got> {
    let want = Want { symbol: symbol("FB"), interval: Interval::D1, from: day("2012-01-01"), to: day("2013-12-31"), zone: TimeZone::UTC };
    Http::new(settings, &[]).unwrap().fetch(&want).await
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    let source = Source::start(real_bars()).await;
    source.script.lock().unwrap().faults.extend([Fault::Status(429, Some("0")), Fault::Status(503, None), Fault::Cut]);
    assert_eq!(fetch(source.settings("csv")).await.unwrap().bars.len(), 196);
    assert_eq!(source.requests().len(), 4);
    // A date that has passed asks for nothing: the next attempt waits as ever.
    source.fault(Fault::Status(503, Some("Wed, 21 Oct 2015 07:28:00 GMT")));
    let (begun, backoff) = (std::time::Instant::now(), Duration::from_millis(80));
    assert_eq!(fetch(HttpSettings { backoff, ..source.settings("csv") }).await.unwrap().bars.len(), 196);
    assert!(begun.elapsed() >= backoff, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn what_will_not_pass_is_not() {
    let source = Source::start(real_bars()).await;
    for (fault, kind, code) in [
        (Fault::Status(404, None), Kind::NotFound, "bars_symbol_not_found"),
        (Fault::Status(403, None), Kind::Config, "bars_provider_denied"),
        (Fault::Status(302, None), Kind::Permanent, "bars_provider_redirects"),
        (Fault::Status(422, None), Kind::Permanent, "bars_provider_refused"),
        (Fault::Text("Date,Open\n"), Kind::Permanent, "bars_csv_unreadable"),
        (Fault::Endless, Kind::Permanent, "bars_answer_too_large"),
        // An hour is longer than anybody waits here.
        (Fault::Status(429, Some("3600")), Kind::Transient, "bars_provider_busy"),
    ] {
        source.fault(fault);
        let mut settings = source.settings("csv");
        settings.most_bytes = 200_000;
        let error = fetch(settings).await.unwrap_err();
        assert_eq!((error.kind, error.code), (kind, code), "{error}");
        assert_eq!(source.requests().len(), 1);
    }
}

/// What one symbol was told holds for the source.
#[tokio::test]
async fn a_source_that_asks_to_wait_is_left_alone_by_all() {
    let source = Source::start(real_bars()).await;
    let mut settings = source.settings("csv");
    settings.attempts = 1;
    let pace = Pace::default();
    let want = |name: &str| {
        let (from, to) = (day("2012-01-01"), day("2013-12-31"));
        Want { symbol: symbol(name), interval: Interval::D1, from, to, zone: TimeZone::UTC }
    };
    let http = || Http::paced(settings.clone(), &[], pace.clone()).unwrap();
    source.fault(Fault::Status(429, Some("1")));
    let begun = std::time::Instant::now();
    assert_eq!(http().fetch(&want("FB")).await.unwrap_err().code, "bars_provider_busy");
    assert!(!http().fetch(&want("IBM")).await.unwrap().bars.is_empty());
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
    // Longer than anybody waits: the others do not even ask.
    source.fault(Fault::Status(503, Some("3600")));
    source.requests();
    for name in ["FB", "IBM", "AAPL"] {
        let error = http().fetch(&want(name)).await.unwrap_err();
        assert_eq!((error.kind, error.code.starts_with("bars_provider_")), (Kind::Transient, true), "{error}");
    }
    assert_eq!(source.requests().len(), 1);
}

#[tokio::test]
async fn silence_ends_in_time() {
    let source = Source::start(real_bars()).await;
    source.script.lock().unwrap().faults.extend([Fault::Silence, Fault::Silence]);
    let mut settings = source.settings("csv");
    (settings.timeout, settings.attempts) = (Duration::from_millis(50), 2);
    let error = fetch(settings).await.unwrap_err();
    assert_eq!((error.code, source.requests().len()), ("bars_provider_unreachable", 2));
    assert!(error.to_string().contains("did not answer in time (after 2 attempts)"), "{error}");
    // One that is not tried again does not say so.
    source.script.lock().unwrap().faults.extend([Fault::Status(503, None), Fault::Status(503, None), Fault::Status(404, None)]);
    let settings = HttpSettings { attempts: 2, ..source.settings("csv") };
    assert_eq!(fetch(settings.clone()).await.unwrap_err().to_string(), "provider web answered 503 (after 2 attempts)");
    assert_eq!(fetch(settings).await.unwrap_err().to_string(), "provider web answered 404: it has no such symbol");
}

#[tokio::test]
async fn requests_keep_their_distance_and_carry_their_key() {
    let source = Source::start(real_bars()).await;
    let mut settings = source.settings("csv");
    settings.spacing = Duration::from_millis(30);
    settings.headers = vec![("X-Key".to_owned(), Secret::new("s3cret"))];
    let http = Http::new(settings, &[]).unwrap();
    let want = Want { symbol: symbol("FB"), interval: Interval::D1, from: day("2012-01-01"), to: day("2013-12-31"), zone: TimeZone::UTC };
    let begun = std::time::Instant::now();
    let answers = futures::future::join_all((0..5).map(|_| http.fetch(&want))).await;
    assert!(answers.iter().all(Result::is_ok) && begun.elapsed() >= Duration::from_millis(120));
    assert_eq!(source.script.lock().unwrap().keys[0].as_deref(), Some("s3cret"));
    assert!(!format!("{http:?}").contains("s3cret"));
}

#[test]
fn a_symbol_never_chooses_the_host() {
    let settings = |url: &str| HttpSettings::new("web", Template::parse(url).unwrap(), Format::Csv);
    assert_eq!(settings("https://h.example/{symbol}").host().unwrap(), ("h.example".to_owned(), 443));
    assert_eq!(settings("http://h.example:81?s={symbol}").host().unwrap(), ("h.example".to_owned(), 81));
    for bad in
        ["http://{symbol}/x", "http://h.{market}/x", "{symbol}", "ftp://h/{symbol}", "http://u:p@h/{symbol}", "http://h:{code}/x", "/x"]
    {
        assert_eq!(settings(bad).host().unwrap_err().kind, Kind::Config, "{bad}");
    }
}
