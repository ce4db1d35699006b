//! Each type from both sides through all formats, and the shapes of the messages.

use super::*;
use crate::model::kafka::Fallback;
use crate::model::replicate::TableName;
use crate::replicate::schema::read::class;
use crate::replicate::sink::RowBlock;
use crate::replicate::stream::Value;
use crate::replicate::table::{Column, Generated, Key};
use std::borrow::Cow;

fn column(name: &str, column_type: &str) -> Column {
    let data_type = column_type.split(['(', ' ']).next().unwrap().to_owned();
    let inside = column_type.split_once('(').and_then(|(_, r)| r.split_once(')')).map_or("", |(i, _)| i);
    let quoted = matches!(data_type.as_str(), "enum" | "set");
    Column {
        data_type: data_type.clone(),
        unsigned: column_type.contains("unsigned"),
        charset: Some("utf8mb4".into()),
        length: inside.parse().ok(),
        fraction: inside.parse().unwrap_or(0),
        members: if quoted { inside.split('|').map(|m| m.as_bytes().to_vec()).collect() } else { vec![] },
        column_type: column_type.into(),
        ..Column::plain(name, class(&data_type))
    }
}

fn nullable(column: Column) -> Column {
    Column { nullable: true, ..column }
}

fn table(columns: Vec<Column>, keys: &[&[usize]]) -> Arc<Table> {
    let key = |columns: &&[usize]| Key {
        name: "PRIMARY".into(),
        primary: true,
        unique: true,
        columns: columns.to_vec(),
        prefix: vec![None; columns.len()],
        usable: true,
    };
    Arc::new(Table {
        name: TableName::new("db", "t"),
        columns,
        keys: keys.iter().map(key).collect(),
        engine: "InnoDB".into(),
        rows_estimated: 0,
        data_bytes: 0,
        auto_increment: None,
        create: String::new(),
    })
}

fn options(format: MessageFormat) -> Options {
    Options {
        format,
        partition_by: PartitionBy::PrimaryKey,
        exclude_columns: vec![],
        tombstones: true,
        server_name: "srv".into(),
        connector: "mysql",
    }
}

fn text(bytes: &Option<Vec<u8>>) -> String {
    String::from_utf8(bytes.clone().expect("a value")).unwrap()
}

fn messages(encoder: &TableEncoder, change: Change<'_>, origin: &Origin<'_>) -> Vec<Message> {
    let mut out = vec![];
    encoder.encode(&change, origin, &mut out).unwrap();
    out
}

/// The encoder's text of one value, in the format.
fn value_in(format: MessageFormat, c: &Column, data: &[Datum<'_>]) -> String {
    let encoder = TableEncoder::new(table(vec![c.clone()], &[]), &options(format)).unwrap();
    let message = messages(&encoder, Change::Insert(data), &Origin::default()).remove(0);
    let all = text(&message.value);
    let (start, end) = match format {
        MessageFormat::Debezium { .. } => ("\"after\":{\"c\":", "},\"source\":"),
        MessageFormat::Canal => ("\"data\":[{\"c\":", "}],\"old\":"),
        MessageFormat::Flat => ("{\"c\":", ",\"_database\""),
        MessageFormat::Maxwell => ("\"data\":{\"c\":", "}}"),
    };
    let from = all.find(start).unwrap_or_else(|| panic!("{all}")) + start.len();
    all[from..all.rfind(end).unwrap()].to_owned()
}

/// A column, its value from the log and from the copy; what Debezium, Canal and Maxwell make of it.
type Case<'a> = (Column, Value<'a>, &'a [u8], &'a str, &'a str, &'a str);

#[test]
fn every_type_has_one_text_per_format_from_both_sides() {
    let bytes = |b: &'static [u8]| Value::Bytes(Cow::Borrowed(b));
    let short = |t: &str| temporal_text(t);
    let point = b"\xe6\x10\0\0\x01\x01\0\0\0\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\x40";
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        (column("c", "tinyint(4)"), Value::Int(-1), b"-1", "-1", r#""-1""#, "-1"),
        (column("c", "tinyint unsigned"), Value::UInt(255), b"255", "255", r#""255""#, "255"),
        (column("c", "int(8) unsigned zerofill"), Value::UInt(42), b"00000042", "42", r#""42""#, "42"),
        (column("c", "bigint"), Value::Int(i64::MIN), b"-9223372036854775808", "-9223372036854775808", r#""-9223372036854775808""#, "-9223372036854775808"),
        (column("c", "bigint unsigned"), Value::UInt(u64::MAX), b"18446744073709551615", r#""AP//////////""#, r#""18446744073709551615""#, "18446744073709551615"),
        (column("c", "decimal(5,2)"), Value::Decimal("-2.00".into()), b"-2.00", r#""/zg=""#, r#""-2.00""#, "-2.00"),
        (column("c", "decimal(7,2) unsigned zerofill"), Value::Decimal("0.50".into()), b"00000.50", r#""Mg==""#, r#""0.50""#, "0.50"),
        (column("c", "decimal(5,0)"), Value::Decimal("0".into()), b"0", r#""AA==""#, r#""0""#, "0"),
        (column("c", "float"), Value::Float(1.1), b"1.100000023841858", "1.1", r#""1.1""#, "1.1"),
        (column("c", "double"), Value::Double(1e20), b"1e20", "1e+20", r#""1e+20""#, "1e+20"),
        (column("c", "bit(1)"), Value::Bits(&[1]), &[1], "true", r#""1""#, "true"),
        (column("c", "bit(9)"), Value::Bits(&[1, 2]), &[1, 2], r#""AgE=""#, r#""258""#, "258"),
        (column("c", "year(4)"), Value::Year(2021), b"2021", "2021", r#""2021""#, "2021"),
        (column("c", "year(4)"), Value::Year(0), b"0000", "0", r#""0000""#, "0"),
        (column("c", "year(2)"), Value::Year(1970), b"70", "1970", r#""1970""#, "1970"),
        (column("c", "date"), Value::Date(short("1969-12-31")), b"1969-12-31", "-1", r#""1969-12-31""#, r#""1969-12-31""#),
        (column("c", "date"), Value::Date(short("0000-00-00")), b"0000-00-00", "0", r#""0000-00-00""#, r#""0000-00-00""#),
        (nullable(column("c", "date")), Value::Date(short("2023-02-31")), b"2023-02-31", "null", r#""2023-02-31""#, r#""2023-02-31""#),
        (column("c", "time(1)"), Value::Time(short("-00:00:00.5")), b"-00:00:00.5", "-500000", r#""-00:00:00.5""#, r#""-00:00:00.5""#),
        (column("c", "time"), Value::Time(short("838:59:59")), b"838:59:59", "3020399000000", r#""838:59:59""#, r#""838:59:59""#),
        (column("c", "datetime(3)"), Value::Datetime(short("1969-12-31 23:59:59.999")), b"1969-12-31 23:59:59.999", "-1", r#""1969-12-31 23:59:59.999""#, r#""1969-12-31 23:59:59.999""#),
        (column("c", "datetime(6)"), Value::Datetime(short("2024-02-29 00:00:00.000001")), b"2024-02-29 00:00:00.000001", "1709164800000001", r#""2024-02-29 00:00:00.000001""#, r#""2024-02-29 00:00:00.000001""#),
        (column("c", "timestamp(2)"), Value::Timestamp(short("2024-02-29 01:02:03.40")), b"2024-02-29 01:02:03.40", r#""2024-02-29T01:02:03.40Z""#, r#""2024-02-29 01:02:03.40""#, r#""2024-02-29 01:02:03.40""#),
        (column("c", "timestamp"), Value::Timestamp(short("0000-00-00 00:00:00")), b"0000-00-00 00:00:00", r#""1970-01-01T00:00:00Z""#, r#""0000-00-00 00:00:00""#, r#""0000-00-00 00:00:00""#),
        (nullable(column("c", "timestamp")), Value::Timestamp(short("0000-00-00 00:00:00")), b"0000-00-00 00:00:00", "null", r#""0000-00-00 00:00:00""#, r#""0000-00-00 00:00:00""#),
        (column("c", "char(10)"), bytes("中\"\\\n\u{1}".as_bytes()), "中\"\\\n\u{1}".as_bytes(), r#""中\"\\\n\u0001""#, r#""中\"\\\n\u0001""#, r#""中\"\\\n\u0001""#),
        (Column { charset: Some("latin1".into()), ..column("c", "text") }, bytes(b"\xe9\x80"), b"\xe9\x80", r#""é€""#, r#""é€""#, r#""é€""#),
        (column("c", "binary(4)"), bytes(&[1]), &[1, 0, 0, 0], r#""AQAAAA==""#, r#""\u0001\u0000\u0000\u0000""#, r#""AQAAAA==""#),
        (column("c", "blob"), bytes(&[0xff, 0]), &[0xff, 0], r#""/wA=""#, r#""ÿ\u0000""#, r#""/wA=""#),
        (column("c", "enum(a,b|'|x)"), Value::Enum(1), b"1", r#""a,b""#, r#""a,b""#, r#""a,b""#),
        (column("c", "enum(a,b|'|x)"), Value::Enum(0), b"0", r#""""#, r#""""#, r#""""#),
        (column("c", "set(a|'|x)"), Value::Set(5), b"a,x", r#""a,x""#, r#""a,x""#, r#"["a","x"]"#),
        (column("c", "set(a|'|x)"), Value::Set(0), b"", r#""""#, r#""""#, "[]"),
        (column("c", "json"), Value::Json(r#"{"a": 1e16}"#.into()), br#"{"a": 1e16}"#, r#""{\"a\": 10000000000000000.0}""#, r#""{\"a\": 10000000000000000.0}""#, r#"{"a": 10000000000000000.0}"#),
        (column("c", "point"), bytes(point), point, r#"{"x":1.0,"y":2.0,"wkb":"AQEAAAAAAAAAAADwPwAAAAAAAABA","srid":4326}"#, r#""æ\u0010\u0000\u0000\u0001\u0001\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000ð?\u0000\u0000\u0000\u0000\u0000\u0000\u0000@""#, r#""POINT (1 2)""#),
        (column("c", "vector(2)"), bytes(b"\0\0\x80\x3f\0\0\0\xc0"), b"\0\0\x80\x3f\0\0\0\xc0", "[1.0,-2.0]", "\"\\u0000\\u0000\u{80}?\\u0000\\u0000\\u0000À\"", r#""AACAPwAAAMA=""#),
        (column("c", "inet4"), bytes(&[10]), b"10.0.0.0", r#""10.0.0.0""#, r#""10.0.0.0""#, r#""10.0.0.0""#),
        (nullable(column("c", "int")), Value::Null, b"NULL", "null", "null", "null"),
    ];
    for (c, logged, copied, debezium, canal, maxwell) in cases {
        let encoder = TableEncoder::new(table(vec![c.clone()], &[]), &options(MessageFormat::Canal)).unwrap();
        let values = [logged];
        let mut block = RowBlock { columns: 1, ..RowBlock::default() };
        block.push(Some(copied).filter(|v| *v != b"NULL"));
        let (logged, copied) = (encoder.from_log(&values).unwrap(), encoder.from_copy(&block, 0, &[0]).unwrap());
        assert_eq!(logged, copied, "{}", c.column_type);
        let formats = [
            (MessageFormat::Debezium { schema: false }, debezium),
            (MessageFormat::Debezium { schema: true }, debezium),
            (MessageFormat::Canal, canal),
            (MessageFormat::Flat, canal),
            (MessageFormat::Maxwell, maxwell),
        ];
        for (format, expected) in formats {
            assert_eq!(value_in(format, &c, &logged), expected, "{} {format:?}", c.column_type);
        }
    }
}

/// Temporal text as the log's reader makes it.
fn temporal_text(text: &str) -> crate::replicate::stream::ShortText {
    text.into()
}

fn people() -> Arc<Table> {
    table(vec![column("id", "int"), nullable(column("name", "varchar(20)")), column("n", "bigint unsigned")], &[&[0]])
}

fn person<'a>(id: i64, name: &'a str, n: u64) -> [Datum<'a>; 3] {
    [Datum::Int(id), Datum::Text(Cow::Borrowed(name)), Datum::UInt(n)]
}

fn origin() -> Origin<'static> {
    Origin {
        server_id: 7,
        gtid: Some("u:5"),
        file: "bin.000001",
        offset: 4,
        row: 2,
        last_row: true,
        snapshot: Snapshot::No,
        source_ms: 1_700_000_000_000,
        now_us: 1_700_000_000_123_456,
        thread: None,
        xid: Some(9),
        transaction: None,
    }
}

#[test]
fn debezium_messages_have_the_documented_shape() {
    let encoder = TableEncoder::new(people(), &options(MessageFormat::Debezium { schema: true })).unwrap();
    let (before, after) = (person(1, "a", 1), person(1, "b", 1));
    let message = messages(&encoder, Change::Update { before: &before, after: &after }, &origin()).remove(0);
    insta::assert_snapshot!("debezium_key", pretty(&message.key));
    insta::assert_snapshot!("debezium_value", pretty(&message.value).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    assert_eq!(Some(&message.partition), message.key.as_ref());
    let plain = TableEncoder::new(people(), &options(MessageFormat::Debezium { schema: false })).unwrap();
    let message = messages(&plain, Change::Read(&after), &Origin { snapshot: Snapshot::Last, ..origin() }).remove(0);
    assert_eq!(text(&message.key), r#"{"id":1}"#);
    assert!(text(&message.value).starts_with(r#"{"before":null,"after":{"id":1,"name":"b","n":"AQ=="},"source":{"version":""#));
    assert!(text(&message.value).contains(r#""snapshot":"last""#) && text(&message.value).contains(r#","op":"r","ts_ms":1700000000123,"#));
}

fn pretty(bytes: &Option<Vec<u8>>) -> String {
    serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(&text(bytes)).unwrap()).unwrap()
}

#[test]
fn other_messages_have_the_documented_shape() {
    let of = |format, change| {
        let message = messages(&TableEncoder::new(people(), &options(format)).unwrap(), change, &origin()).remove(0);
        [text(&message.key), text(&message.value), String::from_utf8(message.partition).unwrap()]
    };
    let (before, after) = (person(1, "a", 1), person(1, "b", 1));
    let update = || Change::Update { before: &before, after: &after };
    assert_eq!(
        of(MessageFormat::Canal, update()),
        [
            "[1]",
            r#"{"id":2,"database":"db","table":"t","pkNames":["id"],"isDdl":false,"sql":"","mysqlType":{"id":"int","name":"varchar(20)","n":"bigint unsigned"},"sqlType":{"id":4,"name":12,"n":3},"type":"UPDATE","es":1700000000000,"ts":1700000000123,"gtid":"u:5","data":[{"id":"1","name":"b","n":"1"}],"old":[{"name":"a"}]}"#,
            "[1]",
        ]
    );
    assert_eq!(
        of(MessageFormat::Flat, Change::Delete(&before))[1],
        r#"{"id":"1","name":"a","n":"1","_database":"db","_table":"t","_pkNames":["id"],"_type":"DELETE","_es":1700000000000,"_ts":1700000000123,"_gtid":"u:5","_id":2}"#
    );
    assert_eq!(
        of(MessageFormat::Maxwell, update()),
        [
            r#"{"database":"db","table":"t","pk.id":1}"#,
            r#"{"database":"db","table":"t","type":"update","ts":1700000000,"xid":9,"xoffset":2,"commit":true,"gtid":"u:5","data":{"id":1,"name":"b","n":1},"old":{"name":"a"}}"#,
            "[1]",
        ]
    );
    assert!(of(MessageFormat::Maxwell, Change::Read(&after))[1].contains(r#""type":"bootstrap-insert""#));
}

#[test]
fn a_changed_key_is_a_delete_a_tombstone_and_an_insert() {
    for format in [MessageFormat::Debezium { schema: false }, MessageFormat::Canal, MessageFormat::Flat, MessageFormat::Maxwell] {
        let (before, after) = (person(1, "a", 1), person(2, "a", 1));
        let encoder = TableEncoder::new(people(), &options(format)).unwrap();
        let sent = messages(&encoder, Change::Update { before: &before, after: &after }, &origin());
        let alone = |change, last_row| messages(&encoder, change, &Origin { last_row, ..origin() });
        let plain: Vec<Message> = sent.iter().map(|m| Message { header: None, ..m.clone() }).collect();
        assert_eq!(plain, [alone(Change::Delete(&before), false), alone(Change::Insert(&after), true)].concat());
        let headers: Vec<_> = sent.iter().map(|m| m.header.as_ref().map(|h| (h.name, h.value.clone()))).collect();
        let key = |m: &Message| m.key.clone().unwrap();
        let (old, new) = (("__debezium.oldkey", key(&sent[0])), ("__debezium.newkey", key(&sent[2])));
        let debezium = matches!(format, MessageFormat::Debezium { .. });
        assert_eq!(headers, if debezium { vec![Some(new.clone()), Some(new), Some(old)] } else { vec![None; 3] });
        assert_eq!(sent.iter().map(|m| m.value.is_some()).collect::<Vec<_>>(), [true, false, true]);
        assert!(sent[0].key == sent[1].key && sent[0].partition == sent[1].partition && sent[1].key != sent[2].key);
        let without = TableEncoder::new(people(), &Options { tombstones: false, ..options(format) }).unwrap();
        assert_eq!(messages(&without, Change::Update { before: &before, after: &after }, &origin()).len(), 2);
    }
}

#[test]
fn partitions_follow_table_key_or_columns() {
    let of = |table: &Arc<Table>, partition_by, format| {
        let encoder = TableEncoder::new(Arc::clone(table), &Options { partition_by, ..options(format) }).unwrap();
        let message = messages(&encoder, Change::Delete(&person(1, "a,\"", 3)), &origin()).remove(0);
        String::from_utf8(message.partition).unwrap()
    };
    let keyless = table(people().columns.clone(), &[]);
    let columns = |names: &[&str], fallback| PartitionBy::Columns { columns: names.iter().map(|n| (*n).to_owned()).collect(), fallback };
    let debezium = MessageFormat::Debezium { schema: false };
    assert_eq!(of(&people(), PartitionBy::Table, MessageFormat::Canal), "db.t");
    assert_eq!(of(&people(), PartitionBy::PrimaryKey, MessageFormat::Canal), "[1]");
    assert_eq!(of(&people(), PartitionBy::PrimaryKey, debezium), r#"{"id":1}"#);
    assert_eq!(of(&keyless, PartitionBy::PrimaryKey, debezium), "db.t");
    assert_eq!(of(&people(), columns(&["N", "name"], Fallback::Table), debezium), r#"[3,"a,\""]"#);
    assert_eq!(of(&people(), columns(&["x", "id"], Fallback::Table), MessageFormat::Flat), "[1]");
    assert_eq!(of(&people(), columns(&["x"], Fallback::Table), MessageFormat::Flat), "db.t");
    assert_eq!(of(&people(), columns(&["x"], Fallback::PrimaryKey), MessageFormat::Flat), "[1]");
    assert_eq!(of(&keyless, columns(&["x"], Fallback::PrimaryKey), MessageFormat::Flat), "db.t");
}

#[test]
fn excluded_and_generated_columns_are_left_out_and_names_do_not_clash() {
    let mut columns = vec![column("id", "int"), column("_table", "int"), column("__ID", "int"), column("g", "int")];
    columns[3].generated = Generated::Stored;
    let row = [1, 2, 3, 4].map(Datum::Int);
    let of = |format, exclude: &[&str]| {
        let exclude_columns = exclude.iter().map(|n| (*n).to_owned()).collect();
        let encoder = TableEncoder::new(table(columns.clone(), &[&[0]]), &Options { exclude_columns, ..options(format) }).unwrap();
        let message = messages(&encoder, Change::Insert(&row), &origin()).remove(0);
        (text(&message.key), text(&message.value))
    };
    let (_, flat) = of(MessageFormat::Flat, &[]);
    assert!(flat.starts_with(r#"{"id":"1","_table":"2","__ID":"3","___database":"db","___table":"t","#), "{flat}");
    let (key, canal) = of(MessageFormat::Canal, &["ID", "_table"]);
    assert_eq!(key, "[1]");
    assert!(canal.contains(r#""mysqlType":{"__ID":"int"},"sqlType":{"__ID":4}"#) && canal.contains(r#""data":[{"__ID":"3"}]"#), "{canal}");
    assert!(of(MessageFormat::Flat, &["id", "_table", "__id"]).1.starts_with(r#"{"___database""#));
}

#[test]
fn what_cannot_be_decoded_is_refused_by_name() {
    let refused = |c| TableEncoder::new(table(vec![c], &[]), &options(MessageFormat::Canal)).unwrap_err();
    let error = refused(Column { charset: Some("klingon".into()), ..column("c", "text") });
    assert_eq!((error.kind, error.code), (crate::replicate::Kind::Config, "charset_not_supported"));
    assert!(error.to_string().contains("klingon") && error.to_string().contains("db.t"), "{error}");
    assert_eq!(refused(column("c", "xmltype")).code, "column_type_not_supported");
    let encoder = TableEncoder::new(people(), &options(MessageFormat::Canal)).unwrap();
    assert_eq!(encoder.from_log(&[Value::Int(1)]).unwrap_err().code, "columns_differ");
    assert_eq!(encoder.from_log(&[Value::Int(1), Value::Year(1), Value::UInt(1)]).unwrap_err().code, "columns_differ");
}
