//! Which row changes become messages, by the row filters of the job's rules (`replicate/filter`), and which of a
//! transaction's is the last that does.

use super::tables::{Known, Tables};
use crate::replicate::Result;
use crate::replicate::encode::{Change, Datum};
use crate::replicate::event::{RowsEvent, RowsKind};
use crate::replicate::sink::Mode;
use crate::replicate::stream::rows::RowReader;

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
