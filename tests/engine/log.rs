//! What real servers write to their logs, read as the engine reads it: each row exactly once, and what cannot be
//! replayed stops by name.

mod positions;
mod spool;

use crate::support::job::PATIENCE;
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, exec, exec_all, ours, rows, scratch};
use mysql_async::Conn;
use syncline::model::live::Live;
use syncline::model::position::Position;
use syncline::model::replicate::{SchemaRule, TableFilter};
use syncline::replicate::connect::{ServerInfo, inspect};
use syncline::replicate::event::Event;
use syncline::replicate::stream::{Log, LogConfig, RowReader};
use syncline::replicate::{Error, Kind, Result, coordinates};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// A log of one schema from now on.
struct Tail {
    log: Log,
    schema: String,
    spool: tempfile::TempDir,
}

async fn info(server: &Server) -> ServerInfo {
    inspect(&mut ours(server).await, &server.endpoint()).await.expect("the server says what it is")
}

async fn position(server: &Server) -> Position {
    coordinates::high(&mut ours(server).await, &info(server).await).await.expect("the log has an end")
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
            filter: TableFilter { include: vec![SchemaRule::new(schema, [])], ignore: vec![], shadows: true },
            target: None,
            live: watch::channel(Live::default()).1,
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
