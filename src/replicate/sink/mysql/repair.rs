//! Single rows of a table made what they are to be (`replicate/repair`): the rows with these keys go, those of the source come,
//! in one target transaction behind the fence; and the same as text for the operator.
//!
//! Deleted first, all of them, so that rows which have swapped a value of another unique key do not meet. Where the target has
//! columns of its own a row is updated in its place: written anew it would lose them.

use super::blocks::{Plan, Spelling};
use super::bookkeeping;
use super::copier::{MysqlCopier, Problem};
use super::session::{LOCK_REPEATS, strict};
use crate::model::replicate::TableFilter;
use crate::replicate::connect::{Conn, ServerInfo};
use crate::replicate::filter::RowFilters;
use crate::replicate::repair::Mended;
use crate::replicate::schema::read;
use crate::replicate::sink::{Mend, RowBlock};
use crate::replicate::table::Table;
use crate::replicate::{Error, Result};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Bound of a packet of deletes.
const PACKET_BYTES: usize = 1 << 20;

/// Rows of one table of the source that pass its filter.
struct Part<'m> {
    plan: Plan,
    block: Arc<RowBlock>,
    rows: Vec<usize>,
    keys: &'m [usize],
}

/// `target`: its table as it is defined now.
fn parts<'m>(target: Option<&Table>, tables: &TableFilter, filters: &RowFilters, mend: &'m Mend) -> Result<Vec<Part<'m>>> {
    let mut parts = Vec::new();
    for (table, block, keys) in &mend.parts {
        let plan = Plan::of(table, target, tables, filters)?;
        let rows = plan.passing(block)?;
        parts.push(Part { plan, block: Arc::new(block.clone()), rows, keys });
    }
    Ok(parts)
}

/// The deletes that come first.
fn deletes(mend: &Mend, parts: &[Part<'_>]) -> Vec<String> {
    // Updated in place.
    let stays = |key: usize| parts.iter().any(|p| p.plan.own && p.rows.iter().any(|&row| p.keys[row] == key));
    let gone = mend.keys.iter().enumerate().filter(|(at, _)| !stays(*at));
    gone.map(|(_, key)| format!("DELETE FROM {} WHERE {key}", mend.target.quoted())).collect()
}

/// Of how many keys the source has a row.
fn written(parts: &[Part<'_>]) -> usize {
    parts.iter().flat_map(|part| part.rows.iter().map(|&row| part.keys[row])).collect::<BTreeSet<_>>().len()
}

impl MysqlCopier {
    pub(super) async fn put(&mut self, mend: &Mend) -> Result<Mended> {
        self.wake().await?;
        let settings = self.settings.clone();
        // Read each time: what the stream has done to the table since is in it.
        let target = self.session.table(&settings.info, &mend.target).await?;
        let parts = parts(target.as_ref(), &settings.tables, &settings.filters, mend)?;
        let mut repeats = 0;
        loop {
            match self.put_once(mend, &parts).await {
                Ok(displaced) => return Ok(Mended { keys: mend.keys.len(), written: written(&parts), displaced }),
                Err(Problem::Failed(f)) if f.is_lock_conflict() && repeats < LOCK_REPEATS => {
                    repeats += 1;
                    self.session.rollback().await?;
                }
                Err(problem) => {
                    // Where the connection is gone the server rolls back by itself.
                    let _ = self.session.rollback().await;
                    return Err(problem.into_error(&mend.target));
                }
            }
        }
    }

    async fn put_once(&mut self, mend: &Mend, parts: &[Part<'_>]) -> Result<u64, Problem> {
        let answers = self.session.batch(format!("START TRANSACTION;{}", self.books.insert_repair()).as_bytes()).await?;
        if answers.get(1).is_none_or(|a| a.affected != 1) {
            return Err(bookkeeping::fenced().into());
        }
        let mut packet = String::new();
        for delete in deletes(mend, parts) {
            packet.push_str(&delete);
            packet.push(';');
            if packet.len() >= PACKET_BYTES.min(self.session.max_packet / 2) {
                self.session.batch(std::mem::take(&mut packet).as_bytes()).await?;
            }
        }
        if !packet.is_empty() {
            self.session.batch(packet.as_bytes()).await?;
        }
        let mut displaced = 0;
        for Part { plan, block, rows, keys } in parts {
            if plan.own {
                for &row in rows {
                    self.upsert(plan, block, row, &mend.keys[keys[row]]).await?;
                }
                continue;
            }
            let (plain, zero) = plan.split(block, rows);
            if !plain.is_empty() {
                displaced += self.send(plan, block, plain).await?.deleted;
            }
            for row in zero {
                self.send_enum_zero(plan, block, row).await?;
            }
        }
        self.session.run(self.books.repaired().as_bytes()).await?;
        self.session.commit().await?;
        Ok(displaced)
    }

    async fn upsert(&mut self, plan: &Plan, block: &RowBlock, row: usize, key: &str) -> Result<(), Problem> {
        let zeros = plan.enum_zeros(block, row);
        let mut packet = Vec::new();
        if zeros > 0 {
            packet.extend_from_slice(format!("SET sql_mode='{}';", super::LENIENT_MODE).as_bytes());
        }
        for statement in plan.upsert(block, row, key, Spelling::Raw) {
            packet.extend_from_slice(&statement);
            packet.push(b';');
        }
        if zeros > 0 {
            packet.extend_from_slice(strict().as_bytes());
        }
        let answers = self.session.batch(&packet).await?;
        // Setting a mode may be warned of.
        let both = answers.iter().skip(usize::from(zeros > 0)).take(2);
        if both.map(|a| usize::from(a.warnings)).sum::<usize>() > zeros {
            return Err(Error::permanent("load_warnings", format!("the target changed values of a row of {}", plan.target)).into());
        }
        Ok(())
    }
}

/// The same as statements for a session as `connect::faithful` makes it, in printable ASCII, one a line.
pub(in crate::replicate) struct Spelled<'a> {
    pub(in crate::replicate) info: &'a ServerInfo,
    pub(in crate::replicate) tables: &'a TableFilter,
    pub(in crate::replicate) filters: &'a RowFilters,
}

impl Spelled<'_> {
    /// Returns them, as one transaction.
    pub(in crate::replicate) async fn statements(&self, target: &mut Conn, mend: &Mend) -> Result<Vec<u8>> {
        let target = read::read_table(target, self.info, &mend.target).await?;
        let parts = parts(target.as_ref(), self.tables, self.filters, mend)?;
        let mut out = b"START TRANSACTION;\n".to_vec();
        for delete in deletes(mend, &parts) {
            out.extend_from_slice(delete.as_bytes());
            out.extend_from_slice(b";\n");
        }
        for Part { plan, block, rows, keys } in &parts {
            for &row in rows {
                let zero = plan.enum_zeros(block, row) > 0;
                if zero {
                    out.extend_from_slice(format!("SET sql_mode='{}';\n", super::LENIENT_MODE).as_bytes());
                }
                if plan.own {
                    for statement in plan.upsert(block, row, &mend.keys[keys[row]], Spelling::Ascii) {
                        out.extend_from_slice(&statement);
                        out.extend_from_slice(b";\n");
                    }
                } else {
                    out.extend_from_slice(plan.replace_head("REPLACE").as_bytes());
                    plan.row(&mut out, block, row, Spelling::Ascii);
                    out.extend_from_slice(b";\n");
                }
                if zero {
                    out.extend_from_slice(strict().as_bytes());
                    out.extend_from_slice(b";\n");
                }
            }
        }
        out.extend_from_slice(b"COMMIT;\n");
        Ok(out)
    }
}
