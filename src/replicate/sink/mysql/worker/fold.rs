//! What the worker writes into the bookkeeping beside the transactions: the checkpoint, and the tables' states.

use super::Worker;
use crate::replicate::Result;
use crate::replicate::fingerprint::Fingerprint;
use crate::replicate::sink::TableState;
use crate::replicate::sink::mysql::ledger::Fold;

impl Worker {
    /// The checkpoint moves with the state: a table whose stored phase lies ahead of the stored watermark would meet
    /// events again, after a crash, that it takes for behind it.
    pub(super) async fn table(&mut self, state: &TableState) -> Result<()> {
        self.own.wake().await?;
        let fold = self.ledger.fold();
        let mut statements = self.own.books.set_table(state);
        statements.extend(fold.iter().flat_map(|fold| self.fold_statements(fold)));
        self.own.fenced(&statements).await?;
        if let Some(fold) = &fold {
            self.ledger.folded(fold);
        }
        self.targets.starts(&state.table, state.start.as_ref());
        self.targets.defined(&state.table, Fingerprint::parse(&state.fingerprint).into_definition());
        Ok(())
    }

    /// Moves the stored checkpoint to the watermark and deletes the `applied` rows behind it, in one transaction.
    pub(super) async fn fold(&mut self) -> Result<()> {
        let Some(fold) = self.ledger.fold() else { return Ok(()) };
        let statements = self.fold_statements(&fold);
        self.own.fenced(&statements).await?;
        self.ledger.folded(&fold);
        Ok(())
    }

    fn fold_statements(&self, fold: &Fold) -> Vec<String> {
        let delete = fold.delete.chunks(200).map(|keys| self.own.books.delete_applied(keys));
        std::iter::once(self.own.books.set_checkpoint(&fold.watermark)).chain(delete).collect()
    }
}
