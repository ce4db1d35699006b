//! A change that does not fit the target, settled as the job's policy says.
//!
//! It comes here row by row, in an open transaction that has done everything before it ([`super::apply`]). Where whole rows are
//! compared, the target's row is looked at, and held until the transaction ends, so that it is not another one by the time
//! that it is written over: one that has the change's outcome already is no conflict, since both ends have done the same;
//! of one that differs the columns are named. Where it is written over, rows that go with it because they have its value of
//! another unique key are conflicts of their own.

use super::apply::{Applier, Problem};
use super::conflict::Found;
use super::ledger::Counts;
use super::locate::{ask, others, same_key};
use super::session::{Failed, strict};
use super::shown;
use super::statement::{Change, Composer, Image};
use super::targets::Target;
use crate::model::position::TxId;
use crate::model::progress::ConflictDecision;
use crate::model::replicate::ConflictPolicy;
use crate::replicate::event::RowsKind;
use crate::replicate::sink::Mode;
use crate::replicate::stream::Value;
use mysql_async::{Row, Value as Cell};
use std::sync::Arc;

/// What the target has of a row that a change is of.
#[derive(Debug)]
enum Standing {
    /// What the change would make of it.
    Done,
    /// It, with other values than before the change.
    Differs(Vec<String>),
    /// None, or another in the way.
    Other,
}

impl Applier {
    /// One row by itself: applied, or settled as the conflict policy says.
    pub(super) async fn carefully(
        &mut self,
        target: &Arc<Target>,
        id: &TxId,
        change: &Change<'_>,
        counts: &mut Counts,
    ) -> Result<(), Problem> {
        let mut composer = Composer::default();
        composer.change(target, change);
        let mut conflict = match self.send(composer.take()).await {
            Err(Problem::Conflict(conflict)) => conflict,
            other => return other,
        };
        conflict.values = shown::key(target, if change.kind == RowsKind::Insert { change.after } else { change.before });
        self.session.run(strict().as_bytes()).await.map_err(|f| Problem::Failed(f, None))?;
        if !target.compared.is_empty() {
            match self.standing(target, change).await? {
                Standing::Done => return Ok(()),
                Standing::Differs(columns) => conflict.found = Found::Differs(columns),
                Standing::Other => {}
            }
        }
        let decision = match self.settings.conflict {
            ConflictPolicy::Error => return Err(Problem::Conflict(conflict)),
            ConflictPolicy::Overwrite => ConflictDecision::Overwritten,
            ConflictPolicy::Skip => ConflictDecision::Skipped,
        };
        counts.conflict(conflict.seen(id, decision));
        if decision == ConflictDecision::Overwritten {
            for values in self.in_the_way(target, change).await? {
                counts.conflict(conflict.removed(id, values));
            }
            let mut composer = Composer::default();
            if change.kind == RowsKind::Update {
                composer.replace(target, change.before, change.after);
            } else {
                composer.change(target, &Change { mode: Mode::Converge, ..*change });
            }
            self.send(composer.take()).await?;
        }
        Ok(())
    }

    /// The keys of other rows that go when a row is written over: they have its value of a unique key. They are held until the
    /// transaction ends.
    async fn in_the_way(&mut self, target: &Target, change: &Change<'_>) -> Result<Vec<Vec<Option<String>>>, Problem> {
        let mut found = Vec::new();
        for sql in others(target, change) {
            let rows = self.session.query::<Row>(&sql).await.map_err(|error| Problem::Failed(Failed { at: 0, error }, None))?;
            for row in rows {
                let cells = row.unwrap().into_iter().map(|cell| if let Cell::Bytes(bytes) = cell { Some(bytes) } else { None });
                let values = shown::answered(target, cells.collect());
                if !found.contains(&values) {
                    found.push(values);
                }
            }
        }
        Ok(found)
    }

    /// What the target has of a row whose change did not fit, where whole rows are compared.
    async fn standing(&mut self, target: &Target, change: &Change<'_>) -> Result<Standing, Problem> {
        let Change { kind, before, after, .. } = *change;
        let old = if kind == RowsKind::Insert { None } else { self.differing(target, before, Image::Before).await? };
        let new = if kind == RowsKind::Delete { None } else { self.differing(target, after, Image::After).await? };
        let gone = old.is_none() || kind == RowsKind::Update && same_key(target, before, after);
        let come = kind == RowsKind::Delete || new.is_some_and(|columns| columns.is_empty());
        Ok(match old {
            // Both ends have made the same change.
            _ if gone && come => Standing::Done,
            Some(columns) if !columns.is_empty() => Standing::Differs(columns),
            _ => Standing::Other,
        })
    }

    /// The compared columns in which the row with this image's key has other values; None: there is none.
    async fn differing(&mut self, target: &Target, row: &[Value<'_>], image: Image) -> Result<Option<Vec<String>>, Problem> {
        let asked = self.session.query::<Vec<u8>>(&ask(target, row, image)).await;
        // The row is locked, so that this may meet a deadlock as any change does: the group is then applied again.
        let asked = asked.map_err(|error| Problem::Failed(Failed { at: 0, error }, None))?;
        Ok(asked.first().map(|same| {
            let differs = target.compared.iter().zip(same).filter(|(_, same)| **same == b'0');
            differs.map(|(slot, _)| target.column(*slot).name.clone()).collect()
        }))
    }
}
