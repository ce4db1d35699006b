//! Every column type becomes the same message from the log and from the copy, in every format, and text the text that the
//! server itself converts it to.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

use super::sink_zoo::{block, log_end, logged};
use crate::support::servers::{self, Server};
use crate::support::sql;
use crate::support::zoo::{self, Table};
use std::sync::Arc;
use syncline::model::kafka::PartitionBy;
use syncline::model::messages::MessageFormat;
use syncline::model::replicate::{TableName, quote};
use syncline::replicate::connect;
use syncline::replicate::encode::{Change, Datum, Message, Options, Origin, TableEncoder};
use syncline::replicate::schema::read::read_table;
use syncline::replicate::stream::RowReader;
use syncline::replicate::table::{Generated, TypeClass};

const FORMATS: [MessageFormat; 5] = [
    MessageFormat::Debezium { schema: true },
    MessageFormat::Debezium { schema: false },
    MessageFormat::Canal,
    MessageFormat::Flat,
    MessageFormat::Maxwell,
];

fn options(format: MessageFormat) -> Options {
    Options {
        format,
        partition_by: PartitionBy::PrimaryKey,
        exclude_columns: vec![],
        tombstones: true,
        server_name: "zoo".into(),
        connector: "mysql",
    }
}

/// Values beyond the zoo's: what this module converts itself.
fn more(server: &Server) -> (String, Vec<String>) {
    const CHARSETS: [&str; 12] =
        ["latin1", "latin2", "latin5", "cp1251", "koi8r", "cp850", "macroman", "tis620", "greek", "hebrew", "cp1257", "cp1256"];
    let mut columns =
        vec!["id INT PRIMARY KEY".to_owned(), "d DECIMAL(12,4) ZEROFILL, f DOUBLE ZEROFILL, x DOUBLE, y FLOAT, j JSON".to_owned()];
    let numbers = [
        "12.5, 1.5, 1e300, 1e20, '[1.0, 1e20, 1e16, 1e17, 123456789012345680000, 0.00001, 0.000001, -0.0, 1.5e-7, 1e300]'",
        "0, 0, -0e0, -1e-30, '{\"k\": [12345678901234567, 1234567890123456.7, 0.1, 1e-5, 1.25e-5, \"1e5\", \"a\\\\\"1.50\"], \"e\": 5e-324}'",
        "1, 2, 1e15, 1e15, '[1e14, 1e15, 1.1e15, 1.23456789e16, 123456789.125, 3.0e0, 100000000000000000000000.5]'",
        "1, 2, 123456789012345678, 1e-40, '\"/\\\\/\\\\b\\\\f\\\\n\\\\r\\\\t\\\\u0001\\\\u007f\\\\u2028\"'",
    ];
    let mut rows: Vec<String> = numbers.iter().map(|row| (*row).to_owned()).collect();
    for charset in CHARSETS {
        columns.push(format!("c_{charset} VARCHAR(300) CHARACTER SET {charset}"));
    }
    // All characters of both halves that the charset has: what has none is `?` on its way in.
    let upper: String = (128..=255).map(|b| format!("{b:02X}")).collect();
    for row in &mut rows {
        for charset in CHARSETS {
            row.push_str(&format!(", CONVERT(_{charset} x'41{upper}' USING utf8mb4)"));
        }
    }
    for (name, text) in [
        ("gb2312", "中文（。"),
        ("gbk", "中文繁體"),
        ("big5", "中文￥㊣"),
        ("sjis", "日本語〜ｱ"),
        ("cp932", "日本語～①"),
        ("ujis", "日本語〜ｱ"),
        ("eucjpms", "日本語～①"),
        ("euckr", "한국어"),
        ("ucs2", "中é"),
        ("utf16le", "中😀"),
        ("utf32", "中😀"),
        ("swe7", "Åäö"),
    ] {
        columns.push(format!("c_{name} CHAR(20) CHARACTER SET {name}, e_{name} ENUM('a','{text}') CHARACTER SET {name}, s_{name} SET('x','{text}') CHARACTER SET {name}"));
        for row in &mut rows {
            row.push_str(&format!(", '{text}', '{text}', '{text},x'"));
        }
    }
    if !server.is_mysql() {
        columns.push("u UUID, u2 UUID, i6 INET6, i6b INET6, i4 INET4, y2 YEAR(2)".into());
        let mut own = [
            "'123e4567-e89b-12d3-a456-426655440000', '00000000-0000-0000-0000-000000000000', '::ffff:1.2.3.4', '::1.2.3.4', '0.0.0.0', 70",
            "'f47ac10b-58cc-4372-a567-0e02b2c3d479', '0190163d-8694-739b-aea5-966c26f8ad91', '::1', '::', '1.2.3.0', 69",
            "'6ba7b810-9dad-11d1-80b4-00c04fd430c8', '1ec9414c-232a-6b00-b3c8-9e6bdeced846', '1:0:0:2::', '1:0:0:2:0:0:0:3', NULL, '00'",
            "'ffffffff-ffff-ffff-ffff-ffffffffffff', '123e4567-e89b-02d3-1456-426655440000', '1:0:2:3:4:5:6:7', '0:0:0:0:0:1:0:0', '9.9.9.9', 0",
        ]
        .into_iter();
        for row in &mut rows {
            row.push_str(&format!(", {}", own.next().unwrap()));
        }
    }
    (columns.join(", "), rows)
}

/// What the log has since a position, and what SELECT reads, as values of the encoder's table.
async fn compare(server: &Server, schema: &str, name: &str, file: &str, from: u64) {
    let endpoint = server.endpoint();
    let mut conn = connect::faithful(&endpoint, false).await.unwrap();
    let info = connect::inspect(&mut conn, &endpoint).await.unwrap();
    let table = Arc::new(read_table(&mut conn, &info, &TableName::new(schema, name)).await.unwrap().unwrap());
    let stored: Vec<usize> = table.stored_columns().map(|(i, _)| i).collect();
    let block = block(&mut conn, &table).await;
    let events = logged(server, schema, file, from).await;
    let mut texts = connect::faithful(&endpoint, false).await.unwrap().into_driver();
    for format in FORMATS {
        let encoder = TableEncoder::new(Arc::clone(&table), &options(format)).unwrap();
        let (mut from_log, mut from_copy) = (vec![], vec![]);
        for event in events.iter().filter(|e| e.map.table.table == name) {
            let (mut reader, mut before, mut after) = (RowReader::new(event, encoder.unsigned()), vec![], vec![]);
            while reader.next(&mut before, &mut after).unwrap() {
                let mut data = encoder.from_log(&after).unwrap();
                for (datum, _) in data.iter_mut().zip(&table.columns).filter(|(_, c)| c.generated != Generated::No) {
                    *datum = Datum::Null;
                }
                from_log.push((shown(&data), message(&encoder, &data)));
            }
        }
        for row in 0..block.rows() {
            let data = encoder.from_copy(&block, row, &stored).unwrap();
            assert_texts(&mut texts, &table, &data, row).await;
            from_copy.push((shown(&data), message(&encoder, &data)));
        }
        from_log.sort_by(|a, b| a.0.cmp(&b.0));
        from_copy.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(from_log.len(), from_copy.len(), "{name}");
        for (logged, copied) in from_log.iter().zip(&from_copy) {
            for (i, (a, b)) in logged.0.iter().zip(&copied.0).enumerate() {
                assert_eq!(a, b, "{}: {name}.{}", server.flavor.as_str(), table.columns[i].name);
            }
            let text = |m: &Message| String::from_utf8(m.value.clone().unwrap()).unwrap();
            assert_eq!(text(&logged.1), text(&copied.1), "{}: {name}: {format:?}", server.flavor.as_str());
            assert_eq!(logged.1, copied.1);
            serde_json::from_str::<serde_json::Value>(&text(&logged.1)).unwrap_or_else(|e| panic!("{e}: {}", text(&logged.1)));
        }
    }
}

fn shown(data: &[Datum<'_>]) -> Vec<String> {
    data.iter().map(|d| format!("{d:?}")).collect()
}

fn message(encoder: &TableEncoder, data: &[Datum<'_>]) -> Message {
    let mut out = vec![];
    encoder.encode(&Change::Insert(data), &Origin::default(), &mut out).unwrap();
    out.remove(0)
}

/// Text is what the server makes of it in utf8mb4.
async fn assert_texts(conn: &mut mysql_async::Conn, table: &syncline::replicate::table::Table, data: &[Datum<'_>], row: usize) {
    if table.row_key().is_none() {
        return;
    }
    let textual = |i: &usize| matches!(table.columns[*i].class, TypeClass::Char | TypeClass::Text);
    for column in (0..data.len()).filter(textual) {
        let name = quote(&table.columns[column].name);
        let from = table.name.quoted();
        let theirs = sql::rows(conn, &format!("SELECT CONVERT({name} USING utf8mb4) FROM {from} ORDER BY id LIMIT {row}, 1")).await;
        match (&data[column], theirs[0][0].as_deref()) {
            (Datum::Null, None) => {}
            (Datum::Text(ours), Some(theirs)) => assert_eq!(ours, theirs, "{from} {name}"),
            (ours, theirs) => panic!("{from} {name}: {ours:?}, {theirs:?}"),
        }
    }
}

async fn same_on_both_ways(server: &Server) {
    let schema = sql::scratch("encode", &[server]).await;
    let mut conn = sql::connect(server).await;
    let (file, from) = log_end(server, &mut conn).await;
    let tables: Vec<Table> = zoo::tables_for(server, server);
    zoo::load(server, &schema, &tables).await;
    let (columns, rows) = more(server);
    sql::exec(&mut conn, &format!("CREATE TABLE {schema}.more ({columns}) CHARACTER SET utf8mb4")).await;
    // Some of these charsets lack characters for some bytes.
    sql::exec(&mut conn, "SET sql_mode=''").await;
    for (i, row) in rows.iter().enumerate() {
        sql::exec(&mut conn, &format!("INSERT INTO {schema}.more VALUES ({i}, {row})")).await;
    }
    for name in tables.iter().map(|t| t.name).chain(["more"]) {
        compare(server, &schema, name, &file, from).await;
    }
}

#[tokio::test]
async fn mariadb_rows_are_the_same_messages_from_log_and_copy() {
    if let Some(server) = servers::mariadb(1) {
        same_on_both_ways(server).await;
    }
}

#[tokio::test]
async fn mysql_rows_are_the_same_messages_from_log_and_copy() {
    if let Some(server) = servers::mysql(1) {
        same_on_both_ways(server).await;
    }
}
