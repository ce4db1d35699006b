//! The same comparison for one that goes on all the time beside a job (`Pace`): a keyed table is read page by page, so that
//! no read view stays open and there is a rest after each page.
//!
//! A page is the next rows of the source in its own order of the key, and what the target has of the range up to the last
//! of them. Both are put into one order here and merged. Where the two servers order keys differently a row can be in one
//! end's page and not in the other's: it is then a candidate, and the second look finds it by its key at both ends. So
//! the order decides how much is looked at again, never the verdict.

use super::definition::{End, Plan};
use super::merge::{Collector, key_order};
use super::rows::{self, Cell};
use super::{Ends, Found, Options};
use crate::replicate::Result;
use crate::replicate::connect::Conn;
use std::cmp::Ordering;
use std::time::{Duration, Instant};

/// How a comparison keeps out of the way.
#[derive(Clone, Copy)]
pub struct Pace<'a> {
    /// Rests so that it works for this part of the time.
    pub share: f64,
    /// Most rows of the source per second.
    pub rows_per_second: Option<u64>,
    /// Says whether the job has better things to do.
    pub busy: &'a (dyn Fn() -> bool + Sync),
}

/// What a page should take.
const PAGE_TIME: Duration = Duration::from_millis(200);
const PAGE_ROWS: std::ops::RangeInclusive<u64> = 50..=20_000;
const FIRST_PAGE: u64 = 500;
/// Between two looks at a busy job.
const PAUSE: Duration = Duration::from_millis(200);

impl Pace<'_> {
    /// How long it rests after some work.
    fn pause(&self, worked: Duration, rows: u64) -> Duration {
        let by_share = worked.mul_f64((1.0 / self.share.clamp(0.01, 1.0) - 1.0).max(0.0));
        let by_rows = self.rows_per_second.map_or(Duration::ZERO, |n| Duration::from_secs_f64(rows as f64 / n.max(1) as f64));
        by_share.max(by_rows.saturating_sub(worked))
    }

    /// Rests after some work, and until the job is not busy.
    pub(super) async fn rest(&self, worked: Duration, rows: u64) {
        tokio::time::sleep(self.pause(worked, rows)).await;
        while (self.busy)() {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

pub(super) async fn compare(ends: Ends<'_>, plan: &Plan, options: Options, pace: Pace<'_>) -> Result<Found> {
    let (mut src, mut dest) = ends.open().await?;
    let mut collector = Collector::new(options);
    let (mut source_rows, mut target_rows) = (0, 0);
    let (mut cursor, mut limit) = (None, FIRST_PAGE);
    let doing = format!("read {}", plan.table_name());
    loop {
        let began = Instant::now();
        let mut source = rows::query(&mut src, &plan.select_page(End::Source, cursor.as_ref(), None, Some(limit)), &doing).await?;
        let last = source.last().filter(|_| source.len() as u64 == limit).map(|row| plan.key_of(row));
        let mut target = rows::query(&mut dest, &plan.select_page(End::Target, cursor.as_ref(), last.as_ref(), None), &doing).await?;
        let worked = began.elapsed();
        let read = source.len() as u64;
        source_rows += read;
        target_rows += target.len() as u64;
        for rows in [&mut source, &mut target] {
            rows.sort_by(|a, b| key_order(plan, a, b));
        }
        merge(plan, &source, &target, &mut collector)?;
        pace.rest(worked, read).await;
        let Some(last) = last else { break };
        cursor = Some(last);
        let factor = (PAGE_TIME.as_secs_f64() / worked.as_secs_f64().max(1e-6)).clamp(0.25, 4.0);
        limit = ((limit as f64 * factor) as u64).clamp(*PAGE_ROWS.start(), *PAGE_ROWS.end());
        // An idle session does not outlive what a server allows; the rests may be longer.
        if pace.share < 1.0 {
            (src, dest) = awake(ends, src, dest).await?;
        }
    }
    Ok(Found { source_rows, target_rows, ..collector.found })
}

/// Opens connections again that were closed during a rest.
async fn awake(ends: Ends<'_>, mut src: Conn, mut dest: Conn) -> Result<(Conn, Conn)> {
    if src.ping().await.is_ok() && dest.ping().await.is_ok() { Ok((src, dest)) } else { ends.open().await }
}

fn merge(plan: &Plan, source: &[Vec<Cell>], target: &[Vec<Cell>], collector: &mut Collector) -> Result<()> {
    let (mut source, mut target) = (source.iter().peekable(), target.iter().peekable());
    loop {
        let order = match (source.peek(), target.peek()) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(s), Some(t)) => key_order(plan, s, t),
        };
        let s = if order.is_le() { source.next() } else { None };
        let t = if order.is_ge() { target.next() } else { None };
        collector.add(plan, s.map(Vec::as_slice), t.map(Vec::as_slice))?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_works_for_its_share_of_the_time_and_no_faster_than_its_rate() {
        let work = Duration::from_millis(100);
        let pace = Pace { share: 0.1, rows_per_second: None, busy: &|| false };
        assert_eq!(pace.pause(work, 10).as_millis(), 900);
        assert_eq!(Pace { rows_per_second: Some(10), ..pace }.pause(work, 30).as_millis(), 2_900);
        assert_eq!(Pace { rows_per_second: Some(10), ..pace }.pause(work, 1).as_millis(), 900);
        assert_eq!(Pace { share: 1.0, ..pace }.pause(work, 10), Duration::ZERO);
    }
}
