//! Which rows of a table become messages: the row filters of the job's rules, for each definition that rows are read by.
//!
//! Asked by the stream and the copy alike. A filter that does not fit a definition is an error with the first row of it,
//! not before: a log that is read again may begin with an older definition than the filter is for.

use super::tables::{Known, Tables};
use crate::model::replicate::TableFilter;
use crate::replicate::Result;
use crate::replicate::encode::{Change, Datum};
use crate::replicate::event::{RowsEvent, RowsKind};
use crate::replicate::filter::{Condition, Filter};
use crate::replicate::sink::Mode;
use crate::replicate::stream::rows::RowReader;
use crate::replicate::table::Table;
use std::sync::Arc;

/// The row filter of a rule.
#[derive(Debug)]
struct RowFilter {
    /// How messages name it.
    name: String,
    filter: Filter,
}

impl RowFilter {
    fn check(&self, table: &Table) -> Result<Condition> {
        let hint = "change the filter (syncline jobs update) or the table, and retry the job";
        self.filter.check(table).map_err(|e| e.context(format!("apply {} to {}", self.name, table.name)).hint(hint))
    }
}

/// Those of all rules.
pub(super) struct RowFilters {
    tables: TableFilter,
    /// In the order of the rules.
    filters: Vec<Option<Arc<RowFilter>>>,
}

impl RowFilters {
    pub(super) fn new(tables: &TableFilter) -> Result<Self> {
        let read = |(rule, text): (usize, Option<&String>)| {
            let Some(text) = text else { return Ok(None) };
            let name = format!("the row filter of rule {}", rule + 1);
            let filter = Filter::parse(text).map_err(|e| e.context(&name))?;
            Ok(Some(Arc::new(RowFilter { name, filter })))
        };
        let filters = tables.include.iter().map(|r| r.filter.as_ref()).enumerate().map(read).collect::<Result<_>>()?;
        Ok(Self { tables: tables.clone(), filters })
    }

    /// The filter of a table as it is defined here; None = every row.
    pub(super) fn of(&self, table: &Table) -> Option<Rows> {
        let rule = self.tables.rule(&table.name.schema, &table.name.table)?;
        let filter = Arc::clone(self.filters[rule].as_ref()?);
        Some(Rows { condition: filter.check(table).ok(), filter })
    }
}

/// The row filter of one definition.
pub(super) struct Rows {
    filter: Arc<RowFilter>,
    /// None: it does not fit.
    condition: Option<Condition>,
}

impl Rows {
    /// The columns that a projection leaves out.
    pub(super) fn excluded(&self, table: &Table) -> Vec<String> {
        self.filter.filter.excluded(table)
    }

    pub(super) fn keep(&self, table: &Table, row: &[Datum<'_>]) -> Result<bool> {
        match &self.condition {
            Some(condition) => condition.keep(row),
            None => self.filter.check(table)?.keep(row),
        }
    }
}

/// What a row change means behind the row filter, and where it is counted; None: nothing. An update that crosses the
/// filter brings the row in or takes it out.
pub(in crate::replicate) fn passing<'a>(
    known: &Known,
    kind: RowsKind,
    old: &'a [Datum<'a>],
    new: &'a [Datum<'a>],
) -> Result<Option<(Change<'a>, usize)>> {
    let (inserted, updated, deleted) =
        ((Change::Insert(new), 0), (Change::Update { before: old, after: new }, 1), (Change::Delete(old), 2));
    Ok(match kind {
        RowsKind::Insert => known.keeps(new)?.then_some(inserted),
        RowsKind::Delete => known.keeps(old)?.then_some(deleted),
        RowsKind::Update => match (known.keeps(old)?, known.keeps(new)?) {
            (true, true) => Some(updated),
            (false, true) => Some(inserted),
            (true, false) => Some(deleted),
            (false, false) => None,
        },
    })
}

/// Where rows that are left out are counted.
pub(super) const FILTERED: usize = 4;

/// The last row of a transaction that becomes a message: its event, and its place among that event's rows; None = the
/// event's last.
#[derive(Debug, Default)]
pub(super) struct Last(Option<(usize, Option<u64>)>);

impl Last {
    /// Finds it from the end on, so that rarely more than one event is read twice, and only where there is a filter.
    pub(super) async fn of(tables: &Tables, rows: &[(RowsEvent, Mode)]) -> Result<Self> {
        for (i, (event, _)) in rows.iter().enumerate().rev() {
            let known = tables.of(&event.map).await?;
            if !known.is_filtered() {
                return Ok(Self(Some((i, None))));
            }
            let (mut before, mut after) = (Vec::new(), Vec::new());
            let mut reader = RowReader::new(event, known.encoder.unsigned());
            let (mut place, mut last) = (0, None);
            while reader.next(&mut before, &mut after)? {
                let old = if before.is_empty() { Vec::new() } else { known.encoder.from_log(&before)? };
                let new = if after.is_empty() { Vec::new() } else { known.encoder.from_log(&after)? };
                if passing(&known, event.kind, &old, &new)?.is_some() {
                    last = Some(place);
                }
                place += 1;
            }
            if last.is_some() {
                return Ok(Self(Some((i, last))));
            }
        }
        Ok(Self(None))
    }

    /// Says whether it is the row that the reader just gave.
    pub(super) fn is_last(&self, event: usize, place: u64, reader: &RowReader<'_>) -> bool {
        match self.0 {
            Some((at, Some(row))) => at == event && row == place,
            Some((at, None)) => at == event && reader.is_at_end(),
            None => false,
        }
    }
}
