//! Every kind of key sorts alike at both flavours and is found again at the second look.

use super::verify::verify_table;
use crate::support::servers::{self, direction};
use crate::support::sql;
use std::time::Duration;
use syncline::replicate::verify::{Options, Outcome};

/// Key column, values in no order, the value whose row will differ, and how its key reads.
const KEYS: [(&str, &str, &[&str], &str, &str); 14] = [
    ("k_int", "INT NOT NULL", &["5", "-3", "0", "100", "20"], "-3", "k=-3"),
    ("k_big", "BIGINT UNSIGNED NOT NULL", &["18446744073709551615", "1", "9"], "18446744073709551615", "k=18446744073709551615"),
    ("k_decimal", "DECIMAL(30,10) NOT NULL", &["-1.5", "-10.25", "0.0000000001", "99", "9.5"], "-10.25", "k=-10.2500000000"),
    ("k_ci", "VARCHAR(20) COLLATE utf8mb4_general_ci NOT NULL", &["'b'", "'A'", "'c'", "'Z'", "'_'", "'é'", "'😀'"], "'A'", "k=A"),
    ("k_bin", "VARCHAR(20) COLLATE utf8mb4_bin NOT NULL", &["'b'", "'a'", "'B'", "'a\\''", "''"], "'a\\''", "k=a'"),
    ("k_latin1", "CHAR(10) CHARACTER SET latin1 NOT NULL", &["'b'", "_latin1 x'E4'", "'z'", "'Z9'"], "_latin1 x'E4'", "k=0xe4"),
    ("k_gbk", "VARCHAR(10) CHARACTER SET gbk NOT NULL", &["'b'", "_gbk x'C4E3'", "_gbk x'BF5C'", "'a'"], "_gbk x'BF5C'", "k=0xbf5c"),
    ("k_binary", "BINARY(4) NOT NULL", &["x'01'", "x'0100FF'", "x'FF'", "x'00'"], "x'01000000'", "k=0x01000000"),
    ("k_varbinary", "VARBINARY(9) NOT NULL", &["x'01'", "x'0100'", "x'FF'", "''", "x'00'"], "x'0100'", "k=0x0100"),
    (
        "k_datetime",
        "DATETIME(3) NOT NULL",
        &["'2024-01-01'", "'0000-00-00'", "'2023-02-31 10:00:00.5'"],
        "'2023-02-31 10:00:00.5'",
        "k=2023-02-31 10:00:00.500",
    ),
    (
        "k_time",
        "TIME(2) NOT NULL",
        &["'-100:00:00'", "'-99:59:59.5'", "'838:00:00'", "'00:00:00'", "'09:00:00'"],
        "'-99:59:59.5'",
        "k=-99:59:59.50",
    ),
    ("k_enum", "ENUM('z','a','m') NOT NULL", &["'a'", "'m'", "'z'"], "'a'", "k=2:a"),
    ("k_double", "DOUBLE NOT NULL", &["1.5", "-1e300", "1e-300", "0"], "1e-300", "k=1e-300"),
    ("k_year", "YEAR NOT NULL", &["2024", "'0000'", "1999"], "'0000'", "k=0000"),
];

#[tokio::test]
async fn every_kind_of_key_sorts_and_is_found_again() {
    let options = Options { max_differences: 10, recheck_for: Duration::from_millis(1) };
    for (from, to) in servers::directions() {
        let schema = sql::scratch("keys", &[from, to]).await;
        for (table, definition, values, changed, shown) in KEYS {
            for server in [from, to] {
                let mut conn = sql::connect(server).await;
                sql::exec(&mut conn, &format!("CREATE TABLE `{schema}`.{table} (k {definition}, part INT, v INT, PRIMARY KEY (k, part))"))
                    .await;
                for value in values {
                    sql::exec(&mut conn, &format!("INSERT INTO `{schema}`.{table} VALUES ({value}, 10, 1), ({value}, 9, 2)")).await;
                }
            }
            let verdict = verify_table(from, to, &schema, table, options).await;
            assert_eq!(verdict.outcome, Outcome::Equal, "{} {table}: {verdict:?}", direction(from, to));
            let mut conn = sql::connect(to).await;
            sql::exec(&mut conn, &format!("UPDATE `{schema}`.{table} SET v = 3 WHERE k = {changed} AND part = 9")).await;
            let verdict = verify_table(from, to, &schema, table, options).await;
            let keys: Vec<&str> = verdict.differences.iter().map(|d| d.key.as_str()).collect();
            assert_eq!(
                (verdict.outcome.clone(), keys),
                (Outcome::Different, vec![format!("{shown}, part=9").as_str()]),
                "{} {table}",
                direction(from, to)
            );
            assert_eq!(verdict.different, 1);
        }
    }
}

#[tokio::test]
async fn a_unique_key_with_nulls_is_no_key() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mysql(1)) else { return };
    let schema = sql::scratch("nullkey", &[from, to]).await;
    for server in [from, to] {
        let mut conn = sql::connect(server).await;
        let make = format!("CREATE TABLE `{schema}`.t (a INT NULL, b INT, UNIQUE KEY (a))");
        sql::exec_all(&mut conn, [make, format!("INSERT INTO `{schema}`.t VALUES (NULL,1),(NULL,1),(NULL,2),(5,5)")]).await;
    }
    let options = Options { max_differences: 10, recheck_for: Duration::ZERO };
    assert_eq!(verify_table(from, to, &schema, "t", options).await.outcome, Outcome::Equal);
    let mut conn = sql::connect(to).await;
    sql::exec(&mut conn, &format!("DELETE FROM `{schema}`.t WHERE a IS NULL AND b = 1 LIMIT 1")).await;
    assert_eq!(verify_table(from, to, &schema, "t", options).await.different, 1);
}
