//! A directory of CSV files, one for each symbol (and interval).
//!
//! Files are looked for as `{interval}/{symbol}.csv`, `{interval}/{code}.csv`, `{symbol}.csv`, `{code}.csv` (or by the one
//! pattern of the configuration). A file whose place does not name an interval is of the one that the configuration says: days,
//! unless told otherwise. A file that has the size and time of the last reading is not read again.

use super::{Got, Provider, Template, Want};
use crate::bars::csv;
use crate::bars::dates::Dates;
use crate::bars::{Error, Result};
use crate::model::bars::{BarTime, Interval, Symbol};
use async_trait::async_trait;
use jiff::tz::TimeZone;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Files larger than this are a mistake: two hundred years of minutes are not one file.
const MOST_BYTES: u64 = 1 << 30;

#[derive(Debug, Clone)]
pub struct Files {
    name: String,
    dir: PathBuf,
    patterns: Vec<Template>,
    plain: Interval,
    /// Of naive intraday times; None: UTC, which is told.
    zone: Option<TimeZone>,
    dates: Dates,
}

impl Files {
    /// `plain` is the interval of files whose place does not name one.
    pub fn new(name: &str, dir: &Path, pattern: Option<Template>, plain: Interval, zone: Option<TimeZone>) -> Self {
        let usual = ["{interval}/{symbol}.csv", "{interval}/{code}.csv", "{symbol}.csv", "{code}.csv"];
        let patterns = match pattern {
            Some(pattern) => vec![pattern],
            None => usual.into_iter().map(|p| Template::parse(p).expect("known names")).collect(),
        };
        Self { name: name.to_owned(), dir: dir.to_owned(), patterns, plain, zone, dates: Dates::Guess }
    }

    /// How dates with slashes are to be read.
    pub fn dates(self, dates: Dates) -> Self {
        Self { dates, ..self }
    }

    /// Returns the first file that is there, and what it looks like.
    fn find(&self, want: &Want) -> Result<Option<(PathBuf, String)>> {
        for pattern in &self.patterns {
            if !pattern.names_interval() && want.interval != self.plain {
                continue;
            }
            // A symbol is part of a file's name, never of its path.
            let path = self.dir.join(pattern.fill(want, |value| value.replace('/', "_")));
            match std::fs::metadata(&path) {
                Ok(meta) if meta.is_file() => {
                    if meta.len() > MOST_BYTES {
                        return Err(Error::config("bars_file_too_large", format!("{} is larger than 1 GiB", path.display())));
                    }
                    let changed = meta.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok()).map_or(0, |d| d.as_nanos());
                    return Ok(Some((path, format!("{}-{changed}", meta.len()))));
                }
                Ok(_) => {}
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
                Err(e) => return Err(unreadable(&path, e)),
            }
        }
        Ok(None)
    }

    fn read(&self, want: &Want) -> Result<Got> {
        let Some((path, _)) = self.find(want)? else {
            self.check_dir()?;
            let message = format!("{} has no file of {} {}", self.dir.display(), want.symbol, want.interval);
            return Err(Error::not_found("bars_symbol_not_found", message));
        };
        let text = super::text(std::fs::read(&path).map_err(|e| unreadable(&path, e))?, &path.display().to_string())?;
        let zone = want.zone(self.zone.as_ref());
        let mut got =
            csv::read(&text, &want.symbol, csv::Reading { interval: want.interval, zone, dates: self.dates }).map_err(|mut e| {
                e.message = format!("{}: {}", path.display(), e.message);
                e
            })?;
        got.bars.retain(|b| want.from <= b.time() && b.time() <= want.to);
        got.assumed_utc &= self.zone.is_none();
        Ok(got)
    }

    /// A directory that is gone (a mount that is not there) must not read as "no such symbol".
    fn check_dir(&self) -> Result<()> {
        if self.dir.is_dir() {
            return Ok(());
        }
        Err(Error::config("bars_directory_missing", format!("directory {} of provider {} is not there", self.dir.display(), self.name)))
    }
}

fn unreadable(path: &Path, error: std::io::Error) -> Error {
    Error::permanent("bars_file_unreadable", format!("read {}: {error}", path.display())).because(error)
}

#[async_trait]
impl Provider for Files {
    fn name(&self) -> &str {
        &self.name
    }
    fn gives_all(&self) -> bool {
        true
    }
    async fn mark(&self, symbol: &Symbol, interval: Interval) -> Result<Option<String>> {
        let want = Want { symbol: symbol.clone(), interval, from: BarTime::MIN, to: BarTime::MAX, zone: TimeZone::UTC };
        Ok(self.find(&want)?.map(|(_, mark)| mark))
    }
    async fn fetch(&self, want: &Want) -> Result<Got> {
        let (files, want) = (self.clone(), want.clone());
        let read = tokio::task::spawn_blocking(move || files.read(&want));
        read.await.map_err(|_| Error::permanent("bars_file_unreadable", "reading a file panicked"))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn files_are_found_by_symbol_and_interval() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("1h")).unwrap();
        let text = "Date,Open,High,Low,Close,Volume\n2024-01-22,1,2,0.5,1,5\n2024-01-23,1,2,0.5,1,5\n";
        std::fs::write(dir.path().join("AAPL.csv"), text).unwrap();
        std::fs::write(dir.path().join("1h/US.AAPL.csv"), text.replace("2024-01-23", "2024-01-23 10:00")).unwrap();
        std::fs::write(dir.path().join("BTC_USD.csv"), text).unwrap();
        let files = Files::new("local", dir.path(), None, Interval::D1, None);
        let day = |d: &str| BarTime::of_date(d.parse().unwrap()).unwrap();
        let want = |symbol: &str, interval| Want {
            symbol: Symbol::parse(symbol).unwrap(),
            interval,
            from: day("2024-01-23"),
            to: day("2024-12-31"),
            zone: TimeZone::UTC,
        };
        assert_eq!(files.fetch(&want("AAPL", Interval::D1)).await.unwrap().bars.len(), 1);
        assert_eq!(files.fetch(&want("AAPL", Interval::H1)).await.unwrap().bars[0].time().to_string(), "2024-01-23T10:00:00");
        assert_eq!(files.fetch(&want("BTC/USD", Interval::D1)).await.unwrap().bars.len(), 1);
        // Days are never handed out as minutes.
        let error = files.fetch(&want("AAPL", Interval::M1)).await.unwrap_err();
        assert_eq!(error.kind, crate::bars::Kind::NotFound);
        let mark = files.mark(&want("AAPL", Interval::D1).symbol, Interval::D1).await.unwrap();
        assert!(mark.is_some() && files.mark(&want("AAPL", Interval::D1).symbol, Interval::M1).await.unwrap().is_none());
        let gone = Files::new("local", &dir.path().join("gone"), None, Interval::D1, None);
        assert_eq!(gone.fetch(&want("AAPL", Interval::D1)).await.unwrap_err().kind, crate::bars::Kind::Config);
        std::fs::write(dir.path().join("ZIP.csv"), [0x1f, 0x8b, 8, 0]).unwrap();
        let error = files.fetch(&want("ZIP", Interval::D1)).await.unwrap_err();
        assert!(error.to_string().ends_with("ZIP.csv is gzip, not CSV: unzip it"), "{error}");
        std::fs::write(dir.path().join("BAD.csv"), "Date,Open\n").unwrap();
        let error = files.fetch(&want("BAD", Interval::D1)).await.unwrap_err();
        assert!(error.to_string().contains("BAD.csv: CSV line 1"), "{error}");
    }
}
