//! Turns row changes into messages for Kafka and files. Pure: no I/O, no clock.
//!
//! Called by the sinks that publish changes: `from_log` and `from_copy` make canonical values ([`Datum`]) of what the two
//! sides carry, `encode` writes them as messages. Invariant: one row gives one payload, whether it comes from the copy
//! or from the log; only the operation and where it came from differ.
//!
//! What all formats share:
//! - Generated columns are left out: they follow from the others and the copy does not read them.
//! - The key is the primary key, else the first unique key without NULLs or prefixes (`Table::row_key`). A table without
//!   one has messages without a key. An update that changes the key is a delete of the old (with its tombstone, where there
//!   are any) and an insert of the new row, in every format. Debezium has it so; Canal and Maxwell send one update, under the
//!   key and into the partition of the new image (Maxwell's `RowMap.pkToJson` and `buildPartitionKey` read `data`; Canal's
//!   author on alibaba/canal#3152: with a changed primary key the order is lost). Then what was under the old key is never
//!   ended there, and two changes of one row may be read in either order: we keep the order per key instead.
//! - Text is UTF-8 whatever the column's charset is; bytes that are no text in it become U+FFFD. BINARY(n) has its n bytes.
//! - TIMESTAMP is UTC.
//!
//! ```text
//! decode (charset, json_text, network) ──Datum──▶ debezium | canal | maxwell ──▶ Message
//!                                                     json · number · temporal
//! ```

mod beside;
mod canal;
mod datum;
mod debezium;
mod decode;
mod json;
mod json_text;
mod maxwell;
mod network;
mod number;
mod partition;
mod temporal;
mod wkt;

pub use beside::{Beside, transaction_id};
pub use datum::Datum;
pub(super) use decode::{Decoder, members};
pub use partition::partition;

use super::table::Table;
use super::{Error, Result};
use crate::model::kafka::PartitionBy;
use crate::model::messages::MessageFormat;
use decode::Field;
use partition::Route;
use std::sync::Arc;

#[derive(Debug, Clone)]
pub struct Options {
    pub format: MessageFormat,
    pub partition_by: PartitionBy,
    /// Left out of the values; a key keeps its columns. Names as in MySQL, in any case.
    pub exclude_columns: Vec<String>,
    /// A delete is followed by a message without a value, in any format, where there is a key.
    pub tombstones: bool,
    /// Debezium's `topic.prefix`: the source's name and the first part of schema names.
    pub server_name: String,
    /// `mysql` or `mariadb`.
    pub connector: &'static str,
}

/// Whether a row is part of the copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Snapshot {
    #[default]
    No,
    Yes,
    First,
    Last,
}

/// Debezium's transaction block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transaction<'a> {
    pub id: &'a str,
    /// Of the change among all of the transaction, from 1.
    pub total_order: u64,
    /// Of the change among those of its table, from 1.
    pub data_collection_order: u64,
}

/// Where and when a change happened.
#[derive(Debug, Clone, Copy, Default)]
pub struct Origin<'a> {
    pub server_id: u64,
    pub gtid: Option<&'a str>,
    pub file: &'a str,
    /// Where the transaction begins in the file.
    pub offset: u64,
    /// Index of the row within its transaction. With the GTID, else file and offset, it names the change.
    pub row: u64,
    /// It is the transaction's last row; not known of one that a row filter decides about in parts.
    pub last_row: bool,
    pub snapshot: Snapshot,
    /// When it was committed at the source; of a copied row, when it was read.
    pub source_ms: i64,
    pub now_us: i64,
    pub thread: Option<u64>,
    pub xid: Option<u64>,
    pub transaction: Option<Transaction<'a>>,
}

/// A row change with its images, one value per column of the table in its order.
#[derive(Debug, Clone, Copy)]
pub enum Change<'a> {
    /// Read by the copy.
    Read(&'a [Datum<'a>]),
    Insert(&'a [Datum<'a>]),
    Update {
        before: &'a [Datum<'a>],
        after: &'a [Datum<'a>],
    },
    Delete(&'a [Datum<'a>]),
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// None: the table has no key.
    pub key: Option<Vec<u8>>,
    /// None: a tombstone.
    pub value: Option<Vec<u8>>,
    /// What is hashed for the partition, see [`partition()`].
    pub partition: Vec<u8>,
    pub header: Option<Header>,
}

/// What stands beside key and value: Debezium names the other key of an update that changes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub name: &'static str,
    pub value: Vec<u8>,
}

/// What happened to a row, after updates of keys are taken apart.
#[derive(Debug, Clone, Copy)]
enum Row<'a> {
    Read(&'a [Datum<'a>]),
    Insert(&'a [Datum<'a>]),
    Update(&'a [Datum<'a>], &'a [Datum<'a>]),
    Delete(&'a [Datum<'a>]),
}

impl<'a> Row<'a> {
    /// The image that stands for the row: the new one, of a delete the old one.
    fn image(self) -> &'a [Datum<'a>] {
        match self {
            Self::Read(row) | Self::Insert(row) | Self::Update(_, row) | Self::Delete(row) => row,
        }
    }
    fn before(self) -> Option<&'a [Datum<'a>]> {
        match self {
            Self::Update(row, _) | Self::Delete(row) => Some(row),
            Self::Read(_) | Self::Insert(_) => None,
        }
    }
    fn after(self) -> Option<&'a [Datum<'a>]> {
        match self {
            Self::Read(row) | Self::Insert(row) | Self::Update(_, row) => Some(row),
            Self::Delete(_) => None,
        }
    }
}

/// What a table's messages are made with.
#[derive(Debug)]
struct Layout {
    fields: Vec<Field>,
    /// Columns in the payload.
    shown: Vec<usize>,
    key: Option<Vec<usize>>,
}

#[derive(Debug)]
enum Writer {
    Debezium(debezium::Writer),
    Canal(canal::Writer),
    Maxwell(maxwell::Writer),
}

/// Encodes the changes of one table; made once per definition.
#[derive(Debug)]
pub struct TableEncoder {
    table: Arc<Table>,
    layout: Layout,
    unsigned: Vec<bool>,
    route: Route,
    writer: Writer,
    tombstones: bool,
}

impl TableEncoder {
    /// Prepares everything that is the same for all rows. Refuses charsets and types that it cannot decode.
    pub fn new(table: Arc<Table>, options: &Options) -> Result<Self> {
        let fields = table.columns.iter().map(|c| Field::new(&table, c)).collect::<Result<Vec<_>>>()?;
        let excluded = |name: &str| options.exclude_columns.iter().any(|e| e.to_lowercase() == name.to_lowercase());
        let shown = table.stored_columns().filter(|(_, c)| !excluded(&c.name)).map(|(i, _)| i).collect();
        let key = table.row_key().map(|k| k.columns.clone());
        let layout = Layout { fields, shown, key };
        let route = Route::new(&table, &layout, &options.partition_by, matches!(options.format, MessageFormat::Debezium { .. }));
        let writer = match options.format {
            MessageFormat::Debezium { schema } => Writer::Debezium(debezium::Writer::new(&table, &layout, options, schema)),
            MessageFormat::Canal => Writer::Canal(canal::Writer::new(&table, &layout, false)),
            MessageFormat::Flat => Writer::Canal(canal::Writer::new(&table, &layout, true)),
            MessageFormat::Maxwell => Writer::Maxwell(maxwell::Writer::new(&table)),
        };
        let unsigned = table.columns.iter().map(|c| c.unsigned).collect();
        Ok(Self { table, layout, unsigned, route, writer, tombstones: options.tombstones })
    }

    pub fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// Per column, for the reader of logged rows.
    pub fn unsigned(&self) -> &[bool] {
        &self.unsigned
    }

    /// Whether the messages have keys.
    pub fn has_key(&self) -> bool {
        self.layout.key.is_some()
    }

    /// Appends the messages of a change, in the order in which they are to be sent.
    pub fn encode(&self, change: &Change<'_>, origin: &Origin<'_>, out: &mut Vec<Message>) -> Result<()> {
        match *change {
            Change::Read(row) => self.message(Row::Read(row), origin, out),
            Change::Insert(row) => self.message(Row::Insert(row), origin, out),
            Change::Delete(row) => self.deletion(row, origin, out),
            Change::Update { before, after } if self.moves(before, after) => self.moved(before, after, origin, out),
            Change::Update { before, after } => self.message(Row::Update(before, after), origin, out),
        }
    }

    fn moves(&self, before: &[Datum<'_>], after: &[Datum<'_>]) -> bool {
        self.layout.key.as_ref().is_some_and(|key| key.iter().any(|&c| before.get(c) != after.get(c)))
    }

    /// An update that changes the key: a delete under the old one and an insert under the new one. Debezium's name each
    /// other, in headers whose values are written as the keys are.
    fn moved(&self, before: &[Datum<'_>], after: &[Datum<'_>], origin: &Origin<'_>, out: &mut Vec<Message>) -> Result<()> {
        let from = out.len();
        // Of one change only the last message can be the transaction's last.
        self.deletion(before, &Origin { last_row: false, ..*origin }, out)?;
        let to = out.len();
        let next = |t: Transaction<'_>| (t.total_order + 1, t.data_collection_order + 1);
        let transaction = origin.transaction.map(|t| Transaction { total_order: next(t).0, data_collection_order: next(t).1, ..t });
        self.message(Row::Insert(after), &Origin { transaction, ..*origin }, out)?;
        if matches!(self.writer, Writer::Debezium(_)) {
            let header = |name, key: &Option<Vec<u8>>| key.clone().map(|value| Header { name, value });
            let (old, new) = (header("__debezium.oldkey", &out[from].key), header("__debezium.newkey", &out[to].key));
            out[from..to].iter_mut().for_each(|m| m.header.clone_from(&new));
            out[to].header = old;
        }
        Ok(())
    }

    fn deletion(&self, row: &[Datum<'_>], origin: &Origin<'_>, out: &mut Vec<Message>) -> Result<()> {
        self.message(Row::Delete(row), origin, out)?;
        if self.tombstones
            && self.has_key()
            && let Some(last) = out.last()
        {
            let tombstone = Message { key: last.key.clone(), value: None, partition: last.partition.clone(), header: None };
            out.push(tombstone);
        }
        Ok(())
    }

    fn message(&self, row: Row<'_>, origin: &Origin<'_>, out: &mut Vec<Message>) -> Result<()> {
        let image = row.image();
        if image.len() != self.layout.fields.len() || row.before().is_some_and(|b| b.len() != image.len()) {
            return Err(self.differ(image.len()));
        }
        let layout = &self.layout;
        let key = layout.key.as_ref().map(|columns| match &self.writer {
            Writer::Debezium(w) => w.key(layout, image),
            Writer::Canal(_) => partition::values(layout, columns, image),
            Writer::Maxwell(w) => w.key(layout, columns, image),
        });
        let partition = self.route.bytes(layout, key.as_deref(), image);
        let value = match &self.writer {
            Writer::Debezium(w) => w.value(layout, row, origin),
            Writer::Canal(w) => w.value(layout, row, origin),
            Writer::Maxwell(w) => w.value(layout, row, origin),
        };
        out.push(Message { key, value: Some(value), partition, header: None });
        Ok(())
    }

    fn differ(&self, values: usize) -> Error {
        let what = format!("encode a row of {}: {} columns, {values} values", self.table.name, self.table.columns.len());
        Error::permanent("columns_differ", what).hint("the table's definition changed; retry the job")
    }
}

#[cfg(test)]
mod documented;
#[cfg(test)]
mod tests;
