//! Turns of the writers of one table, for as long as they insert; not while they commit, which waits for a disk. Writers of more
//! threads than the server has processors wait for each other at the latches of the same pages, and waiting costs processors
//! too: on two, four writers took 2.5 CPU seconds more for two million rows than two.

use crate::model::replicate::TableName;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

#[derive(Debug, Clone, Default)]
pub(super) struct Turns(Arc<Mutex<HashMap<TableName, Arc<Semaphore>>>>);

impl Turns {
    /// Waits for one of `most` turns at a table. The first who comes says how many there are: all ask the same server.
    pub(super) async fn take(&self, table: &TableName, most: usize) -> Option<OwnedSemaphorePermit> {
        let turns = {
            let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let turns = tables.entry(table.clone()).or_insert_with(|| Arc::new(Semaphore::new(most.max(1))));
            Arc::clone(turns)
        };
        // Nobody closes it.
        turns.acquire_owned().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    #[tokio::test]
    async fn a_table_has_so_many_turns_and_another_its_own() {
        let (turns, a, b) = (Turns::default(), TableName::new("s", "a"), TableName::new("s", "b"));
        let first = turns.take(&a, 2).await;
        let second = turns.take(&a, 2).await;
        assert!(turns.take(&a, 2).now_or_never().is_none(), "both are taken");
        assert!(turns.take(&b, 2).now_or_never().is_some());
        drop(first);
        assert!(turns.take(&a, 2).now_or_never().is_some(), "one is free again");
        drop(second);
    }
}
