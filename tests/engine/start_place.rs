//! Places of a log file that people give: one where a transaction begins is taken, every other is refused, with the way out.

use crate::support::job::Job;
use crate::support::servers::{mariadb, own};
use crate::support::sql::{connect, exec_all, ours, rows, scratch};
use std::collections::BTreeSet;
use syncline::model::finding::Severity;
use syncline::replicate::connect::Flavor;
use syncline::replicate::coordinates::place::inside;
use syncline::replicate::{Recorded, coordinates, preflight};

/// What stands between transactions, in both flavours' words.
const BETWEEN: [&str; 6] = ["Format_desc", "Previous_gtids", "Gtid_list", "Binlog_checkpoint", "Gtid", "Rotate"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_place_of_a_log_is_judged_as_it_is() {
    for flavor in [Flavor::Mariadb, Flavor::Mysql] {
        let (Some(from), Some(to)) = (own(flavor, "place"), mariadb(2)) else { return };
        let name = flavor.as_str();
        let schema = scratch("place", &[&from]).await;
        let mut conn = connect(&from).await;
        exec_all(
            &mut conn,
            [
                "FLUSH BINARY LOGS".to_owned(),
                format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, v VARCHAR(40))"),
                format!("INSERT INTO `{schema}`.t VALUES (1, 'one'), (2, 'two')"),
                "BEGIN".to_owned(),
                format!("UPDATE `{schema}`.t SET v = 'three' WHERE id = 2"),
                format!("DELETE FROM `{schema}`.t WHERE id = 1"),
                "COMMIT".to_owned(),
            ],
        )
        .await;
        let logs = rows(&mut conn, "SHOW BINARY LOGS").await;
        let file = logs.last().and_then(|row| row[0].clone()).expect("there is a log");
        let size: u64 = logs.last().and_then(|row| row[1].clone()).and_then(|n| n.parse().ok()).expect("and it has a size");
        let events: Vec<(u64, String)> = rows(&mut conn, &format!("SHOW BINLOG EVENTS IN '{file}'"))
            .await
            .into_iter()
            .map(|row| (row[1].clone().and_then(|n| n.parse().ok()).expect("a place"), row[2].clone().expect("a kind")))
            .collect();
        let begins = |at: u64| at == size || events.iter().any(|(place, kind)| *place == at && BETWEEN.contains(&kind.as_str()));
        let mut looks = ours(&from).await;
        for at in 4..=size {
            let found = inside(&mut looks, &file, at).await.expect("the server answers");
            assert_eq!(found.is_none(), begins(at), "{name} {file}:{at}: {found:?} {events:?}");
        }

        let mut spec = Job::new(&schema, &from, to).spec;
        let mut judged = async |at: u64| {
            spec.src.start_gtid = Some(format!("{file}:{at}"));
            let found = preflight::run(&spec, None, &Recorded::default()).await;
            let wrong = found.findings.into_iter().find(|f| f.severity == Severity::Error && f.code.starts_with("start"));
            wrong.map(|f| (f.code, f.message, f.hint))
        };
        let gtids: Vec<u64> = events.iter().filter(|(_, kind)| kind == "Gtid").map(|(at, _)| *at).collect();
        assert_eq!(gtids.len(), 3, "{name} {events:?}");
        assert_eq!(judged(gtids[1]).await, None, "{name}");
        let (code, message, hint) = judged(gtids[1] + 1).await.expect("it is inside an event");
        assert!(
            code == "start_gtid_inside" && message.contains("inside an event") && hint.contains("SHOW BINLOG EVENTS"),
            "{message} {hint}"
        );
        let (rows_at, _) = events.iter().find(|(at, kind)| *at > gtids[1] && kind.contains("rows")).expect("rows");
        let (code, message, hint) = judged(*rows_at).await.expect("it is inside a transaction");
        assert!(code == "start_gtid_inside" && message.contains("inside a transaction"), "{code} {message}");
        // MariaDB's checkpoint of the flushed log comes when it comes, and a transaction may begin before it.
        let next = events.iter().map(|(at, _)| *at).find(|at| at > rows_at && begins(*at)).expect("another begins");
        assert!(hint.contains(&format!("{file}:{next}, ")), "{name}: the next one is named: {hint}");
    }
}

/// Nothing is copied: the preflight speaks of no copy, and no table is called exact.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_starts_from_a_position_speaks_of_no_copy() {
    let (Some(from), Some(to)) = (mariadb(1), mariadb(2)) else { return };
    let schema = scratch("nocopy", &[from, to]).await;
    for server in [from, to] {
        let tables = [format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY)"), format!("CREATE TABLE `{schema}`.bare (n INT)")];
        exec_all(&mut connect(server).await, tables).await;
    }
    let mut job = Job::new(&schema, from, to);
    job.spec.src.start_gtid = Some(coordinates::now(&from.endpoint()).await.expect("it says where it is").display());
    let found = preflight::run(&job.spec, None, &Recorded::default()).await;
    let told: Vec<_> = found.findings.iter().filter(|f| f.code == "no_key").map(|f| f.message.as_str()).collect();
    assert!(told.len() == 1 && !told[0].contains("copied"), "{told:?}");
    let followed = BTreeSet::from(["made", "t"].map(|name| (name.to_owned(), "followed")));
    let mut run = job.start();
    run.streaming().await;
    let mut conn = connect(from).await;
    exec_all(
        &mut conn,
        [
            format!("INSERT INTO `{schema}`.t VALUES (1)"),
            format!("CREATE TABLE `{schema}`.made (id INT PRIMARY KEY)"),
            format!("INSERT INTO `{schema}`.made VALUES (1)"),
        ],
    )
    .await;
    run.until("both have a row", |p| p.tables.iter().filter(|t| t.inserts == 1).count() == 2).await;
    let phases: BTreeSet<_> = run.progress.borrow().tables.iter().map(|t| (t.table.table.clone(), t.phase.as_str())).collect();
    assert_eq!(phases, followed);
    run.pause().await;
    // The next run says the same.
    let mut run = job.start();
    run.streaming().await;
    exec_all(&mut conn, [format!("INSERT INTO `{schema}`.t VALUES (2)"), format!("INSERT INTO `{schema}`.made VALUES (2)")]).await;
    run.until("both have a row", |p| p.tables.iter().filter(|t| t.inserts == 1).count() == 2).await;
    let phases: BTreeSet<_> = run.progress.borrow().tables.iter().map(|t| (t.table.table.clone(), t.phase.as_str())).collect();
    assert_eq!(phases, followed);
    run.pause().await;
}
