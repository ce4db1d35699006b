//! `syncline bars delete`.

use super::LONG;
use crate::cli::args::Mutation;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::jobs;
use crate::cli::output::{Cell, Column, Listing, json};
use crate::cli::session::Session;
use crate::client::BarQuery;
use crate::wire::native::bars::{BarsDeleted, BarsGone};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "What is taken out is taken out of slaves and backups too, when they are brought up to date the next time. A task whose provider
still has the bars brings them again.

Examples:
  syncline bars delete WRONG --yes
  syncline bars delete AAPL --interval 1m --from 2024-01-23 --to 2024-01-24 --dry-run"
)]
pub struct Delete {
    /// In any spelling: AAPL, US.AAPL, 0700.HK
    #[arg(value_name = "SYMBOL", required = true)]
    symbols: Vec<String>,
    /// Only bars of this length; absent: of every length
    #[arg(long, value_name = "INTERVAL")]
    interval: Option<String>,
    /// First date or time; absent: from the first bar on
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Last date or time, included; a date means all of that day. Absent: to the last bar
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    #[command(flatten)]
    mutation: Mutation,
}

pub(super) async fn run(session: &Session, args: Delete) -> Result<Exit, Error> {
    let Delete { symbols, interval, from, to, mutation } = args;
    let query = BarQuery { interval, from, to };
    let client = session.client_with(session.patience().unwrap_or(LONG))?;
    if !mutation.dry_run && !mutation.yes {
        // What is asked about is what there is.
        let mut lines = Vec::new();
        for symbol in &symbols {
            let would = client.delete_bars(symbol, &query, true).await.map_err(|e| Error::from(e).about("symbol", symbol))?;
            lines.extend(told(&would));
        }
        session.confirm(&format!("{} will be gone, here and at every slave and backup. Go on?", lines.join("; ")), false)?;
    }
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for symbol in &symbols {
        match client.delete_bars(symbol, &query, mutation.dry_run).await {
            Ok(gone) => done.push(gone),
            Err(e) => failed.push(Error::from(e).about("symbol", symbol)),
        }
    }
    if mutation.dry_run {
        if !done.is_empty() {
            session.out.would(&done.iter().flat_map(told).map(|line| format!("delete {line}")).collect::<Vec<_>>())?;
        }
        return jobs::outcome(session, done.len(), failed);
    }
    if !done.is_empty() {
        session.out.list(&listing(&done, symbols.len() == 1))?;
    }
    jobs::outcome(session, done.len(), failed)
}

fn day(time: &str) -> &str {
    time.trim_end_matches("T00:00:00")
}

fn told(gone: &BarsDeleted) -> Vec<String> {
    let BarsDeleted { symbol, series } = gone;
    let line = |one: &BarsGone| {
        let BarsGone { interval, bars, first, last, left: _ } = one;
        format!("{} of {symbol} {interval} ({} to {})", human::counted(*bars, "bar"), day(first), day(last))
    };
    series.iter().map(line).collect()
}

fn listing(done: &[BarsDeleted], alone: bool) -> Listing {
    let row = |symbol: &str, one: &BarsGone| {
        let BarsGone { interval, bars, first, last, left } = one;
        vec![Cell::new(symbol), Cell::new(interval), Cell::count(*bars), Cell::new(day(first)), Cell::new(day(last)), Cell::count(*left)]
    };
    Listing {
        reply: if alone { json(&done[0]) } else { json(&done) },
        items: done.iter().map(json).collect(),
        noun: "symbol",
        ids: done.iter().map(|d| d.symbol.clone()).collect(),
        columns: vec![
            Column::new("symbol"),
            Column::new("interval"),
            Column::figures("deleted"),
            Column::new("first"),
            Column::new("last"),
            Column::figures("left"),
        ],
        rows: done.iter().flat_map(|d| d.series.iter().map(|one| row(&d.symbol, one))).collect(),
        empty: "no bars".into(),
    }
}
