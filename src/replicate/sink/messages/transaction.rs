//! The transaction that the stream is in, where the job tells of transactions: what its rows are numbered by, and its
//! beginning and end as messages of their own.
//!
//! A transaction without a message of the job's has neither. Its counts are of messages with a value: an update that
//! changes a key is two. A transaction that comes again after a crash is told again.

use crate::model::replicate::TableName;
use crate::replicate::encode::{Beside, Message, Transaction};

pub(super) struct Told {
    pub(super) topic: String,
    beside: Beside,
    open: Option<Open>,
}

struct Open {
    id: String,
    total: u64,
    tables: Vec<(TableName, u64)>,
}

impl Told {
    pub(super) fn new(topic: String, beside: Beside) -> Self {
        Self { topic, beside, open: None }
    }

    /// Begins the transaction if it is not; then its beginning is returned.
    pub(super) fn begin(&mut self, id: impl FnOnce() -> String, ts_ms: i64) -> Option<Message> {
        if self.open.is_some() {
            return None;
        }
        let open = Open { id: id(), total: 0, tables: Vec::new() };
        let message = self.beside.begin(&open.id, ts_ms);
        self.open = Some(open);
        Some(message)
    }

    /// The place of a table's next change.
    pub(super) fn place(&self, table: &TableName) -> Option<Transaction<'_>> {
        let open = self.open.as_ref()?;
        let of_table = open.tables.iter().find(|(t, _)| t == table).map_or(0, |(_, n)| *n);
        Some(Transaction { id: &open.id, total_order: open.total + 1, data_collection_order: of_table + 1 })
    }

    pub(super) fn sent(&mut self, table: &TableName, messages: u64) {
        let Some(open) = &mut self.open else { return };
        open.total += messages;
        match open.tables.iter_mut().find(|(t, _)| t == table) {
            Some((_, count)) => *count += messages,
            None => open.tables.push((table.clone(), messages)),
        }
    }

    /// Ends the transaction, if it was begun.
    pub(super) fn end(&mut self, ts_ms: i64) -> Option<Message> {
        let Open { id, total: _, tables } = self.open.take()?;
        Some(self.beside.end(&id, ts_ms, &tables))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_numbered_in_the_transaction_and_in_their_table() {
        let mut told = Told::new("t".into(), Beside { schema: false });
        let (a, b) = (TableName::new("d", "a"), TableName::new("d", "b"));
        assert!(told.end(0).is_none(), "nothing was sent");
        assert!(told.begin(|| "1".into(), 0).is_some() && told.begin(|| "1".into(), 0).is_none());
        let orders = |told: &Told, t| told.place(t).map(|p| (p.total_order, p.data_collection_order));
        assert_eq!(orders(&told, &a), Some((1, 1)));
        told.sent(&a, 2);
        told.sent(&b, 1);
        assert_eq!((orders(&told, &a), orders(&told, &b)), (Some((4, 3)), Some((4, 2))));
        let end = String::from_utf8(told.end(0).unwrap().value.unwrap()).unwrap();
        assert!(end.contains(r#""event_count":3"#), "{end}");
        assert!(told.place(&a).is_none() && told.end(0).is_none());
    }
}
