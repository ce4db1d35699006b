//! The statements that would make rows of the target what the source has now, for the operator to look at and to run.
//!
//! They are of the moment in which the source is read: beside a stream the rows may have newer changes when they are run,
//! which is why the text says so and why a running job repairs by itself (`run/repair`).

use super::{Damaged, inspect};
use crate::model::replicate::TableFilter;
use crate::replicate::connect::{Conn, SQL_MODE, ServerInfo};
use crate::replicate::filter::RowFilters;
use crate::replicate::sink::mysql::Spelled;
use crate::replicate::{Result, copy};

/// Makes them over connections of its own.
pub struct Statements {
    source: (Conn, ServerInfo),
    target: (Conn, ServerInfo),
    tables: TableFilter,
    filters: RowFilters,
}

impl Statements {
    pub async fn open(
        source: &crate::model::endpoint::MysqlEndpoint,
        target: &crate::model::endpoint::MysqlEndpoint,
        tables: &TableFilter,
    ) -> Result<Self> {
        let filters = RowFilters::new(tables)?;
        Ok(Self { source: inspect(source).await?, target: inspect(target).await?, tables: tables.clone(), filters })
    }

    /// What the text begins with: the session that the statements are for.
    pub fn head(about: &str) -> String {
        format!(
            "-- {about}\n\
             -- They make these rows of the target what the source had when they were written. Run them while nothing else\n\
             -- changes the rows: beside a running job, let it repair them itself (syncline jobs verify --repair).\n\
             SET NAMES binary, time_zone='+00:00', sql_mode='{SQL_MODE}', foreign_key_checks=0;\n"
        )
    }

    /// Returns the statements for the first keys, and how many of them those are.
    pub async fn of(&mut self, damaged: &Damaged) -> Result<(Vec<u8>, usize)> {
        let mend = copy::rows_now(&mut self.source.0, &self.source.1, damaged).await?;
        let spelled = Spelled { info: &self.target.1, tables: &self.tables, filters: &self.filters };
        let text = spelled.statements(&mut self.target.0, &mend).await?;
        Ok((text, mend.keys.len()))
    }
}
