//! Connections that see one and the same snapshot of the source, and the position that belongs to it.
//!
//! One for a table without a usable key; as many as there are readers for tables that belong together (`group`).

use super::{position, source_connection};
use crate::model::position::Position;
use crate::model::replicate::TableName;
use crate::replicate::Result;
use crate::replicate::connect::{Conn, ServerInfo};
use crate::replicate::run::RunContext;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    pub(super) at: Position,
    /// Those that nobody reads from now.
    free: Arc<Free>,
}

#[derive(Debug)]
struct Free {
    conns: Mutex<Vec<Conn>>,
    more: Notify,
}

impl Snapshot {
    /// Opens one of these tables for as many readers; `other` is a connection that stays outside.
    pub(super) async fn open(
        ctx: &RunContext,
        source: &ServerInfo,
        other: &mut Conn,
        tables: &[TableName],
        readers: usize,
    ) -> Result<Self> {
        let mut conns = Vec::with_capacity(readers);
        for _ in 0..readers {
            conns.push(source_connection(&ctx.spec.src.endpoint, source.flavor, &ctx.stragglers).await?);
        }
        let at = position::snapshot(&mut conns, other, source, tables).await?;
        Ok(Self { at, free: Arc::new(Free { conns: Mutex::new(conns), more: Notify::new() }) })
    }

    /// Waits for one: without the privilege to hold tables still there are fewer than readers. One that a failed reader
    /// takes along is not waited for, because the failure ends them all.
    pub(super) async fn take(&self) -> Conn {
        loop {
            let more = self.free.more.notified();
            let conn = self.free.conns.lock().expect("nothing panics while holding it").pop();
            if let Some(conn) = conn {
                return conn;
            }
            more.await;
        }
    }

    pub(super) fn put(&self, conn: Conn) {
        self.free.conns.lock().expect("nothing panics while holding it").push(conn);
        self.free.more.notify_one();
    }

    /// Ends the snapshot if nobody else has it.
    pub(super) async fn release(self) {
        let Some(free) = Arc::into_inner(self.free) else { return };
        for conn in free.conns.into_inner().unwrap_or_default() {
            // The snapshot goes with its connection; a failure to say goodbye loses nothing.
            conn.disconnect().await;
        }
    }
}
