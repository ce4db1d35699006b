//! Whether the target has by now what the source had: what a job has still to bring is no difference.
//!
//! A row that differs is late until the job has applied a position of the source's that was read *behind* that row, and it
//! differs for good where it still does then: everything that made the row what it is stands before that position. It is
//! compared as positions are, and nothing else counts: a job may call itself in step by figures from before a line broke,
//! from before the row was changed, or because it has read nothing yet.

use crate::model::position::Position;
use crate::model::replicate::TableName;
use crate::replicate::connect::{self, Conn, ServerInfo};
use crate::replicate::{Result, coordinates};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How far whoever copies has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reached {
    /// Who copies is not known: only time tells.
    Unknown,
    /// Nobody brings anything, and nobody is to; what stands in the log behind there is not at the target. None: not known.
    Rests(Option<Position>),
    /// The same of a job that rests before it has copied one of these tables whole: no row of them says anything.
    Uncopied,
    /// A job that brings changes, or is about to again.
    At {
        /// All up to there is at the target; None: not known now.
        position: Option<Position>,
        /// Another number as long as it does anything.
        moves: u64,
    },
}

/// Says how far these tables of the source are.
pub type Arrived<'a> = &'a (dyn Fn(&[TableName]) -> Reached + Sync);

/// What a job had in its hands when it stopped is at the target after this time.
const REST: Duration = Duration::from_secs(1);
/// A job that does nothing for so long is not waited for any more.
const LATE: Duration = Duration::from_secs(300);

/// What was read of a row, or of a table, at the source and is so still.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    /// When it was read.
    since: Instant,
    /// Where the source's log was behind that; None: nobody asked.
    at: Option<Arc<Position>>,
}

impl Mark {
    pub(super) fn new(since: Instant, at: Option<Arc<Position>>) -> Self {
        Self { since, at }
    }

    /// Asked before the target is read: what arrives during a look is not in it.
    pub(super) fn has_arrived(&self, reached: &Reached) -> bool {
        match reached {
            Reached::Unknown | Reached::Uncopied => false,
            Reached::Rests(None) => self.since.elapsed() >= REST,
            Reached::Rests(Some(position)) => self.since.elapsed() >= REST && self.is_before(position),
            Reached::At { position: Some(position), .. } => self.is_before(position),
            Reached::At { position: None, .. } => false,
        }
    }

    /// By both: a row may be seen before its server's executed set has it, and never before it is in the file.
    fn is_before(&self, position: &Position) -> bool {
        self.at.as_ref().is_some_and(|at| position.covers(at) && at.coordinates_le(position))
    }

    /// Takes a position that was read later where there is none yet.
    pub(super) fn complete(&mut self, at: Option<&Arc<Position>>) {
        if self.at.is_none() {
            self.at = at.cloned();
        }
    }
}

/// Asks the source where its log stands, where a job is to get there.
#[derive(Default)]
pub(super) struct Asks {
    info: Option<ServerInfo>,
}

impl Asks {
    pub(super) async fn position(&mut self, ends: super::Ends<'_>, source: &mut Conn, reached: &Reached) -> Result<Option<Arc<Position>>> {
        if matches!(reached, Reached::Unknown | Reached::Rests(None) | Reached::Uncopied) {
            return Ok(None);
        }
        if self.info.is_none() {
            self.info = Some(connect::inspect(source, ends.src).await?);
        }
        let Some(info) = &self.info else { return Ok(None) };
        coordinates::high(source, info).await.map(|at| Some(Arc::new(at)))
    }
}

/// How long a job is waited for.
pub(super) struct Waiting {
    moves: Option<u64>,
    since: Instant,
}

impl Waiting {
    pub(super) fn new() -> Self {
        Self { moves: None, since: Instant::now() }
    }

    /// Says whether what is late may still come.
    pub(super) fn goes_on(&mut self, reached: &Reached) -> bool {
        let Reached::At { moves, .. } = reached else { return false };
        if self.moves != Some(*moves) {
            (self.moves, self.since) = (Some(*moves), Instant::now());
        }
        self.since.elapsed() < LATE
    }

    /// Says whether no time makes a difference: nobody brings what is late.
    pub(super) fn is_in_vain(&self, reached: &Reached) -> bool {
        match reached {
            Reached::Rests(Some(_)) => self.since.elapsed() >= REST * 2,
            Reached::Uncopied => true,
            Reached::Unknown | Reached::Rests(None) | Reached::At { .. } => false,
        }
    }
}

/// Between two looks for a job that is waited for: no more than a third of the time is spent looking.
pub(super) fn rest(least: Duration, looked_for: Duration) -> Duration {
    least.max(looked_for * 2).min(Duration::from_secs(5).max(least))
}

/// The tables of the source that a plan reads.
pub(super) fn tables(plan: &super::plan::Plan) -> Vec<TableName> {
    plan.origins.iter().map(|(table, _)| table.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::gtid::GtidSet;

    fn at(gtid: &str, offset: u64) -> Position {
        Position { gtid: Some(GtidSet::parse_mariadb(gtid).unwrap()), file: "bin.000001".into(), offset }
    }

    #[test]
    fn only_a_position_that_was_read_behind_the_row_says_that_it_has_arrived() {
        let mark = Mark::new(Instant::now(), Some(Arc::new(at("0-1-7", 700))));
        let reached = |position| Reached::At { position, moves: 0 };
        assert!(mark.has_arrived(&reached(Some(at("0-1-7", 700)))) && mark.has_arrived(&reached(Some(at("0-1-9", 900)))));
        // From before the row was changed, in the set before it is in the file, and from a run that has not said anything yet.
        for before in [Some(at("0-1-6", 600)), Some(at("0-1-7", 600)), Some(at("0-1-6", 700)), None] {
            assert!(!mark.has_arrived(&reached(before)));
        }
        let long_ago = Instant::now().checked_sub(Duration::from_secs(600)).unwrap_or_else(Instant::now);
        assert!(!Mark::new(long_ago, None).has_arrived(&reached(Some(at("0-1-7", 700)))), "time says nothing");
        assert!(!Mark::new(long_ago, None).has_arrived(&Reached::Unknown));
        assert!(Mark::new(long_ago, None).has_arrived(&Reached::Rests(None)), "a job that rests brings nothing any more");
        assert!(!mark.has_arrived(&Reached::Rests(None)), "it may have had that in its hands");
        let old = Mark::new(long_ago, Some(Arc::new(at("0-1-7", 700))));
        assert!(old.has_arrived(&Reached::Rests(Some(at("0-1-7", 700)))));
        assert!(!old.has_arrived(&Reached::Rests(Some(at("0-1-6", 600)))), "it has still to bring that");
    }

    #[test]
    fn a_job_is_waited_for_as_long_as_it_moves() {
        let mut waiting = Waiting::new();
        let moves = |moves| Reached::At { position: None, moves };
        assert!(waiting.goes_on(&moves(1)));
        waiting.since = Instant::now().checked_sub(LATE).unwrap_or_else(Instant::now);
        assert!(!waiting.goes_on(&moves(1)) && waiting.goes_on(&moves(2)));
        assert!(!waiting.goes_on(&Reached::Rests(None)));
    }
}
