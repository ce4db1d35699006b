use super::*;
use crate::model::bars::TaskKind;
use crate::scheduler::cron::Form;
use jiff::tz::TimeZone;

fn at(text: &str) -> Timestamp {
    format!("2026-03-01T{text}Z").parse().unwrap()
}

fn every(expr: &str) -> Schedule {
    Schedule::parse(expr, Form::Six, TimeZone::UTC).unwrap()
}

#[test]
fn a_time_that_has_come() {
    let hour = SignedDuration::from_hours(1);
    // Expression, its next time, the active run, now, grace → answered for, verdict, next.
    for (expr, next, active, now, grace, planned, verdict, then) in [
        ("0 0 * * * ?", "02:00:00", None, "02:00:00.003", hour, "02:00:00", Verdict::Start, "03:00:00"),
        ("0 0 * * * ?", "02:00:00", Some(7), "02:00:00", hour, "02:00:00", Verdict::Overlap { run: 7 }, "03:00:00"),
        // Down for a while: once, however often it was missed.
        ("0 * * * * ?", "02:00:00", None, "02:10:30", hour, "02:00:00", Verdict::Start, "02:11:00"),
        // The first is too old, a later one is not.
        ("0 0 * * * ?", "02:00:00", None, "05:30:00", hour, "05:00:00", Verdict::Start, "06:00:00"),
        ("0 0 * * * ?", "02:00:00", Some(7), "05:30:00", hour, "05:00:00", Verdict::Overlap { run: 7 }, "06:00:00"),
        // As old as the grace time is young enough, a little more is not.
        ("0 0 2 * * ?", "02:00:00", None, "03:00:00", hour, "02:00:00", Verdict::Start, "24:00:00"),
        ("0 0 2 * * ?", "02:00:00", None, "03:00:00.000001", hour, "02:00:00", Verdict::Missed, "24:00:00"),
        ("0 0 2 * * ?", "02:00:00", Some(7), "09:00:00", hour, "02:00:00", Verdict::Missed, "24:00:00"),
        // No grace: on time or not at all.
        ("0 0 * * * ?", "02:00:00", None, "02:00:00", SignedDuration::ZERO, "02:00:00", Verdict::Start, "03:00:00"),
        ("0 0 * * * ?", "02:00:00", None, "02:00:01", SignedDuration::ZERO, "02:00:00", Verdict::Missed, "03:00:00"),
    ] {
        let then = if then == "24:00:00" { "2026-03-02T02:00:00Z".parse().unwrap() } else { at(then) };
        let found = due(at(next), active, &every(expr), at(now), grace);
        assert_eq!(found, Due { planned: at(planned), verdict, next: Some(then) }, "{expr} next {next} at {now}");
    }
}

fn alike(common: Option<&str>) -> Reasons {
    let mut reasons = Reasons::default();
    reasons.common = common.map(str::to_owned);
    reasons
}

#[test]
fn how_a_run_ends() {
    let hosts = |updated, failed, not_in_pool| {
        Some(Counters::Hosts(HostCounts { total: updated + failed + not_in_pool, updated, failed, not_in_pool, ..HostCounts::default() }))
    };
    let failed = End::Failed { code: "es_unreachable", message: "ask es".into(), hint: "look".into() };
    let done = |whole, cause: Option<&str>| End::Done { whole, then: Vec::new(), reasons: alike(cause) };
    let (whole, part, alike) = (done(true, None), done(false, None), done(true, Some("no connection")));
    let cancelled = Some(Stop::Cancelled("eve".into()));
    for (end, stop, counters, state, error) in [
        (&whole, None, hosts(3, 0, 0), RunState::Completed, ""),
        (&whole, None, hosts(0, 0, 0), RunState::Completed, ""),
        (&whole, None, hosts(2, 1, 0), RunState::Partial, ""),
        (&whole, None, hosts(2, 0, 1), RunState::Partial, ""),
        (&whole, None, hosts(0, 1, 0), RunState::Failed, "nothing of it succeeded; its items say why"),
        (&whole, None, hosts(0, 0, 1), RunState::Failed, "nothing of it succeeded; its items say why"),
        (&alike, None, hosts(0, 5, 0), RunState::Failed, "nothing of it succeeded: no connection"),
        (&alike, None, hosts(1, 5, 0), RunState::Partial, ""),
        // It had done all before it heard.
        (&whole, cancelled.clone(), hosts(3, 0, 0), RunState::Completed, ""),
        (&part, cancelled.clone(), hosts(1, 2, 0), RunState::Cancelled, "it was cancelled by eve"),
        (&End::Abandoned, cancelled.clone(), hosts(1, 0, 0), RunState::Cancelled, "it was cancelled by eve"),
        (&failed, cancelled, None, RunState::Cancelled, "it was cancelled by eve"),
        (&part, Some(Stop::Cancelled(String::new())), None, RunState::Cancelled, "it was cancelled"),
        (&part, Some(Stop::Deadline(SignedDuration::from_secs(90))), hosts(1, 1, 0), RunState::Failed, "it took longer than 1m 30s"),
        (&part, Some(Stop::Shutdown), hosts(1, 1, 0), RunState::Interrupted, "the daemon was stopped"),
        (&failed, None, None, RunState::Failed, "ask es (es_unreachable); look"),
        (&End::Abandoned, None, None, RunState::Failed, "its work was lost"),
    ] {
        let found = closing(end, stop.as_ref(), counters.as_ref());
        assert_eq!((found.state, found.error.as_str()), (state, error), "{end:?} {stop:?} {counters:?}");
    }
}

#[test]
fn that_there_is_nothing_to_do_is_said_by_who_looked() {
    let none = Counters::Hosts(HostCounts::default());
    let looked = End::Done { whole: true, then: Vec::new(), reasons: alike(None) };
    assert_eq!(closing(&looked, None, Some(&none)).message, "there are no hosts to sync");
    let failed = End::Failed { code: "es_unreachable", message: "ask es".into(), hint: String::new() };
    assert_eq!(closing(&failed, None, Some(&none)).message, "");
}

#[test]
fn symbols_without_data_are_told_and_are_no_failure() {
    let counts = |updated, no_data, failed| {
        let counts = BarCounts { total: updated + no_data + failed, updated, no_data, failed, ..BarCounts::default() };
        Counters::Bars { task: TaskKind::Incremental, counts }
    };
    let end = End::Done { whole: true, then: Vec::new(), reasons: alike(Some("no file")) };
    let of_two = BarCounts { total: 2, updated: 2, doubtful: 1, ..BarCounts::default() };
    let doubted = Counters::Bars { task: TaskKind::Incremental, counts: of_two };
    for (counters, state, message, error) in [
        (counts(2, 0, 0), RunState::Completed, "Updated 2 symbols", ""),
        (counts(2, 1, 0), RunState::Partial, "Updated 2 symbols, 1 without data at the source", ""),
        (counts(0, 2, 0), RunState::Partial, "Updated 0 symbols, 2 without data at the source", "no symbol has data: no file"),
        (counts(0, 0, 2), RunState::Failed, "Updated 0 symbols, 2 failed", "nothing of it succeeded: no file"),
        (doubted, RunState::Partial, "Updated 2 symbols, 1 doubtful", ""),
        (counts(0, 0, 0), RunState::Completed, "there are no symbols: nothing of this interval is stored", ""),
    ] {
        let found = closing(&end, None, Some(&counters));
        assert_eq!((found.state, found.message.as_str(), found.error.as_str()), (state, message, error), "{counters:?}");
    }
}

#[test]
fn counts_are_said_in_words() {
    let counts = HostCounts { total: 10, inserted: 2, updated: 3, failed: 4, no_data: 1, not_in_pool: 1, requests: 9, retries: 0 };
    assert_eq!(in_words(&Counters::Hosts(counts)), "5 of 10 hosts, 2 new, 3 failed, 1 without data, 1 not in the pool");
    assert_eq!(in_words(&Counters::Hosts(HostCounts::default())), "there are no hosts to sync");
}

#[test]
fn a_clock_that_is_set_back() {
    for (seen, now, by) in [
        ("02:00:00", "02:00:01", None),
        ("02:00:00", "01:59:00", None),
        ("02:00:00", "01:58:59.999", Some("60.001")),
        ("23:00:00", "01:00:00", Some("79200")),
    ] {
        let expected = by.map(|s: &str| SignedDuration::from_secs_f64(s.parse().unwrap()));
        assert_eq!(set_back(at(seen), at(now)), expected, "{seen} {now}");
    }
    let hours = SignedDuration::from_hours;
    // Expression, what it waits for, set back by, now → what it waits for then.
    for (expr, planned, by, now, next) in [
        // An interval goes on.
        ("0 */10 * * * ?", "05:00:00", hours(1), "03:57:00", "04:00:00"),
        // A time of day has run, or is still to come; either way it is as it was.
        ("0 0 5 * * ?", "05:00:00", hours(2), "02:30:00", "05:00:00"),
        ("0 30 4 1 * ?", "23:00:00", hours(3), "04:00:00", "23:00:00"),
        // The clock was wrong: it has not run today.
        ("0 30 4 * * ?", "23:00:00", hours(4), "04:00:00", "04:30:00"),
    ] {
        assert_eq!(next_after_set_back(Some(at(planned)), &every(expr), by, at(now)), Some(at(next)), "{expr}");
    }
}
