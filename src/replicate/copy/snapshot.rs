//! Connections that see one and the same snapshot of the source, and the position that belongs to it.
//!
//! One for a table without a usable key; as many as there are readers for tables that belong together (`group`).

use crate::model::position::Position;
use crate::replicate::{Error, Result};
use mysql_async::Conn;
use std::sync::{Arc, Mutex};

#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    pub(super) at: Position,
    /// Those that nobody reads from now.
    free: Arc<Mutex<Vec<Conn>>>,
}

impl Snapshot {
    pub(super) fn new(conns: Vec<Conn>, at: Position) -> Self {
        Self { at, free: Arc::new(Mutex::new(conns)) }
    }

    /// There is one for every reader.
    pub(super) fn take(&self) -> Result<Conn> {
        let conn = self.free.lock().expect("nothing panics while holding it").pop();
        conn.ok_or_else(|| Error::permanent("snapshot_busy", "more readers than connections of a snapshot"))
    }

    pub(super) fn put(&self, conn: Conn) {
        self.free.lock().expect("nothing panics while holding it").push(conn);
    }

    /// Ends the snapshot if nobody else has it.
    pub(super) async fn release(self) {
        let Some(free) = Arc::into_inner(self.free) else { return };
        for conn in free.into_inner().unwrap_or_default() {
            // The snapshot goes with its connection; a failure to say goodbye loses nothing.
            let _ = conn.disconnect().await;
        }
    }
}
