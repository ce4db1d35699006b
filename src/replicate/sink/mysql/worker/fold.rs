//! What the worker writes into the bookkeeping beside the transactions: the checkpoint, and the tables' states.

use super::Worker;
use crate::model::position::Position;
use crate::replicate::Result;
use crate::replicate::fingerprint::Fingerprint;
use crate::replicate::sink::mysql::ledger::Fold;
use crate::replicate::sink::{Above, TableState};

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

    /// Puts the checkpoint elsewhere, in one transaction with what that makes of the `applied` rows.
    pub(super) async fn go_to(&mut self, to: Position, above: Above) -> Result<()> {
        self.own.wake().await?;
        self.fold().await?;
        let books = &self.own.books;
        let mut statements = vec![books.set_checkpoint(&to)];
        statements.extend(books.move_applied(above));
        self.own.fenced(&statements).await?;
        let set_back = self.own.books.set_back();
        self.ledger.moved(to, above, &set_back);
        Ok(())
    }

    fn fold_statements(&self, fold: &Fold) -> Vec<String> {
        let delete = fold.delete.chunks(200).map(|keys| self.own.books.delete_applied(keys));
        std::iter::once(self.own.books.set_checkpoint(&fold.watermark)).chain(delete).collect()
    }
}
