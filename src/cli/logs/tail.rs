//! Log lines, once or as they come.
//!
//! Following asks for what is behind the last line seen, so a restart of the daemon or a cut connection loses nothing
//! that the daemon still has; what it pushed out is counted and said.

use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::output::{self, Cell, Column, Format, Listing, json, warn};
use crate::cli::session::Session;
use crate::client::{self, LogQuery};
use crate::wire::native::logs::LogLine;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use owo_colors::OwoColorize as _;
use std::fmt::Write as _;
use std::time::Duration;
use tokio::time::Instant;

/// How long the daemon may hold a request open while nothing happens.
const HOLD_MS: u64 = 10_000;
const AFTER_AN_ERROR: Duration = Duration::from_secs(1);

#[derive(Debug, clap::Args)]
pub(super) struct Filter {
    /// Go on with new lines as they come
    #[arg(short, long)]
    follow: bool,
    /// Not before this time: 1h (ago), RFC 3339 or @epoch
    #[arg(long, value_name = "TIME", value_parser = |text: &str| human::parse_time(text, Timestamp::now()))]
    since: Option<Timestamp>,
    /// Not after this time
    #[arg(long, value_name = "TIME", value_parser = |text: &str| human::parse_time(text, Timestamp::now()), conflicts_with = "follow")]
    until: Option<Timestamp>,
    /// This level and worse
    #[arg(long, value_parser = ["error", "warn", "info", "debug", "trace"])]
    level: Option<String>,
    /// Only lines that contain this text
    #[arg(long, value_name = "TEXT")]
    grep: Option<String>,
    /// Most lines to begin with
    #[arg(short = 'n', long, value_name = "N", default_value_t = 200)]
    lines: u64,
}

pub(super) async fn run(session: &Session, target: Option<String>, filter: Filter) -> Result<Exit, Error> {
    if let Some(target) = &target {
        check_target(target)?;
    }
    let Filter { follow, since, until, level, grep, lines } = filter;
    let query = LogQuery {
        target: target.filter(|t| t != "server"),
        level,
        since: since.map(|t| t.to_string()),
        until: until.map(|t| t.to_string()),
        grep,
        after: None,
        limit: Some(lines),
        wait_ms: None,
    };
    if follow { tail(session, query).await } else { once(session, query).await }
}

fn check_target(target: &str) -> Result<(), Error> {
    let known = target == "server" || matches!(target.split_once('/'), Some(("node" | "job" | "task" | "run", id)) if !id.is_empty());
    if known {
        Ok(())
    } else {
        let hint = "write server, node/N, job/ID, task/NAME or run/N";
        Err(Error::usage(format!("{target:?} is no target of logs")).hint(hint))
    }
}

async fn once(session: &Session, query: LogQuery) -> Result<Exit, Error> {
    let page = session.client()?.logs(&query).await?;
    if matches!(session.out.format, Format::Table | Format::Wide) && !session.out.quiet {
        page.lines.iter().try_for_each(|line| show(session, line))?;
        if page.lines.is_empty() {
            session.out.note("no lines");
        }
        return Ok(Exit::Ok);
    }
    session.out.list(&listing(&page.lines, json(&page)))?;
    Ok(Exit::Ok)
}

async fn tail(session: &Session, mut query: LogQuery) -> Result<Exit, Error> {
    if matches!(session.out.format, Format::Json | Format::Yaml | Format::Csv | Format::Name) {
        return Err(Error::usage("a log that goes on is no single document").hint("use -o ndjson, or leave --follow out"));
    }
    let client = session.client_with(Duration::from_millis(HOLD_MS) * 3)?;
    let begun = Instant::now();
    let mut answered = false;
    let mut away = false;
    loop {
        match client.logs(&query).await {
            Ok(page) => {
                answered = true;
                if std::mem::take(&mut away) {
                    warn("the daemon is back");
                }
                if page.lost > 0 && query.after.is_some() {
                    warn(&format!("warning: {} lines were pushed out before they could be read", human::count(page.lost)));
                }
                page.lines.iter().try_for_each(|line| show(session, line))?;
                // A daemon that started anew counts from one again.
                let restarted = query.after.is_some_and(|after| page.next < after);
                query.after = Some(if restarted { 0 } else { page.next });
                query.since = None;
            }
            Err(error) if answered && matches!(error, client::Error::Unreachable { .. }) => {
                if !std::mem::replace(&mut away, true) {
                    warn(&format!("{error}; trying on"));
                }
                tokio::time::sleep(AFTER_AN_ERROR).await;
            }
            Err(error) => return Err(error.into()),
        }
        let left = session.patience().map_or(Duration::MAX, |patience| patience.saturating_sub(begun.elapsed()));
        if left.is_zero() {
            return Ok(Exit::Ok);
        }
        query.wait_ms = Some(left.as_millis().min(u128::from(HOLD_MS)) as u64);
    }
}

fn show(session: &Session, line: &LogLine) -> Result<(), Error> {
    if session.out.quiet {
        return output::print(&format!("{}\n", line.seq));
    }
    match session.out.format {
        Format::Ndjson => session.out.value(&json(line)),
        format => output::print(&text(line, format == Format::Wide, &TimeZone::system())),
    }
}

fn text(line: &LogLine, wide: bool, zone: &TimeZone) -> String {
    let LogLine { seq: _, time, level, target, message, job, fields } = line;
    let local = match time.parse::<Timestamp>() {
        Ok(at) if !wide => at.to_zoned(zone.clone()).strftime("%m-%d %H:%M:%S%.3f").to_string(),
        _ => time.clone(),
    };
    let level = format!("{:<5}", level.to_uppercase());
    let level = match level.trim_end() {
        "ERROR" => level.red().to_string(),
        "WARN" => level.yellow().to_string(),
        "DEBUG" | "TRACE" => level.dimmed().to_string(),
        _ => level,
    };
    let mut text = format!("{} {level} {message}", local.dimmed());
    if let Some(job) = job {
        let _ = write!(text, " {}{job}", "job=".dimmed());
    }
    for (name, value) in fields.iter().filter(|(name, value)| *value != "" && !(job.is_some() && name.as_str() == "job.id")) {
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let _ = write!(text, " {}{shown}", format!("{name}=").dimmed());
    }
    if wide {
        let _ = write!(text, " {}", format!("({target})").dimmed());
    }
    text.push('\n');
    text
}

fn listing(lines: &[LogLine], reply: serde_json::Value) -> Listing {
    let row = |line: &LogLine| {
        let LogLine { seq: _, time, level, target, message, job, fields } = line;
        vec![
            Cell::new(time),
            Cell::new(level),
            Cell::new(target),
            Cell::new(job.clone().unwrap_or_default()),
            Cell::new(message),
            Cell::new(if fields.is_empty() { String::new() } else { json(fields).to_string() }),
        ]
    };
    Listing {
        reply,
        items: lines.iter().map(json).collect(),
        noun: "line",
        ids: lines.iter().map(|l| l.seq.to_string()).collect(),
        columns: vec![
            Column::new("time"),
            Column::new("level"),
            Column::new("target"),
            Column::new("job"),
            Column::new("message"),
            Column::new("fields"),
        ],
        rows: lines.iter().map(row).collect(),
        empty: "no lines".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_alone() {
        let line = LogLine {
            seq: 1,
            time: "2026-01-31T12:00:00.123456Z".into(),
            level: "WARN".into(),
            target: "syncline::scheduler".into(),
            message: "the source closed the connection".into(),
            job: Some("orders-sync".into()),
            fields: serde_json::from_str(r#"{"job.id":"orders-sync","attempt":2,"code":"2013"}"#).unwrap(),
        };
        let plain = anstream::adapter::strip_str(&text(&line, false, &TimeZone::UTC)).to_string();
        assert_eq!(plain, "01-31 12:00:00.123 WARN  the source closed the connection job=orders-sync attempt=2 code=2013\n");
    }

    #[test]
    fn targets() {
        for target in ["server", "job/orders-sync", "run/7", "node/1"] {
            assert!(check_target(target).is_ok(), "{target}");
        }
        for target in ["", "orders-sync", "job/", "task"] {
            assert_eq!(check_target(target).unwrap_err().exit, Exit::Usage, "{target}");
        }
    }
}
