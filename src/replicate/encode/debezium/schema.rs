//! The schemas that Connect's JSON converter puts beside the payload.

use super::super::json;
use super::super::{Layout, Options};
use super::Literal;
use crate::replicate::table::{Column, Table, TypeClass};

pub(super) struct Schemas<'a> {
    pub(super) table: &'a Table,
    pub(super) layout: &'a Layout,
    pub(super) options: &'a Options,
}

/// `{"type":T,"optional":false,"field":F}`
fn simple(kind: &str, optional: bool, field: &str) -> String {
    format!(r#"{{"type":"{kind}","optional":{optional},"field":"{field}"}}"#)
}

impl Schemas<'_> {
    pub(super) fn key(&self) -> Vec<u8> {
        let columns = self.layout.key.as_deref().unwrap_or_default();
        let fields = self.fields(columns);
        format!(r#"{{"type":"struct","fields":[{fields}],"optional":false,"name":{}}}"#, self.name("Key")).into_bytes()
    }

    pub(super) fn envelope(&self) -> Vec<u8> {
        let fields = self.fields(&self.layout.shown);
        let image =
            |field| format!(r#"{{"type":"struct","fields":[{fields}],"optional":true,"name":{},"field":"{field}"}}"#, self.name("Value"));
        let fields = [
            image("before"),
            image("after"),
            self.source(),
            transaction(),
            simple("string", false, "op"),
            simple("int64", true, "ts_ms"),
            simple("int64", true, "ts_us"),
            simple("int64", true, "ts_ns"),
        ];
        let (fields, name) = (fields.join(","), self.name("Envelope"));
        format!(r#"{{"type":"struct","fields":[{fields}],"optional":false,"name":{name},"version":2}}"#).into_bytes()
    }

    fn name(&self, of: &str) -> String {
        let name = &self.table.name;
        text(&format!("{}.{}.{}.{of}", self.options.server_name, name.schema, name.table))
    }

    fn fields(&self, columns: &[usize]) -> String {
        let field = |&c: &usize| {
            let members: Vec<&str> = self.layout.fields[c].members.iter().map(String::as_str).collect();
            column(&self.table.columns[c], &members)
        };
        columns.iter().map(field).collect::<Vec<_>>().join(",")
    }

    fn source(&self) -> String {
        let snapshot = concat!(
            r#"{"type":"string","optional":true,"name":"io.debezium.data.Enum","version":1,"parameters":{"allowed":"#,
            r#""true,first,first_in_data_collection,last_in_data_collection,last,false,incremental"},"#,
            r#""default":"false","field":"snapshot"}"#
        );
        let fields = [
            simple("string", false, "version"),
            simple("string", false, "connector"),
            simple("string", false, "name"),
            simple("int64", false, "ts_ms"),
            snapshot.to_owned(),
            simple("string", false, "db"),
            simple("string", true, "sequence"),
            simple("int64", true, "ts_us"),
            simple("int64", true, "ts_ns"),
            simple("string", true, "table"),
            simple("int64", false, "server_id"),
            simple("string", true, "gtid"),
            simple("string", false, "file"),
            simple("int64", false, "pos"),
            simple("int32", false, "row"),
            simple("int64", true, "thread"),
            simple("string", true, "query"),
        ];
        let name = text(&format!("io.debezium.connector.{}.Source", self.options.connector));
        format!(r#"{{"type":"struct","fields":[{}],"optional":false,"name":{name},"version":1,"field":"source"}}"#, fields.join(","))
    }
}

fn transaction() -> String {
    let fields = [simple("string", false, "id"), simple("int64", false, "total_order"), simple("int64", false, "data_collection_order")];
    format!(r#"{{"type":"struct","fields":[{}],"optional":true,"name":"event.block","version":1,"field":"transaction"}}"#, fields.join(","))
}

fn text(text: &str) -> String {
    String::from_utf8(json::quoted(text)).expect("quoted text is UTF-8")
}

/// A column's type: the Connect type with its items or fields, and behind `optional` what gives it a meaning.
fn column(column: &Column, members: &[&str]) -> String {
    use TypeClass as C;
    let named = |kind: &str, name: &str| (format!(r#""{kind}""#), format!(r#","name":"{name}","version":1"#));
    let with = |(kind, rest): (String, String), parameters: String| (kind, format!(r#"{rest},"parameters":{{{parameters}}}"#));
    let plain = |kind: &str| (format!(r#""{kind}""#), String::new());
    let allowed = || format!(r#""allowed":{}"#, text(&members.iter().map(|m| m.replace(',', "\\,")).collect::<Vec<_>>().join(",")));
    let numbers = numbers(&column.column_type);
    let (kind, rest) = match column.class {
        C::Int if Literal::of(column) == Literal::Decimal => {
            with(named("bytes", "org.apache.kafka.connect.data.Decimal"), r#""scale":"0","connect.decimal.precision":"20""#.to_owned())
        }
        C::Int => plain(integer(column)),
        C::Decimal => {
            let (precision, scale) = (numbers.first().copied().unwrap_or(10), numbers.get(1).copied().unwrap_or(0));
            with(
                named("bytes", "org.apache.kafka.connect.data.Decimal"),
                format!(r#""scale":"{scale}","connect.decimal.precision":"{precision}""#),
            )
        }
        // FLOAT(m,d) is a double at Debezium.
        C::Float => plain(if numbers.len() > 1 { "double" } else { "float" }),
        C::Double => plain("double"),
        C::Bit if Literal::of(column) == Literal::Boolean => plain("boolean"),
        C::Bit => with(named("bytes", "io.debezium.data.Bits"), format!(r#""length":"{}""#, numbers.first().copied().unwrap_or(1))),
        C::Year => named("int32", "io.debezium.time.Year"),
        C::Date => named("int32", "io.debezium.time.Date"),
        C::Time => named("int64", "io.debezium.time.MicroTime"),
        C::Datetime if Literal::of(column) == Literal::Millis => named("int64", "io.debezium.time.Timestamp"),
        C::Datetime => named("int64", "io.debezium.time.MicroTimestamp"),
        C::Timestamp => named("string", "io.debezium.time.ZonedTimestamp"),
        C::Char | C::Text if column.charset.as_deref() == Some("binary") => plain("bytes"),
        C::Uuid => named("string", "io.debezium.data.Uuid"),
        C::Char | C::Text | C::Inet4 | C::Inet6 => plain("string"),
        C::Binary | C::Varbinary | C::Blob | C::Other => plain("bytes"),
        C::Enum => with(named("string", "io.debezium.data.Enum"), allowed()),
        C::Set => with(named("string", "io.debezium.data.EnumSet"), allowed()),
        C::Json => named("string", "io.debezium.data.Json"),
        C::Geometry => geometry(Literal::of(column) == Literal::Point),
        C::Vector => (
            r#""array","items":{"type":"float","optional":false}"#.to_owned(),
            r#","name":"io.debezium.data.FloatVector","version":1"#.to_owned(),
        ),
    };
    format!(r#"{{"type":{kind},"optional":{}{rest},"field":{}}}"#, column.nullable, text(&column.name))
}

fn geometry(point: bool) -> (String, String) {
    let srid = simple("int32", true, "srid");
    if point {
        let fields = [simple("double", false, "x"), simple("double", false, "y"), simple("bytes", true, "wkb"), srid].join(",");
        let rest = r#","name":"io.debezium.data.geometry.Point","version":1,"doc":"Geometry (POINT)""#;
        (format!(r#""struct","fields":[{fields}]"#), rest.to_owned())
    } else {
        let fields = [simple("bytes", false, "wkb"), srid].join(",");
        let rest = r#","name":"io.debezium.data.geometry.Geometry","version":1,"doc":"Geometry""#;
        (format!(r#""struct","fields":[{fields}]"#), rest.to_owned())
    }
}

fn integer(column: &Column) -> &'static str {
    match (column.data_type.as_str(), column.unsigned) {
        ("tinyint", _) | ("smallint", false) => "int16",
        ("smallint", true) | ("mediumint", _) | ("int" | "integer", false) => "int32",
        _ => "int64",
    }
}

/// What stands in the type's parentheses: `decimal(10,2) unsigned` has 10 and 2.
fn numbers(column_type: &str) -> Vec<u32> {
    let inside = column_type.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(inside, _)| inside);
    inside.split(',').filter_map(|n| n.trim().parse().ok()).collect()
}
