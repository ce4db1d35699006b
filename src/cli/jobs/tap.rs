//! `syncline jobs tap`: a running job's changes as they pass, a line each.

use super::stdout::over;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::output::{self, Format, json};
use crate::cli::session::Session;
use crate::client::{self, TapQuery};
use crate::wire::native::stream::{Change, Missed, Piece};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use owo_colors::OwoColorize as _;
use std::fmt::Write as _;
use std::time::Duration;
use tokio::time::Instant;

const LOOK: Duration = Duration::from_millis(500);

#[derive(Debug, clap::Args)]
#[command(after_help = "Shows changes as the job takes them, a moment before the target has them: time, operation, table, the names of the
key's columns, position or GTID. It shows what is sent: what row filters and excluded columns leave out is not there, and an
update that changes the key is a delete and an insert. Values are in one form whatever the job's messages are like (that of
the format maxwell); `jobs create --sink stdout` shows messages themselves. It is a sample: what passes faster than --rate, or than it can be read, is counted on
stderr, and the job never waits. Rows' values are not shown without --values, which needs the role operator.
Ends with --limit or --timeout, with Ctrl-C, or when the job rests.

Examples:
  syncline jobs tap orders-sync
  syncline jobs tap orders-sync --table shop.orders --limit 20 --values
  syncline jobs tap orders-sync -o ndjson --timeout 30s | jq -r .table | sort | uniq -c")]
pub struct Args {
    /// Id, number or name
    #[arg(value_name = "ID")]
    id: String,
    /// Show the rows' values, and statements
    #[arg(long)]
    values: bool,
    /// Only this table: db.table, or table in any schema
    #[arg(long, value_name = "TABLE")]
    table: Option<String>,
    /// End after so many changes
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// At most so many rows a second [default: 100]
    #[arg(long, value_name = "N/s", value_parser = rate)]
    rate: Option<u64>,
}

/// `20`, or `20/s`.
fn rate(text: &str) -> Result<u64, String> {
    let number = text.strip_suffix("/s").unwrap_or(text).trim();
    number.parse().ok().filter(|n| (1..=10_000).contains(n)).ok_or_else(|| "must be 1 to 10000 a second, as 20/s".to_owned())
}

pub(super) async fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    let Args { id, values, table, limit, rate } = args;
    if matches!(session.out.format, Format::Json | Format::Yaml | Format::Csv | Format::Name) {
        return Err(Error::usage("changes that go on are no single document").hint("use -o ndjson"));
    }
    let query = TapQuery { values, table, rate };
    let mut pieces = session.patient_client()?.tap_job(&id, &query).await.map_err(|e| Error::from(e).about("job", &id))?;
    let end = session.patience().map(|patience| Instant::now() + patience);
    let mut left = limit.unwrap_or(u64::MAX);
    let mut look = tokio::time::interval(LOOK);
    while left > 0 {
        let wait = async {
            match end {
                Some(end) => tokio::time::sleep_until(end).await,
                None => std::future::pending().await,
            }
        };
        let piece = tokio::select! {
            piece = pieces.next() => piece?,
            () = wait => break,
            _ = look.tick() => {
                if output::unread() {
                    break;
                }
                continue;
            }
        };
        match piece {
            Some(Piece::Event(change)) => {
                show(session, &change)?;
                left -= 1;
            }
            Some(Piece::Missed(missed)) => session.out.note(&more(missed)),
            Some(Piece::Job(_) | Piece::Message(_)) => {}
            Some(Piece::End(failure)) => return Err(over(failure)),
            None => {
                let reason = "it closed the connection".to_owned();
                let server = session.patient_client()?.server().to_owned();
                return Err(client::Error::Unreachable { server, reason, timed_out: false }.into());
            }
        }
    }
    Ok(Exit::Ok)
}

fn more(missed: Missed) -> String {
    let Missed { rows, events } = missed;
    let mut parts = Vec::new();
    if rows > 0 {
        parts.push(format!("{} beyond --rate", human::counted(rows, "row")));
    }
    if events > 0 {
        parts.push(format!("{} that passed too fast", human::counted(events, "event")));
    }
    format!("not shown: {}", parts.join(", "))
}

fn show(session: &Session, change: &Change) -> Result<(), Error> {
    match session.out.format {
        Format::Ndjson => session.out.value(&json(change)),
        format => output::print(&text(change, format == Format::Wide, &TimeZone::system())),
    }
}

fn text(change: &Change, wide: bool, zone: &TimeZone) -> String {
    let Change { time, op, table, gtid, position, key, data, old, statement, note } = change;
    let local = match time.parse::<Timestamp>() {
        Ok(at) if !wide => at.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string(),
        _ => time.clone(),
    };
    let word = format!("{op:<6}");
    let word = match op.as_str() {
        "insert" | "copy" => word.green().to_string(),
        "delete" => word.red().to_string(),
        "ddl" => word.magenta().to_string(),
        _ => word.yellow().to_string(),
    };
    let mut line = format!("{} {word} {table}", local.dimmed());
    if !key.is_empty() {
        let _ = write!(line, " {}{}", "key=".dimmed(), key.join(","));
    }
    if let Some(gtid) = gtid {
        let _ = write!(line, " {}{gtid}", "gtid=".dimmed());
    }
    if !position.is_empty() && (wide || gtid.is_none()) {
        let _ = write!(line, " {}{position}", "at=".dimmed());
    }
    for (name, part) in [("", data.as_ref()), ("old=", old.as_ref())] {
        if let Some(part) = part {
            let _ = write!(line, " {}{}", name.dimmed(), part.get());
        }
    }
    if let Some(statement) = statement {
        let _ = write!(line, " {}", statement.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    if let Some(note) = note {
        let _ = write!(line, " {}", format!("({note})").dimmed());
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_a_line_with_values_only_where_they_came() {
        let change = |more: &str| -> Change {
            let head =
                r#""time":"2026-01-31T12:00:00Z","op":"update","table":"shop.orders","gtid":"0-1-7","position":"b.1:4","key":["id"]"#;
            serde_json::from_str(&format!("{{{head}{more}}}")).unwrap()
        };
        let plain = |more: &str, wide| anstream::adapter::strip_str(&text(&change(more), wide, &TimeZone::UTC)).to_string();
        assert_eq!(plain("", false), "12:00:00 update shop.orders key=id gtid=0-1-7\n");
        assert_eq!(
            plain(r#","data":{"id":1,"v":"b"},"old":{"v":"a"}"#, true),
            "2026-01-31T12:00:00Z update shop.orders key=id gtid=0-1-7 at=b.1:4 {\"id\":1,\"v\":\"b\"} old={\"v\":\"a\"}\n"
        );
    }

    #[test]
    fn rates() {
        assert_eq!((rate("20"), rate("20/s")), (Ok(20), Ok(20)));
        assert!(rate("0").is_err() && rate("x/s").is_err() && rate("20000/s").is_err());
    }

    #[test]
    fn what_is_missing_is_counted() {
        assert_eq!(more(Missed { rows: 1200, events: 0 }), "not shown: 1,200 rows beyond --rate");
    }
}
