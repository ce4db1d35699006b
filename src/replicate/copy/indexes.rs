//! Builds the indexes that waited for a table's rows: beside the copy of other tables, one table at a time.
//!
//! The last tables' are begun a little before their last rows, since a server builds an index with one processor and nothing
//! else is left to do then. It has to note what is written meanwhile, in a log of bounded size (innodb_online_alter_log_max_size);
//! so that much at most may still come. Where it does not build beside writers they are built when all rows are there.
//!
//! What is missing is asked first, so all of it can be repeated after a crash. The end position of a table's rows is taken
//! before: for as long as indexes are built, the log brings its changes as ever.

use super::engine::Engine;
use super::watchdog::Patient;
use super::work::{Indexes, Stage};
use crate::model::finding::Side;
use crate::model::run::RunEventKind;
use crate::replicate::schema::mapped::mapped;
use crate::replicate::schema::{definition, translate};
use crate::replicate::sink::Builder;
use crate::replicate::{Error, Kind, Result};
use tokio::task::{JoinError, JoinSet};

/// One build at a time; the builder is with it meanwhile.
pub(super) struct Builds {
    builder: Option<Box<dyn Builder>>,
    pub(super) running: JoinSet<Build>,
}

pub(super) struct Build {
    index: usize,
    early: bool,
    builder: Box<dyn Builder>,
    outcome: Result<()>,
    _patient: Patient,
}

impl Builds {
    pub(super) fn new(builder: Option<Box<dyn Builder>>) -> Self {
        Self { builder, running: JoinSet::new() }
    }
}

impl Engine<'_> {
    /// Begins the next build.
    pub(super) async fn build_indexes(&mut self) -> Result<()> {
        while let Some((index, early)) = self.next_build() {
            let statements = self.missing_indexes(index, early).await?;
            let builder = if statements.is_empty() { None } else { self.builds.builder.take() };
            let work = &mut self.tables[index];
            let Some(mut builder) = builder else {
                work.indexes = Indexes::Built;
                continue;
            };
            work.indexes = Indexes::Building;
            let name = work.name.clone();
            let target = self.ctx.spec.src.filter.target(&name);
            self.ctx.report.event(Some(Side::Dest), RunEventKind::Note, format!("building the indexes of {target}"));
            let patient = self.pulse.be_patient();
            self.builds.running.spawn(async move {
                let outcome = builder.build(&name, statements).await;
                Build { index, early, builder, outcome, _patient: patient }
            });
        }
        Ok(())
    }

    /// Takes a build's outcome.
    pub(super) fn built(&mut self, ended: std::result::Result<Build, JoinError>) -> Result<()> {
        let Build { index, early, builder, outcome, .. } = ended.map_err(|e| Error::permanent("panic", format!("an index build: {e}")))?;
        self.builds.builder = Some(builder);
        self.tables[index].indexes = match outcome {
            Ok(()) => Indexes::Built,
            Err(e) if early && e.kind == Kind::Permanent => {
                tracing::debug!(error = %e, "indexes are not built beside writers");
                Indexes::Late
            }
            Err(e) => return Err(e),
        };
        Ok(())
    }

    /// A table whose rows are all there, or else one of the last if few of their rows are missing; and whether it is that.
    fn next_build(&self) -> Option<(usize, bool)> {
        let waits = |i: &usize| matches!(self.tables[*i].indexes, Indexes::Waiting | Indexes::Late);
        if self.target.is_some() && self.builds.builder.is_none() {
            return None;
        }
        if let Some(read) = (0..self.tables.len()).find(|i| self.tables[*i].stage == Stage::Read && waits(i)) {
            return Some((read, false));
        }
        if self.next < self.tables.len() {
            return None;
        }
        let mut running = (0..self.tables.len()).filter(|&i| self.tables[i].stage == Stage::Running);
        if !running.clone().all(|i| self.tables[i].is_nearly_read()) {
            return None;
        }
        running.find(|&i| self.tables[i].indexes == Indexes::Waiting).map(|i| (i, true))
    }

    async fn missing_indexes(&mut self, index: usize, early: bool) -> Result<Vec<String>> {
        let Some(source) = self.tables[index].source.clone() else { return Ok(Vec::new()) };
        if self.target.is_none() || self.ctx.spec.src.skip_create || !self.merged_with(&source.table.name).is_empty() {
            return Ok(Vec::new());
        }
        self.wake().await?;
        let mapped = mapped(&source.table, &self.ctx.spec.src.filter)?;
        let Some(target) = &mut self.target else { return Ok(Vec::new()) };
        let sql = "SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema=? AND table_name=?";
        let name = &mapped.name;
        let present: Vec<String> = target
            .conn
            .exec(sql, (&name.schema, &name.table))
            .await
            .map_err(|e| Error::mysql(format!("list the indexes of {name} at the target"), e))?;
        let present: Vec<&str> = present.iter().map(String::as_str).collect();
        let create = translate::table(&mapped, &self.from, &target.dialect).create;
        let beside = if early { ", ALGORITHM=INPLACE, LOCK=NONE" } else { "" };
        let waiting = definition::deferred(&create, name, &present).into_iter().map(|statement| statement + beside);
        Ok(waiting.flat_map(translate::in_utf8).collect())
    }
}
