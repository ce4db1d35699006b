//! The first pass over a keyed table: range by range of the source's key. Both servers add up a range (`sums`); one that
//! differs is cut into parts while that pays, and parts that differ are read row by row (`merge`), whose candidates go
//! on to the second look. Tables that cannot be added up are read row by row.
//!
//! ```text
//!  bound of the next range ──▶ sums of both ends ──equal──▶ next
//!                                   └─differ─▶ parts: sums again ──differ──▶ rows ──▶ candidates
//! ```
//! Why no row is passed over, though the two servers may order keys differently: each key that was taken as a bound splits
//! the rows of either end in two by two conditions of which every row meets one (`plan`), so every row is in a range at
//! least. Where all ranges have the same rows at both ends, the two tables have them; and a row that has no equal at the
//! other end is in a range that differs, and so is read. The order decides how much is read, never the verdict. A row without
//! its key (NULL at the target) would be in no range: such tables are read as a whole (`Walk::Never`).
//!
//! Why equal is honest though the two sums are of two moments: source S at t1, target T at t2. That the ranges are equal
//! says of each row r that T held at t2 what S held at t1, all of them at one moment per end: no less than what a row by row
//! comparison says, which reads each pair at two moments as well. What the stream has still to bring of S up to t1 ends,
//! row by row, with what S had at t1, which is there already; what it brought of S behind t1 has, by being equal, changed
//! nothing. A lasting fault (a change that was lost, applied twice, made by hand) is a row that is not what S had at any
//! moment near; it is in a range that differs at every look. So nothing is held back to compare at one position: the
//! gate would cost the stream what the second look costs nobody. What is in flight makes a range differ, is read, and is
//! judged there.

use super::merge::{self, Collector};
use super::paced::Pace;
use super::plan::{Plan, Range, Walk};
use super::rows;
use super::{Conns, Ends, Found, Options, sums};
use crate::replicate::{Error, Kind, Result};
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

/// What a range should take: beside a job a shorter time.
const TIME: Duration = Duration::from_millis(500);
const PACED_TIME: Duration = Duration::from_millis(200);
/// Rows of a range that is added up, and of one that is read.
const ADDED: RangeInclusive<u64> = 50..=100_000;
const READ: RangeInclusive<u64> = 50..=20_000;
const FIRST: u64 = 500;
/// Parts of a range that differs, and the rows that are read as soon as asked for.
const PARTS: u64 = 32;
const FEW: u64 = 200;
/// So often ranges that differ are read for nothing before all are: the servers may write some value in two ways.
const IN_VAIN: u32 = 12;

/// How a table is gone through.
#[derive(Clone, Copy, Default)]
pub(super) struct Manner<'a> {
    pub(super) by_sums: bool,
    pub(super) pace: Option<Pace<'a>>,
}

pub(super) async fn compare(ends: Ends<'_>, plan: &Plan, options: Options, manner: Manner<'_>) -> Result<Found> {
    let mut pass = Pass { ends, plan, conns: None, collector: Collector::new(options), by_sums: false, narrows: true, vain: 0 };
    pass.by_sums = manner.by_sums && plan.walk == Walk::Straight && sums::possible(plan);
    let ranges = pass.by_sums || manner.pace.is_some() && plan.walk >= Walk::Crooked;
    if !ranges {
        let began = Instant::now();
        pass.patiently(None, None).await?;
        if let Some(pace) = manner.pace {
            pace.rest(began.elapsed(), pass.collector.found.source_rows).await;
        }
        return Ok(pass.collector.found);
    }
    let (time, mut above, mut limit) = (if manner.pace.is_some() { PACED_TIME } else { TIME }, None, FIRST);
    loop {
        let (began, before) = (Instant::now(), pass.collector.found.source_rows);
        let upto = pass.patiently(above.take(), Some(limit)).await?;
        let worked = began.elapsed();
        if let Some(pace) = manner.pace {
            pace.rest(worked, pass.collector.found.source_rows - before).await;
            // An idle session does not outlive what a server allows; the rests may be longer.
            if let Some(conns) = pass.conns.take() {
                pass.conns = conns.awake().await;
            }
        }
        let Some(upto) = upto else { return Ok(pass.collector.found) };
        above = Some(upto);
        let most = if pass.by_sums { ADDED } else { READ };
        let factor = (time.as_secs_f64() / worked.as_secs_f64().max(1e-6)).clamp(0.25, 4.0);
        limit = ((limit as f64 * factor) as u64).clamp(*most.start(), *most.end());
        // No more at once than may be read in a second.
        let rate = manner.pace.and_then(|p| p.rows_per_second);
        limit = rate.map_or(limit, |rate| limit.min(rate.max(*most.start())));
    }
}

/// The key of the last row of the next range; None: it goes to the end.
async fn bound(conns: &mut Conns, plan: &Plan, range: &Range, rows: u64) -> Result<Option<Vec<rows::Cell>>> {
    let found = rows::query(&mut conns.src, &plan.select_bound(range, rows), &format!("read keys of {}", plan.table)).await?;
    Ok(found.into_iter().next())
}

struct Pass<'a> {
    ends: Ends<'a>,
    plan: &'a Plan,
    /// None: to be opened.
    conns: Option<Conns>,
    collector: Collector,
    by_sums: bool,
    /// Parts of the last range that differed were equal for the most part.
    narrows: bool,
    /// Ranges since the last equal one that differed, and whose rows did not.
    vain: u32,
}

impl Pass<'_> {
    /// Compares the next so many rows behind a key, or all; returns the key of the last one, None at the end. What a range had found
    /// when a server went away is found again.
    async fn patiently(&mut self, above: Option<Vec<rows::Cell>>, limit: Option<u64>) -> Result<Option<Vec<rows::Cell>>> {
        let (before, mut attempts) = (self.collector.before(), self.ends.attempts());
        loop {
            let conns = match self.conns.take() {
                Some(conns) => Ok(conns),
                None => self.ends.open().await,
            };
            let done = match conns {
                Ok(mut conns) => {
                    let done = self.range(&mut conns, above.clone(), limit).await;
                    self.conns = done.is_ok().then_some(conns);
                    done
                }
                Err(e) => Err(e),
            };
            match done {
                Ok(upto) => return Ok(upto),
                Err(e) => {
                    self.collector.back_to(before);
                    attempts.next(e).await?;
                }
            }
        }
    }

    async fn range(&mut self, conns: &mut Conns, above: Option<Vec<rows::Cell>>, limit: Option<u64>) -> Result<Option<Vec<rows::Cell>>> {
        let Some(limit) = limit else {
            merge::compare(conns, self.plan, &Range::default(), &mut self.collector).await?;
            return Ok(None);
        };
        let open = Range { above, upto: None };
        let upto = bound(conns, self.plan, &open, limit).await?;
        if upto.is_some() && upto == open.above {
            let message = format!("the source gave the same rows of {} again", self.plan.table);
            return Err(Error::permanent("verify_order", message));
        }
        self.judge(conns, &Range { upto: upto.clone(), ..open }).await?;
        Ok(upto)
    }

    async fn judge(&mut self, conns: &mut Conns, range: &Range) -> Result<()> {
        let Some((source, target)) = self.add_up(conns, range).await? else { return self.read(conns, range).await };
        if source.prove(&target) {
            self.narrows = true;
            self.count(&source);
            return Ok(());
        }
        let rows = source.rows.max(target.rows);
        if !self.narrows || rows <= FEW || !source.is_whole() || !target.is_whole() {
            // The next one is tried again.
            self.narrows = true;
            return self.read(conns, range).await;
        }
        let size = (source.rows / PARTS).max(FEW);
        let (mut parts, mut different) = (0, 0);
        let mut above = range.above.clone();
        loop {
            let open = Range { above: above.take(), upto: range.upto.clone() };
            let upto = bound(conns, self.plan, &open, size).await?;
            let more = upto.is_some() && upto != open.above && upto != range.upto;
            let part = Range { upto: if more { upto.clone() } else { open.upto }, ..open };
            parts += 1;
            match self.add_up(conns, &part).await? {
                Some((source, target)) if source.prove(&target) => self.count(&source),
                _ => {
                    different += 1;
                    self.read(conns, &part).await?;
                }
            }
            if !more {
                break;
            }
            above = upto;
        }
        self.narrows = different * 2 <= parts;
        Ok(())
    }

    /// None where a server does not add up, from then on.
    async fn add_up(&mut self, conns: &mut Conns, range: &Range) -> Result<Option<(sums::Sums, sums::Sums)>> {
        if !self.by_sums {
            return Ok(None);
        }
        match sums::ask(conns, self.plan, range).await {
            Ok(sums) => Ok(Some(sums)),
            Err(e) if e.kind != Kind::Transient => {
                tracing::debug!(table = %self.plan.table, error = %e, "a table is not added up by its servers but read");
                self.by_sums = false;
                Ok(None)
            }
            Err(e) => Err(e),
        }
    }

    async fn read(&mut self, conns: &mut Conns, range: &Range) -> Result<()> {
        let before = self.collector.found.different;
        merge::compare(conns, self.plan, range, &mut self.collector).await?;
        self.vain = if self.collector.found.different == before { self.vain + 1 } else { 0 };
        if self.by_sums && self.vain >= IN_VAIN {
            tracing::debug!(table = %self.plan.table, "a table's servers write equal rows in two ways; it is read");
            self.by_sums = false;
        }
        Ok(())
    }

    /// Of rows that nobody read.
    fn count(&mut self, sums: &sums::Sums) {
        self.vain = 0;
        self.collector.found.source_rows += sums.rows;
        self.collector.found.target_rows += sums.rows;
    }
}
