//! What the servers add up themselves: every single change is seen, in all four directions; and what is equal is not read.

use super::repair::filter_of;
use super::verify::{change_each_column, copies_of_row_one, verify_schema};
use crate::support::servers::{self, Server, direction};
use crate::support::sql;
use crate::support::zoo::{self, Table};
use std::time::Duration;
use syncline::model::replicate::{Mapping, SchemaRule, TableFilter, TableName, quote};
use syncline::replicate::connect::Flavor;
use syncline::replicate::verify::{Beside, Options, Outcome, TableVerdict, VerifyReport, verify_copied};
use tokio_util::sync::CancellationToken;

const AT_ONCE: Options = Options { max_differences: 1000, recheck_for: Duration::ZERO };
const SOON: Options = Options { max_differences: 1000, recheck_for: Duration::from_millis(1) };

async fn added_up(from: &Server, to: &Server, filter: &TableFilter, tables: &[TableName], options: Options) -> VerifyReport {
    let (src, dest, cancel) = (from.endpoint(), to.endpoint(), CancellationToken::new());
    let beside = Beside { by_sums: true, ..Beside::NOTHING };
    verify_copied(&src, &dest, tables, filter, options, beside, |_| {}, &cancel).await.expect("both servers answer")
}

async fn table_added_up(from: &Server, to: &Server, schema: &str, table: &str) -> TableVerdict {
    let tables = [TableName::new(schema, table)];
    added_up(from, to, &TableFilter::default(), &tables, AT_ONCE).await.tables.remove(0)
}

/// Whether its rows have to be read in this direction: MySQL's JSON is other text than any other server's.
fn is_read(table: &Table, from: &Server, to: &Server) -> bool {
    from.is_mysql() != to.is_mysql() && table.columns.iter().any(|c| c.definition == "JSON")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn equal_zoos_are_added_up_and_not_read() {
    for (from, to) in servers::directions() {
        let schema = sql::scratch("sums", &[from, to]).await;
        let tables = zoo::tables_for(from, to);
        zoo::load(from, &schema, &tables).await;
        zoo::load(to, &schema, &tables).await;
        let report = added_up(from, to, &filter_of(&schema), &[], AT_ONCE).await;
        for table in tables.iter().filter(|t| t.keyed) {
            let verdict = report.tables.iter().find(|t| t.table.table == table.name).expect("it was compared");
            let rows = table.row_count() as u64;
            let read = if is_read(table, from, to) { rows } else { 0 };
            let got = (&verdict.outcome, verdict.source_rows, verdict.target_rows, verdict.read);
            assert_eq!(got, (&Outcome::Equal, Some(rows), Some(rows), read), "{} {}: {verdict:?}", direction(from, to), table.name);
        }
    }
}

/// One column of one row at a time, so that nothing else makes the sums differ.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_single_change_of_every_type_is_seen() {
    let directions = servers::directions().into_iter().map(|(from, to)| tokio::spawn(each_change(from, to)));
    for done in futures::future::join_all(directions).await {
        done.expect("no direction panics");
    }
}

async fn each_change(from: &'static Server, to: &'static Server) {
    let schema = sql::scratch("single", &[from, to]).await;
    let mut conn = sql::connect(to).await;
    sql::exec(&mut conn, "SET sql_mode='ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO'").await;
    for table in zoo::tables_for(from, to).iter().filter(|t| t.keyed) {
        zoo::load(from, &schema, std::slice::from_ref(table)).await;
        zoo::load(to, &schema, std::slice::from_ref(table)).await;
        let name = table.quoted(&schema);
        for column in table.columns.iter().filter(|c| !c.values.is_empty()) {
            let set = |value: &str| format!("UPDATE {name} SET {} = {value} WHERE `id` = 1", quote(column.name));
            let null = column.nullable.then_some("NULL");
            for value in [column.values[1].as_str()].into_iter().chain(null) {
                sql::exec(&mut conn, &set(value)).await;
                let verdict = table_added_up(from, to, &schema, table.name).await;
                let about = format!("{} {} {} = {value:.40}: {verdict:?}", direction(from, to), table.name, column.name);
                assert_eq!((&verdict.outcome, verdict.different), (&Outcome::Different, 1), "{about}");
            }
            sql::exec(&mut conn, &set(&column.values[0])).await;
        }
        let verdict = table_added_up(from, to, &schema, table.name).await;
        assert_eq!(verdict.outcome, Outcome::Equal, "{} {}: everything is put back: {verdict:?}", direction(from, to), table.name);
    }
}

/// Many at once: what is read of a range that differs is what the reading of everything finds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_changes_are_seen_as_by_rows() {
    for (from, to) in servers::directions() {
        let schema = sql::scratch("summany", &[from, to]).await;
        let tables = zoo::tables_for(from, to);
        for server in [from, to] {
            zoo::load(server, &schema, &tables).await;
            for table in tables.iter().filter(|t| t.keyed) {
                copies_of_row_one(server, &schema, table).await;
            }
        }
        for table in tables.iter().filter(|t| t.keyed) {
            change_each_column(to, &schema, table).await;
        }
        let (whole, sums) = (verify_schema(from, to, &schema, AT_ONCE).await, added_up(from, to, &filter_of(&schema), &[], AT_ONCE).await);
        for (whole, sums) in whole.tables.iter().zip(&sums.tables) {
            assert_eq!(
                (&whole.differences, whole.different),
                (&sums.differences, sums.different),
                "{} {}",
                direction(from, to),
                whole.table
            );
        }
    }
}

/// What could be written alike though it is not: values that move between columns and rows, NULL, lengths, commas, spaces,
/// case, padding.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_that_look_alike_are_told_apart() {
    // Columns of a row, and what it becomes; the other row swaps with it where there is one.
    let changes = [
        "UPDATE t SET a = 'c', b = 'ab' WHERE id = 1",
        "UPDATE t SET a = 'a', b = 'bc' WHERE id = 1",
        "UPDATE t SET a = 'ab1:c', b = '' WHERE id = 1",
        "UPDATE t SET a = NULL WHERE id = 2",
        "UPDATE t SET a = 'N' WHERE id = 3",
        "UPDATE t SET a = '' WHERE id = 3",
        "UPDATE t SET b = 'x ' WHERE id = 2",
        "UPDATE t SET b = 'X' WHERE id = 2",
        "UPDATE t SET b = 'é' WHERE id = 4",
        "UPDATE t SET b = 'e\u{301}' WHERE id = 4",
        "UPDATE t SET n = 12, m = 3 WHERE id = 1",
        "UPDATE t SET n = NULL, m = 1 WHERE id = 1",
        "UPDATE t SET n = 23, m = 1 WHERE id = 1",
        "UPDATE t SET v = x'00' WHERE id = 1",
        "UPDATE t SET v = x'0000' WHERE id = 1",
        "UPDATE t SET v = '' WHERE id = 2",
        "UPDATE t SET p = x'0120' WHERE id = 2",
        "UPDATE t SET p = x'20' WHERE id = 3",
        "UPDATE t SET e = 'x' WHERE id = 1",
        "UPDATE t SET f = f + 1e-7 WHERE id = 1",
        "UPDATE t SET n = IF(id = 5, 6, 5), m = IF(id = 5, 66, 55) WHERE id IN (5, 6)",
        "UPDATE t SET m = IF(id = 5, 66, 55) WHERE id IN (5, 6)",
        "UPDATE t SET id = id + 100 WHERE id = 5",
        "DELETE FROM t WHERE id = 6",
    ];
    for (from, to) in servers::directions() {
        let way = direction(from, to);
        let schema = sql::scratch("alike", &[from, to]).await;
        let columns = "id INT PRIMARY KEY, n INT, m INT, a VARCHAR(20) COLLATE utf8mb4_general_ci, b VARCHAR(20) COLLATE utf8mb4_general_ci, \
             v VARBINARY(9), p BINARY(3), e ENUM('', 'x'), f FLOAT";
        let rows = "(1, 1, 23, 'ab', 'c', '', x'01', 1, 1), (2, NULL, NULL, '', 'x', NULL, x'01', 2, 2), (3, 0, 0, NULL, NULL, '', '', NULL, NULL), \
             (4, 4, 4, 'e', 'e', 'e', 'e', 2, 4), (5, 5, 55, 'same', 'same', 'same', 's', 2, 5), (6, 6, 66, 'same', 'same', 'same', 's', 2, 5)";
        for server in [from, to] {
            let mut conn = sql::connect(server).await;
            sql::exec_all(
                &mut conn,
                [
                    // Index 0 of the member, beside the member ''.
                    "SET sql_mode=''".to_owned(),
                    format!("USE `{schema}`"),
                    format!("CREATE TABLE o ({columns}) CHARSET utf8mb4"),
                    format!("INSERT INTO o VALUES {rows}"),
                    "CREATE TABLE t LIKE o".to_owned(),
                    "INSERT INTO t SELECT * FROM o".to_owned(),
                ],
            )
            .await;
        }
        let mut conn = sql::connect(to).await;
        sql::exec_all(&mut conn, [format!("USE `{schema}`"), "SET sql_mode=''".to_owned()]).await;
        let nothing = table_added_up(from, to, &schema, "t").await;
        assert_eq!((&nothing.outcome, nothing.read), (&Outcome::Equal, 0), "{way}: {nothing:?}");
        for change in changes.into_iter().chain(["UPDATE t SET e = 0 WHERE id = 1"]) {
            sql::exec(&mut conn, change).await;
            let verdict = table_added_up(from, to, &schema, "t").await;
            assert_eq!(verdict.outcome, Outcome::Different, "{way}: {change}: {verdict:?}");
            sql::exec_all(&mut conn, ["DELETE FROM t", "INSERT INTO t SELECT * FROM o"]).await;
        }
    }
}

/// The next number of the type, at every size: MySQL writes some with fewer digits than others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_nearest_numbers_are_told_apart() {
    let next = |d: f64| f64::from_bits(d.to_bits() + 1);
    let next_single = |f: f32| f32::from_bits(f.to_bits() + 1);
    let sizes = [1.0, -1.1, 123_456.789, -1.234_567_8e-5, -1.5e-10, 1.175_49e-37, -1.754_943_5e-38, 3.0e38, -9.876_543e15];
    let doubles =
        sizes.into_iter().chain([-2.225_073_858_507_201_4e-308, 1.797_693_134_862_315e308, -1.234_567_890_123_456_7e-100, 5e-324]);
    let pairs: Vec<(String, String)> = doubles
        .map(|d| ("0".to_owned(), format!("{d:e}"), format!("{:e}", next(d))))
        .chain(sizes.map(|d| (format!("{:e}", d as f32), "0".to_owned(), format!("{:e}", next_single(d as f32)))))
        .map(
            |(f, d, next)| {
                if f == "0" { (format!("{f}, {d}"), format!("d = {next}")) } else { (format!("{f}, {d}"), format!("f = {next}")) }
            },
        )
        .collect();
    for (from, to) in servers::directions() {
        let schema = sql::scratch("nearest", &[from, to]).await;
        let mut conn = sql::connect(to).await;
        let rows: Vec<String> = pairs.iter().enumerate().map(|(id, (values, _))| format!("({id}, {values})")).collect();
        for server in [from, to] {
            let mut conn = sql::connect(server).await;
            let make = format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, f FLOAT, d DOUBLE)");
            sql::exec_all(&mut conn, [make, format!("INSERT INTO `{schema}`.t VALUES {}", rows.join(", "))]).await;
        }
        for (id, (values, change)) in pairs.iter().enumerate() {
            let about = format!("{}: {values}: {change}", direction(from, to));
            assert_eq!(table_added_up(from, to, &schema, "t").await.outcome, Outcome::Equal, "{about}: before");
            sql::exec(&mut conn, &format!("UPDATE `{schema}`.t SET {change} WHERE id = {id}")).await;
            let verdict = table_added_up(from, to, &schema, "t").await;
            assert_eq!((verdict.outcome, verdict.different), (Outcome::Different, 1), "{about}");
            sql::exec_all(
                &mut conn,
                [format!("DELETE FROM `{schema}`.t WHERE id = {id}"), format!("INSERT INTO `{schema}`.t VALUES ({id}, {values})")],
            )
            .await;
        }
    }
}

/// What the target's definition lets in: a row twice, three times (which an exclusive or would not see), one without its key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_a_key_would_not_let_in_are_seen() {
    for (from, to) in servers::directions() {
        let way = direction(from, to);
        let schema = sql::scratch("unkeyed", &[from, to]).await;
        for (server, key) in [(from, "INT PRIMARY KEY"), (to, "INT NOT NULL")] {
            let mut conn = sql::connect(server).await;
            sql::exec_all(
                &mut conn,
                [
                    format!("CREATE TABLE `{schema}`.t (id {key}, n INT)"),
                    format!("CREATE TABLE `{schema}`.u (id {}, n INT)", key.replace("NOT NULL", "NULL")),
                    format!("INSERT INTO `{schema}`.t VALUES (1, 1), (2, 2)"),
                    format!("INSERT INTO `{schema}`.u VALUES (1, 1), (2, 2)"),
                ],
            )
            .await;
        }
        let mut conn = sql::connect(to).await;
        for times in 1..4 {
            sql::exec(&mut conn, &format!("INSERT INTO `{schema}`.t VALUES (2, 2)")).await;
            let verdict = table_added_up(from, to, &schema, "t").await;
            assert_eq!((verdict.outcome, verdict.different), (Outcome::Different, times), "{way}");
        }
        assert_eq!(table_added_up(from, to, &schema, "u").await.outcome, Outcome::Equal, "{way}");
        sql::exec(&mut conn, &format!("INSERT INTO `{schema}`.u VALUES (NULL, 7)")).await;
        let verdict = table_added_up(from, to, &schema, "u").await;
        assert_eq!((verdict.outcome, verdict.different), (Outcome::Different, 1), "{way}: a row in no range");
    }
}

/// A range that differs is narrowed down: little is read of a large table, and all that differs is found.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn little_is_read_of_a_large_table() {
    const ROWS: u64 = 1 << 15;
    for (from, to) in servers::directions() {
        let way = direction(from, to);
        let schema = sql::scratch("narrow", &[from, to]).await;
        for server in [from, to] {
            let mut conn = sql::connect(server).await;
            let key = "a VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci, b INT";
            sql::exec_all(
                &mut conn,
                [
                    format!("CREATE TABLE `{schema}`.t ({key}, n INT, PRIMARY KEY (a, b))"),
                    format!("INSERT INTO `{schema}`.t VALUES ('A', 0, 0), ('b', 0, 0), ('ö', 0, 0), ('_', 0, 0)"),
                ],
            )
            .await;
            for power in 0..13 {
                sql::exec(&mut conn, &format!("INSERT INTO `{schema}`.t SELECT a, b + {0}, n FROM `{schema}`.t", 1u64 << power)).await;
            }
        }
        let filter = filter_of(&schema);
        let all = async || added_up(from, to, &filter, &[], SOON).await.tables.remove(0);
        let verdict = all().await;
        assert_eq!((&verdict.outcome, verdict.source_rows, verdict.read), (&Outcome::Equal, Some(ROWS), 0), "{way}: {verdict:?}");
        let mut conn = sql::connect(to).await;
        let changes = [
            "UPDATE `{}`.t SET n = 1 WHERE a = 'b' AND b = 4000",
            "DELETE FROM `{}`.t WHERE a = '_' AND b IN (7, 8)",
            "INSERT INTO `{}`.t VALUES ('B', 5000, 0), ('zz', 1, 1), ('', 1, 1) ON DUPLICATE KEY UPDATE n = n",
            "UPDATE `{}`.t SET b = 9000 WHERE a = 'a' AND b = 8191",
        ]
        .map(|s| s.replace("{}", &schema));
        sql::exec_all(&mut conn, &changes).await;
        let verdict = all().await;
        let whole = verify_schema(from, to, &schema, AT_ONCE).await.tables.remove(0);
        let mut listed = [verdict.differences.clone(), whole.differences.clone()];
        listed.iter_mut().for_each(|l| l.sort_by(|a, b| a.key.cmp(&b.key)));
        assert_eq!((verdict.different, &listed[0]), (whole.different, &listed[1]), "{way}");
        assert!(verdict.different == 7 && verdict.read < ROWS / 2, "{way}: {} rows were read: {:?}", verdict.read, verdict.differences);
    }
}

/// A row whose text is longer than what a server takes in one piece has no hash at either end: it is read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_is_too_long_to_be_added_up_is_read() {
    for flavor in [Flavor::Mariadb, Flavor::Mysql] {
        let Some(server) = servers::own_with(flavor, "packet", &["--max-allowed-packet=1M"]) else { continue };
        let (one, other) = (sql::scratch("long", &[&server]).await, sql::scratch("long", &[&server]).await);
        let mut conn = sql::connect(&server).await;
        // A shape is written in hex, with twice its bytes.
        let points: Vec<String> = (0..40_000).map(|n| format!("{} {}", n % 100, n % 7)).collect();
        for schema in [&one, &other] {
            let make = format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, g LINESTRING, n INT)");
            let long = format!("INSERT INTO `{schema}`.t VALUES (1, ST_GeomFromText('LINESTRING({})'), 1)", points.join(","));
            sql::exec_all(&mut conn, [make, long, format!("INSERT INTO `{schema}`.t VALUES (2, NULL, 2)")]).await;
        }
        let rule = SchemaRule { to: Mapping { schema: Some(other.clone()), ..Mapping::default() }, ..SchemaRule::new(&one, []) };
        let filter = TableFilter { include: vec![rule], ignore: vec![], shadows: true };
        let all = async || added_up(&server, &server, &filter, &[], AT_ONCE).await.tables.remove(0);
        let verdict = all().await;
        assert_eq!((&verdict.outcome, verdict.read), (&Outcome::Equal, 2), "{flavor:?}: {verdict:?}");
        sql::exec(&mut conn, &format!("UPDATE `{other}`.t SET n = 7 WHERE id = 1")).await;
        let verdict = all().await;
        assert_eq!((&verdict.outcome, verdict.different), (&Outcome::Different, 1), "{flavor:?}: {verdict:?}");
    }
}
