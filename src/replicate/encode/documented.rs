//! The fields of Canal's and Maxwell's messages against their documents: what a field is called, when it is there, and
//! which JSON type it has.

use super::*;
use crate::model::replicate::TableName;
use crate::replicate::schema::read::class;
use crate::replicate::table::{Column, Key};
use serde_json::Value;
use std::borrow::Cow;

/// JSON type of a documented field.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Integer,
    Bool,
    /// A list of texts.
    Names,
    /// A list of one row whose values are texts or null; or null.
    Rows,
    /// An object of texts.
    Texts,
    /// An object of integers.
    Integers,
    /// An object.
    Row,
}
use Kind::{Bool, Integer, Integers, Names, Row as Object, Rows, Text, Texts};

impl Kind {
    fn fits(self, value: &Value) -> bool {
        let all = |check: fn(&Value) -> bool| value.as_object().is_some_and(|o| o.values().all(check));
        match self {
            Text => value.is_string(),
            Integer => value.is_i64() || value.is_u64(),
            Bool => value.is_boolean(),
            Names => value.as_array().is_some_and(|a| a.iter().all(Value::is_string)),
            Texts => all(Value::is_string),
            Integers => all(Value::is_i64),
            Object => value.is_object(),
            Rows => value.is_null() || value.as_array().is_some_and(|a| a.len() == 1 && a.iter().all(row_of_texts)),
        }
    }
}

fn row_of_texts(row: &Value) -> bool {
    row.as_object().is_some_and(|o| o.values().all(|v| v.is_string() || v.is_null()))
}

/// Canal's `FlatMessage` (alibaba/canal, protocol module, com.alibaba.otter.canal.protocol.FlatMessage) and the example in
/// Apache Flink's document of the Canal format. `gtid` is of later versions.
const CANAL: [(&str, Kind); 14] = [
    ("id", Integer),
    ("database", Text),
    ("table", Text),
    ("pkNames", Names),
    ("isDdl", Bool),
    ("type", Text),
    ("es", Integer),
    ("ts", Integer),
    ("sql", Text),
    ("sqlType", Integers),
    ("mysqlType", Texts),
    ("data", Rows),
    ("old", Rows),
    ("gtid", Text),
];

/// Maxwell's docs/docs/dataformat.md (zendesk/maxwell); `xoffset`, `gtid` and `position` in its docs/docs/config.md, as are
/// `server_id` and `thread_id`, which are only there when asked for.
const MAXWELL: [(&str, Kind); 12] = [
    ("database", Text),
    ("table", Text),
    ("type", Text),
    ("ts", Integer),
    ("xid", Integer),
    ("xoffset", Integer),
    ("commit", Bool),
    ("position", Text),
    ("gtid", Text),
    ("thread_id", Integer),
    ("data", Object),
    ("old", Object),
];

fn column(name: &str, column_type: &str) -> Column {
    let data_type = column_type.split('(').next().unwrap().to_owned();
    Column {
        column_type: column_type.into(),
        data_type: data_type.clone(),
        nullable: name != "id",
        charset: Some("utf8mb4".into()),
        ..Column::plain(name, class(&data_type))
    }
}

/// The table of Maxwell's document.
fn table() -> Arc<Table> {
    let columns = vec![column("id", "int(10)"), column("m", "double"), column("c", "datetime"), column("comment", "varchar(255)")];
    let key = Key { name: "PRIMARY".into(), primary: true, unique: true, columns: vec![0], prefix: vec![None], usable: true };
    Arc::new(Table {
        name: TableName::new("test", "e"),
        columns,
        keys: vec![key],
        engine: "InnoDB".into(),
        rows_estimated: 0,
        data_bytes: 0,
        auto_increment: None,
        create: String::new(),
    })
}

fn message(format: MessageFormat, change: &Change<'_>, origin: &Origin<'_>) -> Value {
    let options = Options {
        format,
        partition_by: PartitionBy::PrimaryKey,
        exclude_columns: vec![],
        tombstones: false,
        server_name: "srv".into(),
        connector: "mysql",
    };
    let mut out = vec![];
    TableEncoder::new(table(), &options).unwrap().encode(change, origin, &mut out).unwrap();
    serde_json::from_slice(out[0].value.as_ref().unwrap()).unwrap()
}

/// A read, an insert, an update and a delete, with and without GTIDs.
fn messages(format: MessageFormat) -> Vec<Value> {
    let row = |m, comment: Option<&'static str>| {
        let comment = comment.map_or(Datum::Null, |c| Datum::Text(Cow::Borrowed(c)));
        [Datum::Int(1), Datum::Double(m), Datum::Datetime("2016-10-21 05:33:37"), comment]
    };
    let (old, new) = (row(4.2341, Some("I am a creature of light.")), row(5.444, None));
    let logged = Origin {
        gtid: Some("0-1-2"),
        file: "master.000006",
        offset: 800_911,
        xid: Some(23_396),
        thread: Some(108),
        last_row: true,
        source_ms: 1_477_053_217_000,
        now_us: 1_477_053_217_500_000,
        ..Origin::default()
    };
    let copied = Origin { snapshot: Snapshot::Yes, ..logged };
    let mut all = vec![message(format, &Change::Read(&old), &copied)];
    for origin in [logged, Origin { gtid: None, ..logged }] {
        for change in [Change::Insert(&old), Change::Update { before: &old, after: &new }, Change::Delete(&new)] {
            all.push(message(format, &change, &origin));
        }
    }
    all
}

fn types(message: &Value) -> &str {
    message["type"].as_str().unwrap()
}

#[test]
fn canal_messages_have_the_documented_fields_and_no_others() {
    let all = messages(MessageFormat::Canal);
    for message in &all {
        let fields = message.as_object().unwrap();
        for (name, kind) in CANAL {
            assert!(fields.get(name).is_some_and(|v| kind.fits(v)), "{name} is a {kind:?}: {message}");
        }
        assert!(fields.keys().all(|k| CANAL.iter().any(|(name, _)| name == k)), "{message}");
        // Milliseconds, both.
        assert!(message["es"].as_i64() > Some(1_000_000_000_000) && message["ts"].as_i64() > Some(1_000_000_000_000));
        assert_eq!(message["old"].is_null(), types(message) != "UPDATE", "{message}");
    }
    assert_eq!(all.iter().map(types).collect::<Vec<_>>()[..4], ["INSERT", "INSERT", "UPDATE", "DELETE"]);
    let update = &all[2];
    assert_eq!(update["old"], serde_json::json!([{ "m": "4.2341", "comment": "I am a creature of light." }]), "only what changed");
    assert_eq!(update["data"], serde_json::json!([{ "id": "1", "m": "5.444", "c": "2016-10-21 05:33:37", "comment": null }]));
    assert_eq!(update["sqlType"], serde_json::json!({ "id": 4, "m": 8, "c": 93, "comment": 12 }), "codes of java.sql.Types");
    assert_eq!(update["mysqlType"]["comment"], "varchar(255)");
    assert_eq!(update["pkNames"], serde_json::json!(["id"]));
}

#[test]
fn maxwell_messages_have_the_documented_fields_and_no_others() {
    let all = messages(MessageFormat::Maxwell);
    for message in &all {
        let fields = message.as_object().unwrap();
        for (name, value) in fields {
            let kind = MAXWELL.iter().find(|(n, _)| n == name).unwrap_or_else(|| panic!("{name} is not Maxwell's: {message}")).1;
            assert!(kind.fits(value), "{name} is a {kind:?}: {message}");
        }
        for name in ["database", "table", "type", "ts", "data"] {
            assert!(fields.contains_key(name), "{name}: {message}");
        }
        assert_eq!(fields.contains_key("old"), types(message) == "update", "{message}");
        assert!(message["ts"].as_i64() < Some(10_000_000_000), "seconds: {message}");
    }
    assert_eq!(all.iter().map(types).collect::<Vec<_>>()[..4], ["bootstrap-insert", "insert", "update", "delete"]);
    // The document's own example.
    let insert = &all[4];
    assert_eq!(insert["position"], "master.000006:800911");
    assert_eq!((insert["xid"].as_i64(), insert["thread_id"].as_i64(), insert["commit"].as_bool()), (Some(23_396), Some(108), Some(true)));
    let data = serde_json::json!({ "id": 1, "m": 4.2341, "c": "2016-10-21 05:33:37", "comment": "I am a creature of light." });
    assert_eq!(insert["data"], data);
    assert_eq!(all[2]["old"], serde_json::json!({ "m": 4.2341, "comment": "I am a creature of light." }));
}
