//! Every column type goes through the sink unchanged, both ways in: as rows of the log (insert, update, delete, with and
//! without a key) and as chunks of the copy. The log is read by the driver's stream here, only its raw rows are used.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

use super::verify::verify_schema;
use crate::support::line::Line;
use crate::support::servers::{self, Server, direction};
use crate::support::sql;
use crate::support::zoo::{self, Table};
use bytes::Bytes;
use futures::StreamExt as _;
use mysql_async::{BinlogStreamRequest, Conn, Value};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use syncline::model::endpoint::MysqlEndpoint;
use syncline::model::job::JobId;
use syncline::model::position::{Position, TxId};
use syncline::model::replicate::{ConflictDetection, ConflictPolicy, MysqlSinkSpec, TableFilter, TableName, quote};
use syncline::replicate::connect::{self, Flavor};
use syncline::replicate::event::{MapColumn, RowsEvent, RowsKind, TableMap};
use syncline::replicate::schema::read::read_table;
use syncline::replicate::sink::mysql::MysqlSink;
use syncline::replicate::sink::{Chunk, ChunkDone, Claim, Item, Mode, RowBlock, Sink as _};
use syncline::replicate::table::TypeClass;
use syncline::replicate::verify::{Options, Outcome, TableVerdict};
use tokio_util::sync::CancellationToken;

const AT_ONCE: Options = Options { max_differences: 20, recheck_for: Duration::ZERO };

async fn sink(endpoint: MysqlEndpoint, schema: &str, detection: ConflictDetection) -> MysqlSink {
    let mut conn = connect::open(&endpoint, false).await.unwrap();
    let info = connect::inspect(&mut conn, &endpoint).await.unwrap();
    let spec =
        MysqlSinkSpec { endpoint: endpoint.clone(), apply_workers: None, copy_workers: None, conflict: ConflictPolicy::Error, detection };
    let job = JobId(format!("zoo-{schema}"));
    let mut sink = MysqlSink::new(endpoint, job, "source", &spec, &TableFilter::default(), None, None, 4, info, CancellationToken::new())
        .expect("no row filter");
    sink.open(Claim::any(1)).await.unwrap();
    sink
}

async fn create(server: &Server, schema: &str, tables: &[Table]) {
    let mut conn = sql::connect(server).await;
    for table in tables {
        sql::exec(&mut conn, &table.create(schema)).await;
    }
}

async fn assert_equal(from: &Server, to: &Server, schema: &str, doing: &str) {
    let report = verify_schema(from, to, schema, AT_ONCE).await;
    // A DECIMAL inside MySQL's JSON has no form as JSON text: 1.10 arrives as the double 1.1.
    let known =
        |t: &&TableVerdict| t.table.table == "only_mysql" && t.differences.iter().all(|d| d.key == "id=3" && d.columns == ["c_json"]);
    let different: Vec<_> = report.tables.iter().filter(|t| t.outcome != Outcome::Equal && !known(t)).collect();
    assert!(different.is_empty(), "{}: {doing}: {different:#?}", direction(from, to));
}

pub(super) async fn log_end(server: &Server, conn: &mut Conn) -> (String, u64) {
    let statement = if server.is_mysql() { "SHOW BINARY LOG STATUS" } else { "SHOW MASTER STATUS" };
    let row = sql::rows(conn, statement).await.remove(0);
    (row[0].clone().unwrap(), row[1].clone().unwrap().parse().unwrap())
}

/// The rows events of one schema from a position to the end of the log.
pub(super) async fn logged(server: &Server, schema: &str, file: &str, from: u64) -> Vec<RowsEvent> {
    let mut conn = connect::open(&server.endpoint(), false).await.unwrap().into_driver();
    if !server.is_mysql() {
        sql::exec(&mut conn, "SET @mariadb_slave_capability=4").await;
    }
    sql::exec(&mut conn, "SET @master_binlog_checksum='CRC32', @source_binlog_checksum='CRC32'").await;
    static READERS: AtomicU32 = AtomicU32::new(77_001);
    let request =
        BinlogStreamRequest::new(READERS.fetch_add(1, Ordering::Relaxed)).with_filename(file.as_bytes()).with_pos(from).with_non_blocking();
    let mut stream = conn.get_binlog_stream(request).await.unwrap();
    let (mut maps, mut events) = (HashMap::new(), Vec::new());
    while let Some(event) = stream.next().await {
        let event = event.unwrap();
        let (code, body) = (event.header().event_type_raw(), event.data());
        let id = || u64::from_le_bytes([body[0], body[1], body[2], body[3], body[4], body[5], 0, 0]);
        match code {
            19 => {
                maps.insert(id(), Arc::new(table_map(body)));
            }
            23..=25 | 30..=32 => {
                let map: &Arc<TableMap> = &maps[&id()];
                if map.table.schema != schema {
                    continue;
                }
                let kind =
                    [RowsKind::Insert, RowsKind::Update, RowsKind::Delete][usize::from(if code > 25 { code - 30 } else { code - 23 })];
                let extra = if code > 25 { usize::from(u16::from_le_bytes([body[8], body[9]])) } else { 0 };
                let bitmap = map.columns.len().div_ceil(8);
                // Fewer than 251 columns: their count is one byte.
                let head = 8 + extra + 1 + bitmap * if kind == RowsKind::Update { 2 } else { 1 };
                events.push(RowsEvent {
                    kind,
                    map: Arc::clone(map),
                    rows: Bytes::copy_from_slice(&body[head..]),
                    json_parts: false,
                    foreign_keys_off: false,
                });
            }
            _ => {}
        }
    }
    events
}

/// Types and metadata; the driver's own reading stops at types of MariaDB that it does not know.
fn table_map(body: &[u8]) -> TableMap {
    let mut rest = &body[8..];
    let mut take = |n: usize| {
        let (head, tail) = rest.split_at(n);
        rest = tail;
        head
    };
    let mut name = || {
        let length = take(1)[0];
        let text = String::from_utf8(take(usize::from(length)).to_vec()).unwrap();
        take(1);
        text
    };
    let table = TableName { schema: name(), table: name() };
    let count = usize::from(take(1)[0]);
    let types = take(count).to_vec();
    assert!(take(1)[0] < 251, "a table of the zoo has few columns");
    let column = |&type_code: &u8| {
        let meta = match type_code {
            4 | 5 | 249..=252 | 255 | 245 | 242 | 17 | 18 | 19 | 140 => u16::from(take(1)[0]),
            15 | 253 | 16 | 141 => u16::from_le_bytes(take(2).try_into().unwrap()),
            246 | 254 | 247 | 248 => u16::from_be_bytes(take(2).try_into().unwrap()),
            _ => 0,
        };
        MapColumn { type_code, meta, ..MapColumn::default() }
    };
    TableMap { table, columns: types.iter().map(column).collect(), primary: None }
}

#[tokio::test]
async fn every_type_is_applied_from_the_log() {
    for (from, to) in servers::directions() {
        apply_zoo(from, to, ConflictDetection::Key).await;
    }
}

/// No value of any type is taken for another where whole rows are compared.
#[tokio::test]
async fn every_type_is_found_as_it_was() {
    for (from, to) in servers::directions() {
        apply_zoo(from, to, ConflictDetection::Row).await;
    }
}

async fn apply_zoo(from: &Server, to: &Server, detection: ConflictDetection) {
    let schema = sql::scratch("sinklog", &[from, to]).await;
    let tables = zoo::tables_for(from, to);
    create(from, &schema, &tables).await;
    create(to, &schema, &tables).await;
    let mut sink = sink(to.endpoint(), &schema, detection).await;
    let mut conn = sql::connect(from).await;
    let mut n = 0;
    for doing in ["insert", "update", "delete"] {
        let (file, start) = log_end(from, &mut conn).await;
        for table in &tables {
            change(&mut conn, &schema, table, doing).await;
        }
        for event in logged(from, &schema, &file, start).await {
            n += 1;
            let id = TxId { gtid: None, file: "log".into(), start_offset: n };
            let end = Position { gtid: None, file: "log".into(), offset: n + 1 };
            sink.submit(Item::Tx { id, end, rows: vec![(event, Mode::Exact)], source_time: 0, xid: None }).await.unwrap();
        }
        sink.drain().await.unwrap_or_else(|e| panic!("{}: {doing}: {e:?}", direction(from, to)));
        assert_equal(from, to, &schema, doing).await;
    }
    sink.close().await;
}

async fn change(conn: &mut Conn, schema: &str, table: &Table, doing: &str) {
    let name = table.quoted(schema);
    let lenient = "SET SESSION sql_mode='ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO'";
    sql::exec(conn, lenient).await;
    match (doing, table.keyed) {
        ("insert", _) => table.insert(conn, schema, 1).await,
        ("update", true) => sql::exec(conn, &format!("UPDATE {name} SET id = id + 5000 WHERE id % 2 = 0")).await,
        ("delete", true) => sql::exec(conn, &format!("DELETE FROM {name} WHERE id % 3 = 0")).await,
        // Without a key each row is there twice: one of each pair goes.
        ("update", false) => {
            let column = quote(table.columns[0].name);
            sql::exec(conn, &format!("UPDATE {name} SET {column} = NULL LIMIT 3")).await;
        }
        _ => sql::exec(conn, &format!("DELETE FROM {name} LIMIT {}", table.row_count())).await,
    }
}

/// How rows get in; MySQL knows the last two of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Bulk,
    Load,
    Text,
}

#[tokio::test]
async fn every_type_is_written_by_the_copier() {
    for (from, to) in servers::directions() {
        for way in [Way::Bulk, Way::Load, Way::Text] {
            if way != Way::Bulk || to.flavor == Flavor::Mariadb {
                copy_zoo(from, to, way).await;
            }
        }
    }
}

/// Other tests may meet a server without LOAD DATA for a moment; it makes no difference.
async fn copy_zoo(from: &Server, to: &Server, way: Way) {
    let schema = sql::scratch("sinkcopy", &[from, to]).await;
    let tables = zoo::tables_for(from, to);
    zoo::load(from, &schema, &tables).await;
    create(to, &schema, &tables).await;
    let line = Line::to(to).await;
    if way != Way::Bulk {
        line.plain();
    }
    let endpoint = MysqlEndpoint { port: line.port, ..to.endpoint() };
    let mut sink = sink(endpoint, &schema, ConflictDetection::Key).await;
    let mut admin = sql::connect(to).await;
    sql::exec(&mut admin, &format!("SET GLOBAL local_infile={}", way != Way::Text)).await;
    let mut copier = sink.copier().await.unwrap();
    sql::exec(&mut admin, "SET GLOBAL local_infile=1").await;
    line.listens_for("LOAD DATA");
    let endpoint = from.endpoint();
    let mut conn = connect::faithful(&endpoint, false).await.unwrap();
    let info = connect::inspect(&mut conn, &endpoint).await.unwrap();
    for table in &tables {
        let table = read_table(&mut conn, &info, &TableName::new(&schema, table.name)).await.unwrap().unwrap();
        let block = block(&mut conn, &table).await;
        let done = ChunkDone { range: 0, lower: None, upper: None, cursor: None, complete: true, rows: block.rows() as u64 };
        let name = table.name.clone();
        let written = copier.write(&Chunk { table: Arc::new(table), done, fresh: true }, block).await;
        written.unwrap_or_else(|e| panic!("{}: {name}: {e:?}", direction(from, to)));
    }
    // The line to MySQL is encrypted.
    assert!(to.flavor == Flavor::Mysql || (line.heard() > 0) == (way == Way::Load), "{}: {way:?}", direction(from, to));
    assert_equal(from, to, &schema, "copy").await;
    sink.close().await;
}

/// All rows of a table as the copy reads them.
pub(super) async fn block(conn: &mut connect::Conn, table: &syncline::replicate::table::Table) -> RowBlock {
    let column = |c: &syncline::replicate::table::Column| match c.class {
        TypeClass::Float => format!("{}+0e0", quote(&c.name)),
        TypeClass::Enum => format!("{}+0", quote(&c.name)),
        _ => quote(&c.name),
    };
    let list: Vec<String> = table.stored_columns().map(|(_, c)| column(c)).collect();
    let rows: Vec<mysql_async::Row> = conn.query(format!("SELECT {} FROM {}", list.join(","), table.name.quoted())).await.unwrap();
    let mut block = RowBlock { columns: list.len(), ..RowBlock::default() };
    for value in rows.into_iter().flat_map(mysql_async::Row::unwrap) {
        match value {
            Value::NULL => block.push(None),
            Value::Bytes(bytes) => block.push(Some(&bytes)),
            other => panic!("the text protocol sends text, not {other:?}"),
        }
    }
    block
}
