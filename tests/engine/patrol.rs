//! Comparisons that go on all the time beside a job: range by range, over a kill, and with repair.

use super::join::fill;
use super::repair::{SOON, filter_of, verdict};
use super::replicate_zoo::{drop_at, expect_equal};
use super::verify::verify_schema;
use crate::support::daemon::Daemon;
use crate::support::servers::{self, Server, direction};
use crate::support::sql;
use crate::support::until::{until, until_some};
use crate::support::zoo;
use std::collections::BTreeSet;
use std::time::Duration;
use syncline::replicate::verify::{Beside, Outcome, Pace, TableVerdict, verify_copied};
use syncline::wire::native::verify::{Verification, VerifyAlways, VerifyRequest, VerifyRound};
use tokio_util::sync::CancellationToken;

/// Range by range it finds what the whole reading finds, in every key of the zoo and beyond the ends of the source's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comparison_by_ranges_finds_the_same() {
    for (from, to) in servers::directions() {
        let way = direction(from, to);
        let schema = sql::scratch("paced", &[from, to]).await;
        let tables = zoo::tables_for(from, to);
        for server in [from, to] {
            zoo::load(server, &schema, &tables).await;
            let mut conn = sql::connect(server).await;
            let two = format!(
                "CREATE TABLE `{schema}`.two (a INT, b VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci, n INT, PRIMARY KEY (a, b))"
            );
            let rows: Vec<String> = (0..900).map(|n| format!("({}, '{}{}', {n})", n / 7, ["a", "B", "ä"][n % 3], n % 7)).collect();
            sql::exec_all(&mut conn, [two, format!("INSERT INTO `{schema}`.two VALUES {}", rows.join(", "))]).await;
        }
        let mut target = sql::connect(to).await;
        let paced = async |by_sums| {
            let (cancel, (src, dest), filter) = (CancellationToken::new(), (from.endpoint(), to.endpoint()), filter_of(&schema));
            let pace = Pace { share: 1.0, rows_per_second: None, busy: &|| false };
            let beside = Beside { pace: Some(pace), by_sums, ..Beside::NOTHING };
            verify_copied(&src, &dest, &[], &filter, SOON, beside, |_| {}, &cancel).await.expect("both servers answer")
        };
        for by_sums in [false, true] {
            let report = paced(by_sums).await;
            let wrong: Vec<_> = report.tables.iter().filter(|t| t.outcome != Outcome::Equal).collect();
            assert!(wrong.is_empty(), "{way}: {wrong:#?}");
            let two = verdict(&report, "two");
            assert_eq!((two.source_rows, two.target_rows, two.read), (Some(900), Some(900), if by_sums { 0 } else { 900 }), "{way}");
        }
        let breaks = [
            "UPDATE `{}`.two SET n = -1 WHERE a IN (0, 71, 128)",
            "DELETE FROM `{}`.two WHERE a = 50",
            "INSERT INTO `{}`.two VALUES (-5, 'x', 1), (60, 'zz', 1), (999, 'x', 1)",
        ]
        .map(|s| s.replace("{}", &schema));
        sql::exec_all(&mut target, &breaks).await;
        let whole = verify_schema(from, to, &schema, super::replicate_zoo::AT_ONCE).await;
        for by_sums in [false, true] {
            let (report, at_once) = (paced(by_sums).await, verdict(&whole, "two"));
            let two = verdict(&report, "two");
            let listed = |v: &TableVerdict| {
                v.differences.iter().map(|d| (d.key.clone(), d.kind.as_str(), d.columns.clone())).collect::<BTreeSet<_>>()
            };
            assert_eq!((two.different, listed(two)), (at_once.different, listed(at_once)), "{way}");
            assert!(two.different > 10, "{way}: {two:?}");
        }
    }
}

fn always(every_seconds: Option<u64>, repair: bool) -> VerifyAlways {
    VerifyAlways { every_seconds, repair, max_rows_per_second: None }
}

async fn last(daemon: &Daemon, id: &str) -> Option<VerifyRound> {
    daemon.client().job(id).await.ok()?.verify?.last
}

/// The first round behind one that comes to its end.
async fn ended(daemon: &Daemon, id: &str, after: u64) -> VerifyRound {
    until_some(Duration::from_secs(120), "a round ends", async || last(daemon, id).await.filter(|l| l.number > after)).await
}

/// A daemon with a job of three tables that are there.
async fn begun(name: &str, from: &Server, to: &Server, rows: u32) -> (String, Daemon, String) {
    let schema = sql::scratch(name, &[from]).await;
    drop_at(to, &schema).await;
    fill(from, &schema, rows).await;
    let daemon = Daemon::start(&[]).await;
    let id = daemon.client().create_job(&super::kill::job(&schema, from, to, &schema)).await.expect("the job is created").id;
    (schema, daemon, id)
}

/// With repair: set, found, repaired, told, kept over a kill, and ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn comparisons_go_on_all_the_time_and_over_a_kill() {
    for (from, to) in servers::directions().into_iter().take(2) {
        let way = direction(from, to);
        let (schema, mut daemon, id) = begun("patrol", from, to, 300).await;
        daemon.client().verify_always(&id, &always(Some(3600), false)).await.expect("it is set");
        let first = ended(&daemon, &id, 0).await;
        assert_eq!((first.state.as_str(), first.different), ("equal", 0), "{way}: {first:?}");
        let mut target = sql::connect(to).await;
        sql::exec(&mut target, &format!("UPDATE `{schema}`.first SET n = 77 WHERE id < 9")).await;
        // A setting that is said again begins at once.
        daemon.client().verify_always(&id, &always(Some(3600), false)).await.expect("it is set");
        let second = ended(&daemon, &id, first.number).await;
        assert_eq!((second.state.as_str(), second.different), ("different", 9), "{way}: {second:?}");
        let events = daemon.client().job_events(&id).await.unwrap().events;
        assert!(events.iter().any(|e| e.message.contains("9 rows differ")), "{way}: {events:?}");
        daemon.kill9();
        daemon.restart().await;
        assert_eq!(last(&daemon, &id).await, Some(second.clone()), "{way}: it is kept");
        // What somebody asks for is the verdict, too, where it is about all tables.
        let other = VerifyRequest { tables: vec![format!("{schema}.second")], ..VerifyRequest::default() };
        let other = daemon.client().verify_job(&id, &other).await.expect("it begins").number;
        assert_eq!(super::verify_late::ended(&daemon, &id, other).await.state, "equal", "{way}");
        assert_eq!(last(&daemon, &id).await, Some(second.clone()), "{way}: the first one may differ all the same");
        daemon.client().verify_job(&id, &VerifyRequest { repair: true, ..VerifyRequest::default() }).await.expect("it begins");
        let asked = ended(&daemon, &id, second.number).await;
        assert_eq!((asked.state.as_str(), asked.different, asked.repaired), ("equal", 0, 9), "{way}: {asked:?}");
        sql::exec(&mut target, &format!("UPDATE `{schema}`.first SET n = 78 WHERE id < 9")).await;
        daemon.client().verify_always(&id, &always(Some(0), true)).await.expect("it is set");
        let third = ended(&daemon, &id, asked.number).await;
        assert_eq!((third.state.as_str(), third.different, third.repaired), ("equal", 0, 9), "{way}: {third:?}");
        expect_equal(from, to, &schema, 3).await;
        let job = daemon.client().verify_always(&id, &always(None, false)).await.expect("it is ended");
        assert_eq!(job.verify, None, "{way}");
    }
}

/// Waits until a comparison shows something, and returns its number; those up to one before are not looked at.
async fn seen(daemon: &Daemon, id: &str, after: u64, what: &str, shows: impl Fn(&Verification) -> bool) -> u64 {
    until_some(Duration::from_secs(120), what, async || {
        for number in after + 1..after + 4 {
            if daemon.client().verification(id, number).await.is_ok_and(|v| shows(&v)) {
                return Some(number);
            }
        }
        None
    })
    .await
}

/// Killed in the middle of a round: it goes on behind the tables that it is past, and what it found there counts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_round_goes_on_at_its_table() {
    for (from, to) in servers::directions().into_iter().take(2) {
        let way = direction(from, to);
        let (schema, mut daemon, id) = begun("patrolkill", from, to, 6_000).await;
        let streams = async |daemon: &Daemon| {
            let state = async || daemon.client().job(&id).await.is_ok_and(|j| j.state == syncline::wire::native::jobs::JobState::Streaming);
            until(Duration::from_secs(60), "it streams", state).await;
        };
        streams(&daemon).await;
        let mut target = sql::connect(to).await;
        // In the order of a round: bare, first, second.
        sql::exec(&mut target, &format!("UPDATE `{schema}`.first SET n = 77 WHERE id < 9")).await;
        let slow = VerifyAlways { max_rows_per_second: Some(2_000), ..always(Some(3600), false) };
        daemon.client().verify_always(&id, &slow).await.expect("it is set");
        let past = |v: &Verification| v.tables.iter().any(|t| t.table == "first" && t.different == 9);
        let number = seen(&daemon, &id, 0, "the first table is compared", past).await;
        assert!(last(&daemon, &id).await.is_none(), "{way}: the round is under way");
        daemon.kill9();
        daemon.restart().await;
        let round = ended(&daemon, &id, number).await;
        let after = daemon.client().verification(&id, round.number).await.expect("it is there");
        let tables: Vec<&str> = after.tables.iter().map(|t| t.table.as_str()).collect();
        assert_eq!((tables.as_slice(), after.state.as_str()), (["second"].as_slice(), "equal"), "{way}: {after:?}");
        assert_eq!((round.state.as_str(), round.different), ("different", 9), "{way}: what it found before counts: {round:?}");
        let cut_off = daemon.client().verification(&id, number).await.expect("it is there");
        assert_eq!(cut_off.state, "interrupted", "{way}: no verdict on the whole");
    }
}

/// Killed in the middle of a repair that a round has begun.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_is_killed_while_it_repairs() {
    const ROWS: u32 = 4_000;
    for (from, to) in servers::directions().into_iter().take(2) {
        let way = direction(from, to);
        let (schema, mut daemon, id) = begun("patrolmend", from, to, ROWS).await;
        let copied = format!("SELECT COUNT(*) FROM `{schema}`.second");
        let mut target = sql::connect(to).await;
        daemon.client().verify_always(&id, &always(Some(3600), false)).await.expect("it is set");
        let first = ended(&daemon, &id, 0).await;
        assert_eq!((first.state.as_str(), sql::one(&mut target, &copied).await), ("equal", Some(ROWS.to_string())), "{way}");
        sql::exec(&mut target, &format!("UPDATE `{schema}`.first SET pad = 'broken'")).await;
        daemon.client().verify_always(&id, &always(Some(3600), true)).await.expect("it is set");
        let broken = format!("SELECT COUNT(*) FROM `{schema}`.first WHERE pad = 'broken'");
        let mut some = async || sql::one(&mut target, &broken).await.is_some_and(|n| n != ROWS.to_string());
        until(Duration::from_secs(60), "some are right", &mut some).await;
        daemon.kill9();
        let left = sql::one(&mut target, &broken).await.and_then(|n| n.parse::<u64>().ok()).expect("it is a number");
        daemon.restart().await;
        let round = ended(&daemon, &id, first.number).await;
        assert_eq!((round.state.as_str(), round.different, round.repaired), ("equal", 0, left), "{way}: {round:?}");
        assert!(left > 0, "{way}: it was killed too late");
        expect_equal(from, to, &schema, 3).await;
    }
}
