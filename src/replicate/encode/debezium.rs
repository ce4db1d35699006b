//! Debezium's change events as Kafka Connect's JSON converter writes them; the shape is that of Debezium 3.
//!
//! Handling modes are Debezium's defaults: `time.precision.mode=adaptive_time_microseconds`, `decimal.handling.mode=precise`,
//! `binary.handling.mode=bytes`, no name adjustment. BIGINT UNSIGNED is a Decimal of scale 0 (Debezium's
//! `bigint.unsigned.handling.mode=precise`; its default, `long`, turns 2^63 and above negative). Zero dates and dates that do
//! not exist are null where the column takes NULL, else 1970-01-01. `source.row` is the row's index in its transaction and
//! `source.pos` where the transaction begins. Column defaults are not in the schema.

use super::{Datum, Layout, Options, Origin, Row, Snapshot, Transaction, json, number, temporal};
use crate::replicate::table::{Column, Table, TypeClass};

mod schema;

/// How a column's values are written, where the value alone does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Literal {
    Plain,
    /// BIGINT UNSIGNED.
    Decimal,
    /// BIT(1).
    Boolean,
    /// DATETIME with up to three digits of fraction.
    Millis,
    Point,
}

#[derive(Debug)]
struct Property {
    /// `"name":`
    name: Vec<u8>,
    literal: Literal,
    nullable: bool,
}

#[derive(Debug)]
pub(super) struct Writer {
    properties: Vec<Property>,
    /// Up to the payload, and what closes it: `{"schema":…,"payload":` and `}`, or nothing.
    key_start: Vec<u8>,
    value_start: Vec<u8>,
    end: &'static [u8],
    /// `{"version":…,"connector":…,"name":…,"ts_ms":`
    source: Vec<u8>,
    /// `,"db":…,"sequence":null,"ts_us":`
    database: Vec<u8>,
    /// `,"table":…,"server_id":`
    table: Vec<u8>,
}

impl Writer {
    pub(super) fn new(table: &Table, layout: &Layout, options: &Options, with_schema: bool) -> Self {
        let properties = table.columns.iter().map(Property::new).collect();
        let start = |schema: Vec<u8>| [b"{\"schema\":".to_vec(), schema, b",\"payload\":".to_vec()].concat();
        let (key_start, value_start) = if with_schema {
            let schemas = schema::Schemas { table, layout, options };
            (start(schemas.key()), start(schemas.envelope()))
        } else {
            (Vec::new(), Vec::new())
        };
        let mut source = b"{\"version\":".to_vec();
        json::string(&mut source, env!("CARGO_PKG_VERSION"));
        source.extend_from_slice(b",\"connector\":");
        json::string(&mut source, options.connector);
        source.extend_from_slice(b",\"name\":");
        json::string(&mut source, &options.server_name);
        source.extend_from_slice(b",\"ts_ms\":");
        let database = [b",\"db\":".to_vec(), json::quoted(&table.name.schema), b",\"sequence\":null,\"ts_us\":".to_vec()].concat();
        let table = [b",\"table\":".to_vec(), json::quoted(&table.name.table), b",\"server_id\":".to_vec()].concat();
        Self { properties, key_start, value_start, end: if with_schema { b"}" } else { b"" }, source, database, table }
    }

    pub(super) fn key(&self, layout: &Layout, image: &[Datum<'_>]) -> Vec<u8> {
        let columns = layout.key.as_deref().unwrap_or_default();
        let mut out = Vec::with_capacity(self.key_start.len() + 32 * columns.len() + 3);
        out.extend_from_slice(&self.key_start);
        self.row(&mut out, layout, columns, image);
        out.extend_from_slice(self.end);
        out
    }

    pub(super) fn value(&self, layout: &Layout, row: Row<'_>, origin: &Origin<'_>) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.value_start.len() + 500 + 40 * layout.shown.len());
        out.extend_from_slice(&self.value_start);
        out.extend_from_slice(b"{\"before\":");
        self.image(&mut out, layout, row.before());
        out.extend_from_slice(b",\"after\":");
        self.image(&mut out, layout, row.after());
        out.extend_from_slice(b",\"source\":");
        self.source(&mut out, origin);
        out.extend_from_slice(b",\"transaction\":");
        transaction(&mut out, origin.transaction);
        out.extend_from_slice(match row {
            Row::Read(_) => b",\"op\":\"r\"",
            Row::Insert(_) => b",\"op\":\"c\"",
            Row::Update(..) => b",\"op\":\"u\"",
            Row::Delete(_) => b",\"op\":\"d\"",
        });
        out.extend_from_slice(b",\"ts_ms\":");
        json::signed(&mut out, origin.now_us.div_euclid(1000));
        out.extend_from_slice(b",\"ts_us\":");
        json::signed(&mut out, origin.now_us);
        out.extend_from_slice(b",\"ts_ns\":");
        json::signed(&mut out, origin.now_us.saturating_mul(1000));
        out.push(b'}');
        out.extend_from_slice(self.end);
        out
    }

    fn source(&self, out: &mut Vec<u8>, origin: &Origin<'_>) {
        out.extend_from_slice(&self.source);
        json::signed(out, origin.source_ms);
        out.extend_from_slice(b",\"snapshot\":\"");
        out.extend_from_slice(match origin.snapshot {
            Snapshot::No => b"false",
            Snapshot::Yes => b"true",
            Snapshot::First => b"first",
            Snapshot::Last => b"last",
        });
        out.push(b'"');
        out.extend_from_slice(&self.database);
        json::signed(out, origin.source_ms.saturating_mul(1000));
        out.extend_from_slice(b",\"ts_ns\":");
        json::signed(out, origin.source_ms.saturating_mul(1_000_000));
        out.extend_from_slice(&self.table);
        json::unsigned(out, origin.server_id);
        out.extend_from_slice(b",\"gtid\":");
        json::optional(out, origin.gtid);
        out.extend_from_slice(b",\"file\":");
        json::string(out, origin.file);
        out.extend_from_slice(b",\"pos\":");
        json::unsigned(out, origin.offset);
        out.extend_from_slice(b",\"row\":");
        json::unsigned(out, origin.row);
        out.extend_from_slice(b",\"thread\":");
        json::optional_number(out, origin.thread);
        out.extend_from_slice(b",\"query\":null}");
    }

    fn image(&self, out: &mut Vec<u8>, layout: &Layout, image: Option<&[Datum<'_>]>) {
        match image {
            Some(image) => self.row(out, layout, &layout.shown, image),
            None => out.extend_from_slice(b"null"),
        }
    }

    fn row(&self, out: &mut Vec<u8>, layout: &Layout, columns: &[usize], image: &[Datum<'_>]) {
        out.push(b'{');
        for (i, &column) in columns.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            let property = &self.properties[column];
            out.extend_from_slice(&property.name);
            property.value(out, layout, column, &image[column]);
        }
        out.push(b'}');
    }
}

fn transaction(out: &mut Vec<u8>, transaction: Option<Transaction<'_>>) {
    let Some(Transaction { id, total_order, data_collection_order }) = transaction else {
        out.extend_from_slice(b"null");
        return;
    };
    out.extend_from_slice(b"{\"id\":");
    json::string(out, id);
    out.extend_from_slice(b",\"total_order\":");
    json::unsigned(out, total_order);
    out.extend_from_slice(b",\"data_collection_order\":");
    json::unsigned(out, data_collection_order);
    out.push(b'}');
}

impl Literal {
    fn of(column: &Column) -> Self {
        match column.class {
            TypeClass::Int if column.unsigned && column.data_type == "bigint" => Self::Decimal,
            TypeClass::Bit if column.column_type.eq_ignore_ascii_case("bit(1)") => Self::Boolean,
            TypeClass::Datetime if column.fraction <= 3 => Self::Millis,
            TypeClass::Geometry if column.data_type == "point" => Self::Point,
            _ => Self::Plain,
        }
    }
}

impl Property {
    fn new(column: &Column) -> Self {
        let name = [json::quoted(&column.name), b":".to_vec()].concat();
        Self { name, literal: Literal::of(column), nullable: column.nullable }
    }

    fn value(&self, out: &mut Vec<u8>, layout: &Layout, column: usize, datum: &Datum<'_>) {
        let field = &layout.fields[column];
        match datum {
            Datum::Null => out.extend_from_slice(b"null"),
            Datum::UInt(n) if self.literal == Literal::Decimal => json::base64(out, number::unsigned(*n, &mut [0; 9])),
            Datum::Int(n) => json::signed(out, *n),
            Datum::UInt(n) => json::unsigned(out, *n),
            Datum::Float(n) => json::float(out, *n),
            Datum::Double(n) => json::double(out, *n),
            Datum::Decimal(text) => match number::unscaled(text, &mut [0; number::WIDEST]) {
                Some(bytes) => json::base64(out, bytes),
                None => out.extend_from_slice(b"null"),
            },
            Datum::Text(text) | Datum::Json(text) => json::string(out, text),
            Datum::Bytes(bytes) => json::base64(out, bytes),
            Datum::Bits(bits) if self.literal == Literal::Boolean => json::bool(out, number::bits(bits) != 0),
            Datum::Bits(bits) => {
                let mut little = [0; 8];
                let used = bits.len().min(8);
                bits.iter().rev().zip(&mut little).for_each(|(from, to)| *to = *from);
                json::base64(out, &little[..used]);
            }
            Datum::Date(text) => self.moment(out, temporal::days(text)),
            Datum::Time(text) => self.moment(out, temporal::time(text)),
            Datum::Datetime(text) => {
                let unit = if self.literal == Literal::Millis { 1000 } else { 1 };
                self.moment(out, temporal::micros(text).map(|n| n.div_euclid(unit)));
            }
            Datum::Timestamp(text) => self.zoned(out, text),
            Datum::Year(year) => json::unsigned(out, u64::from(*year)),
            Datum::Enum(number) => json::string(out, field.member(*number)),
            Datum::Set(set) => json::list(out, field.chosen(*set)),
            Datum::Geometry(bytes) => self.geometry(out, bytes),
            Datum::Vector(bytes) => vector(out, bytes),
        }
    }

    /// Of dates that do not exist: null, or the epoch.
    fn moment(&self, out: &mut Vec<u8>, moment: Option<i64>) {
        match moment {
            None if self.nullable => out.extend_from_slice(b"null"),
            moment => json::signed(out, moment.unwrap_or(0)),
        }
    }

    fn zoned(&self, out: &mut Vec<u8>, text: &str) {
        match (temporal::days(text), text.get(..10), text.get(11..)) {
            (Some(_), Some(day), Some(clock)) => json::raw(out, format_args!("\"{day}T{clock}Z\"")),
            _ if self.nullable => out.extend_from_slice(b"null"),
            _ => out.extend_from_slice(b"\"1970-01-01T00:00:00Z\""),
        }
    }

    /// SRID 0 is Debezium's null.
    fn geometry(&self, out: &mut Vec<u8>, bytes: &[u8]) {
        let Some((srid, wkb)) = bytes.split_first_chunk::<4>() else {
            out.extend_from_slice(b"null");
            return;
        };
        out.push(b'{');
        if self.literal == Literal::Point {
            let at = |from: usize| wkb.get(from..from + 8).and_then(|b| b.try_into().ok()).map_or(0.0, f64::from_le_bytes);
            out.extend_from_slice(b"\"x\":");
            json::double(out, at(5));
            out.extend_from_slice(b",\"y\":");
            json::double(out, at(13));
            out.push(b',');
        }
        out.extend_from_slice(b"\"wkb\":");
        json::base64(out, wkb);
        out.extend_from_slice(b",\"srid\":");
        let srid = u32::from_le_bytes(*srid);
        json::optional_number(out, (srid != 0).then_some(u64::from(srid)));
        out.push(b'}');
    }
}

fn vector(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'[');
    for (i, float) in bytes.chunks_exact(4).enumerate() {
        if i > 0 {
            out.push(b',');
        }
        json::float(out, f32::from_le_bytes([float[0], float[1], float[2], float[3]]));
    }
    out.push(b']');
}
