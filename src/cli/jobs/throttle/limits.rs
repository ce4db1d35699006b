//! How much a job moves at most and what it holds back for, as flags: of a job that is made or changed, and of one at work.

use super::gates::GateArgs;
use crate::cli::error::Error;
use crate::cli::human;
use crate::wire::native::jobs::{Gates, JobCreate, Throttle};
use std::num::NonZeroU64;

#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Limits")]
pub(in crate::cli::jobs) struct LimitArgs {
    /// Most rows per second
    #[arg(long, value_name = "N")]
    pub(super) rows_per_s: Option<NonZeroU64>,
    /// Most bytes per second, e.g. 500000, 4MB
    #[arg(long, value_name = "N", value_parser = human::parse_size)]
    pub(super) bytes_per_s: Option<u64>,
    #[command(flatten)]
    pub(super) gates: GateArgs,
}

impl LimitArgs {
    /// Its flags, and which are given.
    pub(in crate::cli::jobs) fn flags(&self) -> impl Iterator<Item = (&'static str, bool)> {
        let Self { rows_per_s, bytes_per_s, gates } = self;
        [("--rows-per-s", rows_per_s.is_some()), ("--bytes-per-s", bytes_per_s.is_some())].into_iter().chain(gates.flags())
    }

    /// Puts what is given into a job; the rest stays as it is.
    pub(in crate::cli::jobs) fn put_into(self, job: &mut JobCreate) -> Result<(), Error> {
        let (throttle, gates) = self.over(job, false)?;
        Throttle {
            max_rows_per_second: job.max_rows_per_second,
            burst_rows: job.burst_rows,
            max_bytes_per_second: job.max_bytes_per_second,
        } = throttle;
        job.gates = gates;
        Ok(())
    }

    /// What a job has with what is given over it; `off`: nothing stays that is not named.
    pub(super) fn over(self, job: &JobCreate, off: bool) -> Result<(Throttle, Gates), Error> {
        let Self { rows_per_s, bytes_per_s, gates } = self;
        let kept = |limit: Option<u64>| limit.filter(|_| !off);
        let rows = rows_per_s.map(NonZeroU64::get);
        let throttle = Throttle {
            max_rows_per_second: rows.or_else(|| kept(job.max_rows_per_second)),
            burst_rows: if rows.is_some() { None } else { kept(job.burst_rows) },
            max_bytes_per_second: bytes_per_s.or_else(|| kept(job.max_bytes_per_second)),
        };
        Ok((throttle, gates.over(&job.gates, off)?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::show::tests::job;
    use super::*;
    use crate::wire::native::jobs::JobState;

    #[test]
    fn what_is_not_named_stays_unless_it_is_to_go() {
        let mut job = job(JobState::Streaming).config;
        (job.max_rows_per_second, job.burst_rows, job.max_bytes_per_second) = (Some(9), Some(3), Some(7));
        let given = |rows, bytes| LimitArgs { rows_per_s: NonZeroU64::new(rows), bytes_per_s: bytes, gates: GateArgs::default() };
        let of = |rows, bytes, off| {
            let (t, _) = given(rows, bytes).over(&job, off).unwrap();
            (t.max_rows_per_second, t.burst_rows, t.max_bytes_per_second)
        };
        assert_eq!(of(5, None, false), (Some(5), None, Some(7)));
        assert_eq!(of(0, Some(4 << 20), false), (Some(9), Some(3), Some(4 << 20)));
        assert_eq!(of(0, None, true), (None, None, None));
        assert_eq!(of(5, None, true), (Some(5), None, None));
        let mut changed = job.clone();
        given(0, Some(8)).put_into(&mut changed).unwrap();
        assert_eq!((changed.max_rows_per_second, changed.burst_rows, changed.max_bytes_per_second), (Some(9), Some(3), Some(8)));
    }
}
