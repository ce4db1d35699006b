//! Maxwell's JSON, as its documentation has it.
//!
//! `type` is insert, update, delete, or bootstrap-insert for a copied row; an update of the key is a delete and an insert
//! (Maxwell: one update, see `encode`); `ts` in seconds; `old` holds what changed. Beyond
//! the columns: `xid` and `commit` where known, `xoffset` (the row's index in its transaction), `gtid`, and `position`
//! where there are no GTIDs, all under Maxwell's own names. Values: numbers as numbers (DECIMAL with all its digits), BIT(1)
//! a boolean, BIT(n) a number, temporals as the server's text, BINARY and BLOB base64, SET a list, JSON in place,
//! geometry as WKT.
//! The key is Maxwell's default: `{"database":…,"table":…,"pk.<column>":…}`.

use super::{Datum, Layout, Origin, Row, Snapshot, json, number, partition, wkt};
use crate::replicate::table::Table;

#[derive(Debug)]
pub(super) struct Writer {
    /// `{"database":…,"table":…`
    start: Vec<u8>,
    /// `"name":` per column.
    names: Vec<Vec<u8>>,
    /// `,"pk.name":` per column.
    key_names: Vec<Vec<u8>>,
    /// BIT(1) per column.
    boolean: Vec<bool>,
}

impl Writer {
    pub(super) fn new(table: &Table) -> Self {
        let mut start = b"{\"database\":".to_vec();
        json::string(&mut start, &table.name.schema);
        start.extend_from_slice(b",\"table\":");
        json::string(&mut start, &table.name.table);
        let named = |name: &str| [json::quoted(name), b":".to_vec()].concat();
        let names = table.columns.iter().map(|c| named(&c.name)).collect();
        let key_names = table.columns.iter().map(|c| [b",".to_vec(), named(&format!("pk.{}", c.name))].concat()).collect();
        let boolean = table.columns.iter().map(|c| c.column_type.eq_ignore_ascii_case("bit(1)")).collect();
        Self { start, names, key_names, boolean }
    }

    pub(super) fn key(&self, layout: &Layout, columns: &[usize], image: &[Datum<'_>]) -> Vec<u8> {
        let mut out = self.start.clone();
        for &column in columns {
            out.extend_from_slice(&self.key_names[column]);
            self.field(&mut out, layout, column, &image[column]);
        }
        out.push(b'}');
        out
    }

    pub(super) fn value(&self, layout: &Layout, row: Row<'_>, origin: &Origin<'_>) -> Vec<u8> {
        let mut out = Vec::with_capacity(160 + 24 * layout.shown.len());
        out.extend_from_slice(&self.start);
        out.extend_from_slice(match row {
            Row::Read(_) => b",\"type\":\"bootstrap-insert\",\"ts\":".as_slice(),
            Row::Insert(_) => b",\"type\":\"insert\",\"ts\":",
            Row::Update(..) => b",\"type\":\"update\",\"ts\":",
            Row::Delete(_) => b",\"type\":\"delete\",\"ts\":",
        });
        json::signed(&mut out, origin.source_ms.div_euclid(1000));
        if origin.snapshot == Snapshot::No {
            Self::place(&mut out, origin);
        }
        out.extend_from_slice(b",\"data\":");
        self.row(&mut out, layout, row.image(), |_| true);
        if let Row::Update(before, after) = row {
            out.extend_from_slice(b",\"old\":");
            self.row(&mut out, layout, before, |c| before[c] != after[c]);
        }
        out.push(b'}');
        out
    }

    fn place(out: &mut Vec<u8>, origin: &Origin<'_>) {
        if let Some(xid) = origin.xid {
            out.extend_from_slice(b",\"xid\":");
            json::unsigned(out, xid);
        }
        out.extend_from_slice(b",\"xoffset\":");
        json::unsigned(out, origin.row);
        if origin.last_row {
            out.extend_from_slice(b",\"commit\":true");
        }
        match origin.gtid {
            Some(gtid) => {
                out.extend_from_slice(b",\"gtid\":");
                json::string(out, gtid);
            }
            None => {
                out.extend_from_slice(b",\"position\":");
                json::string(out, &format!("{}:{}", origin.file, origin.offset));
            }
        }
        if let Some(thread) = origin.thread {
            out.extend_from_slice(b",\"thread_id\":");
            json::unsigned(out, thread);
        }
    }

    fn row(&self, out: &mut Vec<u8>, layout: &Layout, image: &[Datum<'_>], wanted: impl Fn(usize) -> bool) {
        out.push(b'{');
        for (i, &column) in layout.shown.iter().filter(|&&c| wanted(c)).enumerate() {
            if i > 0 {
                out.push(b',');
            }
            out.extend_from_slice(&self.names[column]);
            self.field(out, layout, column, &image[column]);
        }
        out.push(b'}');
    }

    fn field(&self, out: &mut Vec<u8>, layout: &Layout, column: usize, datum: &Datum<'_>) {
        match datum {
            Datum::Bits(bits) if self.boolean[column] => json::bool(out, number::bits(bits) != 0),
            Datum::Geometry(bytes) => match bytes.get(4..).and_then(wkt::text) {
                Some(text) => json::string(out, &text),
                None => json::base64(out, bytes),
            },
            Datum::Json(text) => out.extend_from_slice(text.as_bytes()),
            Datum::Set(set) => {
                out.push(b'[');
                for (i, member) in layout.fields[column].chosen(*set).enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    json::string(out, member);
                }
                out.push(b']');
            }
            other => partition::value(out, layout, column, other),
        }
    }
}
