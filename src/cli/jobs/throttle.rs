//! `syncline jobs throttle`: how much a job moves at most, and what it holds back for, changed while it runs.

mod gates;
mod limits;

use super::{rows, show};
use crate::cli::args::Mutation;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::output::{Format, json};
use crate::cli::session::Session;
use crate::wire::native::jobs::{Gates, Job, Throttle};
pub(super) use limits::LimitArgs;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Limits are of the copy and the stream together, as the rows come from the source. Gates are asked about once a second:
while one is shut the copy pauses, and while the target's own load shuts it the stream does too (between two transactions).
The job's own connections count. A gate is shut, too, while its server cannot be asked, and a replica that does not
replicate is too far behind; `jobs show` says which gate holds the job, and since when.

Critical loads are for the moment in which the servers need everything: above one, twice in a row, the job closes all its
connections and waits with the reason; it comes again after 1 s, 2 s, … 60 s, and stays once the load is not critical.

What is not named stays as it is. The job is not started again, and keeps all of it: it is part of what it is to do.

Examples:
  syncline jobs throttle orders-sync --rows-per-s 2000
  syncline jobs throttle orders-sync --bytes-per-s 4MB
  syncline jobs throttle orders-sync --max-source-load Threads_running=25 --max-target-load Threads_running=50
  syncline jobs throttle orders-sync --max-replica-lag 5s --replica db3:3306 --replica db4:3306
  syncline jobs throttle orders-sync --critical-source-load Threads_running=200
  syncline jobs throttle orders-sync --max-source-load none
  syncline jobs throttle orders-sync --off"
)]
pub struct Args {
    /// Id, number or name
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    limits: LimitArgs,
    /// Take the limits and gates away that are not named here
    #[arg(long)]
    off: bool,
    #[command(flatten)]
    mutation: Mutation,
}

pub(super) async fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    let Args { id, limits, off, mutation } = args;
    if !limits.flags().any(|(_, given)| given) && !off {
        return Err(Error::usage("there is nothing to change")
            .hint("give --rows-per-s, --bytes-per-s, --max-source-load, --max-target-load, --critical-source-load, --critical-target-load, --max-replica-lag or --off"));
    }
    let limited = limits.rows_per_s.is_some() || limits.bytes_per_s.is_some();
    let client = session.client()?;
    let about = |e: crate::client::Error| Error::from(e).about("job", &id);
    let mut job = client.job(&id).await.map_err(about)?;
    let (wanted, gates) = limits.over(&job.config, off)?;
    if mutation.dry_run {
        session.out.note(&format!("would limit {} to {}", job.id, words(&wanted, &gates)));
        return print(session, &job);
    }
    if gates != job.config.gates {
        job = client.gate_job(&job.id, &gates).await.map_err(about)?;
    }
    if limited || off {
        job = client.throttle_job(&job.id, &wanted).await.map_err(about)?;
    }
    session.out.note(&format!("{}: {}", job.id, words(&wanted, &job.config.gates)));
    print(session, &job)
}

fn words(throttle: &Throttle, gates: &Gates) -> String {
    let rows = throttle.max_rows_per_second.map(|n| format!("{n} rows per second"));
    let bytes = throttle.max_bytes_per_second.map(|n| format!("{} per second", human::bytes(n)));
    let said: Vec<String> = rows.into_iter().chain(bytes).collect();
    let limits = if said.is_empty() { "no limit".to_owned() } else { format!("at most {}", said.join(", ")) };
    if gates.is_empty() { limits } else { format!("{limits}; held back by {}", show::gates(gates)) }
}

fn print(session: &Session, job: &Job) -> Result<Exit, Error> {
    session.out.list(&rows::listing(std::slice::from_ref(job), json(job), session.out.format == Format::Wide))?;
    Ok(Exit::Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_told_in_words() {
        let throttle = |rows, bytes| Throttle { max_rows_per_second: rows, burst_rows: None, max_bytes_per_second: bytes };
        assert_eq!(words(&throttle(Some(9), Some(4 << 20)), &Gates::default()), "at most 9 rows per second, 4.0 MiB per second");
        assert_eq!(words(&throttle(None, None), &Gates::default()), "no limit");
        assert_eq!((human::parse_size("4MB"), human::parse_size(" 12 "), human::parse_size("1gib")), (Ok(4 << 20), Ok(12), Ok(1 << 30)));
        assert!(human::parse_size("0").is_err() && human::parse_size("4X").is_err() && human::parse_size("99999999999G").is_err());
    }
}
