//! `syncline bars`: market data that the daemon keeps.

mod plot;

use super::args::Mutation;
use super::error::Error;
use super::exit::Exit;
use super::human;
use super::output::{self, Cell, Column, Document, Listing, Tone, json, print};
use super::session::Session;
use crate::client::{BarImport, BarQuery, Client};
use crate::wire::native::bars::{Bar, BarSeries, BarSeriesList, BarsImported, BarsVerified};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// For what reads or writes without bound.
const LONG: Duration = Duration::from_secs(24 * 3600);

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Bars of one symbol
    #[command(after_help = "Examples:
  syncline bars read AAPL --from 2012-01-01 --to 2012-12-31
  syncline bars read HK.00700 --interval 5m --from 2024-01-23 -o csv
  syncline bars read AAPL --from 2012-01-01 --plot")]
    Read(Read),
    /// Read bars from CSV files; what is there already is replaced
    #[command(
        after_help = "The first line names the columns, in any order: Date (or Time), Open, High, Low, Close, Volume, Symbol (or Ticker).
All or nothing of a file: a row that cannot be read, whose prices are not above zero or whose high or low cannot be, or a second
bar of the same symbol and time, is refused with its line before anything is stored. A row without a price is skipped. A daemon that dies while it stores has stored
a part: import the file again.

Examples:
  syncline bars import stocks.csv
  syncline bars import --symbol AAPL --interval 1h --time-zone America/New_York aapl-hours.csv
  zcat all.csv.gz | syncline bars import - --dry-run"
    )]
    Import(Import),
    /// Write bars as CSV
    #[command(after_help = "Examples:
  syncline bars export AAPL IBM --from 2012-01-01 > bars.csv
  syncline bars export --interval 1d --out all.csv")]
    Export(Export),
    /// Symbols that there are bars of
    #[command(after_help = "Examples:
  syncline bars symbols
  syncline bars symbols --interval 1d -q")]
    Symbols(Filter),
    /// What there is of one symbol
    #[command(after_help = "Examples:
  syncline bars info AAPL")]
    Info {
        /// In any spelling: AAPL, US.AAPL, 0700.HK
        symbol: String,
    },
    /// Check every stored bar against its digest; exit 3 if something is wrong
    #[command(after_help = "Examples:
  syncline bars verify")]
    Verify,
    /// Digests of what is stored: equal at two daemons means equal bars
    #[command(after_help = "Examples:
  syncline bars digest AAPL
  syncline bars digest --against http://backup1:11183     exit 3 if they differ")]
    Digest(Digest),
}

#[derive(Debug, clap::Args)]
struct Range {
    /// Length of a bar: 1m 5m 15m 30m 1h 1d 1wk 1mo
    #[arg(long, value_name = "INTERVAL", default_value = "1d")]
    interval: String,
    /// First date or time
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Last date or time, included; a date means all of that day
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
}

impl Range {
    fn query(self) -> BarQuery {
        BarQuery { interval: Some(self.interval), from: self.from, to: self.to }
    }
}

#[derive(Debug, clap::Args)]
pub struct Read {
    /// In any spelling: AAPL, US.AAPL, 0700.HK
    symbol: String,
    #[command(flatten)]
    range: Range,
    /// A small chart instead of the table
    #[arg(long)]
    plot: bool,
}

#[derive(Debug, clap::Args)]
pub struct Import {
    /// CSV files; - is stdin. Dates are 2024-03-04, 20240304 or 3/4/2024, the month first
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The symbol of all rows, where there is no column for it
    #[arg(long, value_name = "SYMBOL")]
    symbol: Option<String>,
    /// Length of a bar: 1m 5m 15m 30m 1h 1d 1wk 1mo
    #[arg(long, value_name = "INTERVAL", default_value = "1d")]
    interval: String,
    /// Time zone of intraday times that have none
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Take rows that contradict themselves or say a bar twice as they are, and count them
    #[arg(long)]
    lenient: bool,
    #[command(flatten)]
    mutation: Mutation,
}

#[derive(Debug, clap::Args)]
pub struct Export {
    /// Absent: all
    #[arg(value_name = "SYMBOL")]
    symbols: Vec<String>,
    #[command(flatten)]
    range: Range,
    /// File to write; absent: stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct Filter {
    /// Only this length of a bar
    #[arg(long, value_name = "INTERVAL")]
    interval: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct Digest {
    /// Absent: all
    symbol: Option<String>,
    #[command(flatten)]
    filter: Filter,
    /// Another daemon to compare with, asked with the same token
    #[arg(long, value_name = "SERVER")]
    against: Option<String>,
}

pub(super) async fn run(session: &Session, command: Command) -> Result<Exit, Error> {
    match command {
        Command::Read(args) => read(session, args).await,
        Command::Import(args) => import(session, args).await,
        Command::Export(args) => export(session, args).await,
        Command::Symbols(filter) => {
            let list = session.client()?.bar_series(None, filter.interval.as_deref()).await?;
            session.out.list(&series("no bars yet; syncline bars import brings some in", list))?;
            Ok(Exit::Ok)
        }
        Command::Info { symbol } => {
            let list = session.client()?.bar_series(Some(&symbol), None).await?;
            if list.series.is_empty() {
                return Err(Error::new(Exit::NotFound, "not_found", format!("there are no bars of {symbol}"))
                    .hint("syncline bars symbols lists what there is"));
            }
            session.out.list(&series("", list))?;
            Ok(Exit::Ok)
        }
        Command::Verify => verify(session).await,
        Command::Digest(args) => digest(session, args).await,
    }
}

async fn read(session: &Session, args: Read) -> Result<Exit, Error> {
    let Read { symbol, range, plot } = args;
    let list = session.client()?.bars(&symbol, &range.query()).await?;
    if plot && session.out.for_people() {
        let width = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok()).unwrap_or(100);
        print(&plot::chart(&list.bars, width))?;
        return Ok(Exit::Ok);
    }
    session.out.list(&Listing {
        reply: json(&list),
        items: list.bars.iter().map(json).collect(),
        noun: "bar",
        ids: list.bars.iter().map(|b| b.time.clone()).collect(),
        columns: vec![
            Column::new("time"),
            Column::figures("open"),
            Column::figures("high"),
            Column::figures("low"),
            Column::figures("close"),
            Column::figures("volume"),
        ],
        rows: list.bars.iter().map(row).collect(),
        empty: "no bars in this range".into(),
    })?;
    Ok(Exit::Ok)
}

fn row(bar: &Bar) -> Vec<Cell> {
    let Bar { time, open, high, low, close, volume } = bar;
    let price = |n: &f64| Cell::new(n.to_string());
    let shown = volume.as_u64().map_or_else(|| volume.to_string(), human::count);
    let day = time.trim_end_matches("T00:00:00");
    vec![Cell::pair(day, day), price(open), price(high), price(low), price(close), Cell::pair(shown, volume)]
}

async fn import(session: &Session, args: Import) -> Result<Exit, Error> {
    let Import { files, symbol, interval, time_zone, lenient, mutation } = args;
    let dry_run = mutation.dry_run;
    let how = BarImport { interval: Some(interval), symbol, time_zone, lenient, dry_run };
    let client = session.client_with(session.patience().unwrap_or(LONG))?;
    let mut all = BarsImported { symbols: 0, added: 0, changed: 0, unchanged: 0, skipped: 0, suspect: 0, duplicates: 0 };
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
        let BarsImported { symbols, added, changed, unchanged, skipped, suspect, duplicates } =
            done.map_err(|e| halfway(e, &files, number, dry_run))?;
        if suspect + duplicates > 0 {
            let (suspect, duplicates) = (human::counted(suspect, "bar"), human::count(duplicates));
            output::warn(&format!("{name}: {suspect} with figures that contradict each other, {duplicates} for the second time"));
        }
        all.symbols += symbols;
        all.added += added;
        all.changed += changed;
        all.unchanged += unchanged;
        all.skipped += skipped;
        all.suspect += suspect;
        all.duplicates += duplicates;
    }
    let some = |n: u64| if n == 0 { String::new() } else { human::count(n) };
    let would = |word: &'static str, trial: &'static str| if dry_run { trial } else { word };
    let text = output::pairs(&[
        match files.len() {
            1 => ("symbols", human::count(all.symbols as u64)),
            // One may be in several of them.
            several => ("files", several.to_string()),
        },
        (would("added", "would add"), human::count(all.added)),
        (would("changed", "would change"), human::count(all.changed)),
        ("unchanged", human::count(all.unchanged)),
        ("skipped", human::count(all.skipped)),
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

async fn export(session: &Session, args: Export) -> Result<Exit, Error> {
    let Export { symbols, range, out } = args;
    let client = session.client_with(session.patience().unwrap_or(LONG))?;
    let symbols = (!symbols.is_empty()).then(|| symbols.join(","));
    let written = match &out {
        Some(file) => {
            let made = tokio::fs::File::create(file).await;
            let mut made = made.map_err(|e| Error::failed("output", format!("{} cannot be written: {e}", file.display())))?;
            client.export_bars(symbols.as_deref(), &range.query(), &mut made).await?
        }
        None => client.export_bars(symbols.as_deref(), &range.query(), &mut tokio::io::stdout()).await?,
    };
    match written {
        Ok(()) => Ok(Exit::Ok),
        // A reader that went away (`| head`) ends the command in peace.
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(Exit::Ok),
        Err(e) => Err(Error::failed("output", format!("the bars cannot be written: {e}"))),
    }
}

fn series(empty: &'static str, list: BarSeriesList) -> Listing {
    let now = Timestamp::now();
    let row = |s: &BarSeries| {
        let BarSeries { symbol, interval, bars, first, last, version, changed, digest } = s;
        let day = |t: &Option<String>| t.as_deref().unwrap_or_default().trim_end_matches("T00:00:00").to_owned();
        vec![
            Cell::new(symbol),
            Cell::new(interval),
            Cell::count(*bars),
            Cell::new(day(first)),
            Cell::new(day(last)),
            Cell::pair(human::ago(changed, now), changed),
            Cell::pair(version.to_string(), version),
            Cell::new(digest),
        ]
    };
    Listing {
        items: list.series.iter().map(json).collect(),
        noun: "symbol",
        ids: list.series.iter().map(|s| s.symbol.clone()).collect(),
        columns: vec![
            Column::new("symbol"),
            Column::new("interval"),
            Column::figures("bars"),
            Column::new("first"),
            Column::new("last"),
            Column::new("changed"),
            Column::wide("version"),
            Column::wide("digest"),
        ],
        rows: list.series.iter().map(row).collect(),
        empty: empty.into(),
        reply: json(&list),
    }
}

async fn verify(session: &Session) -> Result<Exit, Error> {
    session.out.refuse_csv("a verification")?;
    let seen = session.client_with(session.patience().unwrap_or(LONG))?.verify_bars().await?;
    let BarsVerified { series, blocks, bars, bytes, problems } = &seen;
    let per_bar =
        if *bars > 0 { format!("{} ({:.1} a bar)", human::bytes(*bytes), *bytes as f64 / *bars as f64) } else { human::bytes(*bytes) };
    let mut text = output::pairs(&[
        ("series", human::count(*series)),
        ("blocks", human::count(*blocks)),
        ("bars", human::count(*bars)),
        ("packed", per_bar),
        ("problems", if problems.is_empty() { "none".to_owned() } else { problems.len().to_string() }),
    ]);
    for problem in problems {
        text += &format!("  {problem}\n");
    }
    session.out.document(&Document { reply: json(&seen), name: "bars/verify".to_owned(), text })?;
    Ok(if seen.problems.is_empty() { Exit::Ok } else { Exit::Different })
}

async fn digest(session: &Session, args: Digest) -> Result<Exit, Error> {
    let Digest { symbol, filter, against } = args;
    let ask = async |client: Client| client.bar_series(symbol.as_deref(), filter.interval.as_deref()).await;
    let here = ask(session.client()?).await?;
    let there = match &against {
        Some(server) => Some(ask(session.client_of(server)?).await?),
        None => None,
    };
    let other = |s: &BarSeries| there.as_ref().map(|t| t.series.iter().find(|o| (&o.symbol, &o.interval) == (&s.symbol, &s.interval)));
    let mut differing = 0;
    let mut rows: Vec<(String, Vec<Cell>)> = Vec::new();
    for s in &here.series {
        let (word, tone) = match other(s) {
            None => ("", Tone::Plain),
            Some(Some(o)) if o.digest == s.digest => ("equal", Tone::Good),
            Some(Some(_)) => ("differs", Tone::Bad),
            Some(None) => ("only here", Tone::Bad),
        };
        differing += u64::from(tone == Tone::Bad);
        let cells =
            vec![Cell::new(&s.symbol), Cell::new(&s.interval), Cell::count(s.bars), Cell::new(&s.digest), Cell::new(word).tone(tone)];
        rows.push((s.symbol.clone(), cells));
    }
    for o in there.iter().flat_map(|t| &t.series) {
        if !here.series.iter().any(|s| (&o.symbol, &o.interval) == (&s.symbol, &s.interval)) {
            differing += 1;
            let cells = vec![
                Cell::new(&o.symbol),
                Cell::new(&o.interval),
                Cell::count(o.bars),
                Cell::new(&o.digest),
                Cell::new("only there").tone(Tone::Bad),
            ];
            rows.push((o.symbol.clone(), cells));
        }
    }
    let (ids, rows): (Vec<String>, Vec<Vec<Cell>>) = rows.into_iter().unzip();
    let mut columns = vec![Column::new("symbol"), Column::new("interval"), Column::figures("bars"), Column::new("digest")];
    columns.push(if there.is_some() { Column::new("compared") } else { Column::wide("compared") });
    let items = here.series.iter().map(json).collect();
    session.out.list(&Listing { reply: json(&here), items, noun: "symbol", ids, columns, rows, empty: "no bars".into() })?;
    Ok(if differing > 0 { Exit::Different } else { Exit::Ok })
}
