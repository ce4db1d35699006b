//! `syncline bars import`: CSV files, one request each.

use super::LONG;
use crate::cli::args::Mutation;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::output::{self, Document, json};
use crate::cli::session::Session;
use crate::client::BarImport;
use crate::wire::native::bars::BarsImported;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tokio::io::{AsyncRead, AsyncReadExt as _};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "The first line names the columns, in any order: Date (or Time), Open, High, Low, Close, Volume, Symbol (or Ticker).
All or nothing of a file: a row that cannot be read, whose prices are not above zero or whose high or low cannot be, or a second
bar of the same symbol and time, is refused with its line before anything is stored. So are bars that do not fit to those that are
stored: another close (by more than 2 %) on every fifth day or more, three at least, that no split or dividend explains, or a jump
by half or a third where new bars meet stored ones that is no split's; intraday bars that certainly are of another interval; and bars
of which stored ones are damaged (--overwrite replaces these with a file that has all of them). In local times an hour that comes twice
in order is read as both. A row without a price is skipped, and told and left out is a bar that is not over yet by its exchange's
clock (--lenient stores it). Taken, and told: jumps by
more than 20 % of what joins stored bars, times that the zone's clock has twice or not at all. A daemon that dies while it stores
has stored a part: import the file again.

Examples:
  syncline bars import stocks.csv
  syncline bars import --symbol AAPL --interval 1h --time-zone America/New_York aapl-hours.csv
  zcat all.csv.gz | syncline bars import - --dry-run"
)]
pub struct Import {
    /// CSV files; - is stdin. Dates are 2024-03-04, 20240304 or 3/4/2024
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The symbol of all rows, where there is no column for it
    #[arg(long, value_name = "SYMBOL")]
    symbol: Option<String>,
    /// Length of a bar: 1m 5m 15m 30m 1h 1d 1wk 1mo
    #[arg(long, value_name = "INTERVAL", default_value = "1d")]
    interval: String,
    /// Time zone of intraday times that have none, e.g. America/New_York; UTC when it is left out, which is told
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Take rows that contradict themselves or say a bar twice, bars that are not over, and those that look like another interval's
    #[arg(long)]
    lenient: bool,
    /// Take bars that do not fit to those that are stored, or replace damaged ones: the file is right
    #[arg(long)]
    overwrite: bool,
    /// How dates like 3/4/2024 are read; without it a file of them needs one that shows it, e.g. 3/14/2024
    #[arg(long, value_name = "ORDER", value_parser = ["month-first", "day-first"])]
    dates: Option<String>,
    #[command(flatten)]
    mutation: Mutation,
}

pub(super) async fn run(session: &Session, args: Import) -> Result<Exit, Error> {
    let Import { files, symbol, interval, time_zone, lenient, overwrite, dates, mutation } = args;
    let dry_run = mutation.dry_run;
    // One symbol may be in several files.
    let names = files.len() > 1;
    let how = BarImport { interval: Some(interval), symbol, time_zone, dates, lenient, overwrite, dry_run, names };
    let client = session.client_with(session.patience().unwrap_or(LONG))?;
    let (mut all, mut known) = (BarsImported::default(), BTreeSet::new());
    for (number, file) in files.iter().enumerate() {
        let name = file.display();
        let done = if file.as_os_str() == "-" {
            let text = csv("stdin", tokio::io::stdin()).await?;
            client.import_bars(text, &how).await.map_err(|e| Error::from(e).about("file", "stdin"))
        } else {
            match opened(file).await {
                Ok(text) => client.import_bars(text, &how).await.map_err(|e| Error::from(e).about("file", &name.to_string())),
                Err(e) => Err(e),
            }
        };
        let BarsImported { symbols, added, changed, rebased, unchanged, skipped, held_back, suspect, duplicates, warnings, names } =
            done.map_err(|e| halfway(e, &files, number, dry_run))?;
        // What is doubtful is among the warnings, each kind in its own words.
        if duplicates > 0 {
            output::warn(&format!("{name}: {} for the second time, of which the last stays", human::counted(duplicates, "bar")));
        }
        for warning in warnings {
            output::warn(&format!("{name}: {warning}"));
            all.warnings.push(if files.len() > 1 { format!("{name}: {warning}") } else { warning });
        }
        known.extend(names);
        all.symbols = if files.len() > 1 { known.len() } else { symbols };
        all.rebased += rebased;
        all.added += added;
        all.changed += changed;
        all.unchanged += unchanged;
        all.skipped += skipped;
        all.held_back += held_back;
        all.suspect += suspect;
        all.duplicates += duplicates;
    }
    let some = |n: u64| if n == 0 { String::new() } else { human::count(n) };
    let would = |word: &'static str, trial: &'static str| if dry_run { trial } else { word };
    let text = output::pairs(&[
        ("files", if files.len() > 1 { files.len().to_string() } else { String::new() }),
        ("symbols", human::count(all.symbols as u64)),
        (would("added", "would add"), human::count(all.added)),
        (would("changed", "would change"), human::count(all.changed)),
        ("re-based", some(all.rebased)),
        ("unchanged", human::count(all.unchanged)),
        ("skipped", human::count(all.skipped)),
        ("not over yet", some(all.held_back)),
        ("suspect", some(all.suspect)),
        ("duplicates", some(all.duplicates)),
    ]);
    session.out.document(&Document { reply: json(&all), name: format!("bars/{}", all.added + all.changed), text })?;
    Ok(Exit::Ok)
}

async fn opened(file: &Path) -> Result<impl AsyncRead + Send + Unpin + 'static + use<>, Error> {
    let name = file.display().to_string();
    let opened = tokio::fs::File::open(file).await.map_err(|e| Error::usage(format!("{name} cannot be read: {e}")))?;
    csv(&name, opened).await
}

/// The error of one of several files: what stood before it is stored.
fn halfway(error: Error, files: &[PathBuf], number: usize, dry_run: bool) -> Error {
    if number == 0 || dry_run {
        return error;
    }
    let list = |files: &[PathBuf]| files.iter().map(|f| f.display().to_string()).collect::<Vec<_>>().join(", ");
    let (before, behind) = (list(&files[..number]), list(&files[number + 1..]));
    let rest = if behind.is_empty() { String::new() } else { format!(", {behind} not read") };
    let again = if error.hint.is_empty() { String::new() } else { format!("; {}", error.hint) };
    Error { exit: Exit::Partial, hint: format!("{before} stored{rest}: importing a file twice is importing it once{again}"), ..error }
}

/// Returns what is to be read, unread; refuses what the daemon would, after a part of it was sent.
async fn csv<R: AsyncRead + Send + Unpin + 'static>(
    name: &str,
    mut file: R,
) -> Result<impl AsyncRead + Send + Unpin + 'static + use<R>, Error> {
    let mut start = Vec::new();
    let failed = |e: std::io::Error| Error::usage(format!("{name} cannot be read: {e}"));
    (&mut file).take(2).read_to_end(&mut start).await.map_err(failed)?;
    if start == [0x1f, 0x8b] {
        return Err(Error::usage(format!("{name} is gzip, not CSV")).hint("unzip it on the way: zcat FILE | syncline bars import -"));
    }
    Ok(std::io::Cursor::new(start).chain(file))
}
