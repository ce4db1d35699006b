//! What real servers write to their logs, read as the engine reads it: each row exactly once, and what cannot be
//! replayed stops by name. Facts about whole servers (positions, purges, XA) are tried on servers of their own.

use super::replicate_zoo::{drop_at, expect_equal};
use crate::support::job::{Job, PATIENCE, Run};
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, exec, exec_all, one, rows, scratch};
use crate::support::until::until_some;
use mysql_async::Conn;
use std::path::Path;
use syncline::model::position::Position;
use syncline::model::replicate::{SchemaRule, TableFilter};
use syncline::replicate::connect::{Flavor, ServerInfo, inspect};
use syncline::replicate::event::Event;
use syncline::replicate::run::Limits;
use syncline::replicate::stream::{Log, LogConfig, RowReader};
use syncline::replicate::{Error, Kind, Result, coordinates};
use tokio_util::sync::CancellationToken;

/// A log of one schema from now on.
struct Tail {
    log: Log,
    schema: String,
    spool: tempfile::TempDir,
}

async fn info(server: &Server) -> ServerInfo {
    inspect(&mut connect(server).await, &server.endpoint()).await.expect("the server says what it is")
}

async fn position(server: &Server) -> Position {
    coordinates::high(&mut connect(server).await, &info(server).await).await.expect("the log has an end")
}

impl Tail {
    async fn begin(server: &Server, schema: &str) -> Self {
        Self::bounded(server, schema, 1 << 30).await
    }

    async fn bounded(server: &Server, schema: &str, spool_bytes: u64) -> Self {
        let spool = tempfile::tempdir().expect("a temporary folder");
        let config = LogConfig {
            endpoint: server.endpoint(),
            info: info(server).await,
            server_id: 0x6000_0000 | (std::process::id() & 0xfff) << 12 | (number_of(schema) & 0xfff),
            spool_dir: spool.path().join("spool"),
            spool_bytes,
            filter: TableFilter { include: vec![SchemaRule::new(schema, [])], ignore: vec![] },
            target: None,
        };
        let log = Log::open(config, &position(server).await, CancellationToken::new()).await.expect("the log opens");
        Self { log, schema: schema.to_owned(), spool }
    }

    /// Reads up to the row whose first value is 999999; returns one line per row: its kind and the after or before image.
    async fn rows(&mut self) -> Result<Vec<String>> {
        let (mut lines, mut done) = (Vec::new(), false);
        loop {
            let event = tokio::time::timeout(PATIENCE, self.log.next()).await.expect("the log goes on")?;
            match event {
                Event::Rows(event) => {
                    assert_eq!(event.map.table.schema, self.schema);
                    let (mut reader, mut before, mut after) = (RowReader::new(&event, &[]), vec![], vec![]);
                    while reader.next(&mut before, &mut after)? {
                        let image = if after.is_empty() { &before } else { &after };
                        let line = format!("{:?} {image:?}", event.kind);
                        done |= line.contains("999999");
                        lines.push(line);
                    }
                }
                Event::Commit { .. } if done => return Ok(lines),
                _ => {}
            }
        }
    }

    async fn error(&mut self) -> Error {
        self.rows().await.expect_err("the log must fail")
    }
}

/// Different for different names; no more is asked of it.
fn number_of(text: &str) -> u32 {
    text.bytes().fold(7, |n, b| n.wrapping_mul(31).wrapping_add(u32::from(b)))
}

/// Asserts that an error stops the job by this name, and says what to do.
#[track_caller]
fn stops(error: &Error, code: &str) {
    assert_eq!((error.kind, error.code), (Kind::Permanent, code), "{error:?}");
    assert!(!error.hint.is_empty(), "{error:?}");
}

/// The types of the log's events behind a position.
async fn kinds(server: &Server, from: &Position) -> Vec<String> {
    let query = format!("SHOW BINLOG EVENTS IN '{}' FROM {}", from.file, from.offset);
    rows(&mut connect(server).await, &query).await.into_iter().filter_map(|row| row[2].clone()).collect()
}

/// Writes rows of every kind of change, long enough to be worth compressing, and a last one with the number 999999.
async fn write(conn: &mut Conn, schema: &str) {
    let table = format!("`{schema}`.c");
    let long = format!("{}äöü", "long text ".repeat(200));
    exec_all(
        conn,
        [
            format!("CREATE TABLE {table} (id INT PRIMARY KEY, m MEDIUMINT, body TEXT) COMMENT='{}'", "c".repeat(900)),
            "BEGIN".to_owned(),
            format!("INSERT INTO {table} VALUES (1, -5, '{long}'), (2, -8388608, 'second')"),
            format!("UPDATE {table} SET m = 7, body = CONCAT(body, '!') WHERE id = 1"),
            format!("DELETE FROM {table} WHERE id = 2"),
            "COMMIT".to_owned(),
            format!("INSERT INTO {table} VALUES (3, 3, 'short')"),
            format!("INSERT INTO {table} VALUES (999999, 0, '')"),
        ],
    )
    .await;
}

/// Expects exactly the rows of [`write`].
fn written(lines: &[String]) {
    let begins = ["Insert [Int(1), Int(-5), ", "Insert [Int(2), Int(-8388608), ", "Update [Int(1), Int(7), "];
    let ends = ["Delete [Int(2), Int(-8388608), ", "Insert [Int(3), Int(3), ", "Insert [Int(999999), Int(0), "];
    let expected: Vec<&str> = begins.into_iter().chain(ends).collect();
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for (line, start) in lines.iter().zip(expected) {
        assert!(line.starts_with(start), "{line} is not {start}…");
    }
}

/// Compression is a global setting there; it disturbs nobody, since whoever reads the log must know it anyway.
#[tokio::test]
async fn compressed_events_of_mariadb_are_read_once() {
    let Some(server) = servers::mariadb(1) else { return };
    let schema = scratch("packed", &[server]).await;
    let (mut conn, from) = (connect(server).await, position(server).await);
    let mut tail = Tail::begin(server, &schema).await;
    exec_all(&mut conn, ["SET GLOBAL log_bin_compress_min_len = 10", "SET GLOBAL log_bin_compress = 1"]).await;
    // A session takes the setting over when it begins.
    let mut packing = connect(server).await;
    write(&mut packing, &schema).await;
    exec_all(&mut conn, ["SET GLOBAL log_bin_compress = 0", "SET GLOBAL log_bin_compress_min_len = DEFAULT"]).await;
    written(&tail.rows().await.unwrap());
    let kinds = kinds(server, &from).await;
    for kind in ["Query_compressed", "Write_rows_compressed_v1", "Update_rows_compressed_v1", "Delete_rows_compressed_v1"] {
        assert!(kinds.iter().any(|k| k == kind), "{kind} was logged: {kinds:?}");
    }
}

#[tokio::test]
async fn compressed_transactions_of_mysql_are_read_once() {
    let Some(server) = servers::mysql(1) else { return };
    let schema = scratch("packed", &[server]).await;
    let (mut conn, from) = (connect(server).await, position(server).await);
    let mut tail = Tail::begin(server, &schema).await;
    exec(&mut conn, "SET SESSION binlog_transaction_compression = ON").await;
    write(&mut conn, &schema).await;
    written(&tail.rows().await.unwrap());
    let kinds = kinds(server, &from).await;
    assert!(kinds.iter().filter(|k| *k == "Transaction_payload").count() >= 3, "{kinds:?}");
    // What follows a compressed transaction is not taken for a part of it.
    exec(&mut conn, "SET SESSION binlog_transaction_compression = OFF").await;
    exec(&mut conn, &format!("INSERT INTO `{schema}`.c VALUES (4, 4, ''), (9999990, 1, '')")).await;
    assert_eq!(tail.rows().await.unwrap().len(), 2);
}

/// Signs and names come from the log itself, whatever stands between the numbers.
#[tokio::test]
async fn table_maps_say_signs_and_names() {
    for server in [servers::mariadb(1), servers::mysql(1)].into_iter().flatten() {
        let schema = scratch("maps", &[server]).await;
        let mut tail = Tail::begin(server, &schema).await;
        let mut conn = connect(server).await;
        let columns = "a TINYINT UNSIGNED, y YEAR, b TINYINT, t TIME(2), f FLOAT UNSIGNED, e ENUM('x'), d DECIMAL(5,2), i MEDIUMINT UNSIGNED, \
                       v VARCHAR(9), bi BIT(3), z BIGINT, u BIGINT UNSIGNED, last INT";
        exec(&mut conn, &format!("CREATE TABLE `{schema}`.t ({columns})")).await;
        let values = "200, 2020, -3, '-00:00:01.50', 1.5, 'x', -1.25, 16777215, 'v', b'101', -1, 18446744073709551615, 999999";
        exec(&mut conn, &format!("INSERT INTO `{schema}`.t VALUES ({values})")).await;
        let line = tail.rows().await.unwrap().remove(0);
        for part in ["[UInt(200), Year(2020), Int(-3), Time(\"-00:00:01.50\"), Float(1.5)", "\"-1.25\"), UInt(16777215)"] {
            assert!(line.contains(part), "{line}");
        }
        assert!(line.ends_with("Int(-1), UInt(18446744073709551615), Int(999999)]"), "{line}");
    }
}

/// Columns that a functional or multi-valued index hides are in no row.
#[tokio::test]
async fn hidden_columns_of_mysql_are_not_logged() {
    let Some(server) = servers::mysql(1) else { return };
    let schema = scratch("hidden", &[server]).await;
    let mut tail = Tail::begin(server, &schema).await;
    let mut conn = connect(server).await;
    let table = format!("`{schema}`.t");
    let keys = "KEY k ((id + 1)), KEY m ((CAST(doc->'$.a' AS UNSIGNED ARRAY)))";
    exec(&mut conn, &format!("CREATE TABLE {table} (id INT PRIMARY KEY, doc JSON, {keys}, n INT)")).await;
    exec(&mut conn, &format!("INSERT INTO {table} VALUES (1, '{{\"a\": [1, 2]}}', 2)")).await;
    exec(&mut conn, &format!("UPDATE {table} SET doc = '{{\"a\": [3]}}', n = 999999")).await;
    let expected = [r#"Insert [Int(1), Json("{\"a\": [1, 2]}"), Int(2)]"#, r#"Update [Int(1), Json("{\"a\": [3]}"), Int(999999)]"#];
    assert_eq!(tail.rows().await.unwrap(), expected);
}

/// Two readers with one id: a new owner took over, or somebody else chose our number. Neither is the end of the job.
#[tokio::test]
async fn a_reader_that_is_replaced_may_try_again() {
    for server in [servers::mariadb(1), servers::mysql(1)].into_iter().flatten() {
        let schema = scratch("twins", &[server]).await;
        let mut conn = connect(server).await;
        let mut old = Tail::begin(server, &schema).await;
        exec(&mut conn, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY)")).await;
        exec(&mut conn, &format!("INSERT INTO `{schema}`.t VALUES (999999)")).await;
        assert_eq!(old.rows().await.unwrap().len(), 1);
        let mut new = Tail::begin(server, &schema).await;
        let error = old.error().await;
        assert_eq!(error.kind, Kind::Transient, "{error:?}");
        exec(&mut conn, &format!("INSERT INTO `{schema}`.t VALUES (9999990)")).await;
        assert_eq!(new.rows().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn rows_that_are_not_whole_stop_by_name() {
    for server in [servers::mariadb(1), servers::mysql(1)].into_iter().flatten() {
        let schema = scratch("image", &[server]).await;
        let mut conn = connect(server).await;
        exec(&mut conn, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, a INT, b INT)")).await;
        exec(&mut conn, &format!("INSERT INTO `{schema}`.t VALUES (1, 1, 1)")).await;
        let mut tail = Tail::begin(server, &schema).await;
        exec(&mut conn, "SET SESSION binlog_row_image = MINIMAL").await;
        exec(&mut conn, &format!("UPDATE `{schema}`.t SET a = 2")).await;
        stops(&tail.error().await, "row_image_not_full");
        // It stays stopped, or what failed could be passed over.
        assert_eq!(tail.error().await.code, "log_failed");
    }
}

#[tokio::test]
async fn parts_of_json_values_stop_by_name() {
    let Some(server) = servers::mysql(1) else { return };
    let schema = scratch("image", &[server]).await;
    let mut conn = connect(server).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.j (id INT PRIMARY KEY, doc JSON)")).await;
    exec(&mut conn, &format!("INSERT INTO `{schema}`.j VALUES (1, JSON_OBJECT('a', REPEAT('x', 100), 'b', 1))")).await;
    let mut tail = Tail::begin(server, &schema).await;
    exec(&mut conn, "SET SESSION binlog_row_value_options = PARTIAL_JSON").await;
    exec(&mut conn, &format!("UPDATE `{schema}`.j SET doc = JSON_SET(doc, '$.b', 2)")).await;
    stops(&tail.error().await, "partial_json_not_supported");
}

/// A run that streams, up to `condition`.
async fn streaming(job: &mut Job) -> Run {
    let mut run = job.start();
    run.streaming().await;
    run
}

/// Waits until the target has this many rows.
async fn arrives(run: &mut Run, to: &Server, table: &str, count: u64) {
    let mut conn = connect(to).await;
    let query = format!("SELECT COUNT(*) FROM {table}");
    until_some(PATIENCE, &format!("{count} rows of {table}"), async || {
        let found = one(&mut conn, &query).await;
        (found == Some(count.to_string())).then_some(())
    })
    .await;
    run.until("still running", |_| true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_in_place_of_rows_stop_the_job() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = scratch("statement", &[from]).await;
    drop_at(to, &schema).await;
    let mut conn = connect(from).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY)")).await;
    let mut job = Job::new(&schema, from, to);
    let run = streaming(&mut job).await;
    exec(&mut conn, "SET SESSION binlog_format = STATEMENT").await;
    exec(&mut conn, &format!("INSERT INTO `{schema}`.t VALUES (1)")).await;
    let error = run.error().await;
    assert_eq!((error.kind, error.code), (Kind::Undecided, "statement_based_event"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tagged_gtids_of_mysql_are_resumed() {
    let (Some(from), Some(to)) = (servers::mysql(1), servers::mysql(2)) else { return };
    let schema = scratch("tagged", &[from]).await;
    drop_at(to, &schema).await;
    let mut conn = connect(from).await;
    let table = format!("`{schema}`.t");
    exec(&mut conn, &format!("CREATE TABLE {table} (id INT AUTO_INCREMENT PRIMARY KEY, tag INT)")).await;
    let mut job = Job::new(&schema, from, to);
    let insert = async |conn: &mut Conn| {
        for next in ["AUTOMATIC:first", "AUTOMATIC", "AUTOMATIC:second"] {
            exec(conn, &format!("SET SESSION gtid_next = '{next}'")).await;
            exec(conn, &format!("INSERT INTO {table} (tag) VALUES (1)")).await;
        }
        exec(conn, "SET SESSION gtid_next = 'AUTOMATIC'").await;
    };
    for round in 1..=3 {
        let mut run = streaming(&mut job).await;
        insert(&mut conn).await;
        arrives(&mut run, to, &table, round * 6 - 3).await;
        run.crash().await;
        insert(&mut conn).await;
    }
    streaming(&mut job).await.finish().await;
    expect_equal(from, to, &schema, 1).await;
    let known = position(from).await.display();
    assert!(known.contains(":first:") && known.contains(":second:"), "{known}");
}

/// A server without GTIDs: positions are file and offset, also over the change of a file and over crashes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mysql_without_gtids_is_resumed_by_file_and_offset() {
    let (Some(from), Some(to)) = (servers::own(Flavor::Mysql, "nogtid"), servers::mysql(2)) else { return };
    let from = &from;
    let mut conn = connect(from).await;
    exec_all(&mut conn, ["ON_PERMISSIVE", "OFF_PERMISSIVE", "OFF"].map(|mode| format!("SET GLOBAL gtid_mode = {mode}"))).await;
    assert!(!info(from).await.gtid);
    let schema = scratch("nogtid", &[from]).await;
    drop_at(to, &schema).await;
    rotations(from, to, &schema, &mut conn).await;
    // RESET: what the job stands on is gone.
    let mut job = Job::new(&schema, from, to).renamed("reset");
    drop_at(to, &schema).await;
    streaming(&mut job).await.finish().await;
    exec(&mut conn, "RESET BINARY LOGS AND GTIDS").await;
    stops(&job.start().error().await, "position_lost");
}

/// Copies, streams, crashes in the stream, changes the file with changes on both sides of it, goes on.
async fn rotations(from: &Server, to: &Server, schema: &str, conn: &mut Conn) {
    let table = format!("`{schema}`.t");
    exec(conn, &format!("CREATE TABLE {table} (id INT AUTO_INCREMENT PRIMARY KEY, n INT)")).await;
    exec(conn, &format!("INSERT INTO {table} (n) VALUES (0)")).await;
    let mut job = Job::new(schema, from, to);
    let insert = format!("INSERT INTO {table} (n) VALUES (1)");
    let mut have = 1;
    for _ in 0..3 {
        let mut run = streaming(&mut job).await;
        for flush in [false, true, false] {
            if flush {
                exec(conn, "FLUSH BINARY LOGS").await;
            }
            exec_all(conn, [&insert, &insert]).await;
            exec(conn, &format!("UPDATE {table} SET n = n + 1 ORDER BY id DESC LIMIT 1")).await;
        }
        have += 6;
        arrives(&mut run, to, &table, have).await;
        run.crash().await;
        exec(conn, &insert).await;
        exec(conn, "FLUSH BINARY LOGS").await;
        exec(conn, &insert).await;
        have += 2;
    }
    streaming(&mut job).await.finish().await;
    expect_equal(from, to, schema, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_domains_of_mariadb_are_resumed_and_lost_positions_said() {
    let (Some(from), Some(to)) = (servers::own(Flavor::Mariadb, "domains"), servers::mariadb(2)) else { return };
    let from = &from;
    let schema = scratch("domains", &[from]).await;
    drop_at(to, &schema).await;
    let (mut first, mut second) = (connect(from).await, connect(from).await);
    exec(&mut second, "SET SESSION gtid_domain_id = 7").await;
    exec_all(&mut first, ["a", "b"].map(|t| format!("CREATE TABLE `{schema}`.{t} (id INT PRIMARY KEY)"))).await;
    let mut job = Job::new(&schema, from, to);
    let mut next = 0;
    let mut insert = async |first: &mut Conn, second: &mut Conn| {
        for _ in 0..5 {
            next += 1;
            exec(first, &format!("INSERT INTO `{schema}`.a VALUES ({next})")).await;
            exec(second, &format!("INSERT INTO `{schema}`.b VALUES ({next})")).await;
        }
        exec(second, "FLUSH BINARY LOGS").await;
    };
    for round in 1..=3 {
        let mut run = streaming(&mut job).await;
        insert(&mut first, &mut second).await;
        for table in ["a", "b"] {
            arrives(&mut run, to, &format!("`{schema}`.{table}"), round * 10 - 5).await;
        }
        run.crash().await;
        insert(&mut first, &mut second).await;
    }
    streaming(&mut job).await.finish().await;
    expect_equal(from, to, &schema, 2).await;
    assert!(position(from).await.display().contains(",7-"), "two domains");

    // What the job needs next is purged: the server says so, not the check before.
    insert(&mut first, &mut second).await;
    let last = position(from).await.file;
    until_some(PATIENCE, "the purge", async || {
        exec(&mut first, "FLUSH BINARY LOGS").await;
        exec(&mut first, &format!("PURGE BINARY LOGS TO '{last}'")).await;
        let files = rows(&mut first, "SHOW BINARY LOGS").await;
        (files[0][0].as_deref() == Some(last.as_str())).then_some(())
    })
    .await;
    stops(&job.start().error().await, "position_lost");
    exec(&mut first, "RESET MASTER").await;
    stops(&job.start().error().await, "position_lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_positions_and_xa_of_mysql_stop_by_name() {
    let (Some(from), Some(to)) = (servers::own(Flavor::Mysql, "lost"), servers::mysql(2)) else { return };
    let from = &from;
    let schema = scratch("lost", &[from]).await;
    drop_at(to, &schema).await;
    let mut conn = connect(from).await;
    xa(from, &mut conn, &schema).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY)")).await;
    let mut job = Job::new(&schema, from, to);
    streaming(&mut job).await.finish().await;
    exec(&mut conn, &format!("INSERT INTO `{schema}`.t VALUES (1)")).await;
    exec(&mut conn, "FLUSH BINARY LOGS").await;
    exec(&mut conn, &format!("PURGE BINARY LOGS TO '{}'", position(from).await.file)).await;
    stops(&job.start().error().await, "position_lost");
    exec(&mut conn, "RESET BINARY LOGS AND GTIDS").await;
    stops(&job.start().error().await, "position_lost");
}

#[tokio::test]
async fn xa_and_two_phase_alters_of_mariadb_stop_by_name() {
    let Some(server) = servers::own(Flavor::Mariadb, "xa") else { return };
    let schema = scratch("xa", &[&server]).await;
    let mut conn = connect(&server).await;
    xa(&server, &mut conn, &schema).await;
    let mut tail = Tail::begin(&server, &schema).await;
    exec(&mut conn, "SET SESSION binlog_alter_two_phase = 1").await;
    exec(&mut conn, &format!("ALTER TABLE `{schema}`.x ADD COLUMN n INT")).await;
    stops(&tail.error().await, "two_phase_alter_not_supported");
}

/// XA on other tables passes; on the job's tables it stops, and so does the end of one whose beginning was not seen.
async fn xa(server: &Server, conn: &mut Conn, schema: &str) {
    let other = scratch("elsewhere", &[server]).await;
    for s in [schema, &other] {
        exec(conn, &format!("CREATE TABLE `{s}`.x (id INT PRIMARY KEY)")).await;
    }
    let prepare = |name: &str, schema: &str, id: u32| {
        [
            format!("XA START '{name}', 'b', 5"),
            format!("INSERT INTO `{schema}`.x VALUES ({id})"),
            format!("XA END '{name}', 'b', 5"),
            format!("XA PREPARE '{name}', 'b', 5"),
        ]
    };
    let mut tail = Tail::begin(server, schema).await;
    exec_all(conn, prepare("one", &other, 1)).await;
    exec(conn, "XA COMMIT 'one', 'b', 5").await;
    exec_all(conn, prepare("two", &other, 2)).await;
    exec(conn, "XA ROLLBACK 'two', 'b', 5").await;
    exec_all(conn, &prepare("three", &other, 3)[..3]).await;
    exec(conn, "XA COMMIT 'three', 'b', 5 ONE PHASE").await;
    exec(conn, &format!("INSERT INTO `{schema}`.x VALUES (999999)")).await;
    assert_eq!(tail.rows().await.unwrap().len(), 1);

    exec_all(conn, prepare("four", schema, 4)).await;
    stops(&tail.error().await, "xa_not_supported");
    let mut tail = Tail::begin(server, schema).await;
    exec(conn, "XA COMMIT 'four', 'b', 5").await;
    stops(&tail.error().await, "xa_not_supported");
}

/// Bytes of the files in a folder.
fn bytes_in(dir: &Path) -> u64 {
    let Ok(files) = std::fs::read_dir(dir) else { return 0 };
    files.filter_map(|f| f.ok()?.metadata().ok()).map(|m| m.len()).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_spool_stays_small_and_loses_nothing() {
    const BOUND: u64 = 256 << 10;
    const ROWS: u32 = 65_536;
    for server in [servers::mariadb(1), servers::mysql(1)].into_iter().flatten() {
        let schema = scratch("bound", &[server]).await;
        let mut conn = connect(server).await;
        exec(&mut conn, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, pad CHAR(200) NOT NULL)")).await;
        let packed: &[&str] = if server.is_mysql() { &["OFF", "ON"] } else { &[""] };
        for packed in packed {
            if !packed.is_empty() {
                exec(&mut conn, &format!("SET SESSION binlog_transaction_compression = {packed}")).await;
            }
            exec(&mut conn, &format!("DELETE FROM `{schema}`.t")).await;
            let mut tail = Tail::bounded(server, &schema, BOUND).await;
            exec(&mut conn, "BEGIN").await;
            exec(&mut conn, &format!("INSERT INTO `{schema}`.t VALUES (0, 'p')")).await;
            let mut have = 1;
            while have < ROWS {
                exec(&mut conn, &format!("INSERT INTO `{schema}`.t SELECT id + {have}, REPEAT('p', id % 200) FROM `{schema}`.t")).await;
                have *= 2;
            }
            exec_all(&mut conn, [format!("INSERT INTO `{schema}`.t VALUES (999999, 'p')"), "COMMIT".into()]).await;
            // Nobody reads: it fills and stops.
            until_some(PATIENCE, "the spool is full", async || tail.log.stats().spool_full.then_some(())).await;
            let (dir, reading) = (tail.spool.path().join("spool"), CancellationToken::new());
            let stop = reading.clone();
            let watched = std::thread::spawn(move || {
                let mut most = 0;
                while !stop.is_cancelled() {
                    most = most.max(bytes_in(&dir));
                    std::thread::yield_now();
                }
                most
            });
            let lines = tail.rows().await.unwrap();
            reading.cancel();
            let inserted = lines.iter().filter(|l| l.starts_with("Insert")).count();
            assert_eq!(inserted, ROWS as usize + 1, "compression {packed}");
            let most = watched.join().unwrap();
            assert!(most > BOUND / 2 && most < 8 * BOUND, "compression {packed}: at most {most} bytes on disk");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dump_killed_at_the_source_is_asked_for_again() {
    for (from, to) in [(servers::mariadb(1), servers::mariadb(2)), (servers::mysql(1), servers::mysql(2))] {
        let (Some(from), Some(to)) = (from, to) else { continue };
        let schema = scratch("killed", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = connect(from).await;
        let table = format!("`{schema}`.t");
        exec(&mut conn, &format!("CREATE TABLE {table} (id INT PRIMARY KEY)")).await;
        // An account of its own tells this dump from those of other tests.
        let user = format!("u_{schema}");
        exec(&mut conn, &format!("CREATE USER {user} IDENTIFIED BY '{}'", servers::PASSWORD)).await;
        exec(&mut conn, &format!("GRANT ALL ON *.* TO {user}")).await;
        let mut job = Job::new(&schema, from, to);
        job.spec.src.endpoint.user.clone_from(&user);
        let mut run = streaming(&mut job).await;
        exec(&mut conn, &format!("INSERT INTO {table} VALUES (1)")).await;
        arrives(&mut run, to, &table, 1).await;
        let dump = format!("SELECT id FROM information_schema.processlist WHERE user = '{user}' AND command LIKE 'Binlog Dump%'");
        let id = one(&mut conn, &dump).await.expect("the dump is there");
        exec(&mut conn, &format!("KILL {id}")).await;
        let error = run.error().await;
        assert_eq!(error.kind, Kind::Transient, "{error:?}");
        exec(&mut conn, &format!("INSERT INTO {table} VALUES (2)")).await;
        streaming(&mut job).await.finish().await;
        expect_equal(from, to, &schema, 1).await;
    }
}

/// The whole way with a spool that is smaller than a transaction.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_with_a_small_spool_ends_equal() {
    let (Some(from), Some(to)) = (servers::mysql(1), servers::mysql(2)) else { return };
    let schema = scratch("narrow", &[from]).await;
    drop_at(to, &schema).await;
    let mut conn = connect(from).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, pad VARCHAR(500))")).await;
    let mut job = Job::new(&schema, from, to);
    job.limits = Limits { spool_bytes: 256 << 10, ..Limits::default() };
    let run = streaming(&mut job).await;
    exec_all(&mut conn, ["SET SESSION cte_max_recursion_depth = 100000".to_owned(), "BEGIN".into()]).await;
    let series = "WITH RECURSIVE s AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM s WHERE i < 20000) SELECT i, REPEAT('x', i % 500) FROM s";
    exec(&mut conn, &format!("INSERT INTO `{schema}`.t {series}")).await;
    exec_all(&mut conn, [format!("UPDATE `{schema}`.t SET pad = CONCAT(pad, 'y') WHERE id % 3 = 0"), "COMMIT".into()]).await;
    run.finish().await;
    expect_equal(from, to, &schema, 1).await;
}
