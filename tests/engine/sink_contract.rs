//! What every sink promises (`replicate/sink/mod.rs`), proved on the MySQL sink at real servers of both flavours.
//!
//! Rows are encoded here as a server logs them, for one table `t (id INT PRIMARY KEY, v VARCHAR(20))` and file positions
//! that count transactions.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

use crate::support::servers::{self, Server};
use crate::support::{sql, until};
use bytes::Bytes;
use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;
use std::sync::Arc;
use std::time::Duration;
use syncline::model::job::JobId;
use syncline::model::position::{Position, TxId};
use syncline::model::progress::TablePhase;
use syncline::model::replicate::{ConflictDetection, ConflictPolicy, MysqlSinkSpec, TableFilter, TableName};
use syncline::replicate::event::{DdlEvent, MapColumn, RowsEvent, RowsKind, TableMap};
use syncline::replicate::sink::mysql::MysqlSink;
use syncline::replicate::sink::{Chunk, ChunkDone, Claim, Epoch, Forgotten, Item, Mode, Prepare, RowBlock, Sink as _, TableState};
use syncline::replicate::{Error, Kind, connect, schema};
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(20);

pub(super) fn targets() -> Vec<&'static Server> {
    [servers::mariadb(2), servers::mysql(2)].into_iter().flatten().collect()
}

/// A target schema with the table, and sinks of one job towards it.
pub(super) struct Case {
    server: &'static Server,
    pub(super) schema: String,
    job: String,
    pub(super) conn: Conn,
    pub(super) policy: ConflictPolicy,
    pub(super) detection: ConflictDetection,
    group_bytes: Option<u64>,
}

impl Case {
    pub(super) async fn new(server: &'static Server, name: &str, table: &str) -> Self {
        let schema = sql::scratch(name, &[server]).await;
        let mut conn = sql::connect(server).await;
        sql::exec(&mut conn, &format!("USE `{schema}`")).await;
        sql::exec(&mut conn, table).await;
        let job = format!("job-{schema}");
        Self { server, schema, job, conn, policy: ConflictPolicy::Error, detection: ConflictDetection::Key, group_bytes: None }
    }

    pub(super) async fn keyed(server: &'static Server, name: &str) -> Self {
        Self::new(server, name, "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))").await
    }

    pub(super) async fn sink(&mut self) -> (MysqlSink, CancellationToken) {
        let endpoint = self.server.endpoint();
        let info = connect::inspect(&mut connect::open(&endpoint, false).await.unwrap(), &endpoint).await.unwrap();
        let spec = MysqlSinkSpec {
            endpoint: endpoint.clone(),
            apply_workers: None,
            copy_workers: None,
            conflict: self.policy,
            detection: self.detection,
        };
        let cancel = CancellationToken::new();
        let job = JobId(self.job.clone());
        (
            MysqlSink::new(endpoint, job, "source", &spec, &TableFilter::default(), self.group_bytes, None, 4, info, cancel.clone())
                .expect("no row filter"),
            cancel,
        )
    }

    pub(super) fn event(&self, kind: RowsKind, images: &[(i32, &str)]) -> RowsEvent {
        let column = |type_code, meta, name: &str| MapColumn { type_code, meta, name: Some(name.to_owned()), ..MapColumn::default() };
        let is_long = images.iter().any(|(_, v)| v.len() > 80);
        let columns = vec![column(3, 0, "id"), if is_long { column(252, 4, "v") } else { column(15, 80, "v") }];
        let map = Arc::new(TableMap { table: self.table(), columns, primary: None });
        let mut rows = Vec::new();
        for (id, v) in images {
            rows.push(0);
            rows.extend_from_slice(&id.to_le_bytes());
            rows.extend_from_slice(&(v.len() as u32).to_le_bytes()[..if is_long { 4 } else { 1 }]);
            rows.extend_from_slice(v.as_bytes());
        }
        RowsEvent { kind, map, rows: Bytes::from(rows), json_parts: false, foreign_keys_off: false }
    }

    pub(super) fn endpoint(&self) -> syncline::model::endpoint::MysqlEndpoint {
        self.server.endpoint()
    }

    pub(super) fn table(&self) -> TableName {
        TableName::new(&self.schema, "t")
    }

    pub(super) fn tx(&self, n: u64, events: Vec<RowsEvent>) -> Item {
        Item::Tx { id: id(n), end: at(n), rows: events.into_iter().map(|e| (e, Mode::Exact)).collect(), source_time: n as i64, xid: None }
    }

    pub(super) fn insert(&self, n: u64, id: i32) -> Item {
        self.tx(n, vec![self.event(RowsKind::Insert, &[(id, "a")])])
    }

    pub(super) async fn rows(&mut self) -> Vec<(i32, String)> {
        let rows = sql::rows(&mut self.conn, "SELECT id, v FROM t ORDER BY id, v").await;
        rows.into_iter().map(|r| (r[0].clone().unwrap().parse().unwrap(), r[1].clone().unwrap())).collect()
    }

    async fn count_where_job(&mut self, table: &str) -> u64 {
        sql::count(&mut self.conn, &format!("syncline.{table} WHERE job='{}'", self.job)).await
    }
}

fn id(n: u64) -> TxId {
    TxId { gtid: None, file: "bin.000001".into(), start_offset: n * 10 }
}

/// Behind transaction `n`.
fn at(n: u64) -> Position {
    Position { gtid: None, file: "bin.000001".into(), offset: n * 10 + 10 }
}

pub(super) fn row(id: i32, v: &str) -> (i32, String) {
    (id, v.to_owned())
}

/// Submits and waits until the worker has committed, without the fold that `drain` ends with.
async fn committed(sink: &mut MysqlSink, item: Item, end: &Position) {
    let mut durable = sink.durable();
    sink.submit(item).await.unwrap();
    durable.wait_for(|d| d.watermark.as_ref() == Some(end)).await.unwrap();
}

/// The error that a broken sink reports.
pub(super) async fn fails(sink: &mut MysqlSink, item: Item) -> Error {
    match sink.submit(item).await {
        Err(error) => error,
        Ok(()) => sink.drain().await.unwrap_err(),
    }
}

#[tokio::test]
async fn applied_transactions_above_the_checkpoint_are_not_applied_again() {
    for server in targets() {
        let mut case = Case::keyed(server, "applied").await;
        let (mut sink, cancel) = case.sink().await;
        assert!(sink.open(Claim::any(1)).await.unwrap().watermark.is_none());
        let first = case.insert(1, 7);
        committed(&mut sink, first, &at(1)).await;
        cancel.cancel();
        sink.close().await;

        let (mut sink, cancel) = case.sink().await;
        let resume = sink.open(Claim::any(2)).await.unwrap();
        assert_eq!((resume.watermark, resume.applied_offsets), (None, vec![("bin.000001".to_owned(), 10)]));
        for item in [case.insert(1, 7), case.insert(2, 8)] {
            sink.submit(item).await.unwrap();
        }
        assert_eq!(sink.drain().await.unwrap(), at(2));
        assert_eq!(case.rows().await, [row(7, "a"), row(8, "a")]);
        assert_eq!(case.count_where_job("applied").await, 0, "folded");
        cancel.cancel();

        // The proof that the row is what it hangs on: without it the transaction is applied again and collides.
        let (mut sink, cancel) = case.sink().await;
        sink.open(Claim::any(3)).await.unwrap();
        let third = case.insert(3, 9);
        committed(&mut sink, third, &at(3)).await;
        cancel.cancel();
        sink.close().await;
        let forget = format!("DELETE FROM syncline.applied WHERE job='{}'", case.job);
        sql::exec(&mut case.conn, &forget).await;
        let (mut sink, _cancel) = case.sink().await;
        sink.open(Claim::any(4)).await.unwrap();
        assert_eq!(fails(&mut sink, case.insert(3, 9)).await.code, "conflict");
    }
}

#[tokio::test]
async fn a_second_owner_fences_the_first() {
    for server in targets() {
        let mut case = Case::keyed(server, "fence").await;
        let (mut old, _a) = case.sink().await;
        let (mut new, _b) = case.sink().await;
        old.open(Claim::any(1)).await.unwrap();
        let first = case.insert(1, 1);
        old.submit(first).await.unwrap();
        old.drain().await.unwrap();
        let copier = old.copier().await.unwrap();
        // The old owner's sessions stay alive, so that the fence alone has to hold.
        let hide = format!("DELETE FROM syncline.session WHERE job='{}'", case.job);
        sql::exec(&mut case.conn, &hide).await;
        new.open(Claim::any(2)).await.unwrap();
        assert_eq!(fails(&mut old, case.insert(2, 2)).await.kind, Kind::Fenced);
        assert_eq!(copy(&mut case, copier, &[(3, "c")], true).await.unwrap_err().kind, Kind::Fenced);
        assert_eq!(case.rows().await, [row(1, "a")]);
        let error = old.open(Claim::any(2)).await.unwrap_err();
        assert_eq!((error.kind, error.code), (Kind::Transient, "epoch_behind"), "an equal epoch is not a later one");
        let goes_on = Claim { epoch: Epoch(3), asked: Some(Epoch(1)) };
        assert_eq!(old.open(goes_on).await.unwrap_err().kind, Kind::Fenced, "it takes nothing back by itself");
        new.submit(case.insert(2, 2)).await.unwrap();
        new.drain().await.unwrap();
    }
}

#[tokio::test]
async fn a_new_owner_ends_the_open_transaction_of_the_old_one() {
    for server in targets() {
        let mut case = Case::keyed(server, "takeover").await;
        let (mut old, _a) = case.sink().await;
        old.open(Claim::any(1)).await.unwrap();
        let rows = vec![(case.event(RowsKind::Insert, &[(1, "a")]), Mode::Exact)];
        old.submit(Item::TxPart { id: id(1), rows, end: None, source_time: 1 }).await.unwrap();
        until::until(PATIENCE, "the part holds its locks", async || {
            // The row is there for those who read what is not committed.
            sql::exec(&mut case.conn, "SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED").await;
            case.rows().await.len() == 1
        })
        .await;
        let (mut new, _b) = case.sink().await;
        new.open(Claim::any(2)).await.unwrap();
        assert_eq!(case.rows().await, []);
        let rows = vec![(case.event(RowsKind::Insert, &[(2, "a")]), Mode::Exact)];
        let error = fails(&mut old, Item::TxPart { id: id(1), rows, end: Some(at(1)), source_time: 1 }).await;
        assert!(matches!(error.kind, Kind::Transient | Kind::Fenced), "{error:?}");
        let parts = [(1, None), (2, None), (3, Some(at(1)))];
        for (n, end) in parts {
            let rows = vec![(case.event(RowsKind::Insert, &[(n, "p")]), Mode::Exact)];
            new.submit(Item::TxPart { id: id(1), rows, end, source_time: 1 }).await.unwrap();
        }
        new.drain().await.unwrap();
        assert_eq!(case.rows().await, [row(1, "p"), row(2, "p"), row(3, "p")]);
    }
}

#[tokio::test]
async fn what_is_called_durable_is_at_the_target() {
    for server in targets() {
        let mut case = Case::keyed(server, "durable").await;
        let (mut sink, _cancel) = case.sink().await;
        sink.open(Claim::any(1)).await.unwrap();
        let mut durable = sink.durable();
        for n in 1..=300 {
            sink.submit(case.insert(n, n as i32)).await.unwrap();
            if n % 50 == 0 {
                sink.submit(Item::Skip { id: None, end: at(n), source_time: 0 }).await.unwrap();
            }
            if durable.has_changed().unwrap() {
                let seen = durable.borrow_and_update().clone();
                let behind = seen.watermark.map_or(0, |w| w.offset / 10 - 1);
                assert!(case.rows().await.len() as u64 >= behind);
                assert!(seen.transactions <= n);
            }
        }
        assert_eq!(sink.drain().await.unwrap(), at(300));
        let seen = durable.borrow().clone();
        assert_eq!((seen.transactions, seen.row_events, seen.tables), (300, 300, vec![(case.table(), [300, 0, 0, 0, 0])]));
        assert_eq!(case.rows().await.len(), 300);
        sink.close().await;
        assert_eq!(case.count_where_job("session").await, 0);
        let (mut sink, _cancel) = case.sink().await;
        assert_eq!(sink.open(Claim::any(2)).await.unwrap().watermark, Some(at(300)));
    }
}

#[tokio::test]
async fn converging_changes_meet_any_state_of_the_row() {
    for server in targets() {
        let mut case = Case::keyed(server, "converge").await;
        sql::exec(&mut case.conn, "INSERT INTO t VALUES (1, 'copied'), (2, 'copied')").await;
        let (mut sink, _cancel) = case.sink().await;
        sink.open(Claim::any(1)).await.unwrap();
        let events = [
            case.event(RowsKind::Insert, &[(1, "log"), (3, "log")]),
            case.event(RowsKind::Update, &[(2, "x"), (4, "moved"), (5, "x"), (5, "late")]),
            case.event(RowsKind::Delete, &[(6, "never"), (3, "log")]),
        ];
        let rows = events.into_iter().map(|e| (e, Mode::Converge)).collect();
        sink.submit(Item::Tx { id: id(1), end: at(1), rows, source_time: 1, xid: None }).await.unwrap();
        sink.drain().await.unwrap();
        assert_eq!(case.rows().await, [row(1, "log"), row(4, "moved"), row(5, "late")]);
    }
}

#[tokio::test]
async fn a_keyless_table_loses_one_row_per_row() {
    for server in targets() {
        let mut case = Case::new(server, "keyless", "CREATE TABLE t (id INT, v VARCHAR(20) COLLATE utf8mb4_general_ci)").await;
        sql::exec(&mut case.conn, "INSERT INTO t VALUES (1, 'a'), (1, 'a'), (1, 'A'), (2, 'b')").await;
        let (mut sink, _cancel) = case.sink().await;
        sink.open(Claim::any(1)).await.unwrap();
        let events = vec![
            case.event(RowsKind::Delete, &[(1, "a")]),
            case.event(RowsKind::Update, &[(1, "A"), (1, "Z"), (2, "b"), (3, "c")]),
            case.event(RowsKind::Insert, &[(1, "a"), (1, "a")]),
        ];
        sink.submit(case.tx(1, events)).await.unwrap();
        sink.drain().await.unwrap();
        assert_eq!(case.rows().await, [row(1, "a"), row(1, "a"), row(1, "a"), row(1, "Z"), row(3, "c")]);
        let gone = case.tx(2, vec![case.event(RowsKind::Delete, &[(9, "x")])]);
        assert_eq!(fails(&mut sink, gone).await.code, "conflict");
    }
}

fn ddl(case: &Case, n: u64, statement: &str) -> Item {
    let ddl = DdlEvent {
        statement: statement.to_owned(),
        default_schema: case.schema.clone(),
        sql_mode: None,
        charset: Some((45, 45, 45)),
        time_zone: Some("SYSTEM".into()),
        foreign_key_checks_off: false,
        unix_time: 1_700_000_000,
        unix_micros: 0,
        increments: None,
        explicit_timestamps: Default::default(),
    };
    Item::Ddl { id: id(n), end: at(n), ddl, source_time: n as i64 }
}

#[tokio::test]
async fn a_statement_runs_once_between_its_markers() {
    for server in targets() {
        let mut case = Case::keyed(server, "ddl").await;
        let (mut sink, cancel) = case.sink().await;
        sink.open(Claim::any(1)).await.unwrap();
        sink.submit(case.insert(1, 1)).await.unwrap();
        sink.submit(ddl(&case, 2, "ALTER TABLE t MODIFY v VARCHAR(30)")).await.unwrap();
        sink.submit(case.insert(3, 2)).await.unwrap();
        sink.drain().await.unwrap();
        let failure = fails(&mut sink, ddl(&case, 4, "ALTER TABLE t DROP COLUMN missing")).await;
        assert_eq!((failure.kind, failure.code), (Kind::Undecided, "ddl_failed"));
        assert_eq!(case.count_where_job("ddl").await, 0, "a refused statement begins anew");
        // It has done nothing, and what follows it waits: the sink is as it was before.
        assert_eq!(sink.drain().await.unwrap(), at(3));
        let failure = fails(&mut sink, ddl(&case, 4, "ALTER TABLE t DROP COLUMN missing")).await;
        assert_eq!(failure.code, "ddl_failed");
        cancel.cancel();
        sink.close().await;

        // Crashed behind the begin marker, and nothing has changed: the statement is run again.
        crash_in_ddl(&mut case, 2, 4, "ALTER TABLE t ADD COLUMN again INT").await;
        let (mut sink, cancel) = case.sink().await;
        let open = sink.open(Claim::any(4)).await.unwrap().open_ddl.unwrap();
        assert_eq!((open.tx, open.statement.as_str()), (id(4), "ALTER TABLE t ADD COLUMN again INT"));
        sink.submit(ddl(&case, 4, "ALTER TABLE t ADD COLUMN again INT")).await.unwrap();
        assert_eq!(sink.drain().await.unwrap(), at(4));
        cancel.cancel();
        sink.close().await;

        // Crashed, and the definition differs from the marker's: the statement is done.
        crash_in_ddl(&mut case, 5, 5, "ALTER TABLE t ADD COLUMN done INT").await;
        sql::exec(&mut case.conn, "ALTER TABLE t ADD COLUMN done INT").await;
        let (mut sink, _cancel) = case.sink().await;
        sink.open(Claim::any(7)).await.unwrap();
        sink.submit(ddl(&case, 5, "ALTER TABLE t ADD COLUMN done INT")).await.unwrap();
        assert_eq!(sink.drain().await.unwrap(), at(5));
        assert_eq!(case.count_where_job("ddl").await, 0);
        sink.submit(ddl(&case, 6, "DROP TABLE t")).await.unwrap();
        sink.submit(ddl(&case, 7, "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))")).await.unwrap();
        sink.submit(case.insert(8, 2)).await.unwrap();
        sink.drain().await.unwrap();
        assert_eq!(case.rows().await, [row(2, "a")]);
    }
}

/// Two of these are none: the definitions of the tables are the same before and behind it.
#[tokio::test]
async fn a_statement_that_moves_rows_alone_runs_once() {
    let ways = [
        "RENAME TABLE t TO swap, u TO t, swap TO u",
        "ALTER TABLE t EXCHANGE PARTITION p0 WITH TABLE u",
        "ALTER TABLE u EXCHANGE PARTITION p0 WITH TABLE t",
    ];
    for server in targets() {
        for statement in ways {
            for (done, others) in [(false, false), (true, false), (false, true)] {
                let mut case = Case::keyed(server, "moves").await;
                let parts = "PARTITION BY HASH (id) PARTITIONS 1";
                let of = |table: &str| if statement.contains(&format!("TABLE {table} EXCHANGE")) { parts } else { "" };
                let [t, u] = ["t", "u"].map(of);
                let again = [
                    "DROP TABLE t".to_owned(),
                    format!("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20)) {t}"),
                    format!("CREATE TABLE u (id INT PRIMARY KEY, v VARCHAR(20)) {u}"),
                    "INSERT INTO t VALUES (1, 'of t')".to_owned(),
                    "INSERT INTO u VALUES (1, 'of u')".to_owned(),
                ];
                sql::exec_all(&mut case.conn, again).await;
                let shown = format!("{}: {statement}, done: {done}, others: {others}", server.flavor.as_str());
                crash_in_ddl(&mut case, 1, 1, statement).await;
                if done {
                    sql::exec(&mut case.conn, statement).await;
                }
                if others {
                    sql::exec(&mut case.conn, "INSERT INTO u VALUES (2, 'of somebody else')").await;
                }
                let (mut sink, cancel) = case.sink().await;
                sink.open(Claim::any(3)).await.unwrap();
                if others {
                    let doubt = fails(&mut sink, ddl(&case, 1, statement)).await;
                    assert_eq!((doubt.kind, doubt.code), (Kind::Undecided, "ddl_doubtful"), "{shown}");
                    assert_eq!(case.rows().await, [row(1, "of t")], "{shown}");
                }
                // Again: somebody has looked, and says that it has not run.
                sink.submit(ddl(&case, 1, statement)).await.unwrap();
                assert_eq!(sink.drain().await.unwrap(), at(1), "{shown}");
                let moved = [row(1, "of u"), row(2, "of somebody else")];
                assert_eq!(case.rows().await, moved[..if others { 2 } else { 1 }], "{shown}");
                cancel.cancel();
                sink.close().await;
                assert_eq!(case.count_where_job("ddl").await, 0, "{shown}");
            }
        }
    }
}

/// Ends an owner while its statement waits for the table.
async fn crash_in_ddl(case: &mut Case, epoch: u64, n: u64, statement: &str) {
    let (mut sink, cancel) = case.sink().await;
    sink.open(Claim::any(epoch)).await.unwrap();
    let mut blocker = sql::connect(case.server).await;
    sql::exec(&mut blocker, &format!("LOCK TABLES `{}`.t READ", case.schema)).await;
    sink.submit(ddl(case, n, statement)).await.unwrap();
    let waiting = format!(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE '%metadata lock%' AND db = '{}' AND info LIKE '{}%'",
        case.schema,
        &statement[..5]
    );
    until::until(PATIENCE, "the statement waits", async || {
        // MySQL answers with an error while another session's statement is not UTF-8.
        let found: Result<Option<u64>, _> = case.conn.query_first(&waiting).await;
        found.is_ok_and(|n| n == Some(1))
    })
    .await;
    cancel.cancel();
    sink.close().await;
    let (mut next, cancel) = case.sink().await;
    assert!(next.open(Claim::any(epoch + 1)).await.unwrap().open_ddl.is_some());
    cancel.cancel();
    next.close().await;
    sql::exec(&mut blocker, "UNLOCK TABLES").await;
}

async fn copy(
    case: &mut Case,
    mut copier: Box<dyn syncline::replicate::sink::Copier>,
    rows: &[(i32, &str)],
    fresh: bool,
) -> Result<(), Error> {
    let endpoint = case.server.endpoint();
    let mut conn = connect::open(&endpoint, false).await?;
    let info = connect::inspect(&mut conn, &endpoint).await?;
    let name = case.table();
    let table = schema::read::read_table(&mut conn, &info, &name).await?.unwrap();
    let mut block = RowBlock { columns: 2, ..RowBlock::default() };
    for (id, v) in rows {
        block.push(Some(id.to_string().as_bytes()));
        block.push(Some(v.as_bytes()));
    }
    let cursor = rows.last().map(|(id, _)| id.to_string().into_bytes());
    let done = ChunkDone { range: 0, lower: None, upper: None, cursor, complete: false, rows: rows.len() as u64 };
    copier.write(&Chunk { table: Arc::new(table), done, fresh }, block).await.map(|_| ())
}

#[tokio::test]
async fn a_chunk_and_its_record_are_written_together_or_not_at_all() {
    for server in targets() {
        let ci = "CREATE TABLE t (id INT, v VARCHAR(3) COLLATE utf8mb4_general_ci PRIMARY KEY)";
        let mut case = Case::new(server, "chunk", ci).await;
        let (mut sink, _cancel) = case.sink().await;
        sink.open(Claim::any(1)).await.unwrap();
        let mut state = TableState {
            table: case.table(),
            phase: TablePhase::Copying,
            start: Some(at(1)),
            end: None,
            fingerprint: "f".into(),
            chunks: vec![ChunkDone { range: 0, lower: None, upper: None, cursor: None, complete: false, rows: 0 }],
            rows: 0,
        };
        sink.submit(Item::Skip { id: None, end: at(0), source_time: 0 }).await.unwrap();
        sink.submit(Item::Table(state.clone())).await.unwrap();
        sink.drain().await.unwrap();
        copy(&mut case, sink.copier().await.unwrap(), &[(1, "a\t"), (2, "\\'"), (3, "\0\n")], true).await.unwrap();
        let error = copy(&mut case, sink.copier().await.unwrap(), &[(4, "b"), (5, "B")], true).await.unwrap_err();
        assert_eq!((error.kind, error.code), (Kind::Permanent, "key_collision"));
        let error = copy(&mut case, sink.copier().await.unwrap(), &[(6, "toolong")], true).await.unwrap_err();
        assert_eq!((error.kind, error.code), (Kind::Permanent, "value_refused"), "{error}");
        assert!(error.message.ends_with("for column v") && !error.message.contains("toolong"), "{error}");
        assert_eq!(case.rows().await.len(), 3);
        sink.close().await;

        let (mut sink, _cancel) = case.sink().await;
        let resume = sink.open(Claim::any(2)).await.unwrap();
        state.chunks[0].cursor = Some(b"3".to_vec());
        state.chunks[0].rows = 3;
        assert_eq!(resume.tables, [state.clone()]);
        // A new start is a new copy.
        state.start = Some(at(9));
        state.chunks[0] = ChunkDone { range: 0, lower: None, upper: Some(b"z".to_vec()), cursor: None, complete: false, rows: 0 };
        sink.submit(Item::Table(state.clone())).await.unwrap();
        sink.drain().await.unwrap();
        sink.prepare(&case.table(), Prepare::Truncate).await.unwrap();
        assert_eq!(case.rows().await, []);
        sink.close().await;
        let (mut sink, _cancel) = case.sink().await;
        assert_eq!(sink.open(Claim::any(3)).await.unwrap().tables, [state]);
        sink.close().await;
        let (endpoint, job) = (case.server.endpoint(), JobId(case.job.clone()));
        let forget = async |held| MysqlSink::forget(&endpoint, &job, Some(Epoch(held))).await.unwrap();
        // Nor does that wait for the other one's transactions, which hold the fence, and have them wait.
        let holds = format!("SELECT 1 FROM syncline.fence WHERE job='{}' LOCK IN SHARE MODE", case.job);
        sql::exec_all(&mut case.conn, ["BEGIN".to_owned(), holds]).await;
        assert_eq!(forget(2).await, Forgotten::Anothers);
        sql::exec(&mut case.conn, "ROLLBACK").await;
        assert_eq!((case.count_where_job("fence").await, case.count_where_job("table_state").await), (1, 1));
        assert_eq!(forget(3).await, Forgotten::Gone);
        assert_eq!(case.count_where_job("fence").await + case.count_where_job("table_state").await, 0);
    }
}

#[tokio::test]
async fn large_values_arrive_through_variables() {
    for server in targets() {
        let mut case = Case::new(server, "large", "CREATE TABLE t (id INT, v LONGBLOB)").await;
        let (mut sink, _cancel) = case.sink().await;
        sink.open(Claim::any(1)).await.unwrap();
        let column = |type_code, meta| MapColumn { type_code, meta, ..MapColumn::default() };
        let map = Arc::new(TableMap { table: case.table(), columns: vec![column(3, 0), column(251, 4)], primary: None });
        let event = |kind, images: &[(i32, u8, usize)]| {
            let mut rows = Vec::new();
            for (id, byte, length) in images {
                rows.push(0);
                rows.extend_from_slice(&id.to_le_bytes());
                rows.extend_from_slice(&(*length as u32).to_le_bytes());
                rows.resize(rows.len() + length, *byte);
            }
            RowsEvent { kind, map: Arc::clone(&map), rows: Bytes::from(rows), json_parts: false, foreign_keys_off: false }
        };
        let (a, b, c) = ((1, b'\'', 9 << 20), (2, b'b', 2 << 20), (3, 0, 10));
        sink.submit(case.tx(1, vec![event(RowsKind::Insert, &[a, b, c])])).await.unwrap();
        sink.submit(case.tx(2, vec![event(RowsKind::Update, &[a, (4, b'd', 3 << 20)]), event(RowsKind::Delete, &[b])])).await.unwrap();
        sink.drain().await.unwrap();
        let rows = sql::rows(&mut case.conn, "SELECT id, LENGTH(v), v = REPEAT('d', 3 << 20) FROM t ORDER BY id").await;
        let shown: Vec<String> = rows.into_iter().map(|r| r.into_iter().flatten().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(shown, ["3 10 0", "4 3145728 1"]);
    }
}
