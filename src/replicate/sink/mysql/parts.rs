//! Transactions of the source that are too large to hold: applied part by part, in one target transaction that stays open.
//!
//! Nothing of one is repeated here: what was sent is gone. On a lock conflict the run ends and begins again from the watermark.

use super::apply::{Applier, Problem, Work};
use super::lane::Rows;
use super::ledger::Counts;
use super::statement::Composer;
use super::transactions::{self, Source};
use crate::model::position::TxId;
use crate::model::replicate::{ConflictDetection, ConflictPolicy};
use crate::replicate::Result;

/// A source transaction that comes in parts: its target transaction is open.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) id: TxId,
    pub(super) counts: Counts,
    /// The target transaction was opened.
    pub(super) begun: bool,
}

impl Applier {
    /// Applies rows of a transaction that comes in parts.
    pub(super) async fn part(&mut self, part: &mut Part, rows: &[Rows]) -> Result<()> {
        let outcome = self.part_rows(part, rows).await;
        if let Err(problem) = outcome.map_err(|problem| self.named(problem, &part.id)) {
            // Where the connection is gone the server rolls back by itself.
            let _ = self.session.rollback().await;
            return Err(problem.into_error());
        }
        Ok(())
    }

    async fn part_rows(&mut self, part: &mut Part, rows: &[Rows]) -> Result<(), Problem> {
        let composer = if part.begun {
            Composer::default()
        } else {
            let (source, number) = Source::of(&part.id);
            self.start(&source, number, &transactions::encode(std::iter::once(&part.id)))
        };
        part.begun = true;
        // Nothing is joined: a count that is wrong could not be looked into, since what was sent is not sent again.
        let careful = self.settings.conflict != ConflictPolicy::Error || self.settings.detection == ConflictDetection::Row;
        let mut work = Work { composer, of: &part.id, careful, net: None };
        for rows in rows {
            self.rows(&mut work, rows, &mut part.counts).await?;
        }
        self.finish(&mut work).await
    }

    /// Commits a transaction that came in parts; returns the row it left in `applied`.
    pub(super) async fn end_part(&mut self, part: &Part) -> Result<(String, u64)> {
        self.session.commit().await?;
        let (source, number) = Source::of(&part.id);
        Ok((source.to_string(), number))
    }
}
