//! Two jobs in opposite directions between the same tables: what is changed at either end arrives at the other once, and
//! nothing goes round. Both jobs are strict, so a change that came back would end its job with a conflict.

use super::replicate_zoo::{drop_at, expect_equal};
use crate::support::daemon::Daemon;
use crate::support::job::{Job, PATIENCE, Run};
use crate::support::servers::{self, Server};
use crate::support::sql;
use crate::support::until::until;
use syncline::model::replicate::{ConflictDetection, ConflictPolicy, SchemaRule, SinkSpec, TableName};
use syncline::replicate::orders::Orders;
use syncline::replicate::{connect, coordinates};

const ROUNDS: u32 = 60;

/// Writes rows of its own: `n`, `n + 2`, … so that nobody else touches them.
async fn write(server: &Server, schema: &str, first: u32) {
    let mut conn = sql::connect(server).await;
    sql::exec(&mut conn, &format!("USE `{schema}`")).await;
    for round in 0..ROUNDS {
        let id = first + 2 * round;
        let changes = [
            "BEGIN".to_owned(),
            format!("INSERT INTO t (id, v) VALUES ({id}, 'new'), ({}, 'goes')", id + 100_000),
            format!("UPDATE t SET v = 'changed {round}' WHERE id IN ({id}, {first})"),
            format!("DELETE FROM t WHERE id = {}", id + 100_000),
            "COMMIT".to_owned(),
        ];
        sql::exec_all(&mut conn, changes).await;
    }
}

async fn state(server: &Server, schema: &str) -> Vec<Vec<Option<String>>> {
    let mut conn = sql::connect(server).await;
    sql::rows(&mut conn, &format!("SELECT COUNT(*), SUM(CRC32(CONCAT(id, v))) FROM `{schema}`.t")).await
}

/// A statement of the job from `origin` that has run and whose mark is still open, as it is for a moment after each.
async fn open_mark(origin: &Server, schema: &str) -> String {
    let mut conn = connect::faithful(&origin.endpoint(), false).await.expect("a connection");
    let info = connect::inspect(&mut conn, &origin.endpoint()).await.expect("what server it is");
    let mark = format!(r#"{{"session": 4294967295, "before": [[{{"schema": "{schema}", "table": "t"}}, null]]}}"#);
    let columns = "(job, tx, statement, fingerprints, origin)";
    format!("INSERT INTO syncline.ddl {columns} VALUES ('{schema}', '', '', '{mark}', '{}')", info.origin)
}

/// The job that goes out, in its stream, and beside it the one back, which begins behind the copy.
async fn started(schema: &str, here: &Server, there: &Server, out: &mut Job) -> (Run, Job, Run) {
    let mut going = out.start();
    going.streaming().await;
    let mut back = Job::new(schema, there, here).renamed("back");
    back.spec.src.start_gtid = Some(coordinates::now(&there.endpoint()).await.expect("the other end says where it is").display());
    let mut coming = back.start();
    coming.streaming().await;
    (going, back, coming)
}

async fn both_ways(here: &'static Server, there: &'static Server) {
    let schema = sql::scratch("two_way", &[here]).await;
    drop_at(there, &schema).await;
    let mut conn = sql::connect(here).await;
    sql::exec(
        &mut conn,
        &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, v VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)"),
    )
    .await;
    sql::exec(&mut conn, &format!("INSERT INTO `{schema}`.t VALUES (1, 'one'), (2, 'two')")).await;
    let mut out = Job::new(&schema, here, there);
    let (mut going, mut back, mut coming) = started(&schema, here, there, &mut out).await;

    let equal = async || state(here, &schema).await == state(there, &schema).await;
    tokio::join!(write(here, &schema, 11), write(there, &schema, 12));
    going.crash().await;
    coming.crash().await;
    (going, coming) = (out.start(), back.start());
    going.streaming().await;
    coming.streaming().await;
    tokio::join!(write(here, &schema, 1011), write(there, &schema, 1012));
    // A log that does not name its columns can be read by the definition of its time only.
    until(PATIENCE, "both ends are equal", equal).await;
    sql::exec(&mut conn, &format!("ALTER TABLE `{schema}`.t ADD COLUMN w INT NOT NULL DEFAULT 7")).await;
    let mut other = sql::connect(there).await;
    let column = format!("SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = '{schema}' AND column_name = 'w'");
    going.makes("the column there", async || sql::one(&mut other, &column).await.as_deref() == Some("1")).await;
    sql::exec(&mut other, &open_mark(here, &schema).await).await;
    sql::exec(&mut other, &format!("ALTER TABLE `{schema}`.t ADD INDEX by_w (w)")).await;
    let index = format!("SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = '{schema}' AND index_name = 'by_w'");
    coming.makes("the index here", async || sql::one(&mut conn, &index).await.as_deref() == Some("1")).await;
    sql::exec(&mut other, &format!("DELETE FROM syncline.ddl WHERE job = '{schema}'")).await;
    tokio::join!(write(here, &schema, 2011), write(there, &schema, 2012));
    until(PATIENCE, "both ends are equal", equal).await;
    for run in [&mut going, &mut coming] {
        run.until("its own changes are counted", |p| p.notes.iter().any(|(what, n)| what.contains("came from the target") && *n > 0)).await;
    }
    going.finish().await;
    coming.finish().await;
    let rows = state(here, &schema).await[0][0].clone();
    assert_eq!(rows.as_deref(), Some((2 + 6 * ROUNDS).to_string().as_str()));
    expect_equal(here, there, &schema, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_at_both_ends_arrive_once_mariadb() {
    let (Some(here), Some(there)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    both_ways(here, there).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_at_both_ends_arrive_once_mysql() {
    let (Some(here), Some(there)) = (servers::mysql(1), servers::mysql(2)) else { return };
    both_ways(here, there).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_at_both_ends_arrive_once_between_flavours() {
    let (Some(here), Some(there)) = (servers::mariadb(1), servers::mysql(2)) else { return };
    both_ways(here, there).await;
}

/// A table that is copied again, and one that joins with its rows: what the copy does at the target is not done at the source.
async fn copied_one_way(here: &'static Server, there: &'static Server) {
    let schema = sql::scratch("two_way_copy", &[here]).await;
    drop_at(there, &schema).await;
    let mut conn = sql::connect(here).await;
    for table in ["t", "u"] {
        let columns = "(id INT PRIMARY KEY, v VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, KEY (v))";
        sql::exec(&mut conn, &format!("CREATE TABLE `{schema}`.{table} {columns}")).await;
        sql::exec(&mut conn, &format!("INSERT INTO `{schema}`.{table} VALUES (1, 'one'), (2, 'two')")).await;
    }
    let mut out = Job::new(&schema, here, there);
    out.spec.src.filter.include = vec![SchemaRule::new(&schema, ["t".into()])];
    let (mut going, _back, mut coming) = started(&schema, here, there, &mut out).await;

    going.crash().await;
    out.order(&Orders { reload: vec![TableName::new(&schema, "t")], ..Orders::default() });
    out.spec.src.filter.include = vec![SchemaRule::new(&schema, ["t".into(), "u".into()])];
    going = out.start();
    write(here, &schema, 11).await;
    going.streaming().await;
    // Behind all of that in the log of the other end.
    let mut other = sql::connect(there).await;
    sql::exec(&mut other, &format!("INSERT INTO `{schema}`.u VALUES (5000, 'there')")).await;
    let arrived = format!("SELECT COUNT(*) FROM `{schema}`.u WHERE id = 5000");
    coming.makes("what is written there", async || sql::one(&mut conn, &arrived).await.as_deref() == Some("1")).await;
    assert_eq!(sql::count(&mut conn, &format!("`{schema}`.t")).await, u64::from(2 + ROUNDS), "nothing is lost at the source");
    tokio::join!(write(here, &schema, 1011), write(there, &schema, 1012));
    going.finish().await;
    coming.finish().await;
    until(PATIENCE, "both ends are equal", async || state(here, &schema).await == state(there, &schema).await).await;
    expect_equal(here, there, &schema, 2).await;
    let left = sql::rows(&mut other, &format!("SELECT 1 FROM syncline.ddl WHERE job LIKE '%{schema}%'")).await;
    assert!(left.is_empty(), "a mark is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_one_way_does_not_come_back() {
    let pairs = [
        servers::mariadb(1).zip(servers::mariadb(2)),
        servers::mysql(1).zip(servers::mysql(2)),
        servers::mariadb(1).zip(servers::mysql(2)),
    ];
    for (here, there) in pairs.into_iter().flatten() {
        copied_one_way(here, there).await;
    }
}

/// What both ends change at once has one outcome where one of them is to win, and rows are compared as a whole.
async fn changed_at_once(here: &'static Server, there: &'static Server) {
    let schema = sql::scratch("at_once", &[here]).await;
    drop_at(there, &schema).await;
    let mut conn = sql::connect(here).await;
    let columns = "(id INT PRIMARY KEY, v VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)";
    sql::exec(&mut conn, &format!("CREATE TABLE `{schema}`.t {columns}")).await;
    sql::exec(&mut conn, &format!("INSERT INTO `{schema}`.t VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd'), (5, 'e')")).await;
    let mut out = Job::new(&schema, here, there);
    let (going, mut back, coming) = started(&schema, here, there, &mut out).await;
    going.crash().await;
    coming.crash().await;
    for (job, policy) in [(&mut out, ConflictPolicy::Overwrite), (&mut back, ConflictPolicy::Skip)] {
        let SinkSpec::Mysql(sink) = &mut job.spec.dest.sink else { panic!("it goes to a server") };
        (sink.conflict, sink.detection) = (policy, ConflictDetection::Row);
    }
    let mut other = sql::connect(there).await;
    for (conn, v) in [(&mut conn, "here"), (&mut other, "there")] {
        sql::exec(conn, &format!("USE `{schema}`")).await;
        sql::exec(conn, &format!("UPDATE t SET v = '{v}' WHERE id = 1")).await;
        sql::exec(conn, "UPDATE t SET v = 'alike' WHERE id = 2").await;
        let (goes, stays) = if v == "here" { (3, 4) } else { (4, 3) };
        sql::exec(conn, &format!("DELETE FROM t WHERE id = {goes}")).await;
        sql::exec(conn, &format!("UPDATE t SET v = '{v}' WHERE id = {stays}")).await;
        sql::exec(conn, "DELETE FROM t WHERE id = 5").await;
        sql::exec(conn, &format!("INSERT INTO t VALUES (6, '{v}'), (7, 'alike')")).await;
        // One after the other: the second is no longer of the row that the other end has.
        sql::exec(conn, &format!("UPDATE t SET v = '{v} again' WHERE id = 6")).await;
    }
    let (mut going, mut coming) = (out.start(), back.start());
    going.streaming().await;
    coming.streaming().await;
    sql::exec(&mut conn, "INSERT INTO t VALUES (100, 'end')").await;
    sql::exec(&mut other, "INSERT INTO t VALUES (200, 'end')").await;
    let rows = "SELECT GROUP_CONCAT(id, ' ', v ORDER BY id) FROM t";
    let outcome = "1 here,2 alike,4 here,6 here again,7 alike,100 end,200 end";
    for (run, conn) in [(&mut going, &mut other), (&mut coming, &mut conn)] {
        run.makes(outcome, async || sql::one(conn, rows).await.as_deref() == Some(outcome)).await;
    }
    going.finish().await;
    coming.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_both_ends_change_at_once_has_one_outcome() {
    for (here, there) in [(servers::mariadb(1), servers::mariadb(2)), (servers::mysql(1), servers::mysql(2))] {
        let (Some(here), Some(there)) = (here, there) else { continue };
        changed_at_once(here, there).await;
    }
}

/// The recipe of the README, with its commands.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_back_is_made_over_tables_that_have_rows() {
    let (Some(here), Some(there)) = (servers::mariadb(1), servers::mysql(2)) else { return };
    let schema = sql::scratch("way_back", &[here]).await;
    drop_at(there, &schema).await;
    let mut conn = sql::connect(here).await;
    let table = "(id INT PRIMARY KEY, v VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)";
    sql::exec(&mut conn, &format!("CREATE TABLE `{schema}`.t {table}")).await;
    sql::exec(&mut conn, &format!("INSERT INTO `{schema}`.t VALUES (1, 'one'), (2, 'two')")).await;
    let daemon = Daemon::start(&[]).await;
    let password = daemon.home().join("server.pw");
    std::fs::write(&password, servers::PASSWORD).expect("it is written");
    let password = password.to_str().expect("a plain path");
    let said = |args: &[String]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_syncline"));
        command.env_clear().env("HOME", daemon.home()).env("SYNCLINE_SERVER", daemon.url()).arg("jobs").args(args);
        let output = command.stdin(std::process::Stdio::null()).output().expect("the binary runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let cli = |name: &str, from: &Server, to: &Server, more: &[&str]| {
        let mut args: Vec<String> = ["create", "--name", name, "--kind", "sync", "--include", &schema].map(str::to_owned).into();
        args.extend(more.iter().map(|&arg| arg.to_owned()));
        for (side, server) in [("source", from), ("target", to)] {
            let address = format!("{}@127.0.0.1:{}", servers::USER, server.port);
            args.extend([format!("--{side}"), address, format!("--{side}-password-file"), password.to_owned()]);
        }
        said(&args)
    };
    let way_back = |more: &[&str]| cli(&format!("{schema}-back"), there, here, more);
    let (code, told) = cli(&schema, here, there, &["--wait=caught-up", "--timeout", "90s"]);
    assert_eq!(code, Some(0), "{told}");

    // Nothing is copied, so each table must be there, and fit.
    let mut other = sql::connect(there).await;
    sql::exec(&mut other, &format!("CREATE TABLE `{schema}`.u {table}")).await;
    let (code, told) = way_back(&["--start-gtid", "now"]);
    assert!(code != Some(0) && told.contains(&format!("no table {schema}.u")) && !told.contains("target_not_empty"), "{told}");
    sql::exec(&mut conn, &format!("CREATE TABLE `{schema}`.w (id INT PRIMARY KEY)")).await;
    sql::exec(&mut other, &format!("DROP TABLE `{schema}`.u")).await;
    let column = format!("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '{schema}' AND table_name = 'w'");
    until(PATIENCE, "the table there", async || sql::one(&mut other, &column).await.as_deref() == Some("1")).await;
    sql::exec(&mut conn, "SET sql_log_bin = 0").await;
    sql::exec(&mut conn, &format!("ALTER TABLE `{schema}`.w ADD COLUMN n INT")).await;
    let (code, told) = way_back(&["--start-gtid", "now"]);
    assert!(code != Some(0) && told.contains("defined differently") && !told.contains("drop"), "{told}");
    sql::exec(&mut conn, &format!("ALTER TABLE `{schema}`.w DROP COLUMN n")).await;
    sql::exec(&mut conn, "SET sql_log_bin = 1").await;

    // Nobody is asked whether tables may be dropped, for none is.
    let (code, told) = way_back(&["--start-gtid", "now", "--existing-tables", "drop", "--wait=caught-up", "--timeout", "90s"]);
    assert_eq!(code, Some(0), "{told}");
    // Until both compare rows, updates at both ends at once may swap: who makes the second job is told, and who changes one.
    assert!(told.contains(&format!("{schema}-sync brings {schema}.")) && told.contains("neither compares whole rows"), "{told}");
    let by_row =
        |id: String| said(&["update", &id, "--detect-conflicts", "row", "--wait=caught-up", "--timeout", "90s"].map(str::to_owned));
    let (code, told) = by_row(format!("{schema}-sync"));
    assert!(code == Some(0) && told.contains(&format!("{schema}-back-sync does not compare whole rows")), "{told}");
    let (code, told) = by_row(format!("{schema}-back-sync"));
    assert!(code == Some(0) && !told.contains("warning:"), "{told}");
    assert_eq!(sql::count(&mut conn, &format!("`{schema}`.t")).await, 2);
    tokio::join!(write(here, &schema, 11), write(there, &schema, 12));
    let all = u64::from(2 + 2 * ROUNDS);
    let arrived = async || sql::count(&mut conn, &format!("`{schema}`.t")).await == all;
    until(PATIENCE, "what is written there", arrived).await;
    until(PATIENCE, "both ends are equal", async || state(here, &schema).await == state(there, &schema).await).await;
    for id in [format!("{schema}-sync"), format!("{schema}-back-sync")] {
        daemon.client().delete_job(&id, false).await.expect("the job is deleted");
    }
}
