//! Row changes: which table they are of, and whether their rows are whole.
//!
//! Called by `assemble.rs`. Rows of tables that the job leaves out are passed over before anything is made of them. What
//! cannot be replayed exactly (images that lack columns) is refused here, per event and not only at
//! the start of a job, because sessions may set it for themselves.

use super::cursor::Malformed;
use super::events::{self, kind};
use super::own::{Book, Own};
use super::{compressed, refused, table_map};
use crate::model::replicate::TableFilter;
use crate::replicate::event::{RowsEvent, RowsKind, TableMap};
use crate::replicate::{Error, Result};
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::Arc;

/// Table ids are handed out anew at each restart of a server and each change of a definition.
const MAX_MAPS: usize = 20_000;

/// A TABLE_MAP event and what it says; None = the job leaves the table out.
#[derive(Debug)]
struct Mapped {
    body: Bytes,
    map: Option<Arc<TableMap>>,
    book: Option<Book>,
}

/// What a rows event is to the job.
#[derive(Debug)]
pub(super) enum Logged {
    Rows(RowsEvent),
    /// Of the bookkeeping of a job that writes into the source.
    Book(Book, RowsEvent),
    Nothing,
}

#[derive(Debug)]
pub(super) struct Changes {
    filter: TableFilter,
    maps: HashMap<u64, Mapped>,
    /// Where the job has a target that may write into the source.
    pub(super) own: Option<Own>,
}

impl Changes {
    pub(super) fn new(filter: TableFilter, own: Option<Own>) -> Self {
        Self { filter, maps: HashMap::new(), own }
    }

    /// Ids of another connection or file mean nothing.
    pub(super) fn forget_tables(&mut self) {
        self.maps.clear();
    }

    /// Called between transactions only: a statement on several tables names them all before their rows.
    pub(super) fn transaction_begins(&mut self) {
        if self.maps.len() >= MAX_MAPS {
            self.forget_tables();
        }
    }

    pub(super) fn table_map(&mut self, body: Bytes) -> Result<(), Malformed> {
        let (id, name) = table_map::name(&body)?;
        if self.maps.get(&id).is_some_and(|known| known.body == body) {
            return Ok(());
        }
        let book = self.own.as_ref().and_then(|_| Book::of(&name.schema, &name.table));
        let map = match book.is_some() || self.filter.includes(&name.schema, &name.table) {
            true => Some(Arc::new(table_map::parse(&body)?)),
            false => None,
        };
        self.maps.insert(id, Mapped { body, map, book });
        Ok(())
    }

    /// Returns the rows as the job takes them.
    pub(super) fn rows(&self, change: RowsKind, event: u8, body: Bytes) -> Result<Logged> {
        let malformed = |e: Malformed| e.in_event("a rows event");
        let version_2 = matches!(event, kind::WRITE_ROWS | kind::UPDATE_ROWS | kind::DELETE_ROWS | kind::PARTIAL_UPDATE_ROWS);
        let head = events::rows_head(&body, version_2, change == RowsKind::Update).map_err(malformed)?;
        let Some(mapped) = self.maps.get(&head.table_id) else {
            // A statement that touched no row ends with an event that belongs to no table.
            let empty = head.columns == 0 && head.rows_at == body.len();
            return if empty { Ok(Logged::Nothing) } else { Err(malformed(Malformed("its table was not named"))) };
        };
        let Some(map) = &mapped.map else { return Ok(Logged::Nothing) };
        if head.columns != map.columns.len() {
            return Err(malformed(Malformed("it has another number of columns than its table")));
        }
        if !head.full {
            return Err(Error::permanent("row_image_not_full", format!("a change of {} was logged without all its columns", map.table))
                .hint(format!("set binlog_row_image=FULL at the source (also for open sessions), {}", refused::GO_ON)));
        }
        let packed = matches!(
            event,
            kind::MARIADB_WRITE_ROWS_COMPRESSED | kind::MARIADB_UPDATE_ROWS_COMPRESSED | kind::MARIADB_DELETE_ROWS_COMPRESSED
        );
        let rows = body.slice(head.rows_at..);
        let rows = if packed { compressed::event(&rows).map_err(malformed)?.into() } else { rows };
        if rows.is_empty() {
            return Ok(Logged::Nothing);
        }
        let json_parts = event == kind::PARTIAL_UPDATE_ROWS;
        let rows = RowsEvent { kind: change, map: Arc::clone(map), rows, json_parts, foreign_keys_off: head.foreign_keys_off };
        Ok(match mapped.book {
            Some(book) => Logged::Book(book, rows),
            None => Logged::Rows(rows),
        })
    }
}
