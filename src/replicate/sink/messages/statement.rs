//! Statements of the log: what they change, and where they are told.

use super::Running;
use super::ledger::Entry;
use crate::model::position::{Position, TxId};
use crate::replicate::Result;
use crate::replicate::ddl::{self, Ddl};
use crate::replicate::encode::Message;
use crate::replicate::event::DdlEvent;
use std::sync::Arc;

impl Running {
    /// A statement changes definitions, and is told where the job says so.
    pub(super) async fn ddl(&mut self, id: &TxId, event: &DdlEvent, source_time: i64, end: Position) -> Result<()> {
        let mode = ddl::Mode::from_sql_mode(event.sql_mode.unwrap_or(0));
        if let Ok(Ddl::Table(table)) = ddl::classify_in(&event.statement, &event.default_schema, mode) {
            for name in table.changed() {
                self.shared.tables.outdated(name);
            }
        }
        let entry = Arc::new(self.entry(Some(end), source_time));
        if let Some(topic) = &self.shared.ddl_topic {
            let message = Message {
                key: Some(event.default_schema.clone().into_bytes()),
                value: Some(
                    serde_json::json!({
                        "ddl": event.statement,
                        "databaseName": event.default_schema,
                        "ts_ms": source_time.saturating_mul(1000),
                        "gtid": id.gtid.as_ref().map(ToString::to_string),
                        "file": id.file,
                        "pos": id.start_offset,
                    })
                    .to_string()
                    .into_bytes(),
                ),
                partition: Vec::new(),
                header: None,
            };
            entry.hold();
            self.beside(topic, &message, source_time.saturating_mul(1000), &entry).await?;
            entry.release();
        }
        self.send(entry, true).await
    }

    /// Sends a message that is no row's.
    pub(super) async fn beside(&self, topic: &str, message: &Message, time_ms: i64, entry: &Arc<Entry>) -> Result<()> {
        let topic = self.shared.carrier.topic(&self.shared.topics, topic).await?;
        let bytes = self.shared.carrier.send(&topic, message, time_ms, entry).await?;
        entry.wrote(&topic, 1, bytes as u64);
        Ok(())
    }
}
