//! A row filter decides as the server would, or does not decide: every comparison of every kind of column, asked of both.
//!
//! What the check refuses and what it cannot decide of a row is no mistake; an answer that is not the server's is.

use super::sink_zoo::block;
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, exec, rows, scratch};
use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;
use std::sync::Arc;
use syncline::model::kafka::PartitionBy;
use syncline::model::messages::MessageFormat;
use syncline::model::replicate::TableName;
use syncline::replicate::connect as engine;
use syncline::replicate::encode::{Datum, Options, TableEncoder};
use syncline::replicate::filter::Filter;
use syncline::replicate::schema::read::read_table;

const TEXTS: [(&str, &str); 14] = [
    ("g", "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"),
    ("u", "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"),
    ("w", "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_swedish_ci"),
    ("b", "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"),
    ("l", "VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci"),
    ("lg", "VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_general_ci"),
    ("lb", "VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_bin"),
    ("k", "VARCHAR(20) CHARACTER SET gbk COLLATE gbk_chinese_ci"),
    ("kb", "VARCHAR(20) CHARACTER SET gbk COLLATE gbk_bin"),
    ("t2", "VARCHAR(20) CHARACTER SET ucs2 COLLATE ucs2_general_ci"),
    ("h", "CHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"),
    ("x", "TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"),
    ("vb", "VARBINARY(40)"),
    ("bl", "BLOB"),
];
const NUMBERS: [&str; 13] = ["id", "i", "bu", "bi", "de", "d0", "f", "d", "y", "bt", "ti", "du", "dl"];
const OTHERS: [&str; 10] = ["da", "dt", "d6", "ts", "tm", "t6", "e", "s", "eb", "vb"];
const LITERALS: [&str; 64] = [
    "0",
    "1",
    "-1",
    "5",
    "10",
    "10.0",
    "0.1",
    "1.1",
    "12.5",
    "-12.50",
    "0.3333",
    "3.3333",
    "24",
    "70",
    "99",
    "1999",
    "2024",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "-9223372036854775808",
    "0.12345678901234567890",
    "16777217",
    "1234567.1",
    "TRUE",
    "NULL",
    "''",
    "' '",
    "'a'",
    "'A'",
    "'a '",
    "' a'",
    "'ab'",
    "'A B'",
    "'é'",
    "'_'",
    "'['",
    "'Z'",
    "'z'",
    "'`'",
    "'@'",
    "'中'",
    "'10'",
    "'new'",
    "'Old'",
    "'x,y'",
    "'X'",
    "'y,x'",
    "'2024-02-29'",
    "'2024-02-29 12:00:00'",
    "'2024-02-29 12:00:00.5'",
    "'2024-02-29 12:00:00.123456'",
    "'2024-02-30'",
    "'0000-00-00'",
    "'2024-13-01'",
    "'2024-02-29 25:00:00'",
    "'12:00:00'",
    "'-01:00:00'",
    "'838:59:59'",
    "'900:00:00'",
    "'12:61:00'",
    "'12:00:00.5'",
    "'00:00:00'",
    "'2024-02-29 12:00:60'",
];
const PATTERNS: [&str; 14] = ["a%", "A%", "_", "__", "%b", "%B", "a_", "%\\\\_%", "é", "%é", "[%", "", "% ", "%中%"];

async fn load(server: &Server, conn: &mut Conn, schema: &str) {
    let texts: Vec<String> = TEXTS.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
    let numbers = "id INT PRIMARY KEY, i INT, bu BIGINT UNSIGNED, bi BIGINT, de DECIMAL(20,4), d0 DECIMAL(30,0), f FLOAT, d DOUBLE, \
                   y YEAR, bt BIT(12), ti TINYINT UNSIGNED, du DECIMAL(10,2) UNSIGNED, dl DECIMAL(38,10)";
    let others = "da DATE, dt DATETIME, d6 DATETIME(6), ts TIMESTAMP(3) NULL, tm TIME, t6 TIME(6), \
                  e ENUM('new', 'old', 'Z') COLLATE utf8mb4_general_ci, s SET('x', 'y', 'a') COLLATE utf8mb4_general_ci, \
                  eb ENUM('new', 'old') COLLATE utf8mb4_bin";
    exec(conn, &format!("CREATE TABLE `{schema}`.t ({numbers}, {}, {others}) CHARACTER SET utf8mb4", texts.join(", "))).await;
    let words = [
        "a", "A", "a ", "ab", "AB", "A B", "", " ", "_", "[", "é", "É", "中", "aé", "Z", "z", "0", "10", "x_y", "a b", "@", "`", "Zé",
        "öa1", "ßA",
    ];
    let numbers = [
        "0, 0, 0, 0, 0, 0, 0, 0, b'0', 0, 0, 0",
        "1, 1, 1, 1, 1, 1, 1, 2024, b'1', 1, 1, 1",
        "-1, 10, -1, -12.5, -7, 0.1, 0.1, 1999, b'11', 10, 12.5, 3.3333",
        "10, 18446744073709551615, 9223372036854775807, 12.5, 10, 12.5, 1.1, 1970, b'111111111111', 255, 99.99, 0.1234567890",
        "2147483647, 9223372036854775808, -9223372036854775808, 9999999999999999.9999, 999999999999999999999999999999, 1e30, 1e300, 2070, b'101', 5, 0.01, 9999999999999999999999999999.9999999999",
        "7, 7, -7, 0.3333, -1, 1234567.1, 0.12345678901234567890, 0, b'1010', 24, 10, -0.0000000001",
        "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
    ];
    let others = [
        "'2024-02-29', '2024-02-29 12:00:00', '2024-02-29 12:00:00.123456', '2024-02-29 12:00:00.5', '12:00:00', '12:00:00.5', 'new', 'x,y', 'new'",
        "'0000-00-00', '0000-00-00 00:00:00', '2024-02-29 12:00:00.5', '2024-02-29 00:00:00', '-01:00:00', '-01:00:00.000001', 'old', 'a', 'old'",
        "'2024-03-01', '2024-02-29 00:00:00', '2024-02-29 00:00:00', '2024-02-29 12:00:00', '838:59:59', '00:00:00', 'Z', '', 'new'",
        "'1999-12-31', '1999-12-31 23:59:59', '1000-01-01 00:00:00.000001', '2001-01-01 00:00:00.123', '00:00:00', '838:59:58.9', 'new', 'x,y,a', 'old'",
        "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
    ];
    exec(conn, "SET sql_mode = ''").await;
    for (n, word) in words.iter().enumerate() {
        let texts = TEXTS.map(|_| format!("'{word}'")).join(", ");
        let (number, other) = (numbers[n % numbers.len()], others[n % others.len()]);
        exec(conn, &format!("INSERT INTO `{schema}`.t VALUES ({n}, {number}, {texts}, {other})")).await;
    }
    // A number of no member.
    exec(conn, &format!("UPDATE `{schema}`.t SET e = 'nothing' WHERE id = 0")).await;
    let _ = server;
}

/// Everything that is asked.
fn filters() -> Vec<String> {
    let mut all = Vec::new();
    let texts: Vec<&str> = TEXTS.iter().map(|(name, _)| *name).collect();
    let columns: Vec<&str> = NUMBERS.iter().chain(&texts).chain(&OTHERS).copied().collect();
    for column in &columns {
        for literal in LITERALS {
            for operator in ["=", "<>", "<", ">=", "<=>"] {
                all.push(format!("{column} {operator} {literal}"));
            }
            all.push(format!("BINARY {column} = {literal}"));
            all.push(format!("BINARY {column} > {literal}"));
            all.push(format!("{column} IN (NULL, {literal})"));
            all.push(format!("{column} NOT IN ({literal}, {literal})"));
        }
        for pattern in PATTERNS {
            all.push(format!("{column} LIKE '{pattern}'"));
            all.push(format!("BINARY {column} LIKE '{pattern}'"));
        }
        for other in &columns {
            all.push(format!("{column} = {other}"));
            all.push(format!("{column} < {other}"));
        }
        all.push(format!("{column} IS NOT NULL AND NOT ({column} IS NULL)"));
    }
    for column in NUMBERS {
        for tail in [
            "+ 1 > 5",
            "- 5 < 0",
            "* 2 = 25",
            "/ 3 = 0.3333",
            "/ 3 = 3.3333",
            "/ 3 > 0.3333",
            "/ 3 * 3 = 10",
            "/ 7 < 1.4286",
            "/ 4 = 2.5",
            "% 3 = 1",
            "% 3 = -1",
            "% 2.5 = 0",
            "* 0.1 = 1",
            "+ 0.1 = 0.2",
            "- 0.1 = 0",
            "/ 0 IS NULL",
            "% 0 IS NULL",
            "* 9223372036854775807 > 0",
            "+ 18446744073709551615 > 0",
            "/ 3 / 3 = 0.1111",
            "/ 0.3 > 3.3",
            "- 1 - 1 = 8",
        ] {
            all.push(format!("{column} {tail}"));
        }
        all.push(format!("-{column} < 0"));
        all.push(format!("{column} * {column} >= {column}"));
        all.push(format!("{column} / {column} = 1"));
        all.push(column.to_string());
        all.push(format!("NOT {column}"));
        all.push(format!("{column} + d > 1"));
        all.push(format!("{column} - de < 1"));
        all.push(format!("{column} BETWEEN 1 AND 10.5"));
    }
    all
}

/// What the server says of each row, by id; None = it refuses the filter.
async fn answers(conn: &mut Conn, schema: &str, filters: &[String]) -> Vec<Option<Vec<bool>>> {
    let tests: Vec<String> = filters.iter().map(|f| format!("({f}) IS TRUE")).collect();
    let sql = format!("SELECT {} FROM `{schema}`.t ORDER BY id", tests.join(", "));
    let found: Result<Vec<mysql_async::Row>, _> = conn.query(sql).await;
    match found {
        Ok(_) => {
            let found = rows(conn, &format!("SELECT {} FROM `{schema}`.t ORDER BY id", tests.join(", "))).await;
            (0..filters.len()).map(|at| Some(found.iter().map(|row| row[at].as_deref() == Some("1")).collect())).collect()
        }
        Err(_) if filters.len() == 1 => vec![None],
        Err(_) => {
            let (first, second) = filters.split_at(filters.len() / 2);
            let mut all = Box::pin(answers(conn, schema, first)).await;
            all.extend(Box::pin(answers(conn, schema, second)).await);
            all
        }
    }
}

async fn as_the_server(server: &Server) {
    let schema = scratch("filter", &[server]).await;
    let mut conn = connect(server).await;
    load(server, &mut conn, &schema).await;
    let endpoint = server.endpoint();
    let mut ours = engine::faithful(&endpoint, false).await.expect("the server answers");
    let info = engine::inspect(&mut ours, &endpoint).await.expect("it says what it is");
    let name = TableName::new(&schema, "t");
    let table = Arc::new(read_table(&mut ours, &info, &name).await.expect("it is read").expect("it is there"));
    let block = block(&mut ours, &table).await;
    let stored: Vec<usize> = table.stored_columns().map(|(i, _)| i).collect();
    let options = Options {
        format: MessageFormat::Canal,
        partition_by: PartitionBy::Table,
        exclude_columns: vec![],
        tombstones: false,
        server_name: String::new(),
        connector: "mysql",
    };
    let encoder = TableEncoder::new(Arc::clone(&table), &options).expect("every type is known");
    let mut data: Vec<Vec<Datum<'_>>> = (0..block.rows()).map(|row| encoder.from_copy(&block, row, &stored).expect("it is read")).collect();
    data.sort_by_key(|row| match row[0] {
        Datum::Int(id) => id,
        _ => panic!("the id is a number"),
    });
    // What is refused is nobody's question.
    let known: Vec<(String, _)> = filters()
        .into_iter()
        .filter_map(|text| Filter::parse(&text).and_then(|f| f.check(&table)).ok().map(|condition| (text, condition)))
        .collect();
    let (mut wrong, mut decided) = (Vec::new(), 0_u64);
    exec(&mut conn, "SET sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE'").await;
    for some in known.chunks(40) {
        let texts: Vec<String> = some.iter().map(|(text, _)| text.clone()).collect();
        // As `verify` spells it, the server decides the same.
        let spelled: Vec<String> = texts.iter().map(|text| Filter::parse(text).expect("it was").sql().expect("it has one")).collect();
        let respelled = answers(&mut conn, &schema, &spelled).await;
        for (((text, condition), theirs), again) in some.iter().zip(answers(&mut conn, &schema, &texts).await).zip(respelled) {
            wrong.extend((theirs != again).then(|| format!("{text}: spelled otherwise it is decided otherwise")));
            let mine: Vec<Option<bool>> = data.iter().map(|row| condition.keep(row).ok()).collect();
            decided += mine.iter().flatten().count() as u64;
            match theirs {
                // An error there is of one row, which we must not have decided either.
                None => wrong.extend(mine.iter().all(Option::is_some).then(|| format!("{text}: the server refuses it"))),
                Some(theirs) => {
                    let differ: Vec<String> = mine
                        .iter()
                        .zip(&theirs)
                        .enumerate()
                        .filter(|(_, (m, t))| m.is_some_and(|m| m != **t))
                        .map(|(id, (_, t))| format!("{id} ({t} there)"))
                        .collect();
                    wrong.extend((!differ.is_empty()).then(|| format!("{text}: rows {}", differ.join(", "))));
                }
            }
        }
    }
    let flavor = server.flavor.as_str();
    assert!(wrong.is_empty(), "{flavor}: {} of {} filters are decided otherwise:\n{}", wrong.len(), known.len(), wrong.join("\n"));
    assert!(known.len() > 1500 && decided > 30_000, "{flavor}: {} filters, {decided} decisions", known.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_decide_as_the_server_does_mariadb() {
    let Some(server) = servers::mariadb(1) else { return };
    as_the_server(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_decide_as_the_server_does_mysql() {
    let Some(server) = servers::mysql(1) else { return };
    as_the_server(server).await;
}
