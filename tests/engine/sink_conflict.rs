//! Rows at the target that are not what the source's log says, and tables that are gone: what the MySQL sink does, and what
//! it says so that an operator can find the change without a value of the row being logged.

use super::sink_contract::{Case, fails, row, targets};
use crate::support::servers::Server;
use crate::support::sql;
use syncline::model::progress::{ConflictChange, ConflictDecision};
use syncline::model::replicate::{ConflictDetection, ConflictPolicy};
use syncline::replicate::Kind;
use syncline::replicate::event::RowsKind;
use syncline::replicate::sink::mysql::MysqlSink;
use syncline::replicate::sink::{Claim, Sink as _};

#[tokio::test]
async fn conflicts_are_settled_as_the_policy_says() {
    for server in targets() {
        for policy in [ConflictPolicy::Error, ConflictPolicy::Overwrite, ConflictPolicy::Skip] {
            let mut case = Case::keyed(server, "conflict").await;
            case.policy = policy;
            sql::exec(&mut case.conn, "INSERT INTO t VALUES (1, 'other'), (5, 'five')").await;
            let (mut sink, _cancel) = case.sink().await;
            sink.open(Claim::any(1)).await.unwrap();
            let changes = vec![
                case.event(RowsKind::Insert, &[(1, "new"), (2, "new")]),
                case.event(RowsKind::Update, &[(3, "x"), (3, "moved")]),
                case.event(RowsKind::Delete, &[(4, "x"), (5, "five")]),
            ];
            let item = case.tx(1, changes);
            if policy == ConflictPolicy::Error {
                let error = fails(&mut sink, item).await;
                assert_eq!((error.kind, error.code), (Kind::Permanent, "conflict"));
                assert!(error.message.contains("insert") && !error.message.contains("new"), "{error}");
                assert_eq!(case.rows().await, [row(1, "other"), row(5, "five")]);
                assert_eq!(remembered(&sink), [(ConflictChange::Insert, ConflictDecision::Stopped)]);
                continue;
            }
            sink.submit(item).await.unwrap();
            sink.drain().await.unwrap();
            let expected = match policy {
                ConflictPolicy::Overwrite => vec![row(1, "new"), row(2, "new"), row(3, "moved")],
                _ => vec![row(1, "other"), row(2, "new")],
            };
            assert_eq!(case.rows().await, expected);
            // What is left out was not changed.
            let counts = if policy == ConflictPolicy::Skip { [1, 0, 1, 3, 0] } else { [2, 1, 2, 3, 0] };
            assert_eq!(sink.durable().borrow().tables, [(case.table(), counts)]);
            assert_eq!(
                sink.durable().borrow().row_events,
                if policy == ConflictPolicy::Skip { 2 } else { 5 },
                "what was left out is not applied"
            );
            let decision = if policy == ConflictPolicy::Skip { ConflictDecision::Skipped } else { ConflictDecision::Overwritten };
            let changes = [ConflictChange::Insert, ConflictChange::Update, ConflictChange::Delete];
            assert_eq!(remembered(&sink), changes.map(|change| (change, decision)));
            let newest = sink.durable().borrow().conflicts[2].clone();
            assert_eq!((newest.table, newest.key, newest.transaction), (case.table(), vec!["id".to_owned()], "bin.000001:10".to_owned()));
        }
    }
}

/// What somebody else has changed at the target, by whole rows: named with its columns, never written over unseen; what both
/// ends have done alike is none.
#[tokio::test]
async fn a_row_that_somebody_else_has_changed_is_a_conflict() {
    for server in targets() {
        for policy in [ConflictPolicy::Error, ConflictPolicy::Overwrite, ConflictPolicy::Skip] {
            // From a megabyte on a value goes through a variable.
            for pad in ["", &"x".repeat(1 << 20)] {
                changed_elsewhere(server, policy, pad).await;
            }
        }
    }
}

async fn changed_elsewhere(server: &'static Server, policy: ConflictPolicy, pad: &str) {
    let mut case = Case::new(server, "changed", "CREATE TABLE t (id INT PRIMARY KEY, v LONGTEXT)").await;
    (case.policy, case.detection) = (policy, ConflictDetection::Row);
    let [one, two, mine, theirs] = ["one", "two", "mine", "theirs"].map(|value| format!("{value}{pad}"));
    let start = [row(1, &theirs), row(2, &mine), row(3, &theirs), row(5, &mine), row(6, &two)];
    for (id, value) in start.iter().chain(&[row(7, &one), row(8, &one)]) {
        sql::exec(&mut case.conn, &format!("INSERT INTO t VALUES ({id}, '{value}')")).await;
    }
    let (mut sink, _cancel) = case.sink().await;
    sink.open(Claim::any(1)).await.unwrap();
    // Both ends have done these: an update, a delete, an insert, a new key.
    let alike = vec![
        case.event(RowsKind::Update, &[(2, &one), (2, &mine)]),
        case.event(RowsKind::Delete, &[(4, &one)]),
        case.event(RowsKind::Insert, &[(5, &mine)]),
        case.event(RowsKind::Update, &[(9, &one), (6, &two)]),
    ];
    sink.submit(case.tx(1, alike)).await.unwrap();
    sink.drain().await.unwrap();
    assert_eq!(remembered(&sink), []);
    // One end has done these: an update and a delete, beside rows that are as they were.
    let changes = vec![
        case.event(RowsKind::Update, &[(1, &one), (1, &mine), (7, &one), (7, &mine)]),
        case.event(RowsKind::Delete, &[(3, &one), (8, &one)]),
    ];
    let item = case.tx(2, changes);
    if policy == ConflictPolicy::Error {
        let error = fails(&mut sink, item).await;
        assert_eq!((error.kind, error.code), (Kind::Permanent, "conflict"));
        assert!(error.message.ends_with("the target's row by PRIMARY (id) has other values in v"), "{error}");
        assert!(case.rows().await[..5] == start);
        assert_eq!(remembered(&sink), [(ConflictChange::Update, ConflictDecision::Stopped)]);
        assert_eq!(sink.durable().borrow().conflicts[0].differs, ["v"]);
        return;
    }
    sink.submit(item).await.unwrap();
    sink.drain().await.unwrap();
    let decision = if policy == ConflictPolicy::Skip { ConflictDecision::Skipped } else { ConflictDecision::Overwritten };
    assert_eq!(remembered(&sink), [(ConflictChange::Update, decision), (ConflictChange::Delete, decision)]);
    assert!(sink.durable().borrow().conflicts.iter().all(|c| c.differs == ["v"]));
    let mut expected = match policy {
        ConflictPolicy::Skip => start.to_vec(),
        _ => vec![row(1, &mine), row(2, &mine), row(5, &mine), row(6, &two)],
    };
    expected.push(row(7, &mine));
    assert!(case.rows().await == expected, "{policy:?}");
    sink.close().await;
}

/// A row that goes because it is in the way by another key is a conflict of its own, by its own key.
#[tokio::test]
async fn rows_that_an_overwrite_removes_are_listed() {
    let table = "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20), UNIQUE KEY by_v (v))";
    for server in targets() {
        for detection in [ConflictDetection::Key, ConflictDetection::Row] {
            let mut case = Case::new(server, "removed", table).await;
            (case.policy, case.detection) = (ConflictPolicy::Overwrite, detection);
            sql::exec(&mut case.conn, "INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, 'three'), (4, 'four')").await;
            let (mut sink, _cancel) = case.sink().await;
            sink.open(Claim::any(1)).await.unwrap();
            let changes = vec![
                case.event(RowsKind::Insert, &[(7, "two")]),
                case.event(RowsKind::Update, &[(1, "one"), (1, "three")]),
                // By its own key: overwritten, and nothing else goes.
                case.event(RowsKind::Insert, &[(4, "other")]),
            ];
            sink.submit(case.tx(1, changes)).await.unwrap();
            sink.drain().await.unwrap();
            assert_eq!(case.rows().await, [row(1, "three"), row(4, "other"), row(7, "two")]);
            let durable = sink.durable().borrow().clone();
            assert_eq!((durable.conflicts.len(), durable.tables[0].1[3]), (5, 5), "{:?}", durable.conflicts);
            use ConflictDecision::{Overwritten, Removed};
            let listed: Vec<_> = durable.conflicts.iter().map(|c| (c.decision, c.values[0].as_deref().unwrap_or_default())).collect();
            assert_eq!(listed, [(Overwritten, "7"), (Removed, "2"), (Overwritten, "1"), (Removed, "3"), (Overwritten, "4")]);
            assert!(durable.conflicts.iter().all(|c| c.key == ["id"]), "{:?}", durable.conflicts);
            sink.close().await;
        }
    }
}

fn remembered(sink: &MysqlSink) -> Vec<(ConflictChange, ConflictDecision)> {
    sink.durable().borrow().conflicts.iter().map(|c| (c.change, c.decision)).collect()
}

#[tokio::test]
async fn a_conflict_names_table_key_and_transaction_and_no_value() {
    let table = "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20), UNIQUE KEY by_v (v))";
    let keys = "PRIMARY (id), by_v (v)";
    for server in targets() {
        for (kind, images, says) in [
            (RowsKind::Insert, vec![(2, "secret")], format!("another row of the same key: {keys}")),
            (RowsKind::Update, vec![(9, "x"), (9, "y")], "no such row by PRIMARY (id)".to_owned()),
            (RowsKind::Update, vec![(5, "x"), (5, "secret")], format!("another row of the same key: {keys}")),
            (RowsKind::Delete, vec![(9, "x")], "no such row by PRIMARY (id)".to_owned()),
        ] {
            let mut case = Case::new(server, "named", table).await;
            sql::exec(&mut case.conn, "INSERT INTO t VALUES (1, 'secret'), (5, 'five')").await;
            let (mut sink, _cancel) = case.sink().await;
            sink.open(Claim::any(1)).await.unwrap();
            // Rows of several transactions share a packet and a statement: the second is the one.
            sink.submit(case.insert(1, 3)).await.unwrap();
            let error = fails(&mut sink, case.tx(2, vec![case.event(kind, &images)])).await;
            assert_eq!((error.kind, error.code), (Kind::Permanent, "conflict"), "{error}");
            let named = format!(" of {}.t in transaction bin.000001:20 cannot be applied: ", case.schema);
            assert!(error.message.contains(&named) && error.message.contains(&says), "{error}");
            assert!(!error.message.contains("secret"), "{error}");
            for words in [
                "SHOW BINLOG EVENTS IN 'bin.000001' FROM 20",
                "--start-position=20 bin.000001",
                "`jobs update JOB --on-conflict` say overwrite",
            ] {
                assert!(error.hint.contains(words), "{}", error.hint);
            }
        }
    }
}

#[tokio::test]
async fn a_table_or_schema_dropped_at_the_target_is_said_with_what_to_do() {
    for server in targets() {
        for what in ["DROP TABLE t", "DROP DATABASE `{}`"] {
            let mut case = Case::keyed(server, "gone").await;
            let (mut sink, _cancel) = case.sink().await;
            sink.open(Claim::any(1)).await.unwrap();
            sink.submit(case.insert(1, 1)).await.unwrap();
            sink.drain().await.unwrap();
            sql::exec(&mut case.conn, &what.replace("{}", &case.schema)).await;
            let error = fails(&mut sink, case.insert(2, 2)).await;
            assert_eq!((error.kind, error.code), (Kind::Permanent, "target_table_gone"), "{error}");
            assert!(error.message.contains(&case.schema) && error.hint.contains("create it again for a new copy"), "{error}");
            sink.close().await;
            let (mut sink, _cancel) = case.sink().await;
            sink.open(Claim::any(2)).await.unwrap();
            let error = fails(&mut sink, case.insert(2, 2)).await;
            assert_eq!((error.kind, error.code), (Kind::Permanent, "no_target_table"), "{error}");
            assert!(!error.hint.is_empty());
        }
    }
}
