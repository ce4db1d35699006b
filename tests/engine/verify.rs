//! The oracle can fail: for every column type one changed value, one NULL, one missing and one extra row at the target
//! are each reported, in all four directions; and equal data are equal.

use crate::support::servers::{self, Server, direction};
use crate::support::zoo::{self, Table};
use crate::support::{sql, until};
use std::collections::BTreeSet;
use std::time::Duration;
use syncline::model::replicate::{SchemaRule, TableFilter, TableName, quote};
use syncline::replicate::verify::{DifferenceKind, Options, Outcome, TableVerdict, VerifyReport, verify};
use tokio_util::sync::CancellationToken;

const AT_ONCE: Options = Options { max_differences: 1000, recheck_for: Duration::ZERO };

pub(super) async fn verify_schema(from: &Server, to: &Server, schema: &str, options: Options) -> VerifyReport {
    let filter = TableFilter { include: vec![SchemaRule::new(schema, [])], ignore: vec![], shadows: true };
    verify(&from.endpoint(), &to.endpoint(), &[], &filter, options, |_| {}, &CancellationToken::new()).await.expect("both servers answer")
}

pub(super) async fn verify_table(from: &Server, to: &Server, schema: &str, table: &str, options: Options) -> TableVerdict {
    let (src, dest, tables) = (from.endpoint(), to.endpoint(), [TableName::new(schema, table)]);
    let filter = TableFilter::default();
    let cancel = CancellationToken::new();
    let run = verify(&src, &dest, &tables, &filter, options, |_| {}, &cancel);
    run.await.expect("both servers answer").tables.remove(0)
}

#[tokio::test]
async fn equal_zoos_are_equal_in_every_direction() {
    for (from, to) in servers::directions() {
        let schema = sql::scratch("equal", &[from, to]).await;
        let tables = zoo::tables_for(from, to);
        zoo::load(from, &schema, &tables).await;
        zoo::load(to, &schema, &tables).await;
        let report = verify_schema(from, to, &schema, AT_ONCE).await;
        assert!(
            report.equal(),
            "{}: {:#?}",
            direction(from, to),
            report.tables.iter().filter(|t| t.outcome != Outcome::Equal).collect::<Vec<_>>()
        );
        assert_eq!(report.tables.len(), tables.len());
        for verdict in &report.tables {
            let table = tables.iter().find(|t| t.name == verdict.table.table).expect("one of the zoo");
            let rows = table.row_count() as u64 * if table.keyed { 1 } else { 2 };
            assert_eq!((verdict.source_rows, verdict.target_rows), (Some(rows), Some(rows)), "{}", table.name);
        }
    }
}

/// Row ids of the copies of row 1 that are changed one column each.
fn value_id(column: usize) -> usize {
    1000 + 2 * column
}
fn null_id(column: usize) -> usize {
    1001 + 2 * column
}

#[tokio::test]
async fn every_column_type_shows_a_changed_value_a_null_a_missing_and_an_extra_row() {
    for (from, to) in servers::directions() {
        let schema = sql::scratch("differ", &[from, to]).await;
        for table in zoo::tables_for(from, to).iter().filter(|t| t.keyed) {
            for server in [from, to] {
                zoo::load(server, &schema, std::slice::from_ref(table)).await;
                copies_of_row_one(server, &schema, table).await;
            }
            let before = verify_table(from, to, &schema, table.name, AT_ONCE).await;
            assert_eq!(before.outcome, Outcome::Equal, "{} {}: {before:#?}", direction(from, to), table.name);
            change_each_column(to, &schema, table).await;
            let verdict = verify_table(from, to, &schema, table.name, AT_ONCE).await;
            expect_each_difference(table, &verdict, &direction(from, to));
        }
    }
}

pub(super) async fn copies_of_row_one(server: &Server, schema: &str, table: &Table) {
    let mut conn = sql::connect(server).await;
    sql::exec(&mut conn, "SET sql_mode='ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO'").await;
    let stored: Vec<String> = table.columns.iter().filter(|c| !c.values.is_empty()).map(|c| quote(c.name)).collect();
    let (name, list) = (table.quoted(schema), stored.join(", "));
    for id in (0..table.columns.len()).flat_map(|c| [value_id(c), null_id(c)]) {
        sql::exec(&mut conn, &format!("INSERT INTO {name} (`id`, {list}) SELECT {id}, {list} FROM {name} WHERE `id` = 1")).await;
    }
}

pub(super) async fn change_each_column(server: &Server, schema: &str, table: &Table) {
    let mut conn = sql::connect(server).await;
    let name = table.quoted(schema);
    for (i, column) in table.columns.iter().enumerate().filter(|(_, c)| !c.values.is_empty()) {
        let set = |value: &str, id| format!("UPDATE {name} SET {} = {value} WHERE `id` = {id}", quote(column.name));
        sql::exec(&mut conn, &set(&column.values[1], value_id(i))).await;
        if column.nullable {
            sql::exec(&mut conn, &set("NULL", null_id(i))).await;
        }
    }
    sql::exec_all(&mut conn, [format!("DELETE FROM {name} WHERE `id` = 2"), format!("UPDATE {name} SET `id` = 999999 WHERE `id` = 3")])
        .await;
}

fn expect_each_difference(table: &Table, verdict: &TableVerdict, direction: &str) {
    let generated = [("c_virtual", "c_int"), ("c_stored", "c_small")];
    let mut expected = BTreeSet::new();
    for (i, column) in table.columns.iter().enumerate().filter(|(_, c)| !c.values.is_empty()) {
        let follow = generated.iter().filter(|(_, of)| *of == column.name).map(|(name, _)| (*name).to_owned());
        let mut columns: Vec<String> = std::iter::once(column.name.to_owned()).chain(follow).collect();
        columns.sort();
        expected.insert(("changed", format!("id={}", value_id(i)), columns.clone()));
        if column.nullable {
            expected.insert(("changed", format!("id={}", null_id(i)), columns));
        }
    }
    expected.insert(("missing", "id=2".into(), vec![]));
    expected.insert(("missing", "id=3".into(), vec![]));
    expected.insert(("extra", "id=999999".into(), vec![]));
    let got: BTreeSet<_> = verdict
        .differences
        .iter()
        .map(|d| {
            let mut columns = d.columns.clone();
            columns.sort();
            (d.kind.as_str(), d.key.clone(), columns)
        })
        .collect();
    let lacks: Vec<_> = expected.difference(&got).collect();
    let surplus: Vec<_> = got.difference(&expected).collect();
    assert!(lacks.is_empty() && surplus.is_empty(), "{direction} {}: not reported {lacks:?}, reported {surplus:?}", table.name);
    assert_eq!(verdict.different as usize, expected.len());
    assert_eq!(verdict.outcome, Outcome::Different);
}

#[tokio::test]
async fn keyless_tables_show_every_difference() {
    for (from, to) in servers::directions() {
        let schema = sql::scratch("keyless", &[from, to]).await;
        let tables = zoo::tables_for(from, to);
        let table = tables.iter().find(|t| !t.keyed).expect("the zoo has one");
        zoo::load(from, &schema, std::slice::from_ref(table)).await;
        zoo::load(to, &schema, std::slice::from_ref(table)).await;
        let name = table.quoted(&schema);
        let mut conn = sql::connect(to).await;
        let mut cases: Vec<(String, u64)> = vec![
            (format!("DELETE FROM {name} LIMIT 1"), 1),
            (format!("INSERT INTO {name} SELECT * FROM {name} LIMIT 1"), 1),
            (format!("INSERT INTO {name} VALUES (NULL, NULL, NULL, NULL)"), 1),
        ];
        for column in &table.columns {
            let column_name = quote(column.name);
            cases.push((
                format!("UPDATE {name} SET {column_name} = {} WHERE {column_name} = {} LIMIT 1", column.values[1], column.values[0]),
                2,
            ));
            cases.push((format!("UPDATE {name} SET {column_name} = NULL WHERE {column_name} IS NOT NULL LIMIT 1"), 2));
        }
        for (change, rows) in cases {
            // FLOAT 1.1 does not equal the decimal 1.1.
            let change = change.replace("WHERE `f` = 1.1", "WHERE `f` < 1.1000001");
            sql::exec(&mut conn, &change).await;
            let verdict = verify_table(from, to, &schema, table.name, AT_ONCE).await;
            assert_eq!((verdict.outcome, verdict.different), (Outcome::Different, rows), "{} {change}", direction(from, to));
            sql::exec(&mut conn, &format!("DELETE FROM {name}")).await;
            table.insert(&mut conn, &schema, 1).await;
        }
        assert_eq!(verify_table(from, to, &schema, table.name, AT_ONCE).await.outcome, Outcome::Equal);
    }
}

#[tokio::test]
async fn definitions_that_differ_are_reported() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("definition", &[from, to]).await;
    for (server, columns) in [(from, "id INT PRIMARY KEY, a INT, b INT"), (to, "id INT PRIMARY KEY, a INT, c INT")] {
        let mut conn = sql::connect(server).await;
        sql::exec_all(&mut conn, [format!("CREATE TABLE `{schema}`.t ({columns})"), format!("INSERT INTO `{schema}`.t VALUES (1,1,1)")])
            .await;
    }
    let mut conn = sql::connect(from).await;
    sql::exec_all(
        &mut conn,
        [format!("CREATE TABLE `{schema}`.u (id INT PRIMARY KEY)"), format!("INSERT INTO `{schema}`.u VALUES (1), (2)")],
    )
    .await;
    let report = verify_schema(from, to, &schema, AT_ONCE).await;
    let notes = |n: usize| report.tables[n].definition.join("; ");
    assert_eq!(notes(0), "column b is missing at the target; column c is only at the target");
    assert!(notes(1).starts_with("the table is missing at 127.0.0.1:"), "{}", notes(1));
    assert!(report.tables.iter().all(|t| t.outcome == Outcome::Different) && !report.equal());
    assert_eq!((report.tables[1].source_rows, report.tables[1].different), (Some(2), 2), "all its rows are missing");
    let gone = verify_table(from, to, &schema, "nosuch", AT_ONCE).await;
    assert!(matches!(gone.outcome, Outcome::Failed { code: "unknown_table", .. }), "{gone:?}");
}

#[tokio::test]
async fn lag_is_not_a_difference_and_a_lasting_difference_is() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("lag", &[from, to]).await;
    for server in [from, to] {
        let mut conn = sql::connect(server).await;
        let fill = format!("INSERT INTO `{schema}`.t SELECT seq, 0 FROM `{schema}`.seq_1_to_1000");
        sql::exec_all(&mut conn, [format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, n INT)"), fill]).await;
    }
    let mut source = sql::connect(from).await;
    let mut target = sql::connect(to).await;
    let change = format!("UPDATE `{schema}`.t SET n = 1 WHERE id > 600");
    let fresh = format!("INSERT INTO `{schema}`.t VALUES (5000, 1), (5001, 1)");
    sql::exec_all(&mut source, [&change, &fresh]).await;
    sql::exec(&mut target, "SET GLOBAL userstat=1").await;
    let patient = Options { max_differences: 10, recheck_for: Duration::from_secs(30) };
    let (verdict, ()) = tokio::join!(verify_table(from, to, &schema, "t", patient), async {
        // The target catches up only once the first pass is through and rows are being read again.
        until::until(Duration::from_secs(20), "the second look", async || {
            let reads = format!("SELECT ROWS_READ FROM information_schema.TABLE_STATISTICS WHERE TABLE_SCHEMA='{schema}'");
            sql::one(&mut target, &reads).await.and_then(|n| n.parse::<u64>().ok()).is_some_and(|n| n > 1000)
        })
        .await;
        sql::exec_all(&mut target, [&change, &fresh]).await;
    });
    assert_eq!((verdict.outcome.clone(), verdict.different, verdict.settled), (Outcome::Equal, 0, 402), "{verdict:?}");
    assert_eq!((verdict.source_rows, verdict.target_rows), (Some(1002), Some(1002)), "rows that were on their way are counted");

    sql::exec(&mut target, &format!("UPDATE `{schema}`.t SET n = 2 WHERE id = 7")).await;
    let short = Options { recheck_for: Duration::from_millis(500), ..patient };
    let verdict = verify_table(from, to, &schema, "t", short).await;
    let shown: Vec<_> = verdict.differences.iter().map(|d| (d.kind, d.key.as_str(), d.columns.join(","))).collect();
    assert_eq!((verdict.outcome.clone(), shown), (Outcome::Different, vec![(DifferenceKind::Changed, "id=7", "n".to_owned())]));
}

#[tokio::test]
async fn a_row_that_never_stands_still_is_not_called_different() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("hot", &[from, to]).await;
    for server in [from, to] {
        let mut conn = sql::connect(server).await;
        let make = format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, n BIGINT)");
        sql::exec_all(&mut conn, [make, format!("INSERT INTO `{schema}`.t VALUES (1, 0), (2, 0)")]).await;
    }
    let mut writer = sql::connect(from).await;
    let write = async {
        loop {
            sql::exec(&mut writer, &format!("UPDATE `{schema}`.t SET n = n + 1 WHERE id = 1")).await;
        }
    };
    let options = Options { max_differences: 10, recheck_for: Duration::from_millis(300) };
    let verdict = tokio::select! {
        v = verify_table(from, to, &schema, "t", options) => v,
        () = write => unreachable!("writes for ever"),
    };
    assert_eq!(
        (verdict.outcome.clone(), verdict.different, verdict.unsettled, verdict.target_rows),
        (Outcome::Unsettled, 0, 1, None),
        "{verdict:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_is_dropped_after_it_was_listed_is_no_failure() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("gone", &[from, to]).await;
    for server in [from, to] {
        let mut conn = sql::connect(server).await;
        sql::exec_all(&mut conn, ["a", "b", "c"].map(|t| format!("CREATE TABLE `{schema}`.{t} (id INT PRIMARY KEY)"))).await;
    }
    let filter = TableFilter { include: vec![SchemaRule::new(&schema, [])], ignore: vec![], shadows: true };
    let drop_b = || {
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                for server in [from, to] {
                    sql::exec(&mut sql::connect(server).await, &format!("DROP TABLE IF EXISTS `{schema}`.b")).await;
                }
            });
        });
    };
    let (src, dest, cancel) = (from.endpoint(), to.endpoint(), CancellationToken::new());
    let report = verify(&src, &dest, &[], &filter, AT_ONCE, |_| drop_b(), &cancel).await.expect("both servers answer");
    let names: Vec<&str> = report.tables.iter().map(|t| t.table.table.as_str()).collect();
    assert!(report.equal() && names == ["a", "c"], "{report:?}");
    // One that was named is another matter.
    let named = verify(&src, &dest, &[TableName::new(&schema, "b")], &filter, AT_ONCE, |_| {}, &cancel).await.expect("both servers answer");
    assert!(matches!(&named.tables[0].outcome, Outcome::Failed { code: "unknown_table", .. }), "{named:?}");
}
