//! `syncline jobs verify`: starts a comparison of both sides, follows it, and shows where they differ.

use super::wait::Spinner;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::output::{self, Cell, Column, Format, Listing, Tone, json};
use crate::cli::session::Session;
use crate::client::Client;
use crate::wire::native::verify::{Verification, VerifiedTable, VerifyRequest};
use std::time::Duration;
use tokio::time::Instant;

const POLL: Duration = Duration::from_millis(300);

#[derive(Debug, clap::Args)]
#[command(after_help = "A comparison works beside a running job: rows that differ are looked at again until the job has caught up.

Examples:
  syncline jobs verify orders-sync
  syncline jobs verify orders-sync --table shop.orders -o json

With -o csv there is a line per row that differs, with its key.

Exit code: 0 equal, 3 different, 1 when a table could not be compared.")]
pub struct Args {
    /// Id, number or name
    #[arg(value_name = "ID")]
    id: String,
    /// Only this table, db.table; may be repeated
    #[arg(long = "table", value_name = "DB.TABLE", value_delimiter = ',')]
    tables: Vec<String>,
    /// Most differences listed per table [default: 100]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    max_differences: u64,
    /// Start the comparison and return its number at once
    #[arg(long)]
    no_wait: bool,
    /// Show the comparison with this number instead of starting one
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["tables", "max_differences", "no_wait"])]
    number: Option<u64>,
    /// End the comparison that is under way
    #[arg(long, conflicts_with_all = ["tables", "max_differences", "no_wait", "number"])]
    cancel: bool,
}

pub(super) async fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    let Args { id, tables, max_differences, no_wait, number, cancel } = args;
    let client = session.patient_client()?;
    let about = |e: crate::client::Error| Error::from(e).about("job", &id);
    if cancel {
        let ended = client.cancel_verification(&id).await.map_err(about)?;
        session.out.note(&format!("comparison {} of {} is ended", ended.number, ended.job));
        session.out.list(&listing(&ended))?;
        return Ok(Exit::Ok);
    }
    let begun = match number {
        Some(number) => client.verification(&id, number).await.map_err(about)?,
        None => client.verify_job(&id, &VerifyRequest { tables, max_differences }).await.map_err(about)?,
    };
    if no_wait {
        session.out.note(&format!("comparison {0} began; see it with: syncline jobs verify {id} --number {0}", begun.number));
        session.out.list(&listing(&begun))?;
        return Ok(Exit::Ok);
    }
    let verification = follow(session, &client, &id, begun).await?;
    session.out.list(&if session.out.format == Format::Csv { by_row(&verification) } else { listing(&verification) })?;
    if session.out.for_people() {
        output::print(&differences(&verification))?;
    }
    judge(&id, &verification)
}

/// Compares once, for `--wait=verified`; differences are an error.
pub(super) async fn until_equal(session: &Session, client: &Client, id: &str) -> Result<(), Error> {
    let begun = client.verify_job(id, &VerifyRequest::default()).await.map_err(|e| Error::from(e).about("job", id))?;
    let verification = follow(session, client, id, begun).await?;
    match judge(id, &verification)? {
        Exit::Ok => Ok(()),
        exit => Err(Error::new(exit, "different", format!("job {id}: source and target differ"))
            .hint(format!("syncline jobs verify {id} --number {}", verification.number))),
    }
}

async fn follow(session: &Session, client: &Client, id: &str, mut verification: Verification) -> Result<Verification, Error> {
    let begun = Instant::now();
    let spinner = Spinner::new(session);
    while verification.state == "running" {
        let done = verification.tables.iter().filter(|t| t.state != "pending" && t.state != "running").count();
        spinner.say(format!("comparing: {done} of {} tables", verification.tables.len()));
        if session.patience().is_some_and(|patience| begun.elapsed() >= patience) {
            let number = verification.number;
            return Err(Error::new(Exit::TimedOut, "wait_timed_out", format!("comparison {number} of job {id} is not done yet"))
                .hint(format!("it goes on; see it with: syncline jobs verify {id} --number {number}")));
        }
        tokio::time::sleep(POLL).await;
        verification = client.verification(id, verification.number).await.map_err(|e| Error::from(e).about("job", id))?;
    }
    Ok(verification)
}

fn judge(id: &str, verification: &Verification) -> Result<Exit, Error> {
    match verification.state.as_str() {
        "equal" => Ok(Exit::Ok),
        "different" => Ok(Exit::Different),
        "cancelled" => {
            Err(Error::failed("verify_cancelled", format!("comparison {} of job {id} was ended before it was done", verification.number)))
        }
        _ => {
            let error = verification.tables.iter().map(|t| &t.error).find(|e| !e.is_empty()).unwrap_or(&verification.error);
            let error = if verification.error.is_empty() { error } else { &verification.error };
            Err(Error::failed("verify_failed", format!("job {id} could not be compared: {error}")))
        }
    }
}

fn listing(verification: &Verification) -> Listing {
    Listing {
        reply: json(verification),
        items: verification.tables.iter().map(json).collect(),
        noun: "verification",
        ids: vec![verification.number.to_string()],
        columns: vec![
            Column::new("table"),
            Column::new("result"),
            Column::figures("source rows"),
            Column::figures("target rows"),
            Column::figures("different"),
            Column::new("error"),
        ],
        rows: verification.tables.iter().map(row).collect(),
        empty: "no tables to compare".into(),
    }
}

/// For csv: a line per row that differs, with its key; a line per table that has none.
fn by_row(verification: &Verification) -> Listing {
    let mut listing = listing(verification);
    listing.columns.extend([Column::new("at the target"), Column::new("key"), Column::new("columns")]);
    let lines = |table: &VerifiedTable| -> Vec<Vec<Cell>> {
        let line = |kind: &str, key: &str, columns: String| {
            let mut cells = row(table);
            cells.extend([Cell::new(kind), Cell::new(key), Cell::new(columns)]);
            cells
        };
        if table.differences.is_empty() {
            return vec![line("", "", String::new())];
        }
        table.differences.iter().map(|d| line(&d.kind, &d.key, d.columns.join(" "))).collect()
    };
    listing.rows = verification.tables.iter().flat_map(lines).collect();
    listing
}

fn row(table: &VerifiedTable) -> Vec<Cell> {
    let VerifiedTable { schema, table, state, source_rows, target_rows, different, differences: _, error } = table;
    let tone = match state.as_str() {
        "equal" => Tone::Good,
        "different" | "failed" => Tone::Bad,
        _ => Tone::Busy,
    };
    vec![
        Cell::new(format!("{schema}.{table}")),
        Cell::new(state).tone(tone),
        Cell::count(*source_rows),
        Cell::count(*target_rows),
        Cell::count(*different),
        Cell::new(error),
    ]
}

/// The rows that differ, for people; machine forms have them in the reply.
fn differences(verification: &Verification) -> String {
    let mut rows = Vec::new();
    let mut unlisted = 0;
    for table in &verification.tables {
        unlisted += table.different.saturating_sub(table.differences.len() as u64);
        rows.extend(table.differences.iter().map(|d| {
            vec![
                Cell::new(format!("{}.{}", table.schema, table.table)),
                Cell::new(&d.kind),
                Cell::new(&d.key),
                Cell::new(d.columns.join(", ")),
            ]
        }));
    }
    if rows.is_empty() {
        return String::new();
    }
    let columns = [Column::new("table"), Column::new("at the target"), Column::new("key"), Column::new("columns")];
    let more = if unlisted > 0 { format!("and {} more\n", human::count(unlisted)) } else { String::new() };
    format!("\n{}{more}", output::aligned(&columns, &rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::native::verify::Difference;

    #[test]
    fn csv_has_a_line_per_row_that_differs() {
        let table = |table: &str, state: &str, differences: Vec<Difference>| VerifiedTable {
            schema: "shop".into(),
            table: table.into(),
            state: state.into(),
            source_rows: 3,
            target_rows: 2,
            different: differences.len() as u64,
            differences,
            error: String::new(),
        };
        let difference = |kind: &str, key: &str, columns: &[&str]| Difference {
            kind: kind.into(),
            key: key.into(),
            columns: columns.iter().map(|c| (*c).into()).collect(),
        };
        let verification = Verification {
            number: 1,
            job: "a".into(),
            state: "different".into(),
            started: String::new(),
            ended: None,
            error: String::new(),
            tables: vec![
                table("orders", "different", vec![difference("missing", "id=7", &[]), difference("changed", "id=8", &["sum", "paid"])]),
                table("items", "equal", Vec::new()),
            ],
        };
        let Listing { columns, rows, .. } = by_row(&verification);
        assert_eq!(
            output::csv(&columns, &rows),
            "table,result,source_rows,target_rows,different,error,at_the_target,key,columns\n\
             shop.orders,different,3,2,2,,missing,id=7,\n\
             shop.orders,different,3,2,2,,changed,id=8,sum paid\n\
             shop.items,equal,3,2,0,,,,\n"
        );
    }
}
