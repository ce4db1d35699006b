//! The flags that say what a task over bars does.

use crate::cli::error::Error;
use crate::cli::human;
use crate::cli::sync::{place, placed};
use crate::wire::native::tasks::{BarsWork, SyncWork};
use std::path::PathBuf;

/// What the daemon begins symbols of known markets with.
const MARKETS: [&str; 4] = ["US", "HK", "SH", "SZ"];

/// Market data; none of it: the task is one over hosts.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Tasks over bars")]
pub(super) struct Bars {
    /// What a task over bars does
    #[arg(long = "type", value_name = "TYPE", value_parser = ["incremental", "full_sync", "validation", "repair"], conflicts_with = "target")]
    kind: Option<String>,
    /// One of [[dms.providers]]; the only one when it is left out
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// Only this symbol (several times for several); all that are stored when it is left out
    #[arg(long = "symbol", value_name = "SYMBOL")]
    symbols: Vec<String>,
    /// Take this symbol out of the task's list (several times for several): what its provider does not know any more
    #[arg(long = "drop-symbol", value_name = "SYMBOL", conflicts_with_all = ["symbols", "symbols_file"])]
    drop_symbols: Vec<String>,
    /// File with symbols, one a line, # before comments; - is stdin
    #[arg(long, value_name = "FILE", conflicts_with = "symbols")]
    symbols_file: Option<PathBuf>,
    /// 1m 5m 15m 30m 1h 1d 1wk 1mo; 1d when it is left out
    #[arg(long, value_name = "INTERVAL")]
    interval: Option<String>,
    /// How far back, 1 to 73000 days: the first fetch of an incremental task (1825 when it is left out), the range of full_sync
    /// (3650), validation (30) and repair (7)
    #[arg(long, value_name = "DAYS", allow_negative_numbers = true, value_parser = days)]
    days: Option<u32>,
    /// The first day or time of a fixed range
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// The last one, included
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Stored bars that an incremental task compares with the source
    #[arg(long, value_name = "BARS", allow_negative_numbers = true)]
    overlap: Option<u32>,
    /// Tell a close that moves by more than this part, e.g. 0.2
    #[arg(long, value_name = "PART", allow_negative_numbers = true)]
    extreme_move: Option<f64>,
    /// Bring backups and slaves up to date afterwards
    #[arg(long)]
    sync: bool,
    /// Bring bars to this backup or slave, instead of fetching them; backup/NAME or slave/NAME where both have the name
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
    /// How: what changed, everything again (from a slave also goes what its master does not have), or what differs when it is read back
    #[arg(long, value_name = "MODE", value_parser = ["incremental", "full", "repair"], requires = "target")]
    mode: Option<String>,
}

/// What the daemon takes, said before it is asked.
fn days(text: &str) -> Result<u32, String> {
    text.parse().ok().filter(|days| (1..=73_000).contains(days)).ok_or_else(|| "a whole number of days from 1 to 73000".to_owned())
}

impl Bars {
    pub(super) fn kind(&self) -> Option<&'static str> {
        if self.target.is_some() {
            return Some("bars_sync");
        }
        self.says_something().then_some("bars")
    }

    fn says_something(&self) -> bool {
        let Self { kind, provider, symbols, drop_symbols, symbols_file, interval, days, from, to, overlap, extreme_move, sync, .. } = self;
        let texts = [kind, provider, interval, from, to].iter().any(|t| t.is_some());
        texts
            || !symbols.is_empty()
            || !drop_symbols.is_empty()
            || symbols_file.is_some()
            || days.is_some()
            || overlap.is_some()
            || extreme_move.is_some()
            || *sync
    }

    /// Puts what is said over what is there.
    pub(super) fn put(self, work: &mut BarsWork) -> Result<(), Error> {
        // clap's own `requires` is silent where what it requires conflicts with what is there.
        if self.mode.is_some() {
            return Err(
                Error::usage("--mode is how bars are brought to a backup or slave").hint("name it with --target, or leave out --mode")
            );
        }
        let symbols =
            if self.drop_symbols.is_empty() { self.symbols()? } else { Some(self.left(work.symbols.as_deref().unwrap_or_default())?) };
        let Self { kind, provider, interval, days, from, to, overlap, extreme_move, sync, .. } = self;
        work.kind = kind.unwrap_or_else(|| std::mem::take(&mut work.kind));
        work.provider = provider.or(work.provider.take());
        work.symbols = symbols.or(work.symbols.take());
        // The file's own, whose task is changed in the file: the daemon says so.
        work.symbols_file = None;
        work.interval = interval.or(work.interval.take());
        work.days = days.or(work.days);
        work.from = from.or(work.from.take());
        work.to = to.or(work.to.take());
        work.overlap = overlap.or(work.overlap);
        work.extreme_move = extreme_move.or(work.extreme_move);
        work.sync |= sync;
        Ok(())
    }

    pub(super) fn put_sync(self, work: &mut SyncWork) -> Result<(), Error> {
        let Self {
            kind,
            provider,
            symbols,
            drop_symbols,
            symbols_file,
            interval,
            days,
            from,
            to,
            overlap,
            extreme_move,
            sync,
            target,
            mode,
        } = self;
        let foreign = [
            ("--drop-symbol", !drop_symbols.is_empty()),
            ("--type", kind.is_some()),
            ("--provider", provider.is_some()),
            ("--symbols-file", symbols_file.is_some()),
            ("--interval", interval.is_some()),
            ("--days", days.is_some()),
            ("--overlap", overlap.is_some()),
            ("--extreme-move", extreme_move.is_some()),
            ("--sync", sync),
        ];
        if let Some((flag, _)) = foreign.iter().find(|(_, given)| *given) {
            return Err(Error::usage(format!("{flag} says how bars are fetched, and this task brings them to a backup or slave")));
        }
        if symbols.len() > 1 {
            return Err(Error::usage("a task that brings bars to a backup or slave is for one symbol, or for all")
                .hint("give --symbol once, or create a task for each"));
        }
        if let Some((kind, name)) = target.as_deref().map(place) {
            (work.target, work.kind) = (name.to_owned(), kind.map(str::to_owned));
        }
        work.mode = mode.or(work.mode.take());
        work.symbol = symbols.into_iter().next().or(work.symbol.take());
        work.from = from.or(work.from.take());
        work.to = to.or(work.to.take());
        Ok(())
    }

    /// The list without what is to be dropped, written as the task has it.
    fn left(&self, listed: &[String]) -> Result<Vec<String>, Error> {
        // The daemon puts the market in front; a share class has a dot, too.
        let code = |symbol: &str| symbol.split_once('.').filter(|(market, _)| MARKETS.contains(market)).map(|(_, code)| code.to_owned());
        let same = |a: &str, b: &str| {
            a.eq_ignore_ascii_case(b) || [(a, b), (b, a)].iter().any(|(a, b)| code(a).is_some_and(|a| a.eq_ignore_ascii_case(b)))
        };
        let has = |list: &[String], name: &String| list.iter().any(|symbol| same(symbol, name));
        if let Some(unknown) = self.drop_symbols.iter().find(|name| !has(listed, name)) {
            let hint = if listed.is_empty() {
                "it has no list: it is about all symbols that are stored".to_owned()
            } else {
                format!("there are {}", listed.join(" "))
            };
            return Err(Error::usage(format!("the task's list has no symbol {unknown}")).hint(hint));
        }
        let left: Vec<String> = listed.iter().filter(|symbol| !has(&self.drop_symbols, symbol)).cloned().collect();
        if left.is_empty() {
            // Without a list it would be about all that is stored.
            return Err(Error::usage("no symbol would be left").hint("`syncline tasks delete` forgets the task"));
        }
        Ok(left)
    }

    fn symbols(&self) -> Result<Option<Vec<String>>, Error> {
        let Some(path) = &self.symbols_file else { return Ok(Some(self.symbols.clone()).filter(|s| !s.is_empty())) };
        let name = path.display();
        let text = if path.as_os_str() == "-" { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(path) };
        let text = text.map_err(|e| Error::usage(format!("{name} cannot be read: {e}")))?;
        let found = listed(&text).map_err(|why| Error::usage(format!("{name} {why}")))?;
        if found.is_empty() { Err(Error::usage(format!("{name} holds no symbol"))) } else { Ok(Some(found)) }
    }
}

/// Reads a list as `symbols_file` of the configuration is read: one a line or several with commas; `#` begins a comment. What a symbol is
/// worth is the daemon's to say, but for the line.
fn listed(text: &str) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let plain = line.split('#').next().unwrap_or_default().trim().trim_start_matches("- ");
        for symbol in plain.split(',').map(str::trim).filter(|s| !s.is_empty() && *s != "symbols:") {
            if symbol.contains(char::is_whitespace) {
                return Err(format!("line {number}: symbol {symbol:?} has white space in it; one a line, and # before a comment"));
            }
            found.push(symbol.to_owned());
        }
    }
    Ok(found)
}

/// What a task over bars does, in words.
pub(super) fn does(work: &BarsWork) -> String {
    let BarsWork { kind, provider, symbols, symbols_file, interval, days, from, to, overlap: _, extreme_move: _, sync } = work;
    let symbols = match symbols {
        _ if symbols_file.is_some() => format!("the symbols in {}", symbols_file.as_deref().unwrap_or_default()),
        None => "all symbols".to_owned(),
        Some(list) if list.len() == 1 => list[0].clone(),
        Some(list) => human::counted(list.len() as u64, "symbol"),
    };
    let mut text = format!("{kind} of {symbols}, {}", interval.as_deref().unwrap_or("1d"));
    if let Some(provider) = provider {
        text.push_str(&format!(", from {provider}"));
    }
    if let Some(days) = days {
        text.push_str(&format!(", {}", human::counted((*days).into(), "day")));
    }
    match (from, to) {
        (None, None) => {}
        (Some(from), None) => text.push_str(&format!(", from {from} on")),
        (from, Some(to)) => text.push_str(&format!(", {} to {to}", from.as_deref().unwrap_or("the first"))),
    }
    if *sync {
        text.push_str(", then sync");
    }
    text
}

pub(super) fn brings(work: &SyncWork) -> String {
    let SyncWork { target, kind, mode, symbol, from: _, to: _, prune } = work;
    let target = placed(kind.as_deref().unwrap_or_default(), target);
    let prune = if *prune { ", prune" } else { "" };
    format!("{} to {target}, {}{prune}", symbol.as_deref().unwrap_or("all bars"), mode.as_deref().unwrap_or("incremental"))
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn a_symbol_stands_on_a_line() {
        let list = listed("\u{feff}# ours\n AAPL \n\n0700.HK # Tencent, of Shenzhen\r\nIBM,MSFT\n").unwrap();
        assert_eq!(list, ["AAPL", "0700.HK", "IBM", "MSFT"]);
        assert!(listed("AAPL\nBRK B\n").unwrap_err().starts_with("line 2: symbol \"BRK B\" has white space in it"));
        assert!(listed("AAPL my favourite\n").unwrap_err().starts_with("line 1: "));
    }
}
