//! Canal's flat message, and the flat form of dts.
//!
//! Canal: `data` and `old` are lists of one object of strings or nulls; `old` holds what changed and is null but for an
//! update; `es` is when the change was committed and `ts` when the message was made, in ms; `sqlType` are the codes of
//! `java.sql.Types`; `id` is the row's index in its transaction, so that (gtid, id) names the change. A copied row is an
//! INSERT, an update of the key a DELETE and an INSERT (Canal: one UPDATE, see `encode`). Bytes are strings of U+0000 … U+00FF, as Canal's; geometry and vectors too. ENUM and SET are their text (not
//! their number, as some versions of Canal have it), BIT is its number.
//!
//! Flat: the row's columns as strings or nulls (of a delete the old row), and beside them `_table`, `_database`, `_es`, `_ts`,
//! `_type`, `_pkNames`, `_gtid`, `_id`. Where a column has one of these names, all of them get one more underscore.

use super::{Datum, Layout, Origin, Row, json, number};
use crate::replicate::table::{Column, Table, TypeClass};

const FLAT_NAMES: [&str; 8] = ["table", "database", "es", "ts", "type", "pkNames", "gtid", "id"];

#[derive(Debug)]
pub(super) struct Writer {
    /// `"name":` per column.
    names: Vec<Vec<u8>>,
    /// None: flat.
    canal: Option<Canal>,
    /// Of flat: `"_database":…,"_table":…,"_pkNames":…`, then the names before `_type`, `_es`, `_ts`, `_gtid`, `_id`.
    flat: Vec<u8>,
    flat_names: [Vec<u8>; 5],
}

#[derive(Debug)]
struct Canal {
    /// `,"database":…,"table":…,"pkNames":…,"isDdl":false,"sql":"","mysqlType":…,"sqlType":…`
    fixed: Vec<u8>,
}

impl Writer {
    pub(super) fn new(table: &Table, layout: &Layout, flat: bool) -> Self {
        let names = table.columns.iter().map(|c| [json::quoted(&c.name), b":".to_vec()].concat()).collect();
        let mut keys = Vec::new();
        match &layout.key {
            Some(columns) => join(&mut keys, b"[]", columns.iter().map(|&c| json::quoted(&table.columns[c].name))),
            None => keys.extend_from_slice(b"null"),
        }
        let canal = (!flat).then(|| Canal::new(table, layout, &keys));
        let taken = |prefix: &str| {
            let clash = |c: &Column| FLAT_NAMES.iter().any(|n| c.name.eq_ignore_ascii_case(&format!("{prefix}{n}")));
            table.columns.iter().any(clash)
        };
        let mut prefix = "_".to_owned();
        while taken(&prefix) {
            prefix.push('_');
        }
        let named = |name: &str| [json::quoted(&format!("{prefix}{name}")), b":".to_vec()].concat();
        let flat = [
            named("database"),
            json::quoted(&table.name.schema),
            b",".to_vec(),
            named("table"),
            json::quoted(&table.name.table),
            b",".to_vec(),
            named("pkNames"),
            keys,
        ]
        .concat();
        let flat_names = ["type", "es", "ts", "gtid", "id"].map(|name| [b",".to_vec(), named(name)].concat());
        Self { names, canal, flat, flat_names }
    }

    pub(super) fn value(&self, layout: &Layout, row: Row<'_>, origin: &Origin<'_>) -> Vec<u8> {
        match &self.canal {
            Some(canal) => self.canal(canal, layout, row, origin),
            None => self.flat(layout, row, origin),
        }
    }

    fn canal(&self, canal: &Canal, layout: &Layout, row: Row<'_>, origin: &Origin<'_>) -> Vec<u8> {
        let mut out = Vec::with_capacity(canal.fixed.len() + 128 + 24 * layout.shown.len());
        out.extend_from_slice(b"{\"id\":");
        json::unsigned(&mut out, origin.row);
        out.extend_from_slice(&canal.fixed);
        out.extend_from_slice(b",\"type\":\"");
        out.extend_from_slice(kind(row).as_bytes());
        out.extend_from_slice(b"\",\"es\":");
        json::signed(&mut out, origin.source_ms);
        out.extend_from_slice(b",\"ts\":");
        json::signed(&mut out, origin.now_us.div_euclid(1000));
        out.extend_from_slice(b",\"gtid\":");
        json::string(&mut out, origin.gtid.unwrap_or_default());
        out.extend_from_slice(b",\"data\":[{");
        self.columns(&mut out, layout, row.image(), |_| true);
        out.extend_from_slice(b"}],\"old\":");
        if let Row::Update(before, after) = row {
            out.extend_from_slice(b"[{");
            self.columns(&mut out, layout, before, |c| before[c] != after[c]);
            out.extend_from_slice(b"}]}");
        } else {
            out.extend_from_slice(b"null}");
        }
        out
    }

    fn flat(&self, layout: &Layout, row: Row<'_>, origin: &Origin<'_>) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.flat.len() + 128 + 24 * layout.shown.len());
        out.push(b'{');
        self.columns(&mut out, layout, row.image(), |_| true);
        if !layout.shown.is_empty() {
            out.push(b',');
        }
        out.extend_from_slice(&self.flat);
        let [name_type, name_es, name_ts, name_gtid, name_id] = &self.flat_names;
        out.extend_from_slice(name_type);
        json::string(&mut out, kind(row));
        out.extend_from_slice(name_es);
        json::signed(&mut out, origin.source_ms);
        out.extend_from_slice(name_ts);
        json::signed(&mut out, origin.now_us.div_euclid(1000));
        out.extend_from_slice(name_gtid);
        json::optional(&mut out, origin.gtid);
        out.extend_from_slice(name_id);
        json::unsigned(&mut out, origin.row);
        out.push(b'}');
        out
    }

    fn columns(&self, out: &mut Vec<u8>, layout: &Layout, image: &[Datum<'_>], wanted: impl Fn(usize) -> bool) {
        for (i, &column) in layout.shown.iter().filter(|&&c| wanted(c)).enumerate() {
            if i > 0 {
                out.push(b',');
            }
            out.extend_from_slice(&self.names[column]);
            text(out, layout, column, &image[column]);
        }
    }
}

impl Canal {
    fn new(table: &Table, layout: &Layout, keys: &[u8]) -> Self {
        let mut fixed = b",\"database\":".to_vec();
        json::string(&mut fixed, &table.name.schema);
        fixed.extend_from_slice(b",\"table\":");
        json::string(&mut fixed, &table.name.table);
        fixed.extend_from_slice(b",\"pkNames\":");
        fixed.extend_from_slice(keys);
        fixed.extend_from_slice(b",\"isDdl\":false,\"sql\":\"\",\"mysqlType\":");
        let shown = || layout.shown.iter().map(|&c| &table.columns[c]);
        let mysql_type = |c: &Column| [json::quoted(&c.name), b":".to_vec(), json::quoted(&c.column_type)].concat();
        join(&mut fixed, b"{}", shown().map(mysql_type));
        fixed.extend_from_slice(b",\"sqlType\":");
        let sql_type = |c: &Column| [json::quoted(&c.name), format!(":{}", sql_type(c)).into_bytes()].concat();
        join(&mut fixed, b"{}", shown().map(sql_type));
        Self { fixed }
    }
}

fn kind(row: Row<'_>) -> &'static str {
    match row {
        Row::Read(_) | Row::Insert(_) => "INSERT",
        Row::Update(..) => "UPDATE",
        Row::Delete(_) => "DELETE",
    }
}

/// Appends items with commas between two brackets.
fn join(out: &mut Vec<u8>, brackets: &[u8; 2], items: impl Iterator<Item = Vec<u8>>) {
    out.push(brackets[0]);
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        out.extend_from_slice(&item);
    }
    out.push(brackets[1]);
}

/// A value as a string or null.
fn text(out: &mut Vec<u8>, layout: &Layout, column: usize, datum: &Datum<'_>) {
    let field = &layout.fields[column];
    let quoted = |out: &mut Vec<u8>, write: &dyn Fn(&mut Vec<u8>)| {
        out.push(b'"');
        write(out);
        out.push(b'"');
    };
    match datum {
        Datum::Null => out.extend_from_slice(b"null"),
        Datum::Int(n) => quoted(out, &|out| json::signed(out, *n)),
        Datum::UInt(n) => quoted(out, &|out| json::unsigned(out, *n)),
        Datum::Float(n) => quoted(out, &|out| json::float(out, *n)),
        Datum::Double(n) => quoted(out, &|out| json::double(out, *n)),
        Datum::Decimal(text) => quoted(out, &|out| out.extend_from_slice(text.as_bytes())),
        Datum::Text(text) | Datum::Json(text) => json::string(out, text),
        Datum::Date(text) | Datum::Time(text) | Datum::Datetime(text) | Datum::Timestamp(text) => json::string(out, text),
        Datum::Bytes(bytes) => json::latin1(out, bytes),
        Datum::Geometry(bytes) | Datum::Vector(bytes) => json::latin1(out, bytes),
        Datum::Bits(bits) => quoted(out, &|out| json::unsigned(out, number::bits(bits))),
        Datum::Year(year) => json::raw(out, format_args!("\"{year:04}\"")),
        Datum::Enum(number) => json::string(out, field.member(*number)),
        Datum::Set(set) => json::list(out, field.chosen(*set)),
    }
}

/// The code in `java.sql.Types`, as Canal has it: one size up for unsigned integers.
fn sql_type(column: &Column) -> i32 {
    use TypeClass as C;
    match column.class {
        C::Int => match (column.data_type.as_str(), column.unsigned) {
            ("tinyint", false) => -6,
            ("tinyint", true) | ("smallint", false) => 5,
            ("smallint", true) | ("mediumint" | "int" | "integer", false) | ("mediumint", true) => 4,
            ("int" | "integer", true) | ("bigint", false) => -5,
            _ => 3,
        },
        C::Decimal => 3,
        C::Float => 7,
        C::Double => 8,
        C::Bit => -7,
        C::Year | C::Char if column.data_type != "char" => 12,
        C::Char | C::Uuid | C::Inet4 | C::Inet6 => 1,
        C::Year | C::Json => 12,
        C::Date => 91,
        C::Time => 92,
        C::Datetime | C::Timestamp => 93,
        C::Text => 2005,
        C::Enum => 4,
        C::Set => -7,
        C::Binary => -2,
        C::Varbinary => -3,
        C::Blob => 2004,
        C::Geometry | C::Vector => -2,
        C::Other => 1111,
    }
}
